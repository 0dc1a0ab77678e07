"""Faults strike whom the seed says, and count only what happened."""

import random
import threading
import time
import types
import unittest
from unittest import mock

import faults
from faults import Faults
from proxy import Trap, Weather


class Link:
    """One connection, through which no statement comes."""

    tunnels = 1

    def turn(self, weather: Weather) -> int:
        return self.tunnels if weather is Weather.FAIR else 0

    def arm(self, trap: Trap) -> None:
        pass

    def disarm(self) -> bool:
        return True


class Member:
    def __init__(self, name: str):
        self.name = name
        self.links = self.databases = [Link()]
        self.provider = self.links[0]
        self.kills = 0

    def kill(self) -> None:
        self.kills += 1


class FaultsTests(unittest.TestCase):
    def setUp(self):
        self.members = [Member(f"worker-{number}") for number in range(6)]
        self.crew = types.SimpleNamespace(members=self.members, running=self.members, workers=self.members)
        cluster = types.SimpleNamespace(nodes=["alpha"], primary="alpha")
        self.faults = Faults(self.crew, cluster, None, None, 5)
        clock = types.SimpleNamespace(time=time.time, monotonic=time.monotonic, sleep=lambda seconds: None)
        patches = [mock.patch.object(faults, "time", clock), mock.patch.object(faults, "CUT_PATIENCE", 0.05)]
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)

    def victim(self, seed: str) -> str:
        for member in self.members:
            member.kills = 0
        self.faults.kill(random.Random(seed))
        return next(member.name for member in self.members if member.kills)

    def test_a_seed_says_who_is_killed(self):
        victims = {seed: self.victim(seed) for seed in map(str, range(20))}
        self.assertGreater(len(set(victims.values())), 2)
        self.assertEqual({seed: self.victim(seed) for seed in victims}, victims)
        # Whoever does not run changes nothing for the others.
        self.crew.running = [member for member in self.members if member.name != victims["0"]]
        for seed, victim in victims.items():
            if victim != victims["0"]:
                self.assertEqual(self.victim(seed), victim)

    def test_weather_counts_if_it_met_a_connection(self):
        self.faults.strike("black hole", random.Random(1))
        self.assertEqual(self.faults.counts["black hole"], 1)
        for member in self.members:
            member.links[0].tunnels = 0
        self.faults.strike("half open", random.Random(1))
        self.assertNotIn("half-open link", self.faults.counts)

    def test_a_trap_counts_if_it_has_cut(self):
        self.faults.spring(Trap("ClaimJobs", is_done=True))
        self.assertEqual(sum(self.faults.counts.values()), 0)
        self.faults.spring(Trap("ClaimJobs", is_done=False, has_cut=True))
        self.assertEqual(self.faults.counts, {"cut before a statement arrived": 1})

    def test_waits_for_the_answer_that_a_trap_cuts_off(self):
        link, trap = self.members[0].links[0], Trap("ClaimJobs", is_done=True)

        def take_away() -> bool:
            threading.Timer(0.01, setattr, [trap, "has_cut", True]).start()
            return False

        link.disarm = take_away
        self.faults.spring(trap)
        self.assertEqual(self.faults.counts, {"cut between a commit and its answer": 1})


if __name__ == "__main__":
    unittest.main()
