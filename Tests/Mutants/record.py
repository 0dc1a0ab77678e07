"""What came of it, as docs/reliability.md keeps it."""

import dataclasses

from document import table
from mutant import Mutant

BEGIN = "<!-- break-it-on-purpose: written by scripts/mutants --write; changes by hand are lost -->"
END = "<!-- end of break-it-on-purpose -->"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What noticed that a protection was gone."""

    mutant: Mutant
    red: frozenset[str]
    finding: str | None
    """What a seed of the simulation says; `None` if none found anything, or none was asked."""
    trouble: str = ""
    """Why there is no verdict; empty if there is one."""

    @property
    def is_noticed(self) -> bool:
        return not self.trouble and set(self.mutant.tests) <= self.red


def markdown(outcomes: list[Outcome], titles: dict[str, str], code: str | None = None) -> str:
    """The table, and a line that sums it up and says of which code, if that is known."""
    rows = []
    for number, outcome in enumerate(outcomes, start=1):
        mutant = outcome.mutant
        red = [f'"{titles.get(test, test)}"' for test in mutant.tests if test in outcome.red]
        rows.append([
            number, mutant.protection, mutant.removed, "; ".join(red) or "**none: it survived**", outcome.finding or "",
        ])  # fmt: skip
    found = sum(outcome.finding is not None for outcome in outcomes)
    noticed = sum(outcome.is_noticed for outcome in outcomes)
    return "\n".join([
        table(["", "protection", "taken away", "tests that go red", "a simulated seed says"], rows),
        "",
        f"{noticed} of {len(outcomes)} noticed by all of the tests named for them, {found} by the simulation as well"
        + (f"; code: {code}." if code else "."),
        "",
    ])  # fmt: skip
