"""A verdict must say which code it is about, or nothing."""

import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

from revision import git, revision


class RevisionTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def commit(self) -> None:
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
            git(self.root, "-c", "user.name=ada", "-c", "user.email=ada@example.org", *arguments)

    def test_names_the_commit_and_says_whether_it_was_changed(self):
        (self.root / "file").write_text("one")
        self.commit()
        code = revision(self.root)
        self.assertRegex(code, r"^[0-9a-f]{7,}$")
        (self.root / "docs").mkdir()
        (self.root / "docs" / "reliability.md").write_text("a verdict")
        self.assertEqual(revision(self.root), code)
        (self.root / "file").write_text("two")
        self.assertEqual(revision(self.root), f"{code} with changes")

    def test_says_nothing_where_git_cannot_tell(self):
        self.assertIsNone(revision(self.root))
        with mock.patch("subprocess.run", side_effect=FileNotFoundError):
            self.assertIsNone(revision(self.root))
        with mock.patch("subprocess.run", side_effect=subprocess.CalledProcessError(128, "git")):
            self.assertIsNone(revision(self.root))


if __name__ == "__main__":
    unittest.main()
