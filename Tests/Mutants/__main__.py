"""Takes protections away, one at a time, and demands that tests notice. See scripts/mutants."""

import argparse
import concurrent.futures
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable

import document
import ending
from bench import Bench, Broken, running
from catalogue import titles
from mutant import ROOT, Mutant, load
from record import BEGIN, END, Outcome, markdown
from revision import revision


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("--only", metavar="TEXT", help="only protections whose description has this text")
    parser.add_argument("--schema", action="store_true", help="only what lies in the schema, which takes no building")
    parser.add_argument("--list", action="store_true", help="say what there is, and do nothing")
    parser.add_argument("--seeds", type=int, default=20, help="of the simulation, for what lies in the schema (0: none)")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE", help="put the table into this document")
    options = parser.parse_args()
    mutants = [
        mutant
        for mutant in load()
        if (options.only or "") in mutant.protection and not (options.schema and mutant.is_built)
    ]
    if not mutants:
        parser.error(f"no protection is described with {options.only!r}")
    if options.list:
        for mutant in mutants:
            print(f"{mutant.protection}\n  without: {mutant.removed}\n  red: {', '.join(mutant.tests)}")
        return 0
    if options.write and (options.only or options.schema):
        parser.error("--write wants all of them, without --only and --schema")

    ending.unwind_on_signals()
    start = time.monotonic()
    names, code = titles(ROOT), revision(ROOT)
    whole = Bench(ROOT)
    say("building the tree as it is")
    whole.build()
    wanted = sorted({test for mutant in mutants for test in mutant.tests})
    say(f"running {len(wanted)} tests with every protection in place")
    verdicts = whole.test(wanted)
    if missing := [test for test in wanted if test not in verdicts.green]:
        print("mutants: these must be green before anything is taken away: " + ", ".join(missing))
        return 1
    if options.seeds and (finding := whole.simulate(options.seeds)):
        print(f"mutants: the simulation must be green before anything is taken away: {finding}")
        return 1

    outcomes = play(mutants, whole, options.seeds)
    text = markdown(outcomes, names, code)
    print(f"\n{text}")
    if options.write:
        document.write(options.write, text, BEGIN, END, "the table of protections")
    survivors = [outcome for outcome in outcomes if not outcome.is_noticed]
    print(
        f"mutants: {len(outcomes) - len(survivors)} of {len(outcomes)} noticed, "
        f"after {(time.monotonic() - start) / 60:.0f} min"
    )
    return 1 if survivors else 0


def play(mutants: list[Mutant], whole: Bench, seeds: int) -> list[Outcome]:
    """Takes away one after the other: what lies in the schema here, and at the same time what is built in a copy."""

    def build_one_by_one() -> list[Outcome]:
        built = [mutant for mutant in mutants if mutant.is_built]
        copy = Bench.copy(ROOT) if built else whole
        return [judge(mutant, lambda mutant: build_and_judge(mutant, copy)) for mutant in built]

    with concurrent.futures.ThreadPoolExecutor(1) as lane:
        builds = lane.submit(build_one_by_one)
        schema = [mutant for mutant in mutants if not mutant.is_built]
        try:
            outcomes = [judge(mutant, lambda mutant: alter_and_judge(mutant, whole, seeds)) for mutant in schema]
            outcomes += builds.result()
        except BaseException:
            # Else the lane would be waited for, an hour or more.
            running.end()
            raise
    return sorted(outcomes, key=lambda outcome: mutants.index(outcome.mutant))


def judge(mutant: Mutant, method: Callable[[Mutant], Outcome]) -> Outcome:
    """Takes one away, and says what noticed."""
    start = time.monotonic()
    try:
        outcome = method(mutant)
    except Broken as error:
        outcome = Outcome(mutant, frozenset(), None, str(error))
    lines = [f"without {mutant.removed} ({mutant.protection}), {time.monotonic() - start:.0f} s"]
    lines += [f"  {'red' if test in outcome.red else 'GREEN'}: {test}" for test in mutant.tests]
    lines += [f"  {line}" for line in (outcome.finding and f"simulation: {outcome.finding}", outcome.trouble) if line]
    say("\n".join(lines))
    return outcome


def alter_and_judge(mutant: Mutant, whole: Bench, seeds: int) -> Outcome:
    with tempfile.NamedTemporaryFile("w", prefix="meshmill-mutant-", suffix=".sql") as file:
        file.write(mutant.alteration())
        file.flush()
        alteration = pathlib.Path(file.name)
        verdicts = whole.test(list(mutant.tests), alteration)
        finding = whole.simulate(seeds, alteration) if seeds else None
    return Outcome(mutant, verdicts.red, finding)


def build_and_judge(mutant: Mutant, copy: Bench) -> Outcome:
    path = copy.root / mutant.file
    before = path.read_text()
    path.write_text(mutant.source())
    try:
        copy.build()
        verdicts = copy.test(list(mutant.tests))
    finally:
        path.write_text(before)
    return Outcome(mutant, verdicts.red, None)


def say(line: str) -> None:
    print(f"mutants: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
