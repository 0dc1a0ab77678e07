"""A file system that can be filled."""

import os
import pathlib
import shutil
import subprocess

NAME = "disk"


def small_disk(folder: pathlib.Path) -> tuple[pathlib.Path | None, list[str]]:
    """Mounts one in a folder, and returns where; or None, and what to say of that."""
    disk = folder / NAME
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2g,mode=0755", "meshmill-chaos", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        return None, ["not done: a full disk, which takes the right to mount a file system"]
    return disk, []


def keep(folder: pathlib.Path) -> str:
    """Says where everything is that is kept, and what of it is in memory only."""
    text = f"output and files are in {folder}"
    if os.path.ismount(folder / NAME):
        text += f"; the meshes are in memory, until `umount {folder / NAME}`"
    return text


def remove(folder: pathlib.Path) -> None:
    """Removes a folder, and the small disk in it if there is one."""
    if os.path.ismount(folder / NAME):
        subprocess.run(["umount", "--lazy", folder / NAME], check=True)
    shutil.rmtree(folder)
