"""One protection that is taken away, and how."""

import ast
import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_name("protections.toml")
TABLE_KEY = re.compile(r'(?<=[{,] )(before|after) = (?=")')


class Stale(Exception):
    """The list says something of the code that is not so any more."""


@dataclasses.dataclass(frozen=True)
class Mutant:
    """What holds, what is taken away, and which tests must notice."""

    protection: str
    removed: str
    tests: tuple[str, ...]
    """Suite/function."""
    file: str = ""
    edits: tuple[tuple[str, str], ...] = ()
    """Texts that are in the file once, and what stands there instead."""
    sql: str = ""

    @property
    def is_built(self) -> bool:
        """Whether it lies in the program and not in the schema."""
        return self.file.startswith("Sources/")

    def source(self, root: pathlib.Path = ROOT) -> str:
        """The file without the protection."""
        text = (root / self.file).read_text()
        for before, after in self.edits:
            if text.count(before) != 1:
                raise Stale(f"{self.file} has {text.count(before)} times, and not once: {before!r}")
            text = text.replace(before, after)
        return text

    def alteration(self) -> str:
        """SQL that takes the protection out of a schema that was just made."""
        changed = [self.sql.rstrip(";") + ";"] if self.sql else []
        if self.file:
            whole = {definition for definition in definitions((ROOT / self.file).read_text())}
            changed += [
                definition.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
                for definition in definitions(self.source())
                if definition not in whole
            ]
        return "\n".join(changed)


def definitions(sql: str) -> list[str]:
    """The functions of a file of routines, each up to its comment."""
    parts = ("\n" + sql).split("\nCREATE FUNCTION ")[1:]
    return ["CREATE FUNCTION " + part.split("\nCOMMENT ON ")[0] for part in parts]


def load() -> list[Mutant]:
    """The list, in its order."""
    return [
        Mutant(
            **{key: value for key, value in found.items() if key not in ("tests", "edits")},
            tests=tuple(found["tests"]),
            edits=tuple((edit["before"], edit["after"]) for edit in found.get("edits", [])),
        )
        for found in entries(LIST.read_text())
    ]


def entries(text: str) -> list[dict]:
    """What the list says, as far as it uses TOML: strings of one line, and arrays and tables of them.

    Python itself reads TOML from 3.11 on, and this must run on 3.10.
    """
    return [entry(part) for part in text.split("\n[[mutant]]\n")[1:]]


def entry(text: str) -> dict:
    _, *words = re.split(r"^(\w+) = ", text, flags=re.MULTILINE)
    # With its keys in quotation marks each value is one of Python's, too.
    return {key: ast.literal_eval(TABLE_KEY.sub(r'"\1": ', value)) for key, value in zip(words[::2], words[1::2])}
