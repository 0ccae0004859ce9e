"""Loads named queries from the `.sql` files that stand beside their callers."""

import re
from importlib.resources import files

_HEADER = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def load(file: str) -> dict[str, str]:
    """Return the queries of `dispatcher/store/`*file* by name, in the file's order."""
    text = files("dispatcher.store").joinpath(file).read_text(encoding="utf-8")
    _, *parts = _HEADER.split(text)
    return dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
