"""The kinds of values that settings have, each with the words that say what it must be."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Annotated, Literal, get_args, get_origin
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le
from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from dispatcher.config import addresses

PREFIX = "SMS_DISPATCHER_"
UNPREFIXED = ("database_url", "ringcentral_")

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?", re.ASCII)
_SECRET = re.compile(r"[!-~]{1,16384}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_REGIONS = re.compile(r"[A-Z]{2}(,[A-Z]{2})*")


class Group(BaseSettings):
    """Settings that belong together; its docstring heads them in docs/configuration.md."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,  # what pydantic does not get, it prints: secrets too
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what load() found and nothing else: it knows where each value came from."""
        return (init_settings,)


@dataclass(frozen=True)
class Kind:
    """What a value must be, in words that follow "must be", and whether a file may hold it."""

    words: str
    by_file: bool = False


def variable(name: str) -> str:
    """Return the environment's name of the setting *name*."""
    return name.upper() if name.startswith(UNPREFIXED) else PREFIX + name.upper()


def by_file(field: FieldInfo) -> bool:
    """Say whether credentials and <NAME>_FILE are asked for *field*."""
    return any(isinstance(each, Kind) and each.by_file for each in field.metadata)


def words(field: FieldInfo) -> str:
    """Return what *field* must be: kind and bounds, to follow "must be"."""
    for each in field.metadata:
        if isinstance(each, Kind):
            return each.words
    if get_origin(field.annotation) is Literal:
        *others, last = get_args(field.annotation)
        return f"{', '.join(others)} or {last}"
    if field.annotation is bool:
        return "true or false"
    return _noun(field.annotation) + _bounds(field)


def _noun(annotation: object) -> str:
    if annotation is Decimal:
        return "a number with at most 4 decimals,"
    return "a whole number" if annotation is int else "a number"


def _bounds(field: FieldInfo) -> str:
    low = next(each.ge for each in field.metadata if isinstance(each, Ge))
    high = next(each.le for each in field.metadata if isinstance(each, Le))
    return f" of at least {low} and at most {high}"


def _plain(value: object) -> object:
    # pydantic takes True for 1, 1_000 for 1000 and other scripts' digits.
    number = str(value).strip()
    if isinstance(value, bool) or not _NUMBER.fullmatch(number):
        raise ValueError
    return number if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _regions(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else str(value).split(",")
    regions = [str(item).strip().upper() for item in items]
    if not _REGIONS.fullmatch(",".join(regions)):
        raise ValueError
    return tuple(dict.fromkeys(regions))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, OSError, ValueError):  # no such zone, a folder, a path
        raise ValueError from None
    return name


def _server(url: str) -> str:
    if not addresses.is_server(url):
        raise ValueError
    return url.rstrip("/")


def _database(url: SecretStr) -> SecretStr:
    if not addresses.is_postgresql(url.get_secret_value()):
        raise ValueError
    return url


def matching(pattern: re.Pattern[str], value: str | SecretStr) -> str | SecretStr:
    """Return *value* if *pattern* fits all of it."""
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not pattern.fullmatch(plain):
        raise ValueError
    return value


Whole = Annotated[int, BeforeValidator(_plain)]
Number = Annotated[float, BeforeValidator(_plain)]
Cents = Annotated[Decimal, BeforeValidator(_plain)]
Lower = BeforeValidator(_lower)
Secret = Annotated[
    SecretStr,
    AfterValidator(partial(matching, _SECRET)),
    Kind("one word of printable ASCII characters", by_file=True),
]
ClientId = Annotated[
    str,
    AfterValidator(partial(matching, _SECRET)),
    Kind("one word of printable ASCII characters", by_file=True),
]
DatabaseUrl = Annotated[
    SecretStr,
    AfterValidator(_database),
    Kind(
        "an address like postgresql://user:password@host:5432/name (several hosts with "
        "commas, each with its port; @ / ? # and spaces in a password percent-encoded)",
        by_file=True,
    ),
]
ServerUrl = Annotated[
    str,
    AfterValidator(_server),
    Kind("an https address without a path (http only for this machine itself)"),
]
Regions = Annotated[
    tuple[str, ...],
    BeforeValidator(_regions),
    Kind("two-letter region codes with commas, like US,CA"),
]
Zone = Annotated[str, AfterValidator(_zone), Kind("an IANA time zone like America/New_York")]
Host = Annotated[
    str, AfterValidator(partial(matching, _HOST)), Kind("an IP address or a host name")
]
Name = Annotated[
    str,
    AfterValidator(partial(matching, _NAME)),
    Kind("at most 64 letters, digits, dots, dashes or underscores"),
]
