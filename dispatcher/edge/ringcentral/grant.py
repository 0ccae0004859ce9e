"""What RingCentral's answer to a login comes to."""

import json
import re
from dataclasses import dataclass, field

from dispatcher.core.rate import DEFAULT_RETRY_SECONDS, retry_after
from dispatcher.edge.ringcentral.given import code_of
from dispatcher.edge.ringcentral.sdk import Reply

_PAUSE_UNREACHED, _PAUSE_REFUSED = 10.0, 60.0
_SHORT_LIFE = 600.0  # the least that RingCentral gives, where it does not say

# Anything else would not be a header, and requests would quote it in an exception.
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_OK, _THROTTLED = 200, 429
_REFUSALS = frozenset({400, 401, 403, 404})


@dataclass(frozen=True)
class Granted:
    """A token, and for how many seconds it is good from when it was asked for."""

    token: str = field(repr=False)
    life: float


@dataclass(frozen=True)
class Denied:
    """No token, and nobody need try again for *seconds*. A *code*: somebody has to mend it."""

    sentence: str
    seconds: float
    code: str | None = None


def read(reply: Reply | None) -> Granted | Denied:
    """Return what *reply* means; None is one that did not come."""
    if reply is None:
        return Denied("RingCentral could not be reached to log in.", _PAUSE_UNREACHED)
    return _granted(reply) or _denied(reply)


def _granted(reply: Reply) -> Granted | None:
    try:
        given = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    value = given.get("access_token") if isinstance(given, dict) else None
    if reply.status != _OK or not isinstance(value, str) or not _TOKEN.fullmatch(value):
        return None
    life = given.get("expires_in")
    known = isinstance(life, int) and not isinstance(life, bool) and life > 0
    return Granted(value, float(life) if known else _SHORT_LIFE)


def _denied(reply: Reply) -> Denied:
    if reply.status in _REFUSALS:
        code = code_of(reply)
        return Denied("RingCentral refused the login.", _PAUSE_REFUSED, code)
    wait = retry_after(reply.headers)
    if reply.status == _THROTTLED:
        sentence = "RingCentral asks us to log in less often."
        return Denied(sentence, wait or DEFAULT_RETRY_SECONDS)
    sentence = f"RingCentral answered the login with {reply.status} and no token."
    return Denied(sentence, wait or _PAUSE_UNREACHED)
