"""Secrets that must not show: each is searched for wherever it could have gone, in every form it could have there."""

import base64
import contextlib
import csv
import json
import pathlib
import subprocess
import time
import urllib.parse
from collections.abc import Iterator

from database import Database
from pictures import write_pictures
from program import CommandFailed, Program
from provider import Provider
from scenarios import WINDOW, Scenario

IMAGES = 6
SETTINGS = (
    "shared_preload_libraries=pg_stat_statements",
    "pg_stat_statements.track=all",
    "pg_stat_statements.track_utility=on",
    "log_statement=all",
    "log_min_duration_statement=0",
    "log_parameter_max_length=-1",
    "log_parameter_max_length_on_error=-1",
    "log_error_verbosity=verbose",
)
"""The server logs every statement with its parameters, and keeps a count of each."""
WRONG = "sk_amara_canary/7+q=%Zebra&x"
"""One that the provider refuses, with every byte that Base64 or a URL would write otherwise."""


def forms(secret: str) -> set[str]:
    """A secret as others might write it, in lower case."""
    data = secret.encode()
    shapes = {secret, urllib.parse.quote(secret), urllib.parse.quote(secret, safe=""), data.hex()}
    shapes |= {json.dumps(secret)[1:-1], secret.replace("/", "\\/")}
    for before in (b"", b"a", b"ab"):
        # In the middle of other bytes Base64 looks different: the part that does not depend on what surrounds it.
        shapes.add(base64.b64encode(before + data).decode()[4 if before else 0 : -4])
        shapes.add(base64.urlsafe_b64encode(before + data).decode()[4 if before else 0 : -4])
    return {shape.lower() for shape in shapes}


def process_list(wanted: str) -> str:
    """The arguments of every process, a line each; `ps`, which would say them too, is not everywhere.

    A process that was just started has none for an instant: those `wanted` are waited for, a little.
    """
    deadline = time.monotonic() + 10
    while wanted not in (listed := arguments_of_all()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return listed


def arguments_of_all() -> str:
    lines = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(lines)


class SecretsHidden(Scenario):
    """Keys that work and one that does not, at trace level, with a server that logs all it is told."""

    name = "secrets-hidden"
    title = "keys and master key, searched for in logs, errors, exports, a dump, statements and the process list"

    def run(self) -> list[str]:
        write_pictures(self.pictures, IMAGES)
        with Database(self.folder / "database", settings=SETTINGS) as database:
            database.rows("CREATE EXTENSION pg_stat_statements")
            program = Program(self.path, self.folder, {"DATABASE_URL": database.url, "LOG_LEVEL": "trace"})
            program.run("migrate")
            with Provider(program, 3, 5, WINDOW, self.seed) as provider:
                program.environment["AMARA_API_URL"] = provider.url
                with open(provider.key_file, newline="") as file:
                    secrets = [row["secret"] for row in csv.DictReader(file)]
                try:
                    return list(self.search(program, database, provider, secrets))
                except CommandFailed as failure:
                    return [str(failure)]

    def search(
        self, program: Program, database: Database, provider: Provider, secrets: list[str]
    ) -> Iterator[str]:
        texts: dict[str, str] = {}

        def tell(*arguments: object, text: str = "", **variables: str) -> None:
            command = [program.path, *map(str, arguments)]
            done = subprocess.run(
                command, env={**program.environment, **variables}, cwd=self.folder, capture_output=True, text=True,
                input=text, timeout=120, check=False,
            )  # fmt: skip
            texts[f"meshmill {' '.join(map(str, arguments))} ({len(texts)})"] = done.stdout + done.stderr

        first, second, third = secrets
        tell("keys", "add", "one", "--org", "studio", text=first + "\n")
        tell("keys", "add", "wrong", text=WRONG + "\n")
        tell("keys", "add", "one", text=second + " and more\n")
        tell("keys", "import", "-", text=f"secret,rate_limit\n{second},0\n")
        tell("keys", "rotate", "no-such-key", text=second)
        # The POST itself, its polls and downloads, and a refusal by the provider.
        tell("run", self.pictures, "--out", self.out, "--yes", AMARA_API_KEYS=f"{second},{third}")
        worker = program.start("worker", "worker", environment={"AMARA_API_KEYS": third})
        try:
            texts["the process list"] = process_list(f"{program.path} worker")
            worker.stop()
        finally:
            worker.kill()
        texts["a worker's messages"] = worker.messages.read_text() + worker.output.read_text()
        tell("keys", "rotate", "wrong", text=WRONG)
        tell("keys", "rewrap", "--yes")
        for words in ("keys list --json", "keys show one", "status --json", "log --json", "doctor --json"):
            tell(*words.split())
        for words in ("jobs export --batch 1", "ledger --csv", "ledger --by key --json", "jobs show 1", "audit --json"):
            tell(*words.split())
        tell("status", DATABASE_URL=f"postgresql://ada:{second}@127.0.0.1:1/mill")

        made = list(self.out.rglob("*.glb"))
        if len(made) != IMAGES:
            yield f"only {len(made)} of {IMAGES} images were made: {list(texts.values())[5][-300:]}"
        texts["a dump"] = database.dump()
        texts["pg_stat_statements"] = "\n".join(row[0] for row in database.rows("SELECT query FROM pg_stat_statements"))
        texts["pg_stat_activity"] = "\n".join(row[0] for row in database.rows("SELECT query FROM pg_stat_activity"))
        for (view,) in database.rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'ops'::regnamespace AND relkind = 'v'"
        ):
            rows = database.rows(f"SELECT v::text FROM ops.{view} AS v")
            texts[f"ops.{view}"] = "\n".join("\t".join(row) for row in rows)
        texts["the server's log"] = database.log
        for path in (*self.out.rglob("*"), *self.kept(program)):
            if path.is_file():
                texts[str(path)] = path.read_text(errors="replace")
        sights = {
            "INSERT": "the server's log",
            "/* ClaimJobs */": "pg_stat_statements",
            f"{program.path} worker": "the process list",
        }
        for wanted, place in sights.items():
            if wanted.lower() not in texts[place].lower():
                yield f"{place} does not even have {wanted}: nothing was looked at there"

        master = (self.folder / "home" / "master.key").read_text().strip()
        sought = {"a key": [first, second, third, WRONG], "the master key": [master]}
        for place, text in texts.items():
            lower = text.lower()
            for what, ones in sought.items():
                if any(form in lower for one in ones for form in forms(one)):
                    yield f"{place} shows {what}"
        self.summary = f"{len(texts)} places, {sum(map(len, texts.values())) // 1024} KiB"

    def kept(self, program: Program) -> Iterator[pathlib.Path]:
        """What the program keeps for itself, but for the master key."""
        home = pathlib.Path(program.environment["MESHMILL_HOME"])
        yield from (path for path in home.rglob("*") if not path.name.startswith("master.key"))
