"""The page about reliability names tests; they must be there."""

import pathlib
import re
import unittest

import catalogue
import scoreboard
from campaign import DECK
from crashes import CRASHES

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"


class DocumentTests(unittest.TestCase):
    def tables(self) -> dict[str, dict[int, str]]:
        """The last cell of each row, by table and number."""
        page = PAGE.read_text().split("## Faults, outcomes, tests")[1]
        faults, rest = page.split("### Lessons")
        lessons, threats = rest.split("### Threats")
        return {
            name: {
                int(row[0]): row[-1]
                for line in text.splitlines()
                if re.match(r"\| \d+ \|", line) and (row := line.strip("| ").split(" | "))
            }
            for name, text in (("FAULTS", faults), ("LESSONS?", lessons), ("THREAT", threats))
        }

    def rows(self) -> list[str]:
        """The last cell of each row of all tables."""
        return [cell for table in self.tables().values() for cell in table.values()]

    def test_has_every_row(self):
        tables = self.tables()
        self.assertEqual(list(tables["FAULTS"]), list(range(1, 37)))
        self.assertEqual(list(tables["LESSONS?"]), list(range(1, 15)))
        # The others are the gateway's.
        self.assertEqual(sorted({8, 10, 15, *tables["THREAT"]}), list(range(1, 17)))

    def test_each_row_is_named_by_a_test(self):
        titles = catalogue.titles(ROOT).values()
        for name, table in self.tables().items():
            named = {
                int(number)
                for title in titles
                for found in re.findall(rf"\b{name} (\d+(?:, \d+)*)", title)
                for number in found.split(", ")
            }
            if name == "FAULTS":
                named |= {crash.row for crash in CRASHES}
            self.assertEqual(sorted(set(table) - named), [], name)

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

    def test_its_scoreboard_says_which_code_it_judged(self):
        board = PAGE.read_text().split(scoreboard.BEGIN)[1].split(scoreboard.END)[0]
        # One that was written before scoreboards named their code has none.
        for code in re.findall(r"^- code: (.*)$", board, re.MULTILINE):
            self.assertRegex(code, r"^[0-9a-f]{7,}( with changes)?$")


if __name__ == "__main__":
    unittest.main()
