"""Deaths at named instructions: each row of the table of faults that a kill -9 can cause, met exactly.

One image, one key, one worker that dies at a crash point, and another that finds what it left.
"""

import concurrent.futures
import dataclasses
import json
import pathlib
import signal
import threading
import time
from collections.abc import Iterator

import judge
from database import Database
from pictures import write_pictures
from program import CommandFailed, Process, Program
from provider import Provider

LEASE = 3
DEADLINE = 5
GRACE = 1
WINDOW = 6
"""Seconds, all four."""
RECOVERY = LEASE + 5
"""Seconds from a death until its work has another owner, at most."""
PATIENCE = 90
AT_ONCE = 3
TIMES = {
    "MESHMILL_LEASE": f"{LEASE}s",
    "MESHMILL_REQUEST_DEADLINE": f"{DEADLINE}s",
    "MESHMILL_GRACE": f"{GRACE}s",
}


@dataclasses.dataclass(frozen=True)
class Crash:
    """One death, and what must be true when it happens and afterwards."""

    row: int
    """Of the table of faults in docs/reliability.md."""
    point: str
    """Where it dies; empty for an orderly stop that is none."""
    attempts: int = 1
    """Attempts in the database at the death."""
    posts: range = range(1, 2)
    """POSTs that the provider may have seen by then."""
    unknown: int = 0
    """Attempts without an answer in the end."""
    extra: range = range(0, 1)
    """Images that the provider may have made again in the end."""
    files: int = 0
    """GLBs on disk at the death."""
    dies: str = "worker"
    """Who: a `worker`, a worker that is `stopped`, one that is `adopting`, or a `submit`."""

    @property
    def name(self) -> str:
        return f"row-{self.row}-{self.point or 'orderly-stop'}"


CRASHES = [
    Crash(1, "before-claim", attempts=0, posts=range(0, 1)),
    Crash(2, "after-claim", posts=range(0, 1), unknown=1),
    Crash(2, "before-post", posts=range(0, 1), unknown=1),
    Crash(3, "after-post", posts=range(0, 2), unknown=1, extra=range(0, 2)),
    Crash(3, "before-settle", unknown=1, extra=range(1, 2)),
    Crash(4, "after-settle"),
    Crash(4, "after-adopt", dies="adopting"),
    Crash(5, "during-download"),
    Crash(5, "before-rename"),
    Crash(5, "after-rename", files=1),
    Crash(5, "after-finish", files=1),
    Crash(6, "", dies="stopped"),
    Crash(6, "before-hand-over", dies="stopped"),
    Crash(30, "before-intake", attempts=0, posts=range(0, 1), dies="submit"),
    Crash(30, "after-intake", attempts=0, posts=range(0, 1), dies="submit"),
]


@dataclasses.dataclass
class Outcome:
    """How one death went."""

    crash: Crash
    findings: list[str]
    kills: int = 0
    recovery: float | None = None
    """Seconds until another worker had what was left; None if nothing was."""
    posts: int = 0
    extra: int = 0
    unknown: int = 0


def play_all(program: pathlib.Path, folder: pathlib.Path, seed: int, crashes: list[Crash]) -> Iterator[Outcome]:
    """Plays the deaths, a few at a time, and yields how each went."""
    folder.mkdir()
    folder.chmod(0o755)
    everyone = Program(program, folder, {})
    # The threads outermost: what is broken off has lost its servers and processes before its plays are waited for.
    with (
        concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads,
        Database(folder / "database", durable=True) as database,
        Provider(everyone, len(crashes), 5, WINDOW, seed, "--latency", "300ms") as provider,
    ):
        plays = [Play(crash, index, program, folder, database, provider) for index, crash in enumerate(crashes)]
        try:
            yield from threads.map(Play.run, plays)
        finally:
            for play in plays:
                play.end()


class Play:
    """One death on a stage of its own: a database, a key, a picture, an output folder."""

    making = threading.Lock()
    """`CREATE DATABASE` copies a template that nobody else may use meanwhile."""

    def __init__(
        self, crash: Crash, index: int, path: pathlib.Path, folder: pathlib.Path, database: Database, provider: Provider
    ):
        self.crash = crash
        self.number = index
        self.path = path
        self.folder = folder / crash.name
        self.database = database
        self.provider = provider
        self.name = f"play{index}"
        self.outcome = Outcome(crash, [])
        self.workers: list[Process] = []

    def run(self) -> Outcome:
        try:
            self.set_up()
            self.play()
            self.check_end()
        except (CommandFailed, RuntimeError) as failure:
            self.outcome.findings.append(str(failure))
        finally:
            self.end()
        return self.outcome

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()

    def set_up(self) -> None:
        self.folder.mkdir()
        with self.making:
            self.database.run(["createdb", "-h", self.database.folder, "-U", "meshmill", self.name])
        self.url = self.database.url.replace("/meshmill?", f"/{self.name}?")
        environment = {"DATABASE_URL": self.url, "AMARA_API_URL": self.provider.url, **TIMES}
        self.program = Program(self.path, self.folder, environment)
        header, *keys = self.provider.key_file.read_text().splitlines()
        key = self.folder / "key.csv"
        key.write_text(f"{header}\n{keys[self.number]}\n")
        self.program.run("migrate")
        self.program.run("keys", "import", key)
        self.pictures, self.out = self.folder / "pictures", self.folder / "meshes"
        write_pictures(self.pictures, 1, first=self.number)

    def play(self) -> None:
        if self.crash.dies == "submit":
            victim = self.start("submit-1", "submit", self.pictures, "--out", self.out, "--yes", dying=True)
        else:
            self.program.run("submit", self.pictures, "--out", self.out, "--yes")
            victim = self.start_victim()
        self.await_death(victim)
        death = time.monotonic()
        self.check_death()
        self.glb_before = self.glb_stamp()
        if self.crash.dies == "submit":
            self.program.run("submit", self.pictures, "--out", self.out, "--yes")
        self.start("heir", "worker")
        if self.rows("SELECT 1 FROM meshmill.jobs WHERE state IN ('submitting', 'generating', 'downloading')"):
            self.outcome.recovery = self.await_heir(death)
        ((batch,),) = self.rows("SELECT id FROM meshmill.batches")
        self.program.run("batches", "wait", batch, timeout=PATIENCE)

    def start_victim(self) -> Process:
        if self.crash.dies == "adopting":
            first = self.start("worker-0", "worker", point="after-settle")
            self.await_death(first)
            return self.start("worker-1", "worker", dying=True)
        victim = self.start("worker-1", "worker", dying=True)
        if self.crash.dies == "stopped":
            self.await_state("generating")
            victim.process.send_signal(signal.SIGTERM)
        return victim

    def start(self, name: str, *arguments: object, dying: bool = False, point: str = "") -> Process:
        point = point or (self.crash.point if dying else "")
        process = self.program.start(name, *arguments, environment={"MESHMILL_CRASH_AT": point} if point else {})
        self.workers.append(process)
        return process

    def await_death(self, victim: Process) -> None:
        status = victim.wait(30)
        if status != (-signal.SIGKILL if self.crash.point else 0):
            raise CommandFailed(f"{victim.name} ended with {status} and not as it should{victim.last_words()}")
        self.outcome.kills += bool(self.crash.point)

    def await_state(self, state: str) -> None:
        deadline = time.monotonic() + 30
        while not self.rows(f"SELECT 1 FROM meshmill.jobs WHERE state = '{state}'"):
            if time.monotonic() > deadline:
                raise CommandFailed(f"no job became {state}")
            time.sleep(0.02)

    def await_heir(self, death: float) -> float:
        """Waits until nothing is left in the dead worker's hands."""
        owned = (
            "SELECT 1 FROM meshmill.jobs AS j JOIN meshmill.workers AS w ON w.id = j.worker_id"
            " WHERE j.state IN ('submitting', 'generating', 'downloading')"
            f" AND w.name NOT LIKE '%:{self.workers[-1].process.pid}'"
        )
        while self.rows(owned):
            if time.monotonic() > death + PATIENCE:
                raise CommandFailed("nobody took over what the dead worker left")
            time.sleep(0.05)
        return time.monotonic() - death

    def check_death(self) -> None:
        self.expect("attempts at the death", len(self.rows("SELECT 1 FROM meshmill.attempts")), [self.crash.attempts])
        self.expect("POSTs at the death", len(self.posts()), self.crash.posts)
        self.expect("GLBs at the death", len(list(self.out.rglob("*.glb"))), [self.crash.files])

    def check_end(self) -> None:
        outcome, crash = self.outcome, self.crash
        posts = self.posts()
        outcome.posts, outcome.extra = len(posts), len(judge.made_again(posts))
        outcome.unknown = int(self.rows("SELECT count(*) FROM meshmill.attempts WHERE state = 'unknown'")[0][0])
        self.expect("unknown attempts", outcome.unknown, [crash.unknown])
        self.expect("images made again", outcome.extra, crash.extra)
        if outcome.recovery is not None and outcome.recovery > RECOVERY:
            self.outcome.findings.append(f"its work had no owner for {outcome.recovery:.1f} s; the bound is {RECOVERY}")
        if self.glb_before is not None and self.glb_stamp() != self.glb_before:
            self.outcome.findings.append("the GLB that was in place already was written again")
        if parts := [path for path in self.out.rglob(".*") if path.is_file()]:
            self.outcome.findings.append(f"{len(parts)} hidden files are left")
        jobs = self.jobs()
        outcome.findings += judge.all_completed(jobs, {str(path) for path in self.pictures.rglob("*.png")})
        outcome.findings += judge.none_refused(posts)
        outcome.findings += judge.windows_kept(posts, 5, WINDOW)
        outcome.findings += judge.files_agree(jobs, self.out)
        outcome.findings += judge.generations_agree(jobs, posts)
        outcome.findings += judge.attempts_agree(jobs, posts, outcome.unknown)

    def expect(self, what: str, found: int, allowed: range | list[int]) -> None:
        if found not in allowed:
            self.outcome.findings.append(f"{what}: {found}, not {' or '.join(map(str, allowed))}")

    def jobs(self) -> list[judge.Job]:
        ((batch,),) = self.rows("SELECT id FROM meshmill.batches")
        lines = self.program.run("jobs", "export", "--batch", batch).splitlines()
        return [judge.exported(json.loads(line)) for line in lines]

    def posts(self) -> list:
        images = {row[0] for row in self.rows("SELECT encode(input_sha256, 'hex') FROM meshmill.jobs")}
        return [post for post in self.provider.posts() if post.image in images]

    def glb_stamp(self) -> tuple[int, int] | None:
        """Which file the GLB is, and when it was written."""
        for path in self.out.rglob("*.glb"):
            status = path.stat()
            return status.st_ino, status.st_mtime_ns
        return None

    def rows(self, sql: str) -> list[list[str]]:
        command = ["psql", "-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url]
        return [line.split("\t") for line in self.database.run(command).splitlines()]
