"""Writes files of the time zone database (TZif, RFC 9636), for zones that no map has."""

import struct
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

Changes = Sequence[tuple[datetime, timedelta]]
"""From when on a zone is so far ahead of UTC."""


def written(changes: Changes, before: timedelta) -> bytes:
    """Return the file of a zone that is *before* ahead of UTC until the first of *changes*."""
    offsets = sorted({before, *(offset for _, offset in changes)} - {before})
    kinds = [before, *offsets]  # the first kind is what held before all changes
    names = b"".join(b"%02d\0" % n for n in range(len(kinds)))
    body = b"".join(
        (
            *(struct.pack(">q", round(at.timestamp())) for at, _ in changes),
            bytes(kinds.index(offset) for _, offset in changes),
            *(struct.pack(">lbB", offset // timedelta(seconds=1), 0, 3 * n)
              for n, offset in enumerate(kinds)),
            names,
        )
    )  # fmt: skip
    # Readers of version 2 pass over the first block, which has times of 32 bits.
    first = _head(0, 1, 1) + struct.pack(">lbB", 0, 0, 0) + b"\0"
    return first + _head(len(changes), len(kinds), len(names)) + body + b"\n\n"


def _head(times: int, kinds: int, letters: int) -> bytes:
    return struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, times, kinds, letters)


def write(folder: Path, name: str, changes: Changes, before: timedelta) -> None:
    """Put a zone into *folder*, where PYTHONTZPATH finds it under its *name*."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(changes, before))
