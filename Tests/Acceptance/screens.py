"""What people see: `run`, `plan`, `top` and lists, in terminals of tmux and without one."""

import re
from collections.abc import Iterator

from database import Database
from pictures import picture, write_pictures
from program import CommandFailed, Program
from provider import Provider
from scenarios import Scenario
from terminal import Terminal

IMAGES = 90
KEYS = 9
WINDOW = 8
"""Seconds."""
LONG = "a-folder-whose-name-somebody-made-rather-long/" * 4
"""Makes paths of more than 200 columns."""
NASTY = "🪑 chairs/台灯 ランプ 🎂"


class ScreensShow(Scenario):
    """One run, watched in two terminals; then the same commands without colours, and without a terminal."""

    name = "screens-show"
    title = f"{IMAGES} images, seen at 80 x 24 and 200 x 50"

    def run(self) -> list[str]:
        write_pictures(self.pictures, IMAGES - 2)
        for number, path in ((8_000, f"{LONG}{'n' * 40}.png"), (8_001, f"{NASTY}.png")):
            (self.pictures / path).parent.mkdir(parents=True, exist_ok=True)
            (self.pictures / path).write_bytes(picture(number))
        with Database(self.folder / "database") as database:
            program = Program(self.path, self.folder, {"DATABASE_URL": database.url})
            program.run("migrate")
            with Provider(program, KEYS, 5, WINDOW, self.seed) as provider:
                program.environment["AMARA_API_URL"] = provider.url
                program.run("keys", "import", provider.key_file)
                try:
                    return list(self.look(program))
                except CommandFailed as failure:
                    return [str(failure)]

    def look(self, program: Program) -> Iterator[str]:
        with Terminal(program, "small", 80, 24) as small, Terminal(program, "large", 200, 50) as large:
            yield from self.plan(small)
            small.run("run", "pictures", "--out", "meshes", "--yes")
            yield from self.top(large, small)
            screen = small.wait("the end of the run", lambda text: "Made" in text and "ready>" in text, 60)
            if f"Made {IMAGES} meshes" not in screen or "credits spent" not in screen:
                yield f"run ended with:\n{screen}"
            if "%" in screen.replace("100 %", ""):
                yield f"run left its progress behind:\n{screen}"
            yield from self.lists(small)
            yield from self.no_colour(small)
        yield from self.no_terminal(program)
        self.summary = "run, plan, top, lists, NO_COLOR, no terminal"

    def plan(self, terminal: Terminal) -> Iterator[str]:
        terminal.run("plan", "pictures", "--out", "meshes")
        screen = terminal.wait("a plan", lambda text: "time:" in text and "ready>" in text)
        if f"credits: {IMAGES}" not in screen:
            yield f"plan does not say what it costs:\n{screen}"
        yield from self.tidy("plan", terminal)

    def top(self, large: Terminal, small: Terminal) -> Iterator[str]:
        running = small.wait("progress", lambda text: re.search(r"\d+ done", text) is not None)
        for wanted in ("pictures → meshes", "batch 1", "%", f"of {IMAGES}", "keys"):
            if wanted not in running:
                yield f"run does not show {wanted!r}:\n{running}"
        yield from self.tidy("run", small)
        if "\x1b[" not in small.coloured:
            yield "run has no colours on a terminal"
        large.run("top")
        yield from self.keys(large)
        large.resize(80, 24)
        yield from self.keys(large)
        for key, wanted in (("2", "BATCH"), ("3", "WEIGHT"), ("4", "LEASE"), ("5", "CODE"), ("?", "Page Up")):
            large.type(key)
            large.wait(f"what {key} is for", lambda text, wanted=wanted: wanted in text)
            yield from self.tidy(f"top, after {key}", large)
        large.type("1")
        large.type("1")
        large.type("/sim-7")
        large.press("Enter")
        screen = large.wait("one key", lambda text: "sim-7" in text and "sim-8" not in text)
        large.type("p")
        if "--rw" not in large.wait("a refusal", lambda text: "changed" in text):
            yield f"top would change something without --rw:\n{screen}"
        large.resize(40, 10)
        large.wait("a small screen", lambda text: len(text.splitlines()) <= 10 and "sim-7" in text)
        yield from self.tidy("top at 40 x 10", large)
        large.resize(200, 50)
        large.type("q")
        large.wait("the shell again", lambda text: "ready>" in text and "sim-7" not in text)

    def keys(self, terminal: Terminal) -> Iterator[str]:
        """All keys, with their strips."""
        screen = terminal.wait(
            "the keys", lambda text: "sim-9" in text and any(mark in text for mark in "█▶") and "window model" in text
        )
        if not re.search(r"sim-1 .*[░█▶]{5}", screen) or "FREES IN" not in screen:
            yield f"top does not show strips and countdowns:\n{screen}"
        yield from self.tidy("top", terminal)

    def lists(self, terminal: Terminal) -> Iterator[str]:
        for words in (["status"], ["keys", "list"], ["batches", "list"], ["jobs", "list", "--limit", "5"], ["log"]):
            terminal.run(*words)
            terminal.wait(f"the end of {words}", lambda text: "ready>" in text)
            yield from self.tidy(" ".join(words), terminal)
        terminal.run("jobs", "list", "--limit", "100")
        terminal.wait("the end of a list", lambda text: "ready>" in text)
        yield from self.tidy("a list of nasty paths", terminal)

    def no_colour(self, terminal: Terminal) -> Iterator[str]:
        for variable in ("NO_COLOR=1 ", "TERM=dumb "):
            terminal.run("run", "pictures", "--out", "meshes", "--yes", prefix=variable)
            terminal.wait("the end of a run with nothing to do", lambda text: "othing to do" in text)
            if re.search(r"\x1b\[[0-9;]*3[0-9]m", terminal.coloured):
                yield f"{variable}and still there are colours"
        terminal.run("top", prefix="NO_COLOR=1 ")
        terminal.wait("the keys", lambda text: "sim-9" in text)
        if re.search(r"\x1b\[[0-9;]*3[0-9]m", terminal.coloured):
            yield "NO_COLOR=1 and still top has colours"
        terminal.press("C-c")
        terminal.wait("the shell again", lambda text: "ready>" in text and "sim-9" not in text)

    def no_terminal(self, program: Program) -> Iterator[str]:
        run = program.start("piped", "run", self.pictures, "--out", self.folder / "again", "--limit", "5", "--yes")
        if (status := run.wait(60)) != 0:
            yield f"run without a terminal ended with {status}{run.last_words()}"
        for file in (run.output, run.messages):
            text = file.read_text()
            if "\x1b" in text or "\r" in text:
                yield f"run without a terminal writes controls: {text[:200]!r}"
        if "5" not in run.messages.read_text():
            yield "run without a terminal says nothing of its progress"
        program.run("top", allowed=(64,))
        if "\x1b" in program.run("plan", "pictures", "--out", "third"):
            yield "plan without a terminal writes controls"

    def tidy(self, what: str, terminal: Terminal) -> Iterator[str]:
        """Nothing on the screen is wider than it, or half a character."""
        if wrapped := terminal.wrapped:
            yield f"{what} is wider than {terminal.columns} columns: {wrapped[0]}"
        if "\ufffd" in terminal.screen:
            yield f"{what} shows half a character:\n{terminal.screen}"
