"""Quotas that are moved while a worker runs, by a command and by SQL."""

import json
import time
from collections.abc import Iterator

from database import Database
from pictures import write_pictures
from program import CommandFailed, Program
from provider import Provider
from scenarios import WINDOW, Scenario

IMAGES = 60
QUOTAS = {"red": 3, "blue": 40}
PATIENCE = 60
AT_ONCE = 5
"""Seconds within which a moved quota must be used."""


class QuotasMove(Scenario):
    """Two keys of one account; red may spend three credits, and gets more of blue's while both are at work."""

    name = "quotas-move"
    title = f"{IMAGES} images over two keys, whose quotas move meanwhile"

    def run(self) -> list[str]:
        write_pictures(self.pictures, IMAGES)
        with Database(self.folder / "database") as database:
            program = Program(self.path, self.folder, {"DATABASE_URL": database.url, "MESHMILL_ACTOR": "ada"})
            program.run("migrate")
            with Provider(program, 2, 5, WINDOW, self.seed) as provider:
                program.environment["AMARA_API_URL"] = provider.url
                program.run("keys", "import", provider.key_file)
                program.run("keys", "set", "sim-1", "--name", "red", "--org", "studio", "--monthly-limit", str(QUOTAS["red"]))
                program.run("keys", "set", "sim-2", "--name", "blue", "--org", "studio", "--monthly-limit", str(QUOTAS["blue"]))
                program.run("submit", self.pictures, "--out", self.out, "--yes")
                worker = program.start("worker", "worker")
                try:
                    return list(self.move(program, database))
                except CommandFailed as failure:
                    return [str(failure)]
                finally:
                    worker.kill()

    def move(self, program: Program, database: Database) -> Iterator[str]:
        # Until its quota alone binds it: three are spent, and no window is in the way.
        dry = "SELECT blocked_by = 'quota' AND free_slots >= 4 FROM ops.keys WHERE key = 'red'"
        self.wait(database, dry, "red's quota to bind")
        moved = program.run("keys", "move-quota", "blue", "red", "4", "--reason", "red is idle", "--json")
        yield from self.used(database, json.loads(moved)["audit_id"], 7)

        self.wait(database, dry, "red's quota to bind again")
        database.rows("SELECT ops.move_quota('blue', 'red', 2, 'red is idle again')")
        entry = int(database.rows("SELECT max(audit_id) FROM ops.audit_log WHERE what = 'move_quota'")[0][0])
        yield from self.used(database, entry, 9)

        # A mistake, taken back before it is used.
        program.run("keys", "pause", "red", "--reason", "to look")
        database.rows("SELECT ops.move_quota('blue', 'red', 10, 'a mistake')")
        entry = int(database.rows("SELECT max(audit_id) FROM ops.audit_log WHERE what = 'move_quota'")[0][0])
        program.run("undo", entry, "--reason", "it was one")
        program.run("keys", "resume", "red", "--reason", "looked")
        # Until red's window has opened once more.
        spent = int(database.rows("SELECT monthly_used FROM ops.keys WHERE key = 'blue'")[0][0])
        self.wait(database, f"SELECT monthly_used >= {spent + 6} FROM ops.keys WHERE key = 'blue'", "blue to go on")
        limit = int(database.rows("SELECT our_monthly_limit FROM ops.keys WHERE key = 'red'")[0][0])
        yield from self.never_over(database)
        yield from self.in_the_log(database)
        program.run("audit")
        self.summary = f"red was given credits twice, used them within {AT_ONCE} s, and ended with {limit}"

    def used(self, database: Database, entry: int, total: int) -> Iterator[str]:
        """Red spends what it was given, and begins at once."""
        self.wait(database, f"SELECT monthly_used = {total} FROM ops.keys WHERE key = 'red'", f"red to spend {total}")
        rows = database.rows(
            "SELECT extract(epoch FROM min(a.claimed_at) - l.at) FROM ops.audit_log AS l"
            " JOIN ops.attempts AS a ON a.key = 'red' AND a.claimed_at > l.at"
            f" WHERE l.audit_id = {entry} GROUP BY l.at"
        )
        seconds = float(rows[0][0])
        if seconds > AT_ONCE:
            yield f"the quota of entry {entry} was used {seconds:.1f} s after it was moved, not within {AT_ONCE} s"

    def never_over(self, database: Database) -> Iterator[str]:
        """At the instant of no POST more was spent than the quota then was, by the log of both."""
        rows = database.rows(
            "SELECT count(*) FROM (SELECT a.claimed_at, row_number() OVER (ORDER BY a.claimed_at) AS spent"
            " FROM ops.attempts AS a WHERE a.key = 'red') AS s"
            " WHERE s.spent > coalesce((SELECT (l.after ->> 'red')::bigint FROM ops.audit_log AS l"
            " WHERE l.what IN ('move_quota', 'undo') AND l.at <= s.claimed_at AND l.after ? 'red'"
            " ORDER BY l.audit_id DESC LIMIT 1), 3)"
        )
        if int(rows[0][0]) > 0:
            yield f"{rows[0][0]} POSTs of red were beyond its quota"
        total = int(database.rows("SELECT sum(our_monthly_limit) FROM ops.keys")[0][0])
        if total != sum(QUOTAS.values()):
            yield f"the quotas sum up to {total}, and were {sum(QUOTAS.values())}"

    def in_the_log(self, database: Database) -> Iterator[str]:
        rows = database.rows(
            "SELECT actor, before ->> 'red', after ->> 'red', reason FROM ops.audit_log"
            " WHERE what = 'move_quota' ORDER BY audit_id"
        )
        changes = [tuple(row[1:]) for row in rows]
        wanted = [("3", "7", "red is idle"), ("7", "9", "red is idle again"), ("9", "19", "a mistake")]
        if changes != wanted or not all(row[0] for row in rows):
            yield f"the log has {rows}"
        undone = database.rows("SELECT actor, reason FROM ops.audit_log WHERE undoes IS NOT NULL")
        if undone != [["ada", "it was one"]]:
            yield f"the log of what was undone has {undone}"

    def wait(self, database: Database, question: str, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while database.rows(question)[0][0] != "t":
            if time.monotonic() > deadline:
                rows = database.rows("SELECT key, blocked_by, free_slots, monthly_used, monthly_left FROM ops.keys")
                raise CommandFailed(f"waited {PATIENCE} s for {what}: {rows}")
            time.sleep(0.05)
