"""What became of a request to send a text: a closed sum, read from RingCentral's answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, assert_never

from dispatcher.core.codes import KNOWN, NO_CODE, PARAMETERS, Fault, Passing, sentence
from dispatcher.core.rate import (
    DEFAULT_RETRY_SECONDS,
    RateSeen,
    limit_group,
    rate_seen,
    retry_after,
)

__all__ = [
    "Accepted",
    "Ambiguous",
    "Fault",
    "NotBegun",
    "Outcome",
    "RateSeen",
    "Refused",
    "RefusedForNow",
    "Throttled",
    "Unreached",
    "classify",
    "doubtful",
    "rate_seen",
    "read_code",
    "sentence",
]


@dataclass(frozen=True)
class Accepted:
    """RingCentral took it and keeps it as *provider_id*."""

    word: ClassVar = "accepted"
    provider_id: str


@dataclass(frozen=True)
class Throttled:
    """Not sent: *group*, or the whole login if it is None, waits *retry_after* seconds."""

    word: ClassVar = "throttled"
    group: str | None
    retry_after: float


@dataclass(frozen=True)
class Refused:
    """Not sent, and the same request would be refused again."""

    word: ClassVar = "refused"
    code: str
    fault: Fault


@dataclass(frozen=True)
class RefusedForNow:
    """Not sent, and RingCentral says that it may work later."""

    word: ClassVar = "refused"
    code: str
    retry_after: float | None


@dataclass(frozen=True)
class Unreached:
    """Not sent: there was no connection to send it over."""

    word: ClassVar = "unreached"


@dataclass(frozen=True)
class NotBegun:
    """Not sent: its time was over before the first byte."""

    word: ClassVar = "unreached"


@dataclass(frozen=True)
class Ambiguous:
    """It may have been sent."""

    word: ClassVar = "ambiguous"


Outcome = Accepted | Throttled | Refused | RefusedForNow | Unreached | NotBegun | Ambiguous

_UNAUTHORIZED, _THROTTLED, _UNAVAILABLE = 401, 429, 503
# Said by what stands between, of a request that may have been passed on: not a refusal.
_TIMED_OUT = frozenset({408, 499})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Return what an answer to a request to send means.

    Whatever does not say clearly that nothing was sent is ambiguous: of two mistakes, a text
    that is held for a person is the smaller one.
    """
    content = _content(body)
    match status:
        case _ if 200 <= status < 300:  # noqa: PLR2004 - the class of a status is its first digit
            provider_id = _provider_id(content)
            return Accepted(provider_id) if provider_id else Ambiguous()
        case 429:
            return Throttled(
                limit_group(headers), retry_after(headers) or DEFAULT_RETRY_SECONDS
            )
        case 503:
            return _unavailable(content, headers)
        case _ if 400 <= status < 500 and status not in _TIMED_OUT:  # noqa: PLR2004 - as above
            return _refused(status, content, headers)
        case _:
            return Ambiguous()


def doubtful(outcome: Outcome) -> bool:
    """Tell whether a few of these in a row, whatever the rows, must stop the login.

    One unknown code fails one row: were the row sent back, it would come again for ever. But
    RingCentral may invent a code for what is wrong with us, and then each row of a campaign
    would fail by it.
    """
    match outcome:
        case Ambiguous() | Refused(fault=Fault.BUG):
            return True
        case _:
            return False


def read_code(body: bytes) -> str | None:
    """Return the precise code of a refusal, or None if the body has none that can be shown."""
    return _code(_content(body))


def _throttled(headers: Mapping[str, str]) -> Throttled:
    return Throttled(limit_group(headers), retry_after(headers) or DEFAULT_RETRY_SECONDS)


def _unavailable(content: object, headers: Mapping[str, str]) -> Outcome:
    code = _code(content)
    known = KNOWN.get(code or "")
    if known and known.means is Passing.FOR_NOW:
        return RefusedForNow(known.code, retry_after(headers))
    return Ambiguous()


def _refused(status: int, content: object, headers: Mapping[str, str]) -> Outcome:
    code = _code(content)
    if code is None:
        # Not RingCentral's own words: a proxy, or the wrong server. The row has done nothing.
        return Refused(f"{NO_CODE}{status}", Fault.LOGIN)
    if status == _UNAUTHORIZED:
        return Refused(code, Fault.LOGIN)
    means = KNOWN[code].means if code in KNOWN else Fault.BUG
    match means:
        case Fault():
            return Refused(code, _whose(content, code, means))
        case Passing.FOR_NOW:
            return RefusedForNow(code, retry_after(headers))
        case Passing.THROTTLED:
            return Throttled(
                limit_group(headers), retry_after(headers) or DEFAULT_RETRY_SECONDS
            )
        case Passing.UNCLEAR:
            return Ambiguous()
        case _:
            assert_never(means)


def _whose(content: object, code: str, fault: Fault) -> Fault:
    """CMN-101 is said of any value: the parameter that it names tells of which."""
    if code != "CMN-101":
        return fault
    name = _error(content).get("parameterName") or _object(content).get("parameterName")
    part = re.split(r"[^a-z]", name, maxsplit=1)[0] if isinstance(name, str) else ""
    return PARAMETERS.get(part, fault)


def _content(body: bytes) -> object:
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content


def _provider_id(content: object) -> str | None:
    given = _object(content).get("id")
    if isinstance(given, bool) or not isinstance(given, int | str):
        return None
    return str(given) if _ID.fullmatch(str(given)) else None


def _code(content: object) -> str | None:
    for entry in (_error(content), _object(content)):
        code = entry.get("errorCode")
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
    return None


def _error(content: object) -> dict[str, object]:
    errors = _object(content).get("errors")
    return _object(errors[0]) if isinstance(errors, list) and errors else {}


def _object(content: object) -> dict[str, object]:
    return content if isinstance(content, dict) else {}
