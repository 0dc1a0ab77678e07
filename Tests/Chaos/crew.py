"""The processes under chaos: workers, a `run`, and submissions, each with links of its own, restarted when they die."""

import dataclasses
import pathlib
import random
import signal
import threading
import time
import urllib.parse
from collections.abc import Callable

from cluster import Cluster
from pictures import write_pictures
from program import Process, Program
from proxy import Link, Network

POINTS_OF_WORKERS = (
    "before-claim", "after-claim", "before-post", "after-post", "before-settle", "after-settle", "during-download",
    "before-rename", "after-rename", "after-finish", "after-heartbeat", "after-adopt",
)  # fmt: skip
POINTS_OF_SUBMISSIONS = ("before-intake", "after-intake")
PATIENT_EXITS = {69, 74, 75}
"""How a command that a person would simply repeat may end: the database cannot be reached, the disk is full,
interrupted."""


@dataclasses.dataclass
class Death:
    """The end of one process by SIGKILL."""

    time: float
    name: str
    pid: int
    point: str
    """Its crash point, or nothing for a random kill."""


class Member:
    """One process, started again whenever it ends, and its links to both servers and to the provider."""

    def __init__(self, crew: "Crew", name: str):
        self.crew = crew
        self.name = name
        # Its own, so that what it draws does not depend on when the others do.
        self.random = random.Random(f"{crew.seed}/{name}")
        self.databases = [
            crew.network.link(f"{name} to {node.name}", lambda node=node: node.socket, is_postgres=True)
            for node in crew.cluster.nodes
        ]
        self.provider = crew.network.link(f"{name} to the provider", lambda: crew.provider_address)
        self.process: Process | None = None
        self.started_at = 0.0
        self.restart_at = 0.0
        self.is_killed = False
        """A kill is under way that is no accident."""
        self.is_frozen = False
        self.point = ""
        self.points = POINTS_OF_WORKERS

    @property
    def links(self) -> list[Link]:
        return [*self.databases, self.provider]

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.is_running

    @property
    def environment(self) -> dict[str, str]:
        hosts = ",".join(f"127.0.0.1:{link.port}" for link in self.databases)
        provider = self.crew.provider_url._replace(netloc=f"127.0.0.1:{self.provider.port}")
        return {
            "DATABASE_URL": f"postgresql://meshmill@{hosts}/meshmill?target_session_attrs=read-write&sslmode=disable",
            "AMARA_API_URL": urllib.parse.urlunparse(provider),
        }

    def arguments(self) -> list[object] | None:
        """What to run next; None for nothing now."""
        return ["worker"]

    def ended(self, status: int) -> None:
        """Takes note of an end that was no kill."""
        self.crew.findings.append(f"{self.name} ended by itself with {status}{self.process.last_words()}")

    def start(self) -> None:
        arguments = self.arguments()
        if arguments is None:
            return
        self.point = ""
        if self.crew.is_deadly and self.random.random() < self.crew.share_of_points:
            visits = self.random.choice((1, 1, 2, 3, 5, 8))
            self.point = f"{self.random.choice(self.points)}:{visits}"
        environment = {**self.environment, **({"MESHMILL_CRASH_AT": self.point} if self.point else {})}
        self.is_killed = self.is_frozen = False
        self.started_at = time.time()
        self.process = self.crew.program.start(self.name, *arguments, environment=environment)

    def kill(self) -> None:
        with self.crew.lock:
            if self.is_running and not self.is_killed:
                self.is_killed = True
                self.process.process.kill()

    def freeze(self) -> None:
        self.is_frozen = True
        self.process.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.is_running:
            self.process.process.send_signal(signal.SIGCONT)
        self.is_frozen = False

    def look_after(self) -> None:
        """Notices an end, and starts again when it is time."""
        if self.process is None:
            if time.time() >= self.restart_at and self.crew.is_open:
                self.start()
            return
        status = self.process.process.poll()
        if status is None:
            return
        if status == -signal.SIGKILL and (self.is_killed or self.point):
            point = "" if self.is_killed else self.point.split(":")[0]
            self.crew.deaths.append(Death(time.time(), self.name, self.process.process.pid, point))
        else:
            self.ended(status)
        self.process = None
        self.restart_at = time.time() + self.random.uniform(0, 1)


class Submission(Member):
    """Submits one folder of fresh pictures after the other while the backlog is short."""

    command = ["submit"]

    def __init__(self, crew: "Crew", name: str, pictures: int):
        super().__init__(crew, name)
        self.points = POINTS_OF_SUBMISSIONS
        self.pictures = pictures
        self.folder: pathlib.Path | None = None

    def arguments(self) -> list[object] | None:
        if self.folder is None:
            if not self.crew.wants_work():
                self.restart_at = time.time() + 1
                return None
            self.folder = self.crew.next_folder(self.pictures)
        return [*self.command, self.folder, "--out", self.crew.out / self.folder.name, "--yes"]

    def ended(self, status: int) -> None:
        if status == 0:
            self.crew.submitted.append(self.folder)
            self.folder = None
        elif status not in PATIENT_EXITS:
            super().ended(status)


class Run(Submission):
    """The same with `run`, which also works and waits until its jobs are done."""

    command = ["run"]

    def __init__(self, crew: "Crew", name: str, pictures: int):
        super().__init__(crew, name, pictures)
        self.points = (*POINTS_OF_WORKERS, *POINTS_OF_SUBMISSIONS)

    def ended(self, status: int) -> None:
        # Exit 1: some job is held or failed, which the end of the campaign sorts out.
        super().ended(0 if status == 1 else status)


class Crew:
    """All members, and a thread that looks after them."""

    def __init__(
        self,
        program: Program,
        cluster: Cluster,
        network: Network,
        provider_url: str,
        seed: int,
        out: pathlib.Path,
        wants_work: Callable[[], bool],
    ):
        self.program = program
        self.cluster = cluster
        self.network = network
        self.provider_url = urllib.parse.urlparse(provider_url)
        self.provider_address = (self.provider_url.hostname, self.provider_url.port)
        self.seed = seed
        self.out = out
        self.wants_work = wants_work
        self.lock = threading.RLock()
        self.members: list[Member] = []
        self.deaths: list[Death] = []
        self.findings: list[str] = []
        self.submitted: list[pathlib.Path] = []
        """Folders whose submission was acknowledged."""
        self.folders = 0
        self.share_of_points = 0.5
        self.is_open = True
        """Ended processes are started again."""
        self.is_deadly = True
        """Some of them with a crash point."""
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.look_after, daemon=True)

    def __enter__(self) -> "Crew":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.thread.join()
        for member in self.members:
            if member.process is not None:
                member.thaw()
                member.process.kill()

    def look_after(self) -> None:
        while not self.is_over.wait(0.05):
            with self.lock:
                for member in self.members:
                    member.look_after()

    def next_folder(self, pictures: int) -> pathlib.Path:
        folder = self.program.folder / "pictures" / f"{self.folders:03}"
        # Every picture of a campaign is another one, so that the provider's log tells whose POST it saw.
        write_pictures(folder, pictures, first=self.folders * 1_000)
        self.folders += 1
        return folder

    @property
    def running(self) -> list[Member]:
        """Members that are not struck at the moment."""
        return [member for member in self.members if member.is_running and not (member.is_frozen or member.is_killed)]

    @property
    def workers(self) -> list[Member]:
        return [member for member in self.members if type(member) is Member]

    def lay_down(self) -> None:
        """Ends the submissions when they are through, and lets the workers live."""
        self.is_deadly = False
        self.wants_work = lambda: False
