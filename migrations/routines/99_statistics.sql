-- Tables of a row or a few are below what autovacuum ever looks at, and the planner takes each for hundreds of rows:
-- views that join some of them were then worth compiling (JIT), for seconds.
ANALYZE meshmill.installation, meshmill.breaker, meshmill.clock_offset, meshmill.window_profile, meshmill.server_seen,
    meshmill.pools, meshmill.tenants;
