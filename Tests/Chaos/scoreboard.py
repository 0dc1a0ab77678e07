"""The end of a campaign, as people read it, and as docs/reliability.md keeps it."""

import collections
import dataclasses
import pathlib
import statistics

import document
from document import table
from observer import Recovery

BEGIN = "<!-- scoreboard: written by scripts/chaos --write; changes by hand are lost -->"
END = "<!-- end of scoreboard -->"


@dataclasses.dataclass
class Scoreboard:
    """What was done, and what came of it."""

    settings: dict[str, str]
    counts: dict[str, int]
    """What was done, how often."""
    required: dict[str, int]
    """What must have been done, how often at least."""
    points: dict[str, int]
    """Deaths at crash points."""
    crashes: list
    """Outcomes of the deaths that were played one by one."""
    jobs: int
    posts: int
    accepted: int
    unknown: int
    duplicated: int
    lost: list[str]
    overspent: list[str]
    refused: list[str]
    drift: list[str]
    unexpected: list[str]
    recoveries: list[Recovery]
    bound: float
    """Seconds within which everything must recover."""
    notes: list[str]

    @property
    def late(self) -> list[Recovery]:
        """Recoveries over the bound, the time taken off in which this machine itself stood still."""
        return [recovery for recovery in self.recoveries if recovery.net > self.bound]

    @property
    def failures(self) -> list[str]:
        """What keeps the campaign from being passed."""
        short = [
            f"{name}: {self.counts.get(name, 0)} of {least} required"
            for name, least in self.required.items()
            if self.counts.get(name, 0) < least
        ]
        late = [f"recovery from {late.fault} took {late.seconds:.1f} s: {late.obstacle}" for late in self.late]
        silent = []
        if self.duplicated > self.unknown:
            silent.append(f"{self.duplicated} generated again, only {self.unknown} unknown")
        played = [f"{outcome.crash.name}: {finding}" for outcome in self.crashes for finding in outcome.findings]
        return [
            *self.lost, *self.overspent, *self.refused, *self.drift, *silent, *self.unexpected, *late, *played, *short,
        ]  # fmt: skip

    def markdown(self) -> str:
        parts = [self.verdict(), self.done(), self.came_of_it(), self.recovery()]
        if self.crashes:
            parts.append(self.played())
        parts.append(self.set_up())
        return "\n\n".join(parts) + "\n"

    def verdict(self) -> str:
        if not self.failures:
            return "**Passed.**"
        return "**Failed:**\n\n" + "\n".join(f"- {failure}" for failure in self.failures[:50])

    def done(self) -> str:
        rows = [
            [name, count, self.required.get(name, "")]
            for name, count in sorted(self.counts.items(), key=lambda item: -item[1])
        ]
        text = table(["done", "times", "at least"], rows)
        if self.points:
            points = ", ".join(f"{name} {count}" for name, count in sorted(self.points.items()))
            text += f"\n\nKills at crash points among them: {points}."
        return text

    def came_of_it(self) -> str:
        rows = [
            ["lost", len(self.lost), 0],
            ["duplicated", self.duplicated, f"{self.unknown} unknown"],
            ["overspent", len(self.overspent), 0],
            ["self-inflicted 429s and other refusals", len(self.refused), 0],
            ["ledger drift", len(self.drift), 0],
            ["unexpected", len(self.unexpected), 0],
            ["recovered too late", len(self.late), 0],
        ]
        text = table(["came of it", "count", "at most"], rows)
        share = f"{self.jobs} jobs, {self.posts} POSTs, {self.accepted} generations made by the provider."
        return text + "\n\n" + share

    def recovery(self) -> str:
        by_fault = collections.defaultdict(list)
        for recovery in self.recoveries:
            by_fault[recovery.fault].append(recovery.seconds)
        rows = [
            [fault, len(times), f"{statistics.median(times):.1f} s", f"{max(times):.1f} s"]
            for fault, times in sorted(by_fault.items())
        ]
        text = table(["recovered from", "times", "median", "slowest"], rows)
        text += f"\n\nCounted from the end of the cause; at most {self.bound:g} s."
        if stalled := sum(recovery.stalled for recovery in self.recoveries):
            text += f" The machine stood still for {stalled:.0f} s of these; that is taken off."
        return text

    def played(self) -> str:
        rows = [
            [
                outcome.crash.row,
                outcome.crash.point or "orderly stop",
                "failed" if outcome.findings else "held",
                outcome.unknown,
                outcome.extra,
                "" if outcome.recovery is None else f"{outcome.recovery:.1f} s",
            ]
            for outcome in self.crashes
        ]
        return table(["row", "killed at", "", "unknown", "made again", "in other hands after"], rows)

    def set_up(self) -> str:
        lines = [f"- {name}: {value}" for name, value in self.settings.items()]
        return "\n".join([*lines, *(f"- {note}" for note in self.notes)])


def write(path: pathlib.Path, text: str) -> None:
    """Puts a scoreboard between the marks in a document, in place of the last one."""
    document.write(path, text, BEGIN, END, "a scoreboard")
