-- Room for the versions of rows that one batch writes.

-- The keys of a page are ready at the same time, so that one claim takes them all, and one settle follows before anything
-- of the claim can be pruned: a page has to hold three versions of each of its rows. With room for two, a row moved to
-- another page every other time, with a record of its lock, and an org with entries in all of its indexes.
ALTER TABLE meshmill.keys SET (fillfactor = 25);
ALTER TABLE meshmill.orgs SET (fillfactor = 25);
