"""A real terminal, by tmux."""

import shlex
import subprocess
import time
import unicodedata
from collections.abc import Callable

from program import CommandFailed, Program


def width(text: str) -> int:
    """Columns that a line takes, without the spaces at its end."""
    wide = ("W", "F")
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in wide)
        for character in text.rstrip()
    )


class Terminal:
    """A window of a size, in which a shell with the program's environment runs."""

    def __init__(self, program: Program, name: str, columns: int, rows: int):
        self.program = program
        self.columns = columns
        self.socket = program.folder / f"{name}.tmux"
        environment = {**program.environment, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PS1": "ready> "}
        for variable in ("NO_COLOR", "TMUX", "TERM"):
            environment.pop(variable, None)
        subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-S", self.socket, "new-session", "-d", "-x", str(columns),
             "-y", str(rows), "bash", "--norc", "--noprofile"],
            env=environment, cwd=program.folder, check=True,
        )  # fmt: skip
        try:
            self.wait("its prompt", lambda screen: "ready>" in screen)
        except BaseException:
            self.tmux("kill-server")
            raise

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.tmux("kill-server")

    def tmux(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-S", self.socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def type(self, text: str) -> None:
        """Types characters as they are, and no Return."""
        self.tmux("send-keys", "-l", text)

    def press(self, key: str) -> None:
        """Presses a key by tmux's name of it, such as Enter or Escape."""
        self.tmux("send-keys", key)

    def run(self, *arguments: object, prefix: str = "") -> None:
        """Clears the screen and starts a command of the program on it."""
        words = shlex.join(map(str, [self.program.path, *arguments]))
        self.type(f"clear; {prefix}{words}")
        self.press("Enter")

    def resize(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def screen(self) -> str:
        """What is to be seen, without colours."""
        return self.tmux("capture-pane", "-p")

    @property
    def coloured(self) -> str:
        """What is to be seen, with the escapes of its colours."""
        return self.tmux("capture-pane", "-p", "-e")

    @property
    def wrapped(self) -> list[str]:
        """The lines that are wider than the screen, whole."""
        return [line for line in self.tmux("capture-pane", "-p", "-J").splitlines() if width(line) > self.columns]

    def wait(self, what: str, is_there: Callable[[str], bool], timeout: float = 30) -> str:
        """Waits until the screen is as wanted, and returns it."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            screen = self.screen
            if is_there(screen):
                return screen
            time.sleep(0.05)
        raise CommandFailed(f"the terminal did not show {what} within {timeout:.0f} s:\n{self.screen}")


