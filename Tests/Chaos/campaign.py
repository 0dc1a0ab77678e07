"""One long run under faults in seeded random order."""

import collections
import dataclasses
import json
import os
import pathlib
import platform
import random
import subprocess
import threading
import time
from collections.abc import Iterator

import judge
import verdict
from cluster import Cluster
from crew import Crew, Member, Run, Submission
from faults import Faults
from observer import Watch
from program import CommandFailed, Program
from provider import Post, Provider, post
from proxy import Network
from scoreboard import Scoreboard

KEYS = 20
LIMIT = 5
WINDOW = 6
LEASE = 3
DEADLINE = 5
GRACE = 1
"""Seconds, the last four."""
BOUND = LEASE + 5
"""Seconds from the end of a cause until nothing shows of it any more."""
WORKERS = 4
PICTURES = 40
"""Of one submission."""
BACKLOG = 80
"""Jobs below which the next folder is submitted."""
CAPS = {"sim-2": 30, "sim-7": 60, "sim-11": 90}
"""Our monthly limits, which bind in mid-run."""
CAPPED = {"pictures": 12, "credits": 5}
"""A batch that may spend less than its pictures cost."""
TIMES = {
    "MESHMILL_LEASE": f"{LEASE}s",
    "MESHMILL_REQUEST_DEADLINE": f"{DEADLINE}s",
    "MESHMILL_GRACE": f"{GRACE}s",
}
WEATHER = {
    "--backend-error-rate": 0.02,
    "--lost-before-rate": 0.005,
    "--lost-after-rate": 0.01,
    "--read-error-rate": 0.02,
    "--truncated-file-rate": 0.02,
    "--corrupt-file-rate": 0.01,
    "--failure-rate": 0.02,
    "--latency": "600ms",
}
EXPLAINED = {200, 503, None}
"""Answers to POSTs that this weather explains; None is an answer that was lost."""
DECK = {
    "immediate stop": 21, "failover": 10, "postmaster kill": 4, "backend kill": 3, "frozen standby": 3, "row locks": 7,
    "snapshot": 3, "freeze": 9, "black hole": 8, "half open": 8, "slow network": 2, "full disk": 3, "switch": 3,
    "outage": 2, "kills": 16,
}  # fmt: skip
"""How often each fault leads a round of a whole campaign."""
ALWAYS = ("immediate stop", "failover", "kills")
"""Faults that even the smallest campaign has."""
REQUIRED = {"kill": 200, "immediate stop": 20, "failover": 10, "cut": 50}
EXPORTED_AT_ONCE = 2_000
DRAIN = 240
"""Seconds that the work left over may take once all faults are over."""


class Campaign:
    """Its stage, its rounds, its end."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, seed: int, scale: float, disk: pathlib.Path | None):
        self.path = program
        self.folder = folder
        self.seed = seed
        self.scale = scale
        self.disk = disk
        self.out = disk or folder / "meshes"
        self.unexpected: list[str] = []
        self.lost: list[str] = []

    def run(self, crashes: list, settings: dict[str, str], notes: list[str]) -> Scoreboard:
        self.folder.mkdir()
        self.folder.chmod(0o755)
        (self.folder / "pictures").mkdir()
        with Cluster(self.folder / "servers") as self.cluster, Network() as network:
            self.program = Program(self.path, self.folder, {"DATABASE_URL": self.cluster.url, **TIMES})
            self.program.run("migrate")
            log = self.folder / "requests.jsonl"
            options = [str(word) for pair in WEATHER.items() for word in pair]
            # Every other key's answers tell what it has used of its month, by which lost answers are decided.
            options += ["--monthly-limit", "100000", "--monthly-limit", "none", "--orgs", "3", "--log", str(log)]
            with Provider(self.program, KEYS, LIMIT, WINDOW, self.seed, *options) as self.provider:
                self.prepare()
                crew = Crew(
                    self.program, self.cluster, network, self.provider.url, self.seed, self.out, self.wants_work
                )
                with crew as self.crew, Watch(self.cluster, crew, LEASE) as self.watch:
                    self.faults = Faults(crew, self.cluster, self.provider, self.disk, DEADLINE + GRACE - 0.5)
                    self.hire()
                    self.play()
                    self.lay_down()
                posts = read_posts(log)
            return self.score(posts, crashes, settings, notes)

    def prepare(self) -> None:
        self.program.environment["AMARA_API_URL"] = self.provider.url
        self.program.run("keys", "import", self.provider.key_file)
        for key, limit in CAPS.items():
            self.program.run("keys", "set", key, "--monthly-limit", limit)
        self.out.mkdir(exist_ok=True)
        self.backlog = 0

    def wants_work(self) -> bool:
        """Whether the backlog is short; as long as the database does not say, it is not."""
        try:
            ((waiting,),) = self.cluster.primary.query(
                "SELECT count(*) FROM meshmill.jobs WHERE state IN ('queued', 'scheduled')", timeout=5
            )
        except (RuntimeError, subprocess.TimeoutExpired):
            return False
        return int(waiting) < BACKLOG

    def hire(self) -> None:
        crew = self.crew
        with crew.lock:
            folder = crew.next_folder(CAPPED["pictures"])
            self.program.run(
                "submit", folder, "--out", self.out / folder.name, "--max-credits", CAPPED["credits"], "--yes"
            )
            crew.members += [Member(crew, f"worker-{number}") for number in range(1, WORKERS + 1)]
            crew.members += [Submission(crew, "submit-1", PICTURES), Run(crew, "run-1", PICTURES // 2)]

    def play(self) -> None:
        """Round after round, until all was done that must be, or something did not recover."""
        deck = self.deck()
        number = 0
        has_recovered = self.watch.wait("start", time.time()).came
        while has_recovered and (deck or self.short()):
            number += 1
            has_recovered = self.round(number, deck.pop() if deck else "kills")

    def deck(self) -> list[str]:
        """The faults that lead a round, in their order."""
        chance = self.chance("deck")
        deck: list[str] = []
        for name, times in DECK.items():
            # A part of a time is a chance, so that small campaigns differ by their seeds.
            whole, part = divmod(times * self.scale, 1)
            times = max(int(whole) + (chance.random() < part), name in ALWAYS)
            if name != "full disk" or self.disk is not None:
                deck += [name] * times
        chance.shuffle(deck)
        return deck

    def chance(self, *role: object) -> random.Random:
        """The generator of a role, such as the second kill beside round 7: what others draw does not change it."""
        return random.Random("/".join(map(str, (self.seed, *role))))

    def short(self) -> bool:
        """Whether something was not yet done as often as a campaign of this scale must."""
        counts = self.counts()
        return any(counts[name] < least for name, least in self.required().items())

    def required(self) -> dict[str, int]:
        return {name: round(least * self.scale) for name, least in REQUIRED.items()}

    def counts(self) -> collections.Counter[str]:
        counts = collections.Counter(self.faults.counts)
        counts["kill"] = len(self.crew.deaths)
        counts["cut"] = sum(count for name, count in self.faults.counts.items() if name.startswith("cut "))
        return counts

    def round(self, number: int, fault: str) -> bool:
        """One leading fault; beside it kills and cuts at any moment; and the wait for recovery: whether it came."""
        threads = self.beside(number)
        for thread in threads:
            thread.start()
        chance = self.chance(number, fault)
        time.sleep(chance.uniform(0, 1))
        since = self.faults.strike(fault, chance)
        recovery = self.watch.wait(fault, since, lambda: any(thread.is_alive() for thread in threads))
        counts = self.counts()
        print(
            f"  {number:3} {fault:16} {recovery.seconds:5.1f} s{' LATE' if recovery.net > BOUND else ''}"
            f"  kills {counts['kill']}, cuts {counts['cut']}"
            + (f"  ({recovery.obstacle})" if recovery.net > BOUND else ""),
            flush=True,
        )
        if recovery.came and self.faults.afterwards:
            self.faults.afterwards()
        return recovery.came

    def beside(self, number: int) -> list[threading.Timer]:
        """The kills and cuts of a round."""
        chance = self.chance(number)
        timers = []
        for role, strike, latest in (("kill", self.faults.kill, 4), ("cut", self.faults.cut, 2)):
            for index in range(chance.choice((0, 1, 1, 2))):
                timer = threading.Timer(chance.uniform(0, latest), strike, [self.chance(number, role, index)])
                # A campaign that is ended does not wait for it.
                timer.daemon = True
                timers.append(timer)
        return timers

    def lay_down(self) -> None:
        """Fair weather: what was submitted comes to its end, with an operator's help for what waits for one."""
        self.crew.lay_down()
        self.provider.post("faults", {})
        deadline = time.monotonic() + DRAIN
        while time.monotonic() < deadline:
            time.sleep(1)
            busy = [member for member in self.crew.members if member not in self.crew.workers and member.process]
            if busy or self.unfinished():
                continue
            # Held after answers lost twice, failed after the generation failed three times: both say so, and wait.
            if held := self.ids("held"):
                self.program.run("jobs", "release", *held)
            elif failed := self.ids("failed"):
                self.program.run("jobs", "retry", *failed)
            else:
                break
        else:
            rows = self.cluster.rows(
                "SELECT state || ' ' || coalesce(error_code, ''), count(*) FROM meshmill.jobs GROUP BY 1 ORDER BY 1"
            )
            self.unexpected.append("not done in time: " + ", ".join(f"{count} {state}" for state, count in rows))
        self.crew.is_open = False
        for member in self.crew.workers:
            with self.crew.lock:
                process, member.process = member.process, None
            if process is not None and (status := process.stop()) != 0:
                self.unexpected.append(f"{member.name} ended with {status} when asked to stop{process.last_words()}")

    def unfinished(self) -> bool:
        states = "'scheduled', 'queued', 'submitting', 'generating', 'downloading'"
        return bool(
            self.cluster.rows(
                "SELECT 1 FROM meshmill.jobs AS j JOIN meshmill.batches AS b ON b.id = j.batch_id"
                f" WHERE j.state IN ({states}) AND b.max_credits IS NULL LIMIT 1"
            )
        )

    def ids(self, state: str) -> list[str]:
        return [row[0] for row in self.cluster.rows(f"SELECT id FROM meshmill.jobs WHERE state = '{state}' LIMIT 500")]

    def score(self, posts: list[Post], crashes: list, settings: dict[str, str], notes: list[str]) -> Scoreboard:
        rows = self.cluster.rows
        unknown = {
            image: int(count)
            for image, count in rows(
                "SELECT encode(j.input_sha256, 'hex'), count(*) FROM meshmill.attempts AS a"
                " JOIN meshmill.jobs AS j ON j.id = a.job_id WHERE a.state = 'unknown' OR a.paid_twice GROUP BY 1"
            )
        }
        known = {row[0] for row in rows("SELECT generation_id FROM meshmill.attempts WHERE generation_id IS NOT NULL")}
        costs = verdict.spending(posts)
        jobs = list(self.export())
        return Scoreboard(
            settings={**settings, **self.settings()},
            counts={name: count for name, count in self.counts().items() if count},
            required=self.required(),
            points=collections.Counter(death.point for death in self.crew.deaths if death.point),
            crashes=crashes,
            jobs=len(jobs),
            posts=len(posts),
            accepted=sum(post.accepted for post in posts),
            unknown=sum(unknown.values()),
            duplicated=sum(cost.again for cost in costs.values()),
            lost=[*self.missing(jobs), *verdict.unrecorded(posts, known, unknown)],
            overspent=[
                *verdict.overspent(posts, CAPS),
                *self.overspent_batch(posts),
                *(f"{who} has {used} of {limit}" for who, used, limit in rows(verdict.OVERSPENT)),
            ],
            refused=[*verdict.refused(posts, EXPLAINED), *judge.windows_kept(posts, LIMIT, WINDOW)],
            drift=[*verdict.ledger_drift(rows), *verdict.provider_drift(rows, posts)],
            unexpected=[
                *self.unexpected,
                *self.crew.findings,
                *self.faults.findings,
                *verdict.silent_duplicates(costs, unknown),
                *judge.files_agree([job for job in jobs if job.status == "completed"], self.out),
                *judge.generations_agree([job for job in jobs if job.status == "completed"], posts),
                *(row[0] for row in rows(verdict.LEFT_OPEN)),
                *self.audit(),
            ],
            recoveries=self.watch.recoveries,
            bound=BOUND,
            notes=notes,
        )

    def audit(self) -> Iterator[str]:
        """What the program's own audit finds, exit 2."""
        try:
            report = json.loads(self.program.run("audit", "--json", allowed=(0, 2)))
        except CommandFailed as failure:
            yield str(failure)
            return
        for check in report["checks"]:
            if not check["ok"]:
                yield f"audit: {check['name']}: {check['rows']}"[:300]

    def missing(self, jobs: list[judge.Job]) -> Iterator[str]:
        """Pictures of acknowledged submissions that are not one completed job."""
        acknowledged = {str(path) for folder in self.crew.submitted for path in folder.rglob("*.png")}
        own = [job for job in jobs if job.source in acknowledged]
        yield from judge.all_completed(own, acknowledged)
        everything = {str(path) for path in (self.folder / "pictures").rglob("*.png")}
        for job in jobs:
            if job.source not in everything:
                yield f"{job.source} is a job that nobody asked for"

    def overspent_batch(self, posts: list[Post]) -> Iterator[str]:
        images = {
            row[0]
            for row in self.cluster.rows(
                "SELECT encode(j.input_sha256, 'hex') FROM meshmill.jobs AS j"
                " JOIN meshmill.batches AS b ON b.id = j.batch_id WHERE b.max_credits IS NOT NULL"
            )
        }
        own = [dataclasses.replace(post, key="--max-credits") for post in posts if post.image in images]
        yield from verdict.overspent(own, {"--max-credits": CAPPED["credits"]})

    def export(self) -> Iterator[judge.Job]:
        for (batch,) in self.cluster.rows("SELECT id FROM meshmill.batches ORDER BY id"):
            for line in self.program.run("jobs", "export", "--batch", batch).splitlines():
                yield judge.exported(json.loads(line))

    def settings(self) -> dict[str, str]:
        return {
            "workload": f"{WORKERS} workers, one `run`, one `submit`; {KEYS} keys at {LIMIT} per {WINDOW} s,"
            f" 3 of them and one batch with limits that bind",
            "times": f"lease {LEASE} s, request deadline {DEADLINE} s, grace {GRACE} s",
            "provider": "the simulator, " + ", ".join(f"{name[2:]} {value}" for name, value in WEATHER.items()),
            "PostgreSQL": self.cluster.rows("SHOW server_version")[0][0]
            + ", fsync on, synchronous_commit on, a synchronous standby",
            "outputs": "a small file system of their own" if self.disk else "the common file system",
            "machine": f"{len(os.sched_getaffinity(0))} CPUs, {platform.system()} {platform.release()}",
        }


def read_posts(log: pathlib.Path) -> list[Post]:
    """The creations in the simulator's log file, in the order of arrival."""
    with open(log) as lines:
        records = (json.loads(line) for line in lines if '"create"' in line)
        return [post(record) for record in records if record["kind"] == "create"]
