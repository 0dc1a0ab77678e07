"""When a fault is over: everyone is back, nothing lies in dead hands, and work moves."""

import dataclasses
import statistics
import subprocess
import time

from cluster import Cluster
from crew import Crew

PATIENCE = 60
"""Seconds until a recovery counts as one that never came."""

LEASES = """
    SELECT w.name, extract(epoch FROM w.lease_until), count(j.id),
           count(j.id) FILTER (WHERE j.state = 'submitting')
    FROM meshmill.workers AS w
    LEFT JOIN meshmill.jobs AS j ON j.worker_id = w.id AND j.state IN ('submitting', 'generating', 'downloading')
    WHERE w.lease_until > now() - interval '2 minutes' OR j.id IS NOT NULL
    GROUP BY w.id"""

ACTIVITY = """
    SELECT pid, backend_start::time(1), wait_event, state, clock_timestamp() - query_start AS since,
           pg_blocking_pids(pid) AS behind, left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS query
    FROM pg_stat_activity WHERE application_name = 'meshmill' ORDER BY backend_start"""

PROGRESS = """
    SELECT coalesce(extract(epoch FROM max(greatest(a.claimed_at, a.answered_at, a.ended_at))), 0)
    FROM (SELECT * FROM meshmill.attempts ORDER BY id DESC LIMIT 1000) AS a"""


@dataclasses.dataclass
class Recovery:
    """How long it took after the cause of a fault had ended."""

    fault: str
    seconds: float
    last_obstacle: str
    """What was waited for last."""
    stalled: float
    """Seconds of it in which this machine was too busy to run even its observer."""


class Watch:
    """Looks at the database as an operator would, a few times a second."""

    def __init__(self, cluster: Cluster, crew: Crew, lease: float):
        self.cluster = cluster
        self.crew = crew
        self.lease = lease
        self.recoveries: list[Recovery] = []

    def wait(self, fault: str, since: float) -> Recovery:
        """Waits until nothing shows any more of a fault whose cause ended at `since`, and takes note of how long."""
        obstacle, stalled, last, is_noted = "", 0.0, time.time(), False
        while True:
            found = self.obstacle(since)
            now = time.time()
            stalled += max(0.0, now - last - 1)
            last = now
            if found is None or now > since + PATIENCE:
                break
            obstacle = found
            if now > since + self.lease + 4 and not is_noted:
                is_noted = True
                self.take_note(fault, found)
            time.sleep(0.1)
            # Whoever died by a crash point meanwhile is a cause of its own.
            since = max([since, *(death.time for death in self.crew.deaths[-20:])])
        recovery = Recovery(fault, max(0.0, now - since), found or obstacle, stalled)
        if found is not None:
            self.crew.findings.append(f"no recovery from {fault} within {PATIENCE} s: {found}")
        self.recoveries.append(recovery)
        return recovery

    def take_note(self, fault: str, obstacle: str) -> None:
        """Writes down what each process and each connection is doing while a recovery is about to be late."""
        lines = [f"{time.time():.1f} {fault}: {obstacle}"]
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

    def obstacle(self, since: float) -> str | None:
        """What keeps the system from being as before, or None."""
        try:
            leases = self.cluster.primary.query(LEASES, timeout=10)
            ((progress,),) = self.cluster.primary.query(PROGRESS, timeout=10)
        except (RuntimeError, subprocess.TimeoutExpired) as failure:
            return f"the database does not answer: {failure}"
        members = self.crew.running
        alive = {member.process.process.pid for member in members if member.process is not None}
        beats = {}
        for name, lease_until, jobs, submitting in leases:
            pid = int(name.rsplit(":", 1)[1])
            beats[pid] = float(lease_until) - self.lease
            if int(jobs) and pid not in alive:
                return f"{jobs} jobs, {submitting} of them submitting, are in the hands of a dead worker"
        for member in members:
            if member not in self.crew.workers or member.process is None or member.started_at > since:
                continue
            if beats.get(member.process.process.pid, 0) < since:
                age = time.time() - member.started_at
                missing = "renew its lease" if member.process.process.pid in beats else "register"
                return f"{member.name} did not {missing}, {age:.1f} s old"
        if float(progress) < since:
            return "no job moved"
        return None


def median(recoveries: list[Recovery]) -> float:
    return statistics.median(recovery.seconds for recovery in recoveries)
