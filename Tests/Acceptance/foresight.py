"""What `plan` foretells, beside what then happens."""

import json
import time

from database import Database
from pictures import write_pictures
from program import CommandFailed, Program
from provider import Provider
from scenarios import LIMIT, Scenario

JOBS = 300
KEYS = 12
WINDOW = 10
"""Seconds."""
WARM_UP = 20
"""Jobs from which the plan learns how long things take."""
TOLERANCE = 0.05
MONTHS = (10, "none", "none", "none")
"""Credits a month of each key, in turn: every fourth key runs dry."""


class PlanTellsTruth(Scenario):
    """300 jobs in three set-ups: the windows bind, a month's limit binds, two tenants share."""

    name = "plan-tells-truth"
    title = f"{JOBS} jobs over {KEYS} keys, foretold and measured"

    def run(self) -> list[str]:
        findings: list[str] = []
        told: list[str] = []
        for set_up in (self.windows, self.month, self.tenants):
            folder = self.folder / set_up.__name__
            folder.mkdir()
            write_pictures(folder / "warm", WARM_UP)
            write_pictures(folder / "pictures", WARM_UP + JOBS)
            for picture in (folder / "warm").rglob("*.png"):
                (folder / "pictures" / picture.relative_to(folder / "warm")).unlink()
            with Database(folder / "database") as database:
                program = Program(self.path, folder, {"DATABASE_URL": database.url})
                program.run("migrate")
                limits = [f"--monthly-limit={limit}" for limit in MONTHS] if set_up == self.month else []
                with Provider(program, KEYS, LIMIT, WINDOW, self.seed, *limits) as provider:
                    program.environment["AMARA_API_URL"] = provider.url
                    program.run("keys", "import", provider.key_file)
                    program.run("run", folder / "warm", "--out", folder / "warm-out", "--yes")
                    time.sleep(WINDOW)
                    try:
                        plan, seconds, credits = set_up(program, database)
                    except CommandFailed as failure:
                        findings.append(f"{set_up.__name__}: {failure}")
                        continue
            told.append(f"{set_up.__name__} {plan['ends_in']:.1f} s foretold, {seconds:.1f} s taken")
            if abs(plan["ends_in"] - seconds) > TOLERANCE * seconds:
                findings.append(f"{set_up.__name__}: {plan['ends_in']:.1f} s foretold, {seconds:.1f} s taken")
            if abs(plan["credits"] - credits) > TOLERANCE * credits:
                findings.append(f"{set_up.__name__}: {plan['credits']} credits foretold, {credits} spent")
        self.summary = "; ".join(told)
        return findings

    def windows(self, program: Program, database: Database) -> tuple[dict, float, int]:
        plan = json.loads(program.run("plan", program.folder / "pictures", "--out", program.folder / "out", "--json"))
        return plan, *self.measure(program, database)

    def month(self, program: Program, database: Database) -> tuple[dict, float, int]:
        return self.windows(program, database)

    def tenants(self, program: Program, database: Database) -> tuple[dict, float, int]:
        program.run("tenants", "add", "other", "--weight", "2")
        program.run("submit", program.folder / "pictures", "--out", program.folder / "other", "--tenant", "other")
        return self.windows(program, database)

    def measure(self, program: Program, database: Database) -> tuple[float, int]:
        """Submits, works, and returns how long the batch took, from its first job to its last mesh, and its credits."""
        out = program.folder / "out"
        program.run("submit", program.folder / "pictures", "--out", out)
        worker = program.start("worker", "worker")
        try:
            batch = f"(SELECT id FROM meshmill.batches WHERE out = '{out.resolve()}')"
            program.run("batches", "wait", database.rows(f"SELECT {batch}")[0][0], timeout=300)
            rows = database.rows(
                "SELECT extract(epoch FROM max(completed_at) - (SELECT min(started_at) FROM meshmill.workers"
                f" WHERE stopped_at IS NULL)), (SELECT credits FROM ops.batches WHERE batch_id = {batch})"
                f" FROM meshmill.jobs WHERE batch_id = {batch}"
            )
        finally:
            worker.kill()
        return float(rows[0][0]), int(rows[0][1])
