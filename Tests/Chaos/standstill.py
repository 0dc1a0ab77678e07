"""Times in which this machine stood still, so that what was measured on it then means nothing."""

import threading
import time

PAUSE = 0.1
LEAST = 0.5
"""Seconds, both; what a sleep is late by less is the ordinary crowd on the processors."""


class Standstill:
    """A thread that does nothing but sleep, and takes note when a sleep was too long.

    It waits for nobody: who asks a database measures the database, too.
    """

    def __init__(self):
        self.spells: list[tuple[float, float]] = []
        """When each ended, and how many seconds it took."""
        self.is_over = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> "Standstill":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over = True
        self.thread.join()

    def run(self) -> None:
        while not self.is_over:
            self.sleep()

    def sleep(self) -> None:
        start = time.time()
        time.sleep(PAUSE)
        end = time.time()
        if (late := end - start - PAUSE) >= LEAST:
            self.spells.append((end, late))

    def since(self, start: float) -> float:
        """Seconds after `start` in which the machine stood still."""
        return sum(min(seconds, end - start) for end, seconds in self.spells if end > start)
