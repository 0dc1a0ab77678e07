"""Which code a verdict belongs to."""

import pathlib
import subprocess


def revision(root: pathlib.Path) -> str | None:
    """The commit of a tree, and whether anything in it differs but documents; None where git cannot tell.

    For example `fab45b4` or `fab45b4 with changes`.
    """
    try:
        commit = git(root, "rev-parse", "--short", "HEAD")
        changes = git(root, "status", "--porcelain", "--", ".", ":!docs", ":!*.md")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit} with changes" if changes else commit


def git(root: pathlib.Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()
