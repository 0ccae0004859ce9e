"""Reads answers, whatever was asked: there may be none, or it may be of another shape."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from dispatcher.core.codes import NO_CODE
from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import read_code
from dispatcher.core.rate import DEFAULT_RETRY_SECONDS, limit_group, retry_after
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.sdk import Reply
from dispatcher.ports import LimitedError, LoginUnreachableError

_THROTTLED = 429

_UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)

R = TypeVar("R")


def given(reply: Reply | Failure, purpose: str) -> Reply:
    """Return an answer of any status but 429, which raises LimitedError.

    LoginUnreachableError says that none came, and for which *purpose* it was wanted.
    """
    if not isinstance(reply, Reply):
        raise LoginUnreachableError(f"RingCentral could not be reached {purpose}.")
    if reply.status == _THROTTLED:
        seconds = retry_after(reply.headers) or DEFAULT_RETRY_SECONDS
        raise LimitedError(limit_group(reply.headers), seconds)
    return reply


def code_of(reply: Reply) -> str:
    """Return RingCentral's code of a refusal, else its status."""
    return read_code(reply.body) or f"{NO_CODE}{reply.status}"


def understood(body: bytes, read: Callable[[Any], R], wrong: DispatcherError) -> R:
    """Return what *read* makes of the JSON of *body*; raise *wrong* if it can't.

    Outside the exception that says why: that one may quote what is private.
    """
    with suppress(*_UNREADABLE):
        return read(json.loads(body))
    raise wrong
