"""Loads named queries from the `.sql` files that stand beside their callers."""

import re
from importlib.resources import files

_HEADER = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_NAMES: dict[str, str] = {}


def load(file: str) -> dict[str, str]:
    """Return the queries of `dispatcher/store/`*file* by name, in the file's order."""
    text = files("dispatcher.store").joinpath(file).read_text(encoding="utf-8")
    _, *parts = _HEADER.split(text)
    queries = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
    subject = file.removesuffix(".sql")
    _NAMES.update((query, f"{subject}.{name}") for name, query in queries.items())
    return queries


def name(query: str) -> str | None:
    """Return `subject.name` of a loaded *query*, None of any other."""
    return _NAMES.get(query)
