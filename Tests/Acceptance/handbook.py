"""Every command of the operator's and the admin's page, run as it stands there."""

import pathlib
import re
import shlex
from collections.abc import Iterator

from database import Database
from pictures import write_pictures
from program import CommandFailed, Program
from provider import Provider
from scenarios import WINDOW, Scenario

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def commands(page: str) -> Iterator[str]:
    """The commands and queries of a page, in its order: indented lines, and statements in fences of SQL."""
    fence: str | None = None
    for line in page.splitlines():
        if line.startswith("```"):
            fence = line[3:] if fence is None else None
        elif fence == "sql" and line.strip():
            yield line.strip()
        elif fence is None and line.startswith("    meshmill "):
            yield line.strip()


class DocsHold(Scenario):
    """An installation as the pages take it for granted: keys red and blue of org studio, tenant shop, batch 1."""

    name = "docs-hold"
    title = "every command of docs/operator.md and docs/admin.md"

    def run(self) -> list[str]:
        write_pictures(self.pictures, 12)
        findings: list[str] = []
        count = 0
        # One that is not durable is what the doctor would find.
        with Database(self.folder / "database", durable=True) as database:
            program = Program(self.path, self.folder, {"DATABASE_URL": database.url})
            program.run("migrate")
            with Provider(program, 2, 5, WINDOW, self.seed, "--monthly-limit", "100") as provider:
                program.environment["AMARA_API_URL"] = provider.url
                self.furnish(program)
                for page in ("operator.md", "admin.md"):
                    for command in commands((DOCS / page).read_text()):
                        count += 1
                        try:
                            self.execute(command, program, database)
                        except (CommandFailed, RuntimeError) as failure:
                            findings.append(f"{page}: {command}: {failure}")
        self.summary = f"{count} commands"
        return findings

    def furnish(self, program: Program) -> None:
        file = self.folder / "keys.csv"
        text = file.read_text()
        for old, new in ((",sim-1,", ",red,"), (",sim-2,", ",blue,"), (",org-1,", ",studio,")):
            text = text.replace(old, new)
        file.write_text(text)
        program.run("keys", "import", file)
        program.run("tenants", "add", "shop")
        program.run("run", self.pictures, "--out", self.out, "--limit", "4", "--yes")
        program.run("submit", self.pictures, "--out", self.out)
        program.run("submit", self.pictures, "--out", self.folder / "more", "--tenant", "shop")

    def execute(self, command: str, program: Program, database: Database) -> None:
        if not command.startswith("meshmill "):
            database.rows(command)
            return
        # The page's entry is one that can be undone; which one that is, only the log can tell.
        entries = database.rows("SELECT max(audit_id) FROM ops.audit_log WHERE what = 'move_quota'")
        command = re.sub(r"^meshmill undo 1\b", f"meshmill undo {entries[0][0]}", command)
        program.run(*shlex.split(command)[1:])
