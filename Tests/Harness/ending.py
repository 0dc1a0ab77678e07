"""How a run ends that is told to."""

import signal
import sys


def unwind_on_signals() -> None:
    """Lets SIGTERM and a closed terminal end this process as an exception does, so that it ends what it started."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Whoever starts this under nohup wants it to go on.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, unwind)


def unwind(number: int, _: object) -> None:
    # The second one must not interrupt the cleaning up.
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
