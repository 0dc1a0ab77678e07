"""What goes wrong. Each fault returns when its cause has ended; then recovery is due."""

import collections
import contextlib
import pathlib
import random
import subprocess
import threading
import time
from collections.abc import Callable

from cluster import Cluster
from crew import Crew, Member
from provider import Provider
from proxy import Link, Trap, Weather

STATEMENTS = (
    "ClaimJobs", "SettleAnswers", "BeginDownload", "FinishGenerations", "Heartbeat", "AdoptOrphans", "AddJobs",
    "RecordInputs", "PromoteJobs", "WatchServer",
)  # fmt: skip
LOCKS = (
    "SELECT 1 FROM meshmill.keys ORDER BY id LIMIT 10 FOR UPDATE",
    "SELECT 1 FROM meshmill.orgs ORDER BY id FOR UPDATE",
    "SELECT 1 FROM meshmill.tenants ORDER BY id FOR UPDATE",
    "SELECT 1 FROM meshmill.batches ORDER BY id FOR UPDATE",
    "SELECT 1 FROM meshmill.workers ORDER BY id FOR UPDATE",
    "SELECT 1 FROM meshmill.jobs WHERE state IN ('queued', 'generating', 'downloading') ORDER BY id FOR UPDATE",
)


class Faults:
    """All of them, for one campaign; counts what it did."""

    def __init__(
        self,
        crew: Crew,
        cluster: Cluster,
        provider: Provider,
        disk: pathlib.Path | None,
        safe_freeze: float,
        chance: random.Random,
    ):
        """`disk` is a small file system with the outputs, if there is one; `safe_freeze` the longest freeze, in
        seconds, that even a process in the middle of a POST survives within the guarantees."""
        self.crew = crew
        self.cluster = cluster
        self.provider = provider
        self.disk = disk
        self.safe_freeze = safe_freeze
        self.random = chance
        self.counts: collections.Counter[str] = collections.Counter()
        self.counting = threading.Lock()
        self.findings: list[str] = []
        self.afterwards: Callable[[], None] | None = None
        """What is left to do once the system has recovered."""
        self.snapshots: list[subprocess.Popen] = []

    def strike(self, name: str) -> float:
        """Plays a fault, and returns when its cause ended."""
        self.afterwards = None
        getattr(self, name.replace(" ", "_").replace("-", "_"))()
        return time.time()

    def count(self, name: str) -> None:
        with self.counting:
            self.counts[name] += 1

    # Processes.

    def kill(self) -> None:
        """Kills one process that runs."""
        if members := self.crew.running:
            self.random.choice(members).kill()
            self.count("kill")

    def kills(self) -> None:
        """Kills several at once."""
        for _ in range(self.random.randint(2, 4)):
            self.kill()

    def freeze(self) -> None:
        """Stops a worker for longer than its lease: the others go on with its jobs, and it must find that out."""
        member = self.worker()
        if member is None:
            return
        member.freeze()
        self.count("freeze")
        seconds = self.random.uniform(3.5, self.safe_freeze)
        # Longer is outside the guarantee for a process between the last look at its fence and the last byte.
        pid = member.process.process.pid
        idle = f"SELECT 1 FROM meshmill.jobs AS j JOIN meshmill.workers AS w ON w.id = j.worker_id" \
            f" WHERE j.state = 'submitting' AND w.name LIKE '%:{pid}'"
        with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):
            if not self.cluster.rows(idle):
                seconds = self.random.uniform(7, 12)
                self.count("freeze beyond deadline and grace")
        time.sleep(seconds)
        member.thaw()

    def worker(self) -> Member | None:
        workers = [member for member in self.crew.running if member in self.crew.workers]
        return self.random.choice(workers) if workers else None

    # PostgreSQL.

    def immediate_stop(self) -> None:
        self.cluster.primary.stop_immediately()
        self.count("immediate stop")
        self.restart()

    def postmaster_kill(self) -> None:
        self.cluster.primary.kill_postmaster()
        self.count("postmaster kill")
        self.restart()

    def backend_kill(self) -> None:
        if self.cluster.primary.kill_backend():
            self.count("backend kill")
        self.await_database()

    def restart(self) -> None:
        time.sleep(self.random.uniform(0, 1.5))
        self.cluster.primary.start_until_ready()
        self.await_database()

    def await_database(self) -> None:
        self.cluster.wait_until_writable()
        self.cluster.wait_until_synchronous()

    def failover(self) -> None:
        """The primary dies, its standby is promoted, and what is left of the primary becomes the standby."""
        self.cluster.wait_until_synchronous()
        if self.random.random() < 0.5:
            self.cluster.primary.stop_immediately()
        else:
            self.cluster.primary.kill_postmaster()
        time.sleep(self.random.uniform(0, 1))
        self.cluster.fail_over()
        self.count("failover")
        self.afterwards = self.cluster.rebuild

    def frozen_standby(self) -> None:
        """No commit comes back while the standby stands still."""
        self.cluster.standby.freeze()
        self.count("frozen standby")
        time.sleep(self.random.uniform(2, 4))
        self.cluster.standby.thaw()
        self.await_database()

    def row_locks(self) -> None:
        """An operator locks rows and goes for coffee."""
        seconds = self.random.uniform(2, 5)
        lock = self.random.choice(LOCKS)
        self.count("row locks")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.session(f"BEGIN; {lock}; SELECT pg_sleep({seconds:.2f}); ROLLBACK").wait(30)

    def snapshot(self) -> None:
        """An operator's report holds a snapshot over the next faults."""
        self.count("held snapshot")
        self.snapshots.append(
            self.session(
                "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM meshmill.jobs;"
                " SELECT pg_sleep(45); SELECT count(*) FROM meshmill.attempts; COMMIT"
            )
        )

    def session(self, sql: str) -> subprocess.Popen:
        node = self.cluster.primary
        command = [node.programs / "psql", "-X", "-q", "-c", sql, node.url]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=node.folder,
            **node.account,
        )  # fmt: skip

    # The network.

    def cut(self) -> None:
        """Resets connections: all of some link, one in the middle of its bytes, or one around a statement."""
        member = self.random.choice(self.crew.members)
        way = self.random.choice(("link", "link", "bytes", "statement", "statement", "answer", "answer", "answer"))
        if way in ("link", "bytes"):
            links = self.busy(member.links) or self.busy(link for other in self.crew.members for link in other.links)
            if not links:
                return
            link = self.random.choice(links)
            before = link.cuts
            if way == "link":
                link.cut()
            else:
                link.cut_after(self.random.randrange(4_000))
                self.await_cut(link, before)
                link.budget = None
            if link.cuts > before:
                self.count(f"cut of a {'connection' if way == 'link' else 'message in two'}")
        else:
            self.spring(Trap(self.random.choice(STATEMENTS), is_done=way == "answer"))

    def spring(self, trap: Trap) -> None:
        """Waits with a trap on every link to the primary until one of them has sprung."""
        links = [self.primary_link(member) for member in self.crew.members]
        before = [link.cuts for link in links]
        for link in links:
            link.arm(trap)
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and all(link.cuts == cuts for link, cuts in zip(links, before)):
            time.sleep(0.01)
        for link in links:
            link.disarm()
        if any(link.cuts > cuts for link, cuts in zip(links, before)):
            self.count("cut between a commit and its answer" if trap.is_done else "cut before a statement arrived")

    def await_cut(self, link: Link, before: int) -> None:
        deadline = time.monotonic() + 3
        while link.cuts == before and time.monotonic() < deadline:
            time.sleep(0.01)

    def half_open(self) -> None:
        self.turn(self.random.choice((Weather.DEAF, Weather.MUTE)), "half-open link")

    def black_hole(self) -> None:
        self.turn(Weather.BLACK_HOLE, "black hole")

    def turn(self, weather: Weather, name: str) -> None:
        """Bad weather on one member's link to the primary or the provider, or on everyone's."""
        everyone = self.random.random() < 0.3
        members = self.crew.members if everyone else [self.random.choice(self.crew.workers)]
        to_provider = self.random.random() < 0.4
        links = [member.provider if to_provider else self.primary_link(member) for member in members]
        for link in links:
            link.turn(weather)
        self.count(name)
        time.sleep(self.random.uniform(2, 7))
        for link in links:
            link.turn(Weather.FAIR)

    def slow_network(self) -> None:
        links = [link for member in self.crew.members for link in member.links]
        for link in links:
            link.delay = self.random.uniform(0.05, 0.4)
        self.count("slow network")
        time.sleep(self.random.uniform(2, 5))
        for link in links:
            link.delay = 0

    def primary_link(self, member: Member) -> Link:
        return member.databases[self.cluster.nodes.index(self.cluster.primary)]

    def busy(self, links) -> list[Link]:
        return [link for link in links if link.tunnels]

    # The rest of the world.

    def full_disk(self) -> None:
        """The file system of the outputs has not a byte left, for some seconds."""
        if self.disk is None:
            return
        ballast = self.disk / "ballast"
        with open(ballast, "wb") as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 20))
                    file.flush()
        self.count("full disk")
        time.sleep(self.random.uniform(3, 6))
        ballast.unlink()

    def switch(self) -> None:
        """`meshmill stop`: from two seconds later until `start` no POST may arrive."""
        self.crew.program.run("stop")
        self.count("switch")
        time.sleep(2.2)
        before = self.provider.get("report")["posts"]
        time.sleep(self.random.uniform(1, 3))
        after = self.provider.get("report")["posts"]
        self.crew.program.run("start")
        if after > before:
            self.findings.append(f"{after - before} POSTs arrived while submitting was switched off")

    def outage(self) -> None:
        """The provider's backend is down."""
        seconds = self.random.uniform(3, 6)
        self.provider.post("outage", {"seconds": seconds})
        self.count("provider outage")
        time.sleep(seconds)
