"""A watch that forgives nothing but what a later death explains."""

import types
import unittest
from unittest import mock

import observer
from crew import Death
from observer import LEASES, Watch
from standstill import Standstill

LEASE = 3


class World:
    """A clock, a database and a crew of one worker, which change with time as `play` says."""

    def __init__(self, play):
        self.play = play
        self.now = 1_000.0
        self.leases: list[list[str]] = []
        self.progress = self.now
        self.members = []
        self.deaths: list[Death] = []
        self.findings: list[str] = []
        self.answers = True
        self.start(7)
        self.play(self)

    @property
    def workers(self):
        return self.members

    @property
    def primary(self):
        return self

    def start(self, pid: int) -> None:
        process = types.SimpleNamespace(process=types.SimpleNamespace(pid=pid))
        self.members = [types.SimpleNamespace(name="worker-1", process=process, started_at=self.now)]

    def die(self) -> None:
        self.deaths.append(Death(self.now, "worker-1", self.members[0].process.process.pid, "after-claim"))
        self.members[0].process = None

    def beat(self, pid: int, jobs: int = 0) -> None:
        self.leases = [row for row in self.leases if row[0] != f"host:{pid}"]
        self.leases.append([f"host:{pid}", str(self.now + LEASE), str(jobs), "0"])

    def query(self, sql: str, timeout: float):
        if not self.answers:
            raise RuntimeError("no answer")
        return self.leases if sql == LEASES else [[str(self.progress)]]

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.play(self)


class WatchTests(unittest.TestCase):
    def wait(self, play, since: float = 1_000.0, **options):
        """Waits in a world, without a thread for what stands still."""
        self.world = World(play)
        clock = types.SimpleNamespace(time=lambda: self.world.now, sleep=self.world.sleep)
        self.watch = Watch(self.world, self.world, LEASE)
        self.watch.take_note = lambda fault, obstacles: None
        with mock.patch.object(observer, "time", clock):
            return self.watch.wait("kills", since, **options)

    def test_a_world_that_is_well_has_recovered_at_once(self):
        recovery = self.wait(lambda world: world.beat(7))
        self.assertEqual((recovery.seconds, recovery.came), (0, True))

    def test_a_later_death_does_not_excuse_what_it_did_not_cause(self):
        def play(world):
            world.beat(7) if world.now < 1_005 else world.beat(8)
            if world.now >= 1_005 and not world.deaths:
                world.die()
                world.start(8)
            world.progress = 1_012 if world.now >= 1_012 else 999

        recovery = self.wait(play)
        self.assertAlmostEqual(recovery.seconds, 12, delta=0.3)
        self.assertEqual(recovery.obstacle, "no job moved")

    def test_what_a_later_death_leaves_counts_from_that_death(self):
        def play(world):
            world.progress = world.now
            if world.now < 1_006:
                world.beat(7, jobs=2)
                world.answers = world.now > 1_002
            elif not world.deaths:
                world.die()
            elif world.now > 1_007 and world.members[0].process is None:
                world.start(8)
            elif world.now > 1_008:
                world.beat(8)
            if world.now > 1_011:
                world.beat(7)

        # Only its database is seen from the first look on; the rest is left by the death at 6 s.
        recovery = self.wait(play, is_struck=lambda: self.world.now < 1_006.5)
        self.assertTrue(recovery.came)
        self.assertAlmostEqual(recovery.seconds, 5, delta=0.3)
        self.assertIn("dead worker", recovery.obstacle)

    def test_a_worker_that_came_back_must_register(self):
        def play(world):
            world.progress = world.now
            if not world.deaths:
                world.die()
                world.start(8)
            if world.now > 1_009:
                world.beat(8)

        recovery = self.wait(play)
        self.assertAlmostEqual(recovery.seconds, 9, delta=0.3)
        self.assertIn("did not register", recovery.obstacle)

    def test_the_patience_counts_from_the_first_cause_whoever_dies(self):
        def play(world):
            world.progress = world.now
            if world.members[0].process is None:
                world.start(int(world.now))
            else:
                world.die()

        recovery = self.wait(play)
        self.assertFalse(recovery.came)
        self.assertLess(self.world.now, 1_000 + observer.PATIENCE + 1)
        self.assertIn("no recovery from kills", self.world.findings[0])
        self.assertLess(recovery.seconds, 1)

    def test_looks_on_as_long_as_more_is_struck(self):
        recovery = self.wait(lambda world: world.beat(7), is_struck=lambda: self.world.now < 1_004)
        self.assertGreaterEqual(self.world.now, 1_004)
        self.assertEqual(recovery.seconds, 0)

    def test_a_database_that_is_slow_is_no_machine_that_stands_still(self):
        class Slow(World):
            def query(self, sql, timeout):
                self.now += 6
                return super().query(sql, timeout)

        with mock.patch(f"{__name__}.World", Slow):
            recovery = self.wait(lambda world: (world.beat(7), setattr(world, "progress", world.now)))
        self.assertEqual((recovery.seconds, recovery.net), (12, 12))


class StandstillTests(unittest.TestCase):
    def standstill(self, *sleeps: tuple[float, float]) -> Standstill:
        """What it notes of sleeps that begin and end at given times."""
        found = Standstill()
        times = iter([instant for sleep in sleeps for instant in sleep])
        with mock.patch("standstill.time", types.SimpleNamespace(time=lambda: next(times), sleep=lambda seconds: None)):
            for _ in sleeps:
                found.sleep()
        return found

    def test_counts_sleeps_that_were_much_too_long(self):
        self.assertEqual(self.standstill((0, 0.1), (0.1, 0.3)).since(0), 0)
        self.assertAlmostEqual(self.standstill((0, 0.1), (0.1, 4.2)).since(0), 4)

    def test_counts_only_what_lies_after_a_cause(self):
        found = self.standstill((10, 14.1), (20, 21.1))
        self.assertAlmostEqual(found.since(13.1), 2)
        self.assertAlmostEqual(found.since(15), 1)
        self.assertEqual(found.since(22), 0)

    def test_sleeps_on_a_thread_of_its_own(self):
        with Standstill() as found:
            self.assertTrue(found.thread.is_alive())
        self.assertFalse(found.thread.is_alive())


if __name__ == "__main__":
    unittest.main()
