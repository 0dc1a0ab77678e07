"""The Swift tests that there are."""

import pathlib
import re

TEST = re.compile(r'@Test\b(?:\(\s*(?:"((?:[^"\\]|\\.)*)")?.*?\))?\s*(?:@\w+\s*)*func (\w+)\(', re.DOTALL)
SUITE = re.compile(r"^(?:@Suite[^\n]*\s)?(?:final )?(?:struct|class|actor|extension) (\w+)", re.MULTILINE)


def titles(root: pathlib.Path) -> dict[str, str]:
    """What each test is called, by Suite/function."""
    found = {}
    for path in sorted((root / "Tests").rglob("*.swift")):
        text = path.read_text()
        suites = [(match.start(), match.group(1)) for match in SUITE.finditer(text)]
        for match in TEST.finditer(text):
            suite = [name for start, name in suites if start < match.end()]
            if suite:
                found[f"{suite[-1]}/{match.group(2)}"] = match.group(1) or match.group(2)
    return found
