"""What goes wrong. Each fault returns when its cause has ended; then recovery is due.

Whatever one draws it draws from a generator of its own, and whom it strikes from all there are, in an order: so a seed
repeats that, and only who runs at the moment may differ.
"""

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
from proxy import Budget, Link, Trap, Weather

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
CUT_PATIENCE = 3
"""Seconds that a statement or some bytes may take to come along."""


class Faults:
    """All of them, for one campaign; counts what it did."""

    def __init__(
        self,
        crew: Crew,
        cluster: Cluster,
        provider: Provider,
        disk: pathlib.Path | None,
        safe_freeze: float,
    ):
        """`disk` is a small file system with the outputs, if there is one; `safe_freeze` the longest freeze, in
        seconds, that even a process in the middle of a POST survives within the guarantees."""
        self.crew = crew
        self.cluster = cluster
        self.provider = provider
        self.disk = disk
        self.safe_freeze = safe_freeze
        self.counts: collections.Counter[str] = collections.Counter()
        self.counting = threading.Lock()
        self.findings: list[str] = []
        self.afterwards: Callable[[], None] | None = None
        """What is left to do once the system has recovered."""
        self.snapshots: list[subprocess.Popen] = []

    def strike(self, name: str, chance: random.Random) -> float:
        """Plays a fault, and returns when its cause ended."""
        self.afterwards = None
        getattr(self, name.replace(" ", "_").replace("-", "_"))(chance)
        return time.time()

    def count(self, name: str) -> None:
        with self.counting:
            self.counts[name] += 1

    # Processes.

    def kill(self, chance: random.Random) -> None:
        """Kills one process that runs."""
        if member := self.one_running(self.crew.members, chance):
            member.kill()
            self.count("kill")

    def kills(self, chance: random.Random) -> None:
        """Kills several at once."""
        for _ in range(chance.randint(2, 4)):
            self.kill(chance)

    def freeze(self, chance: random.Random) -> None:
        """Stops a worker for longer than its lease: the others go on with its jobs, and it must find that out."""
        member = self.one_running(self.crew.workers, chance)
        if member is None:
            return
        member.freeze()
        self.count("freeze")
        seconds = chance.uniform(3.5, self.safe_freeze)
        # Longer is outside the guarantee for a process between the last look at its fence and the last byte.
        pid = member.process.process.pid
        idle = f"SELECT 1 FROM meshmill.jobs AS j JOIN meshmill.workers AS w ON w.id = j.worker_id" \
            f" WHERE j.state = 'submitting' AND w.name LIKE '%:{pid}'"
        with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):
            if not self.cluster.rows(idle):
                seconds = chance.uniform(7, 12)
                self.count("freeze beyond deadline and grace")
        time.sleep(seconds)
        member.thaw()

    def one_running(self, members: list[Member], chance: random.Random) -> Member | None:
        running = self.crew.running
        return next((member for member in chance.sample(members, len(members)) if member in running), None)

    # PostgreSQL.

    def immediate_stop(self, chance: random.Random) -> None:
        self.cluster.primary.stop_immediately()
        self.count("immediate stop")
        self.restart(chance)

    def postmaster_kill(self, chance: random.Random) -> None:
        self.cluster.primary.kill_postmaster()
        self.count("postmaster kill")
        self.restart(chance)

    def backend_kill(self, _: random.Random) -> None:
        if self.cluster.primary.kill_backend():
            self.count("backend kill")
        self.await_database()

    def restart(self, chance: random.Random) -> None:
        time.sleep(chance.uniform(0, 1.5))
        self.cluster.primary.start_until_ready()
        self.await_database()

    def await_database(self) -> None:
        self.cluster.wait_until_writable()
        self.cluster.wait_until_synchronous()

    def failover(self, chance: random.Random) -> None:
        """The primary dies, its standby is promoted, and what is left of the primary becomes the standby."""
        self.cluster.wait_until_synchronous()
        if chance.random() < 0.5:
            self.cluster.primary.stop_immediately()
        else:
            self.cluster.primary.kill_postmaster()
        time.sleep(chance.uniform(0, 1))
        self.cluster.fail_over()
        self.count("failover")
        self.afterwards = self.cluster.rebuild

    def frozen_standby(self, chance: random.Random) -> None:
        """No commit comes back while the standby stands still."""
        self.cluster.standby.freeze()
        self.count("frozen standby")
        time.sleep(chance.uniform(2, 4))
        self.cluster.standby.thaw()
        self.await_database()

    def row_locks(self, chance: random.Random) -> None:
        """An operator locks rows and goes for coffee."""
        seconds = chance.uniform(2, 5)
        lock = chance.choice(LOCKS)
        self.count("row locks")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.session(f"BEGIN; {lock}; SELECT pg_sleep({seconds:.2f}); ROLLBACK").wait(30)

    def snapshot(self, _: random.Random) -> None:
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

    def cut(self, chance: random.Random) -> None:
        """Resets connections: all of some link, one in the middle of its bytes, or one around a statement."""
        way = chance.choice(("link", "link", "bytes", "statement", "statement", "answer", "answer", "answer"))
        if way in ("statement", "answer"):
            self.spring(Trap(chance.choice(STATEMENTS), is_done=way == "answer"))
        elif link := self.one_busy(chance):
            if way == "link":
                has_cut = link.cut() > 0
            else:
                has_cut = self.await_cut(link.cut_after(chance.randrange(4_000)))
                link.budget = None
            if has_cut:
                self.count(f"cut of a {'connection' if way == 'link' else 'message in two'}")

    def spring(self, trap: Trap) -> None:
        """Waits with a trap on every link to the primary until it has cut one of their connections."""
        links = [self.primary_link(member) for member in self.crew.members]
        for link in links:
            link.arm(trap)
        has_cut = self.await_cut(trap)
        if not all([link.disarm() for link in links]) and not has_cut:
            # Some statement has met it, and its answer is still to come.
            has_cut = self.await_cut(trap)
        if has_cut:
            self.count("cut between a commit and its answer" if trap.is_done else "cut before a statement arrived")

    def await_cut(self, cause: Trap | Budget) -> bool:
        """Waits a little for a cut, and returns whether it happened."""
        deadline = time.monotonic() + CUT_PATIENCE
        while not cause.has_cut and time.monotonic() < deadline:
            time.sleep(0.01)
        return cause.has_cut

    def half_open(self, chance: random.Random) -> None:
        self.turn(chance.choice((Weather.DEAF, Weather.MUTE)), "half-open link", chance)

    def black_hole(self, chance: random.Random) -> None:
        self.turn(Weather.BLACK_HOLE, "black hole", chance)

    def turn(self, weather: Weather, name: str, chance: random.Random) -> None:
        """Bad weather on one member's link to the primary or the provider, or on everyone's; counts if it met one."""
        everyone = chance.random() < 0.3
        members = self.crew.members if everyone else [chance.choice(self.crew.workers)]
        to_provider = chance.random() < 0.4
        links = [member.provider if to_provider else self.primary_link(member) for member in members]
        for link in links:
            link.turn(weather)
        time.sleep(chance.uniform(2, 7))
        if sum([link.turn(Weather.FAIR) for link in links]):
            self.count(name)

    def slow_network(self, chance: random.Random) -> None:
        links = [link for member in self.crew.members for link in member.links]
        for link in links:
            link.delay = chance.uniform(0.05, 0.4)
        self.count("slow network")
        time.sleep(chance.uniform(2, 5))
        for link in links:
            link.delay = 0

    def primary_link(self, member: Member) -> Link:
        return member.databases[self.cluster.nodes.index(self.cluster.primary)]

    def one_busy(self, chance: random.Random) -> Link | None:
        """A link with connections: of some member, or else of another."""
        members = chance.sample(self.crew.members, len(self.crew.members))
        links = [link for member in members for link in chance.sample(member.links, len(member.links))]
        return next((link for link in links if link.tunnels), None)

    # The rest of the world.

    def full_disk(self, chance: random.Random) -> None:
        """The file system of the outputs has not a byte left, for some seconds."""
        if self.disk is None:
            return
        ballast = self.disk / "ballast"
        try:
            with open(ballast, "wb") as file:
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(1 << 20))
                        file.flush()
            self.count("full disk")
            time.sleep(chance.uniform(3, 6))
        finally:
            ballast.unlink(missing_ok=True)

    def switch(self, chance: random.Random) -> None:
        """`meshmill stop`: from two seconds later until `start` no POST may arrive."""
        self.crew.program.run("stop")
        self.count("switch")
        time.sleep(2.2)
        before = self.provider.get("report")["posts"]
        time.sleep(chance.uniform(1, 3))
        after = self.provider.get("report")["posts"]
        self.crew.program.run("start")
        if after > before:
            self.findings.append(f"{after - before} POSTs arrived while submitting was switched off")

    def outage(self, chance: random.Random) -> None:
        """The provider's backend is down."""
        seconds = chance.uniform(3, 6)
        self.provider.post("outage", {"seconds": seconds})
        self.count("provider outage")
        time.sleep(seconds)
