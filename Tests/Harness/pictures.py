"""Tiny pictures, each unlike every other."""

import pathlib
import struct
import zlib

SIDE = 64
BLOCKS = 8


def write_pictures(folder: pathlib.Path, count: int, first: int = 0) -> None:
    """Writes `count` PNGs, in folders of a hundred; pictures of other numbers are other pictures."""
    for number in range(first, first + count):
        path = folder / f"{number // 100:02}" / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number))


def picture(number: int) -> bytes:
    """A PNG that shows the bits of `number` as light and dark blocks, so that no re-encoding can make two alike."""
    rows = b"".join(b"\0" + row(number, y * BLOCKS // SIDE) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def row(number: int, block_row: int) -> bytes:
    bits = [number >> (block_row * BLOCKS + column) & 1 for column in range(BLOCKS)]
    return b"".join((b"\xf0\xe8\xd0" if bit else b"\x20\x40\x60") * (SIDE // BLOCKS) for bit in bits)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
