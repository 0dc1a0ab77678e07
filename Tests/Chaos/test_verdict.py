"""A judge that finds nothing is only worth something if it can find."""

import pathlib
import tempfile
import unittest

import scoreboard
import verdict
from observer import Recovery
from provider import Post
from scoreboard import Scoreboard


def post(number: int, image: str = "a", key: str = "sim-1", **changes) -> Post:
    values = {"status": 200, "generation": f"g{number}", "accepted": True, "counted": True, "failed_at": None}
    return Post(time=float(number), key=key, image=image, **(values | changes))


class VerdictTests(unittest.TestCase):
    def test_a_generation_made_again_must_be_known_by_name(self):
        costs = verdict.spending([post(1), post(2), post(3, image="b")])
        self.assertEqual((costs["a"].again, costs["b"].again), (1, 0))
        self.assertEqual(len(list(verdict.silent_duplicates(costs, {}))), 1)
        # Another image's lost answer does not excuse it.
        self.assertEqual(len(list(verdict.silent_duplicates(costs, {"b": 1}))), 1)
        self.assertEqual(list(verdict.silent_duplicates(costs, {"a": 1})), [])

    def test_a_failed_generation_costs_nothing(self):
        costs = verdict.spending([post(1, failed_at=2.0), post(3)])
        self.assertEqual(costs["a"].again, 0)
        refused = verdict.spending([post(1, accepted=False, status=503), post(2)])
        self.assertEqual(refused["a"].again, 0)

    def test_finds_generations_that_nobody_recorded(self):
        posts = [post(1), post(2)]
        self.assertEqual(list(verdict.unrecorded(posts, {"g1", "g2"}, {})), [])
        self.assertEqual(list(verdict.unrecorded(posts, {"g1"}, {"a": 1})), [])
        self.assertEqual(len(list(verdict.unrecorded(posts, {"g1"}, {}))), 1)
        self.assertEqual(len(list(verdict.unrecorded(posts, set(), {"a": 1}))), 1)

    def test_overspending_counts_at_its_worst_moment(self):
        posts = [post(1, failed_at=4.0), post(2), post(3), post(5)]
        self.assertEqual(len(list(verdict.overspent(posts, {"sim-1": 2}))), 1)
        self.assertEqual(list(verdict.overspent(posts, {"sim-1": 3})), [])
        self.assertEqual(list(verdict.overspent(posts, {"sim-2": 0})), [])

    def test_a_429_is_never_explained(self):
        posts = [post(1), post(2, status=429), post(3, status=None), post(4, status=503)]
        self.assertEqual(list(verdict.refused(posts, {200, 503, None})), ["1 POSTs were answered 429"])

    def test_compares_the_ledger_with_the_providers_books(self):
        posts = [post(1), post(2, key="sim-2"), post(3, failed_at=4.0)]
        for spent, undecided, drifts in ((2, 0, 0), (3, 0, 1), (3, 1, 0), (1, 1, 1)):
            found = verdict.provider_drift(lambda sql: [["org-1", str(spent), str(undecided), "sim-1 sim-2"]], posts)
            self.assertEqual(len(list(found)), drifts)

    def test_ledger_drift_names_the_balance(self):
        def rows(sql: str) -> list[list[str]]:
            return [["7", "3", "2"]] if "meshmill.orgs" in sql else []

        self.assertEqual(list(verdict.ledger_drift(rows)), ["orgs.reserved of 7 is 3, its entries add up to 2"])


class ScoreboardTests(unittest.TestCase):
    def board(self, **changes) -> Scoreboard:
        values = {
            "settings": {"date": "today"}, "counts": {"kill": 3}, "required": {"kill": 2}, "points": {"after-claim": 1},
            "crashes": [], "jobs": 9, "posts": 10, "accepted": 10, "unknown": 1, "duplicated": 1, "lost": [],
            "overspent": [], "refused": [], "drift": [], "unexpected": [],
            "recoveries": [Recovery("kills", 5.0, "no job moved", 0.0)], "bound": 8, "notes": [],
        }  # fmt: skip
        return Scoreboard(**(values | changes))

    def test_passes_only_what_was_done_and_held(self):
        self.assertEqual(self.board().failures, [])
        self.assertIn("**Passed.**", self.board().markdown())
        for flaw in ("lost", "overspent", "refused", "drift", "unexpected"):
            self.assertEqual(self.board(**{flaw: ["bad"]}).failures, ["bad"])
        self.assertEqual(len(self.board(duplicated=2).failures), 1)
        self.assertEqual(len(self.board(required={"kill": 4}).failures), 1)

    def test_a_late_recovery_fails_unless_the_machine_stood_still(self):
        late = Recovery("kills", 9.0, "no job moved", 0.0)
        self.assertEqual(len(self.board(recoveries=[late]).failures), 1)
        stalled = Recovery("kills", 9.0, "no job moved", 2.0)
        self.assertEqual(self.board(recoveries=[stalled]).failures, [])

    def test_says_which_code_it_judged(self):
        board = self.board(settings={"code": "fab45b4 with changes"})
        self.assertIn("\n- code: fab45b4 with changes\n", board.markdown())

    def test_writes_between_the_marks_and_nowhere_else(self):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "reliability.md"
            path.write_text(f"above\n{scoreboard.BEGIN}\nold\n{scoreboard.END}\nbelow\n")
            scoreboard.write(path, "new")
            scoreboard.write(path, "newer")
            text = path.read_text()
            self.assertTrue(text.startswith("above\n") and text.endswith("\nbelow\n"))
            self.assertIn("newer", text)
            self.assertNotIn("old", text)
            path.write_text("no marks")
            with self.assertRaises(ValueError):
                scoreboard.write(path, "new")


if __name__ == "__main__":
    unittest.main()
