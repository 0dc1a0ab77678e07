"""A crew must notice each death, and start again what died as the seed says."""

import pathlib
import tempfile
import time
import types
import unittest

from crew import Crew, Member
from program import Program


class CrewTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "meshmill"
        path.write_text("#!/bin/sh\nexec sleep 60\n")
        path.chmod(0o755)
        self.program = Program(path, path.parent, {})

    def crew(self, seed: int) -> Crew:
        cluster = types.SimpleNamespace(nodes=[])
        network = types.SimpleNamespace(link=lambda *_, **options: types.SimpleNamespace(port=1))
        crew = Crew(self.program, cluster, network, "http://127.0.0.1:1", seed, self.program.folder, lambda: False)
        self.addCleanup(crew.__exit__)
        crew.thread.start()
        return crew

    def lives(self, seed: int, names: list[str]) -> dict[str, list[str]]:
        """The crash points of each member's first lives, all of which end by a kill."""
        crew = self.crew(seed)
        crew.members = [Member(crew, name) for name in names]
        points = {name: [] for name in names}
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and any(len(lives) < 4 for lives in points.values()):
            with crew.lock:
                for member in crew.members:
                    member.restart_at = 0
                    if member.is_running and not member.is_killed:
                        points[member.name].append(member.point)
                        member.kill()
            time.sleep(0.01)
        return {name: lives[:4] for name, lives in points.items()}

    def test_a_seed_says_where_each_member_dies_whatever_the_others_do(self):
        alone = self.lives(7, ["worker-1"])
        self.assertEqual(self.lives(7, ["worker-2", "worker-1"])["worker-1"], alone["worker-1"])
        self.assertNotEqual(self.lives(8, ["worker-1"]), alone)

    def test_takes_note_of_which_process_died(self):
        crew = self.crew(7)
        with crew.lock:
            member = Member(crew, "worker-1")
            crew.members = [member]
            member.look_after()
            pid = member.process.process.pid
            member.kill()
        deadline = time.monotonic() + 10
        while not crew.deaths and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual([(death.name, death.pid) for death in crew.deaths], [("worker-1", pid)])


if __name__ == "__main__":
    unittest.main()
