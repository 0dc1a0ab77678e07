"""Where tests are built and run."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import xml.etree.ElementTree

SCRATCH = ".build/mutants"
BUILD_PATIENCE = 3_600
TEST_PATIENCE = 900
"""Seconds."""


class Broken(Exception):
    """A build or a run that ended without a verdict."""


class Ended(Exception):
    """Nothing is run any more."""


@dataclasses.dataclass(frozen=True)
class Verdicts:
    """What came of a run of tests, by Suite/function."""

    red: frozenset[str]
    green: frozenset[str]


def call(command: list[str], folder: pathlib.Path, patience: float, **environment: str) -> subprocess.CompletedProcess:
    """Runs a command to its end; all of its processes are killed when it takes too long."""
    with running.lock:
        if running.is_ended:
            raise Ended
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        running.processes.add(process)
    with process:
        try:
            output, _ = process.communicate(timeout=patience)
        except BaseException:
            kill(process)
            raise
        finally:
            running.processes.discard(process)
    if running.is_ended:
        raise Ended
    return subprocess.CompletedProcess(command, process.returncode, output)


class Running:
    """What is being run, by all threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.processes: set[subprocess.Popen] = set()
        self.is_ended = False

    def end(self) -> None:
        """Kills it, and lets nothing more be run."""
        with self.lock:
            self.is_ended = True
            for process in list(self.processes):
                kill(process)


running = Running()


def kill(process: subprocess.Popen) -> None:
    """Kills a command with all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Bench:
    """A tree with its build: the one at hand, or a copy that may be changed."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root

    @classmethod
    def copy(cls, root: pathlib.Path) -> "Bench":
        """A copy of the tree below its .build, where it and what was built of it stay for the next time."""
        copy = root / SCRATCH / "tree"
        files = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        wanted = {name for name in files if name and (root / name).is_file()}
        if (root / "Package.resolved").is_file():
            wanted.add("Package.resolved")
        for path in copy.rglob("*"):
            name = str(path.relative_to(copy))
            if path.is_file() and not name.startswith(".build/") and name not in wanted:
                path.unlink()
        for name in wanted:
            # What did not change keeps its time, and is not built again.
            if not (copy / name).is_file() or (copy / name).read_bytes() != (root / name).read_bytes():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / name, copy / name)
        # Packages that were fetched are not fetched again.
        for name in ("repositories", "checkouts", "workspace-state.json"):
            source, target = root / ".build" / name, copy / ".build" / name
            if source.is_dir() and not target.exists():
                shutil.copytree(source, target, symlinks=True)
            elif source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        return cls(copy)

    def build(self) -> None:
        result = call(["swift", "build", "--build-tests"], self.root, BUILD_PATIENCE)
        if result.returncode != 0:
            raise Broken("it does not build:\n" + "\n".join(result.stdout.splitlines()[-30:]))

    def test(self, tests: list[str], alteration: pathlib.Path | None = None) -> Verdicts:
        """Runs tests, with SQL that changes the schema of each if there is any."""
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.xml"
            # What `swift test --skip-build` runs, without its look at the package.
            command = [".build/debug/meshmillPackageTests.xctest", "--testing-library", "swift-testing"]
            command += ["--xunit-output", str(report)]
            for test in tests:
                command += ["--filter", rf"\.{re.escape(test)}\("]
            environment = {"MESHMILL_TEST_ALTERATION": str(alteration)} if alteration else {}
            try:
                result = call(command, self.root, TEST_PATIENCE, **environment)
            except subprocess.TimeoutExpired:
                raise Broken(f"no end after {TEST_PATIENCE} s") from None
            if not report.is_file():
                raise Broken("no verdict:\n" + "\n".join(result.stdout.splitlines()[-30:]))
            return read(report)

    def simulate(self, seeds: int, alteration: pathlib.Path | None = None) -> str | None:
        """Runs seeds of the simulation until one violates something, and returns what it says; `None` if none does."""
        environment = {"MESHMILL_TEST_ALTERATION": str(alteration)} if alteration else {}
        command = [
            ".build/debug/meshmill-simulation", "--seeds", str(seeds), "--no-ladders", "--most-violations", "1",
        ]  # fmt: skip
        try:
            result = call(command, self.root, TEST_PATIENCE, **environment)
        except subprocess.TimeoutExpired:
            return "no end"
        if result.returncode == 0:
            return None
        found = re.search(r"seed \d+ \([^)]*\): ([^:\n]+)", result.stdout)
        if found:
            return found.group(1).strip()
        if "violations" in result.stdout:
            return "less was used than the rule permits"
        raise Broken("the simulation failed:\n" + "\n".join(result.stdout.splitlines()[-10:]))


def read(report: pathlib.Path) -> Verdicts:
    """What a report of Swift Testing says."""
    red, green = set(), set()
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        suite = case.get("classname", "").split(".")[-1]
        name = f"{suite}/{case.get('name', '').split('(')[0]}"
        (red if case.find("failure") is not None else green).add(name)
    return Verdicts(frozenset(red), frozenset(green - red))
