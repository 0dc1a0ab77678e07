"""The program under test, as processes."""

import os
import pathlib
import re
import signal
import subprocess
import time


class CommandFailed(Exception):
    """A command of the program ended in another way than it must."""


class Program:
    """The built program, with the environment that all its processes share."""

    def __init__(self, path: pathlib.Path, folder: pathlib.Path, environment: dict[str, str]):
        self.path = path
        self.folder = folder
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MESHMILL_", "AMARA_", "PG")) and name != "DATABASE_URL"
        }
        self.environment = {**inherited, "MESHMILL_HOME": str(folder / "home"), **environment}

    def run(self, *arguments: object, timeout: float = 120, allowed: tuple[int, ...] = (0,)) -> str:
        """Runs a command in the folder to an end that is allowed, and returns its standard output."""
        command = [self.path, *map(str, arguments)]
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode not in allowed:
            raise CommandFailed(f"meshmill {arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def start(self, name: str, *arguments: object, environment: dict[str, str] | None = None) -> "Process":
        """Starts a process, with variables of its own beside the shared ones."""
        return Process(self, name, [str(argument) for argument in arguments], environment or {})


class Process:
    """One long-running process of the program, that can be killed and started again."""

    def __init__(self, program: Program, name: str, arguments: list[str], environment: dict[str, str]):
        self.program = program
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.output = program.folder / f"{name}.out"
        self.messages = program.folder / f"{name}.err"
        self.restart()

    def restart(self) -> None:
        with open(self.output, "ab") as output, open(self.messages, "ab") as messages:
            self.process = subprocess.Popen(
                [self.program.path, *self.arguments],
                env={**self.program.environment, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=messages,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """Ends the process without giving it a chance to do anything more."""
        self.process.kill()
        self.process.wait()

    def stop(self, timeout: float = 30) -> int:
        """Asks the process to end, and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout: float) -> int:
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise CommandFailed(f"{self.name} did not end within {timeout:.0f} s{self.last_words()}") from None

    def last_words(self) -> str:
        lines = self.messages.read_text(errors="replace").splitlines()
        return f"; its last message: {lines[-1][:300]}" if lines else ""

    def wait_for(self, pattern: str, timeout: float = 20) -> str:
        """Waits until a line of its standard output matches, and returns the first group."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self.is_running:
            if found := re.search(pattern, self.output.read_text(errors="replace")):
                return found.group(1)
            time.sleep(0.05)
        raise CommandFailed(f"{self.name} did not say {pattern!r} within {timeout:.0f} s{self.last_words()}")
