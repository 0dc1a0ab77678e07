"""Runs the built program as its users do, and judges it by the provider's own log. See scripts/acceptance."""

import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import time

import ending
from foresight import PlanTellsTruth
from handbook import DocsHold
from hiding import SecretsHidden
from quotas import QuotasMove
from scenarios import KeepsLimits, SurvivesKills
from screens import ScreensShow

ALWAYS = {scenario.name: scenario for scenario in (KeepsLimits, SurvivesKills, QuotasMove, SecretsHidden, ScreensShow, DocsHold)}
"""What runs unless something else is asked for."""
SCENARIOS = {**ALWAYS, PlanTellsTruth.name: PlanTellsTruth}
"""What measures time wants an optimized program on a quiet machine."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/acceptance", description=__doc__)
    parser.add_argument("program", type=pathlib.Path, help="the built program")
    chance = random.SystemRandom().randrange(1_000_000)
    parser.add_argument("--seed", type=int, default=chance, help="decides who is killed when; by chance unless given")
    parser.add_argument("--only", choices=SCENARIOS, help="one scenario")
    parser.add_argument("--all", action="store_true", help="those that measure time too")
    parser.add_argument("--keep", action="store_true", help="keep the processes' output and the files")
    options = parser.parse_args()
    if not options.program.is_file():
        parser.error(f"there is no {options.program}; make build makes it")

    ending.unwind_on_signals()
    names = list(SCENARIOS) if options.all else [options.only] if options.only else list(ALWAYS)
    passed = [play(name, options) for name in names]
    return 0 if all(passed) else 1


def play(name: str, options: argparse.Namespace) -> bool:
    """Plays one scenario, says what came of it, and returns whether it passed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"meshmill-{name}-"))
    # PostgreSQL's own account must get to its data when this runs as root.
    folder.chmod(0o755)
    scenario = SCENARIOS[name](options.program.resolve(), folder, options.seed)
    print(f"acceptance: {name}: {scenario.title}, seed {options.seed}", flush=True)
    start = time.monotonic()
    passed = False
    try:
        findings = scenario.run()
        seconds = time.monotonic() - start
        for finding in findings[:20]:
            print(f"  {finding}")
        if len(findings) > 20:
            print(f"  … and {len(findings) - 20} more")
        passed = not findings
        verdict = "passed" if passed else "failed"
        print(f"acceptance: {name} {verdict} after {seconds:.0f} s: {scenario.summary}", flush=True)
    finally:
        if options.keep or not passed:
            print(f"  output and files are in {folder}", flush=True)
        else:
            shutil.rmtree(folder)
    return passed


if __name__ == "__main__":
    sys.exit(main())
