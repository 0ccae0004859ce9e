"""Where settings come from: the environment, files of secrets, one TOML file.

No sentence here repeats a value, nor a path that a variable holds: it may be a secret that
was put into the wrong place.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from dispatcher.config.kinds import PREFIX, by_file, variable
from dispatcher.config.settings import SETTINGS

LARGEST_FILE = 65_536

TOML = "the TOML file"

_LINE = re.compile(r"at line (\d+)")
_ORDINARY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class Origin(StrEnum):
    """Where a value came from; an earlier one goes before a later one."""

    COMMAND_LINE = "command line"
    ENVIRONMENT = "environment"
    CREDENTIALS = "credentials"
    FILE = "file"
    DEFAULT = "default"


@dataclass
class Found:
    """What the sources gave, and what was wrong with them."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unknowable: set[str] = field(default_factory=set)  # their fault is named already

    def add(self, name: str, value: object, origin: Origin) -> None:
        """Take *value*, unless an earlier source gave one."""
        if name not in self.values:
            self.values[name], self.origins[name] = value, origin

    def refuse(self, names: Iterable[str], fault: str) -> None:
        self.faults.append(fault)
        self.unknowable.update(names)


class UnreadableError(Exception):
    """A file gives no text; the message follows the file's name."""


def read_text(path: str | Path) -> str:
    """Return what the file holds, or raise UnreadableError."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # a path from outside may hold anything
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise UnreadableError("does not exist") from None
    except IsADirectoryError:
        raise UnreadableError("is a directory, not a file") from None
    except PermissionError:
        raise UnreadableError("may not be read by this user") from None
    except (OSError, ValueError):  # ValueError: no file can have such a name
        raise UnreadableError("cannot be read") from None
    if len(content) > LARGEST_FILE:
        raise UnreadableError(f"is larger than {LARGEST_FILE} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("is not text in UTF-8") from None


def from_environment(found: Found, names: Iterable[str], environ: Mapping[str, str]) -> None:
    """Take variables; an empty one counts as not set."""
    for name in names:
        if value := environ.get(variable(name), "").strip():
            found.add(name, value, Origin.ENVIRONMENT)


def from_credentials(found: Found, names: Iterable[str], environ: Mapping[str, str]) -> None:
    """Take secrets from $CREDENTIALS_DIRECTORY/<name> and from the file named <NAME>_FILE."""
    for name in names:
        if by_file(SETTINGS[name]):
            _one_credential(found, name, environ)


def _one_credential(found: Found, name: str, environ: Mapping[str, str]) -> None:
    texts: dict[str, str] = {}
    named = f"{variable(name)}_FILE"
    folder, path = environ.get("CREDENTIALS_DIRECTORY", ""), environ.get(named, "")
    try:
        if path:
            label = f"The file that {named} names"
            texts[named] = read_text(path).strip()
        if folder and Path(folder, name).exists():
            label = f"The credential {name}"
            texts[f"the credential {name}"] = read_text(Path(folder, name)).strip()
    except UnreadableError as error:
        found.refuse([name], f"{label} {error}")
        return
    except (OSError, ValueError):
        found.refuse([name], f"The credential {name} cannot be read")
        return
    direct = [variable(name)] if found.origins.get(name) is Origin.ENVIRONMENT else []
    if len(given := [*direct, *texts]) > 1:
        found.refuse(
            [name], f"{variable(name)} is given more than once: keep one of {_listed(given)}"
        )
    for text in texts.values():
        found.add(name, text, Origin.CREDENTIALS)


def from_file(found: Found, names: Iterable[str], path: Path) -> list[str]:
    """Take keys of the TOML file; return those that it has beside *names*."""
    names = list(names)
    try:
        table = _parsed(read_text(path))
    except UnreadableError as error:
        # What it would have given nobody knows: nothing is called missing for that.
        missing = [name for name in names if name not in found.values]
        found.refuse(missing, f"The file that --config names {error}")
        return []
    for name in names:
        if name in table:
            value = table[name]
            found.add(name, value.strip() if isinstance(value, str) else value, Origin.FILE)
    return [key for key in table if key not in names]


def _parsed(text: str) -> dict[str, Any]:
    try:
        # As text: a price must not become a binary fraction on its way.
        return tomllib.loads(text, parse_float=lambda number: number.replace("_", ""))
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))  # the rest of what it says may quote the file
        where = f"in line {line[1]}" if line else "at its end"
        raise UnreadableError(f"is not TOML: look {where}") from None
    except (ValueError, RecursionError):  # numbers or nesting without end
        raise UnreadableError("is not TOML that can be read") from None


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a sentence for each variable with our prefix that is none of ours."""
    files = {f"{variable(name)}_FILE" for name in SETTINGS if by_file(SETTINGS[name])}
    known = {*map(variable, SETTINGS), *files}
    ours = [name for name in environ if name.upper().startswith(PREFIX)]
    what = "a variable of the environment"
    return [_unknown(name, variable, what) for name in ours if name not in known]


def unknown_keys(keys: Iterable[str]) -> list[str]:
    """Return a sentence for each key of the TOML file that is none of ours."""
    return [_unknown(key, str, f"a key of {TOML}") for key in keys]


def _unknown(name: str, spelled: Callable[[str], str], what: str) -> str:
    if not _ORDINARY.fullmatch(name):
        return f"The name of {what} is none of a setting"
    bare = name.upper().removeprefix(PREFIX).lower()
    close = difflib.get_close_matches(bare, SETTINGS, n=1)
    meant = f"; did you mean {spelled(close[0])}?" if close else ""
    return f"{name}, {what}, is no setting{meant}"


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
