"""When a fault is over: everyone is back, nothing lies in dead hands, and work moves."""

import dataclasses
import subprocess
import time
from collections.abc import Callable, Iterator

from cluster import Cluster
from crew import Crew
from standstill import Standstill

PATIENCE = 120
"""Seconds from the end of a cause until its recovery counts as one that never comes, whoever else died meanwhile."""

LEASES = """
    SELECT w.name, extract(epoch FROM w.lease_until), count(j.id),
           count(j.id) FILTER (WHERE j.state = 'submitting')
    FROM meshmill.workers AS w
    LEFT JOIN meshmill.jobs AS j ON j.worker_id = w.id AND j.state IN ('submitting', 'generating', 'downloading')
    WHERE w.lease_until > now() - interval '2 minutes' OR j.id IS NOT NULL
    GROUP BY w.id ORDER BY w.lease_until"""

ACTIVITY = """
    SELECT pid, backend_start::time(1), wait_event, state, clock_timestamp() - query_start AS since,
           pg_blocking_pids(pid) AS behind, left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS query
    FROM pg_stat_activity WHERE application_name = 'meshmill' ORDER BY backend_start"""

PROGRESS = """
    SELECT coalesce(extract(epoch FROM max(greatest(a.claimed_at, a.answered_at, a.ended_at))), 0)
    FROM (SELECT * FROM meshmill.attempts ORDER BY id DESC LIMIT 1000) AS a"""


@dataclasses.dataclass(frozen=True)
class Obstacle:
    """What keeps the system from being as before."""

    text: str
    since: float
    """When its cause ended."""


@dataclasses.dataclass
class Recovery:
    """How long the slowest obstacle stayed after its cause had ended."""

    fault: str
    seconds: float
    obstacle: str
    stalled: float
    """Seconds of it in which this machine stood still."""
    came: bool = True
    """False: it was waited for in vain."""

    @property
    def net(self) -> float:
        """Its seconds without those in which the machine stood still."""
        return self.seconds - self.stalled


class Watch:
    """Looks at the database as an operator would, a few times a second."""

    def __init__(self, cluster: Cluster, crew: Crew, lease: float):
        self.cluster = cluster
        self.crew = crew
        self.lease = lease
        self.standstill = Standstill()
        self.recoveries: list[Recovery] = []

    def __enter__(self) -> "Watch":
        self.standstill.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.standstill.__exit__()

    def wait(self, fault: str, since: float, is_struck: Callable[[], bool] = lambda: False) -> Recovery:
        """Waits until nothing shows any more of a fault whose cause ended at `since`, and takes note of how long.

        As long as more is struck, it looks on. Who dies meanwhile is a cause of its own, but only of what it held and
        of its own return: everything else counts from `since`, and so does the patience.
        """
        slowest, is_noted = Recovery(fault, 0, "", 0), False
        before = [Obstacle("nobody has looked yet", since)]
        while True:
            found = self.obstacles(since)
            now = time.time()
            # What was there at the last look stayed until now at most.
            stayed = [
                Recovery(fault, now - obstacle.since, obstacle.text, self.standstill.since(obstacle.since))
                for obstacle in before
            ]
            slowest = max([slowest, *stayed], key=lambda recovery: recovery.net)
            if now > since + PATIENCE or not (found or is_struck()):
                break
            if not is_noted and any(now > obstacle.since + self.lease + 4 for obstacle in found):
                is_noted = True
                self.take_note(fault, found)
            before = found
            time.sleep(0.1)
        if found:
            slowest.came = False
            self.crew.findings.append(f"no recovery from {fault} within {PATIENCE} s: {described(found)}")
        self.recoveries.append(slowest)
        return slowest

    def take_note(self, fault: str, obstacles: list[Obstacle]) -> None:
        """Writes down what each process and each connection is doing while a recovery is about to be late."""
        lines = [f"{time.time():.1f} {fault}: {described(obstacles)}"]
        for member in self.crew.members:
            doing = "is not running"
            if (process := member.process) is not None:
                doing = f"is {process.process.pid}, started {member.started_at:.1f}{process.last_words()}"
            lines.append(f"{member.name} {member.point} {doing}")
        try:
            lines += ["\t".join(row) for row in self.cluster.primary.query(ACTIVITY, timeout=5)]
        except (RuntimeError, subprocess.TimeoutExpired) as failure:
            lines.append(str(failure))
        with open(self.crew.program.folder / "late.txt", "a") as file:
            file.write("\n".join(lines) + "\n\n")

    def obstacles(self, since: float) -> list[Obstacle]:
        """What keeps the system from being as before a cause that ended at `since`."""
        try:
            leases = self.cluster.primary.query(LEASES, timeout=10)
            ((progress,),) = self.cluster.primary.query(PROGRESS, timeout=10)
        except (RuntimeError, subprocess.TimeoutExpired) as failure:
            return [Obstacle(f"the database does not answer: {failure}", since)]
        found = [*self.dead_hands(leases, since), *self.absent(leases, since)]
        if float(progress) < since:
            found.append(Obstacle("no job moved", since))
        return found

    def dead_hands(self, leases: list[list[str]], since: float) -> Iterator[Obstacle]:
        """Jobs that a process holds which is no more, since its death."""
        # One whose end the crew has not noticed counts as alive: when it died is not known yet.
        alive = {process.process.pid for member in self.crew.members if (process := member.process) is not None}
        deaths = {death.pid: death.time for death in self.crew.deaths}
        for name, _, jobs, submitting in leases:
            pid = pid_of(name)
            if int(jobs) and pid not in alive:
                text = f"{jobs} jobs, {submitting} of them submitting, are in the hands of a dead worker"
                yield Obstacle(text, max(since, deaths.get(pid, since)))

    def absent(self, leases: list[list[str]], since: float) -> Iterator[Obstacle]:
        """Workers that have not renewed their lease, or not come back, since their own death if that was later."""
        beats = {pid_of(name): float(lease_until) - self.lease for name, lease_until, *_ in leases}
        processes = [(member, member.process) for member in self.crew.workers]
        # Read after the processes: who is gone by then has its death among them.
        deaths = {death.name: death.time for death in self.crew.deaths}
        for member, process in processes:
            cause = max(since, deaths.get(member.name, since))
            if process is None:
                yield Obstacle(f"{member.name} is not running", cause)
            elif (beat := beats.get(process.process.pid)) is None:
                yield Obstacle(f"{member.name} did not register, {time.time() - member.started_at:.1f} s old", cause)
            elif beat < cause:
                yield Obstacle(f"{member.name} did not renew its lease", cause)


def pid_of(worker: str) -> int:
    """The process of a worker, by its name in the database: host and process id."""
    return int(worker.rsplit(":", 1)[1])


def described(obstacles: list[Obstacle]) -> str:
    return "; ".join(obstacle.text for obstacle in obstacles)
