"""The runs, as people make them: several processes, one database, one provider."""

import json
import pathlib
import random
import time
from collections.abc import Iterator

import judge
from database import Database
from judge import Job
from pictures import write_pictures
from program import CommandFailed, Program
from provider import Post, Provider

IMAGES = 400
KEYS = 20
LIMIT = 5
WINDOW = 6
"""Seconds."""
WORKERS = 3
KILLS = 10
PATIENCE = 150
"""Seconds until a run counts as stuck; the windows alone take 18."""


class Scenario:
    """One run: its folder, database and provider, and how it is judged."""

    name: str
    title = f"{IMAGES} images over {KEYS} keys"
    environment: dict[str, str] = {}
    simulator: list[str] = []
    """Further options of the simulator."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, seed: int):
        self.random = random.Random(seed)
        self.seed = seed
        self.path = program
        self.folder = folder
        self.pictures = folder / "pictures"
        self.out = folder / "meshes"
        self.summary = "nothing was judged"

    def run(self) -> list[str]:
        """Plays the scenario, and returns what was found wrong with it."""
        write_pictures(self.pictures, IMAGES)
        with Database(self.folder / "database") as database:
            program = Program(self.path, self.folder, {"DATABASE_URL": database.url, **self.environment})
            program.run("migrate")
            with Provider(program, KEYS, LIMIT, WINDOW, self.seed, *self.simulator) as provider:
                program.environment["AMARA_API_URL"] = provider.url
                program.run("keys", "import", provider.key_file)
                try:
                    self.play(program, database)
                except CommandFailed as failure:
                    return [str(failure), *self.states(database)]
                jobs = self.export(program, database)
                return list(self.judge(jobs, provider.posts(), database))

    def play(self, program: Program, database: Database) -> None:
        raise NotImplementedError

    def judge(self, jobs: list[Job], posts: list[Post], database: Database) -> Iterator[str]:
        lost = database.rows("SELECT count(*) FROM meshmill.attempts WHERE state = 'unknown' OR paid_twice")
        unknown = int(lost[0][0])
        again = len(judge.made_again(posts))
        self.summary = f"{len(jobs)} jobs, {len(posts)} POSTs, {unknown} answers lost, {again} images generated again"
        sources = {str(path) for path in self.pictures.rglob("*.png")}
        yield from judge.all_completed(jobs, sources)
        yield from judge.none_refused(posts)
        yield from judge.windows_kept(posts, LIMIT, WINDOW)
        yield from judge.files_agree(jobs, self.out)
        yield from judge.generations_agree(jobs, posts)
        yield from judge.attempts_agree(jobs, posts, unknown)
        yield from judge.paid_once(posts, unknown)
        yield from judge.credits_agree(jobs, posts, unknown)

    @staticmethod
    def export(program: Program, database: Database) -> list[Job]:
        batches = database.rows("SELECT id FROM meshmill.batches")
        lines = [line for (batch,) in batches for line in program.run("jobs", "export", "--batch", batch).splitlines()]
        return [judge.exported(json.loads(line)) for line in lines]

    @staticmethod
    def states(database: Database) -> list[str]:
        """What the jobs are at, for a run that got stuck."""
        rows = database.rows("SELECT state, count(*) FROM meshmill.jobs GROUP BY state ORDER BY state")
        return ["jobs: " + ", ".join(f"{count} {state}" for state, count in rows)]


class KeepsLimits(Scenario):
    """Three workers and one submission, and nothing goes wrong."""

    name = "keeps-limits"

    def play(self, program: Program, database: Database) -> None:
        workers = [program.start(f"worker-{number}", "worker") for number in range(WORKERS)]
        try:
            submitted = json.loads(program.run("submit", self.pictures, "--out", self.out, "--yes", "--json"))
            program.run("batches", "wait", submitted["batch_id"], timeout=PATIENCE)
            for worker in workers:
                if (status := worker.stop()) != 0:
                    raise CommandFailed(f"{worker.name} ended with {status}{worker.last_words()}")
        finally:
            for worker in workers:
                worker.kill()

    def judge(self, jobs: list[Job], posts: list[Post], database: Database) -> Iterator[str]:
        yield from super().judge(jobs, posts, database)
        yield from judge.keys_used_equally(posts, KEYS, LIMIT)
        busy = len(database.rows("SELECT DISTINCT worker_id FROM meshmill.attempts"))
        if busy < WORKERS:
            yield f"only {busy} of {WORKERS} workers did any work"
        if len(posts) != IMAGES:
            yield f"{IMAGES} images took {len(posts)} POSTs"


class SurvivesKills(Scenario):
    """Three workers and a `run`; ten times one of the four is killed at a random moment and started again."""

    name = "survives-kills"
    environment = {"MESHMILL_LEASE": "3s", "MESHMILL_REQUEST_DEADLINE": "5s", "MESHMILL_GRACE": "1s"}
    # So long a POST is in flight, up to; a kill that meets none would be an easy one.
    simulator = ["--latency", "2s"]

    def play(self, program: Program, database: Database) -> None:
        run = program.start("run", "run", self.pictures, "--out", self.out, "--yes")
        workers = [program.start(f"worker-{number}", "worker") for number in range(WORKERS)]
        try:
            for _ in range(KILLS):
                time.sleep(self.random.uniform(0.3, 2.5))
                victim = self.random.choice([process for process in (run, *workers) if process.is_running])
                victim.kill()
                time.sleep(self.random.uniform(0, 1))
                victim.restart()
            if (status := run.wait(PATIENCE)) == 1:
                self.release(program, database)
            elif status != 0:
                raise CommandFailed(f"run ended with {status}{run.last_words()}")
            for worker in workers:
                worker.stop()
        finally:
            for process in (run, *workers):
                process.kill()

    def release(self, program: Program, database: Database) -> None:
        """Does what a person does about jobs that are held because their POST was never answered, twice."""
        held = database.rows(
            "SELECT j.id, count(a.id) FILTER (WHERE a.state = 'unknown') FROM meshmill.jobs AS j"
            " JOIN meshmill.attempts AS a ON a.job_id = j.id WHERE j.state = 'held' GROUP BY j.id"
        )
        if not held or any(int(unknown) < 2 for _, unknown in held):
            raise CommandFailed("run ended with 1, but not for jobs that were lost twice")
        program.run("jobs", "release", *(job for job, _ in held))
        program.run("run", self.pictures, "--out", self.out, "--yes", timeout=PATIENCE)
