"""Takes protections away, one at a time, and demands that tests notice. See scripts/mutants."""

import argparse
import pathlib
import sys
import tempfile
import time

import document
from bench import Bench, Broken
from catalogue import titles
from mutant import ROOT, Mutant, load
from record import BEGIN, END, Outcome, markdown


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("--only", metavar="TEXT", help="only protections whose description has this text")
    parser.add_argument("--schema", action="store_true", help="only what lies in the schema, which takes no building")
    parser.add_argument("--list", action="store_true", help="say what there is, and do nothing")
    parser.add_argument("--seeds", type=int, default=40, help="of the simulation, for what lies in the schema (0: none)")
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

    start = time.monotonic()
    names = titles(ROOT)
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

    outcomes = [outcome for outcome in play(mutants, whole, options.seeds)]
    print(f"\n{markdown(outcomes, names)}")
    if options.write:
        document.write(options.write, markdown(outcomes, names), BEGIN, END, "the table of protections")
    survivors = [outcome for outcome in outcomes if not outcome.is_noticed]
    print(
        f"mutants: {len(outcomes) - len(survivors)} of {len(outcomes)} noticed, "
        f"after {(time.monotonic() - start) / 60:.0f} min"
    )
    return 1 if survivors else 0


def play(mutants: list[Mutant], whole: Bench, seeds: int):
    """Takes away one after the other; those that need no building first."""
    copy = None
    for number, mutant in enumerate(sorted(mutants, key=lambda mutant: mutant.is_built), start=1):
        say(f"{number} of {len(mutants)}: without {mutant.removed} ({mutant.protection})")
        try:
            if mutant.is_built:
                copy = copy or Bench.copy(ROOT)
                outcome = build_and_judge(mutant, copy)
            else:
                outcome = alter_and_judge(mutant, whole, seeds)
        except Broken as error:
            outcome = Outcome(mutant, frozenset(), None, str(error))
        for test in mutant.tests:
            say(f"  {'red' if test in outcome.red else 'GREEN'}: {test}")
        if outcome.finding:
            say(f"  simulation: {outcome.finding}")
        if outcome.trouble:
            say(f"  {outcome.trouble}")
        yield outcome


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
