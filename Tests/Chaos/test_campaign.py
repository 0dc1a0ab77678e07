"""A campaign is what its seed says, and ends when something does not recover."""

import contextlib
import io
import types
import unittest

from campaign import Campaign
from observer import Recovery


def campaign(seed: int, scale: float = 1) -> Campaign:
    found = Campaign(None, types.SimpleNamespace(), seed, scale, "disk")
    found.faults = types.SimpleNamespace(
        kill=lambda chance: None, cut=lambda chance: None, strike=lambda fault, chance: 0.0, counts={}, afterwards=None
    )
    found.crew = types.SimpleNamespace(deaths=[])
    return found


class ChanceTests(unittest.TestCase):
    def beside(self, seed: int, number: int) -> list[tuple[float, float]]:
        """When a round's kills and cuts come, and the first that each draws."""
        return [(timer.interval, timer.args[0].random()) for timer in campaign(seed).beside(number)]

    def test_a_seed_repeats_each_round_whatever_came_before(self):
        rounds = [self.beside(7, number) for number in range(20)]
        self.assertEqual([self.beside(7, number) for number in reversed(range(20))], rounds[::-1])
        self.assertNotEqual([self.beside(8, number) for number in range(20)], rounds)

    def test_no_two_roles_draw_the_same(self):
        drawn = [first for number in range(20) for _, first in self.beside(7, number)]
        self.assertEqual(len(set(drawn)), len(drawn))

    def test_a_seed_repeats_the_deck(self):
        decks = [campaign(seed, scale=0.3).deck() for seed in (7, 7, 8)]
        self.assertEqual(decks[0], decks[1])
        self.assertNotEqual(decks[0], decks[2])


class PlayTests(unittest.TestCase):
    def rounds(self, *came: bool) -> list[str]:
        """What is waited for in a campaign in which the recoveries come, or do not, one after the other."""
        waited = []

        def wait(fault: str, since: float, is_struck=None) -> Recovery:
            waited.append(fault)
            return Recovery(fault, 0, "", 0, came=came[len(waited) - 1])

        played = campaign(7)
        played.watch = types.SimpleNamespace(wait=wait)
        played.chance = lambda *role: types.SimpleNamespace(uniform=lambda low, high: 0, choice=lambda options: 0)
        played.deck = lambda: ["switch", "freeze", "kills"]
        with contextlib.redirect_stdout(io.StringIO()):
            played.play()
        return waited

    def test_ends_when_something_does_not_recover(self):
        self.assertEqual(self.rounds(False), ["start"])
        self.assertEqual(self.rounds(True, True, False), ["start", "kills", "freeze"])


if __name__ == "__main__":
    unittest.main()
