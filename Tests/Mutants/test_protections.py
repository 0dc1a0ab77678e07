"""The list of protections speaks of code and tests; they must be there."""

import pathlib
import re
import sys
import threading
import unittest
from unittest import mock

import bench
from catalogue import titles
from mutant import LIST, ROOT, definitions, entries, load
from record import BEGIN, END, Outcome, markdown


class ProtectionTests(unittest.TestCase):
    def test_has_at_least_ten_and_each_once(self):
        named = [mutant.protection for mutant in load()]
        self.assertGreaterEqual(len(named), 10)
        self.assertEqual(len(named), len(set(named)))

    def test_takes_away_what_is_there(self):
        for mutant in load():
            with self.subTest(mutant.protection):
                self.assertTrue(mutant.sql or mutant.file)
                if mutant.file:
                    self.assertNotEqual(mutant.source(), (ROOT / mutant.file).read_text())

    def test_changes_as_many_functions_as_it_edits_at_most(self):
        for mutant in load():
            if mutant.file and not mutant.is_built:
                with self.subTest(mutant.protection):
                    changed = mutant.alteration().count("CREATE OR REPLACE FUNCTION")
                    self.assertIn(changed, range(1, len(mutant.edits) + 1))

    def test_names_tests_that_there_are(self):
        known = titles(ROOT)
        self.assertGreater(len(known), 500)
        for mutant in load():
            with self.subTest(mutant.protection):
                self.assertTrue(mutant.tests)
                self.assertEqual([test for test in mutant.tests if test not in known], [])

    def test_finds_functions_in_routines(self):
        sql = "-- x\n\nCREATE FUNCTION a() AS $$ 1 $$;\nCOMMENT ON FUNCTION a() IS 'a';\n\nCREATE FUNCTION b();\n"
        self.assertEqual(definitions(sql), ["CREATE FUNCTION a() AS $$ 1 $$;", "CREATE FUNCTION b();\n"])

    def test_a_survivor_is_shown(self):
        mutant = load()[0]
        survivor = Outcome(mutant, frozenset(mutant.tests[1:]), None)
        self.assertFalse(survivor.is_noticed)
        noticed = Outcome(mutant, frozenset(mutant.tests), "a 429 of our own making")
        self.assertTrue(noticed.is_noticed)
        self.assertIn("1 of 2 noticed", markdown([survivor, noticed], {}))
        self.assertIn("; code: fab45b4 with changes.\n", markdown([noticed], {}, "fab45b4 with changes"))

    def test_there_is_room_for_the_table(self):
        page = (ROOT / "docs" / "reliability.md").read_text()
        self.assertEqual((page.count(BEGIN), page.count(END)), (1, 1))
        # A table that was written before it named its code has none.
        for code in re.findall(r" as well; code: (.*)\.$", page, re.MULTILINE):
            self.assertRegex(code, r"^[0-9a-f]{7,}( with changes)?$")

    def test_reads_the_list_as_toml(self):
        text = '# a\n\n[[mutant]]\none = "before = \\"x\\"\\n"\n\n# b\n\n[[mutant]]\n' \
            'two = [\n    { before = "a # b", after = "" },\n]\nthree = ["c", "d"]\n'
        self.assertEqual(
            entries(text), [{"one": 'before = "x"\n'}, {"two": [{"before": "a # b", "after": ""}], "three": ["c", "d"]}]
        )

    @unittest.skipIf(sys.version_info < (3, 11), "only later versions of Python can read it by themselves")
    def test_reads_the_list_as_everybody_would(self):
        import tomllib

        self.assertEqual(entries(LIST.read_text()), tomllib.loads(LIST.read_text())["mutant"])


class RunningTests(unittest.TestCase):
    def test_ends_what_other_threads_run_and_lets_nothing_more_be_run(self):
        raised = []

        def run() -> None:
            try:
                bench.call(["sleep", "60"], pathlib.Path.cwd(), 60)
            except bench.Ended as error:
                raised.append(error)

        with mock.patch.object(bench, "running", bench.Running()):
            thread = threading.Thread(target=run)
            thread.start()
            while not bench.running.processes:
                pass
            bench.running.end()
            thread.join(10)
            run()
        self.assertEqual(len(raised), 2)


if __name__ == "__main__":
    unittest.main()
