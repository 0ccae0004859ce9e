"""Lays the sources over each other and judges what comes out, all faults at once."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from dispatcher.config import sources
from dispatcher.config.kinds import Group, variable, words
from dispatcher.config.pacing import Pacing, Rule, RulesBrokenError
from dispatcher.config.settings import SETTINGS, Config, Database
from dispatcher.config.sources import Found, Origin
from dispatcher.core.errors import DispatcherError

G = TypeVar("G", bound=Group)

NO_DATABASE = (
    "No database is named: set DATABASE_URL or DATABASE_URL_FILE, give the credential "
    "database_url, put database_url into the file that --config names, or give --database-url "
    "(postgresql://user:password@host:5432/name)"
)


class ConfigError(DispatcherError):
    """The configuration is refused; *faults* are all that is wrong, a sentence each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(f"{each}." if each[-1] not in ".?" else each for each in faults)
        head = [f"The configuration has {len(self.faults)} faults:"] * (len(self.faults) > 1)
        super().__init__("\n".join([*head, *self.faults]))


@dataclass(frozen=True)
class Effective:
    """A configuration, and for each setting where it came from."""

    config: Config
    origins: Mapping[str, Origin]


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration, or raise ConfigError with everything that is wrong."""
    return effective(path, environ).config


def effective(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Effective:
    """As load(), with the origins."""
    found = Found()
    extra = _ask(found, SETTINGS, path, environ)
    found.faults += sources.unknown_variables(environ) + sources.unknown_keys(extra)
    config = judged(Config, found)
    origins = {name: found.origins.get(name, Origin.DEFAULT) for name in SETTINGS}
    return Effective(config, origins)


def database_url(
    given: str | None = None,
    path: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> str:
    """Return the database's address for a command that needs no other setting.

    *given* stands on the command line and goes before every other source.
    """
    found = database_found(given, path, environ, Database.model_fields)
    return judged(Database, found).database_url.get_secret_value()


def database_found(
    given: str | None, path: Path | None, environ: Mapping[str, str], names: Iterable[str]
) -> Found:
    """Return what the sources say of *names*, of which the database's address must be one."""
    found = Found()
    if given is not None:
        found.add("database_url", given.strip(), Origin.COMMAND_LINE)
    if asked := [name for name in names if name not in found.values]:
        _ask(found, asked, path, environ)
    if "database_url" not in found.values and not found.faults:
        raise ConfigError([NO_DATABASE])
    return found


def asked(names: Iterable[str], path: Path | None, environ: Mapping[str, str]) -> Found:
    """Return what the sources say of *names*."""
    found = Found()
    _ask(found, names, path, environ)
    return found


def _ask(
    found: Found, names: Iterable[str], path: Path | None, environ: Mapping[str, str]
) -> list[str]:
    sources.from_environment(found, names, environ)
    sources.from_credentials(found, names, environ)
    return sources.from_file(found, names, path) if path else []


def judged(group: type[G], found: Found) -> G:
    """Return the settings of *group*, or raise ConfigError with everything that is wrong."""
    config, wrong, broken = _validate(group, found.values)
    if wrong and issubclass(group, Pacing):
        # Rules wait until every field is right: judge those that the wrong ones leave alone.
        sound = {n: found.values[n] for n in Pacing.model_fields if n in found.values}
        _, _, broken = _validate(Pacing, {n: v for n, v in sound.items() if n not in wrong})
    unsure = wrong | found.unknowable
    faults = [
        *found.faults,
        *(_fault(name, found) for name in SETTINGS if name in wrong - found.unknowable),
        *(fault for rule, fault in broken.items() if unsure.isdisjoint(rule.settings)),
    ]
    if config is None or faults:
        raise ConfigError(faults)
    return config


def _validate(
    group: type[G], values: Mapping[str, object]
) -> tuple[G | None, set[str], dict[Rule, str]]:
    """Return the settings, else the names of those that are wrong and the rules they break."""
    wrong: set[str] = set()
    broken: dict[Rule, str] = {}
    try:
        return group(**values), wrong, broken
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            match each:
                case {"type": "default_factory_not_called"}:
                    pass  # what the default is made of is wrong, and named itself
                case {"loc": (str() as name, *_)}:
                    wrong.add(name)
                case {"ctx": {"error": RulesBrokenError() as rules}}:
                    broken = rules.faults
                case _:
                    raise  # pydantic knows no other place for an error
    return None, wrong, broken


def _fault(name: str, found: Found) -> str:
    match found.origins.get(name):
        case None:
            return f"{variable(name)} is missing: {_ways(name)}"
        case Origin.COMMAND_LINE:
            label = f"--{name.replace('_', '-')}"
        case Origin.FILE:
            label = f"{variable(name)} ({name} in {sources.TOML})"
        case Origin.CREDENTIALS:
            label = f"{variable(name)} (from a file)"
        case _:
            label = variable(name)
    return f"{label} must be {words(SETTINGS[name])}"


def _ways(name: str) -> str:
    return (
        f"set {variable(name)} or {variable(name)}_FILE, give the credential {name}, "
        f"or put {name} into {sources.TOML}"
    )
