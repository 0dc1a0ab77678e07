"""Parts of the documents that commands write."""

import pathlib


def table(head: list[str], rows: list[list[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def write(path: pathlib.Path, text: str, begin: str, end: str, what: str) -> None:
    """Puts text between two marks in a document, in place of what was there; `what` it is, for whoever removed them."""
    document = path.read_text()
    if document.count(begin) != 1 or document.count(end) != 1 or document.index(begin) > document.index(end):
        raise ValueError(f"{path} has no place for {what}: one line {begin!r} and after it one {end!r}")
    before, rest = document.split(begin)
    path.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.split(end)[1]}")
