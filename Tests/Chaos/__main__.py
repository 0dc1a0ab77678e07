"""Kills, cuts, freezes and starves a running Meshmill, and judges what is left. See scripts/chaos."""

import argparse
import contextlib
import datetime
import pathlib
import random
import sys
import tempfile
import time
import traceback

import disk
import ending
import scoreboard
from campaign import Campaign
from crashes import CRASHES, Outcome, play_all
from revision import revision

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("crash-points", "campaign")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("program", type=pathlib.Path, help="the built program")
    chance = random.SystemRandom().randrange(1_000_000)
    parser.add_argument("--seed", type=int, default=chance, help="decides what happens when; by chance unless given")
    parser.add_argument("--scale", type=float, default=1, help="share of a whole campaign, such as 0.1 (default: 1)")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE", help="put the scoreboard into this document")
    parser.add_argument("--keep", action="store_true", help="keep the processes' output and the files")
    options = parser.parse_args()
    if not options.program.is_file():
        parser.error(f"there is no {options.program}; make build makes it")

    ending.unwind_on_signals()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="meshmill-chaos-"))
    # PostgreSQL's own account must get to its data when this runs as root.
    folder.chmod(0o755)
    start = time.monotonic()
    passed = False
    try:
        passed = play(options, folder, start)
    except Exception:
        traceback.print_exc()
        print(f"chaos: failed after {time.monotonic() - start:.0f} s, seed {options.seed}: it broke off, see above")
    finally:
        if options.keep or not passed:
            print(f"chaos: {disk.keep(folder)}")
        else:
            disk.remove(folder)
    return 0 if passed else 1


def play(options: argparse.Namespace, folder: pathlib.Path, start: float) -> bool:
    program = options.program.resolve()
    code = revision(ROOT)
    print(f"chaos: seed {options.seed}, scale {options.scale:g}, code {code or 'unknown'}", flush=True)
    outcomes: list[Outcome] = []
    if options.only != "campaign":
        with contextlib.closing(play_all(program, folder / "crash-points", options.seed, CRASHES)) as played:
            for outcome in played:
                outcomes.append(outcome)
                print(f"  {outcome.crash.name}: {'; '.join(outcome.findings) or 'held'}", flush=True)
    if options.only == "crash-points":
        failed = [outcome for outcome in outcomes if outcome.findings]
        print(f"chaos: {len(outcomes) - len(failed)} of {len(outcomes)} crash points held")
        return not failed

    settings = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "command": f"`scripts/chaos --seed {options.seed} --scale {options.scale:g}`",
        **({"code": code} if code else {}),
    }
    out, notes = disk.small_disk(folder)
    campaign = Campaign(program, folder / "campaign", options.seed, options.scale, out)
    board = campaign.run(outcomes, settings, notes)
    board.settings["took"] = f"{(time.monotonic() - start) / 60:.0f} min"
    text = board.markdown()
    print(f"\n{text}")
    if options.write:
        scoreboard.write(options.write, text)
    failures = board.failures
    print(f"chaos: {'failed' if failures else 'passed'} after {time.monotonic() - start:.0f} s, seed {options.seed}")
    return not failures


if __name__ == "__main__":
    sys.exit(main())
