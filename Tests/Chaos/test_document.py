"""The page about reliability names tests; they must be there."""

import pathlib
import re
import unittest

import scoreboard
from campaign import DECK
from crashes import CRASHES

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"


class DocumentTests(unittest.TestCase):
    def rows(self) -> list[str]:
        """The last cell of each row of the table of faults."""
        table = PAGE.read_text().split("## Faults, outcomes, tests")[1]
        cells = [line.strip("| ").split(" | ") for line in table.splitlines() if re.match(r"\| \d+ \|", line)]
        self.assertTrue(all(len(row) == 4 for row in cells))
        return [row[3] for row in cells]

    def test_names_only_tests_that_there_are(self):
        sources = "\n".join(path.read_text() for path in (ROOT / "Tests").rglob("*.swift"))
        names = {name for row in self.rows() for name in re.findall(r'"([^"]+)"', row)}
        self.assertGreater(len(names), 10)
        self.assertEqual([name for name in sorted(names) if name not in sources], [])

    def test_names_only_faults_and_crash_points_that_there_are(self):
        known = {*DECK, "cut", *(crash.point for crash in CRASHES)}
        names = {name for row in self.rows() for name in re.findall(r"`([^`]+)`", row)}
        self.assertEqual(sorted(names - known), [])

    def test_names_every_crash_point_that_is_played(self):
        text = "\n".join(self.rows())
        self.assertEqual([crash.point for crash in CRASHES if crash.point and f"`{crash.point}`" not in text], [])

    def test_every_crash_point_of_the_program_is_met(self):
        source = (ROOT / "Sources" / "CrashPoints" / "CrashPoint.swift").read_text()
        points = set(re.findall(r'= "([a-z-]+)"', source))
        # In the campaign only: an instant at which every job may be anywhere.
        points.discard("after-heartbeat")
        self.assertEqual(points, {crash.point for crash in CRASHES if crash.point})

    def test_has_room_for_a_scoreboard(self):
        self.assertEqual(PAGE.read_text().count(scoreboard.BEGIN), 1)
        self.assertEqual(PAGE.read_text().count(scoreboard.END), 1)


if __name__ == "__main__":
    unittest.main()
