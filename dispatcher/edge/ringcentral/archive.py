"""Reads what became of texts: RingCentral's changes by a token, and its whole list."""

from datetime import datetime
from typing import Any

from dispatcher.core.codes import sentence
from dispatcher.core.errors import DispatcherError
from dispatcher.core.raw import Changes, History, Raw, SyncToken, raw
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.given import code_of, given, understood
from dispatcher.edge.ringcentral.moments import moment
from dispatcher.edge.ringcentral.sdk import Reply, Request
from dispatcher.ports import TokenRefusedError

_SYNC = "/restapi/v1.0/account/~/extension/~/message-sync"
_LIST = "/restapi/v1.0/account/~/extension/~/message-store"
_PER_PAGE = 1000  # the most that RingCentral gives
_OK = 200
_NO_SUCH_TOKEN = "MSG-333"  # noqa: S105  # a code
_UNREADABLE = "RingCentral's record can't be read."


class ArchiveUnreadableError(DispatcherError):
    """RingCentral does not show what became of texts; the text says why."""


def token_request(since: datetime) -> Request:
    """Return the request for a token, which keeps the filter: older texts are not told of."""
    query = {
        "syncType": "FSync",
        "messageType": "SMS",
        "recordCount": "1",
        "dateFrom": moment(since),
    }
    return Request("GET", _SYNC, query=query)


def changes_request(token: str) -> Request:
    """Return the request for what changed since *token* was given out."""
    return Request("GET", _SYNC, query={"syncType": "ISync", "syncToken": token})


def history_request(since: datetime, until: datetime, page: int) -> Request:
    """Return the request for a page of that time's texts, to us too, and deleted ones."""
    query = {
        "messageType": "SMS",
        "availability": ("Alive", "Deleted"),
        "dateFrom": moment(since),
        "dateTo": moment(until),
        "page": str(page),
        "perPage": str(_PER_PAGE),
    }
    return Request("GET", _LIST, query=query)


def read_token(reply: Reply | Failure) -> SyncToken:
    return understood(_body(reply), _token, ArchiveUnreadableError(_UNREADABLE))


def read_changes(reply: Reply | Failure) -> Changes:
    """Return what changed; where it can't be read the token leads no further."""
    body = _body(reply, refused=_NO_SUCH_TOKEN)
    return understood(body, _changes, TokenRefusedError(_UNREADABLE))


def read_history(reply: Reply | Failure) -> History:
    return understood(_body(reply), _history, ArchiveUnreadableError(_UNREADABLE))


def _body(reply: Reply | Failure, refused: str | None = None) -> bytes:
    """Return the body of an answer that was given; *refused* is the code of a token's end."""
    told = given(reply, "to read its record")
    if told.status == _OK:
        return told.body
    code = code_of(told)
    if code == refused:
        raise TokenRefusedError("RingCentral does not know the token any more.")
    raise ArchiveUnreadableError(
        f"RingCentral did not show what became of texts ({code}). {sentence(code)}"
    )


def _token(content: Any) -> SyncToken:  # noqa: ANN401  # what it is, reading it shows
    info = content["syncInfo"]
    token, at = info["syncToken"], datetime.fromisoformat(info["syncTime"])
    if not isinstance(token, str) or not token or at.tzinfo is None:
        raise ValueError(token)
    return SyncToken(token, at)


def _changes(content: Any) -> Changes:  # noqa: ANN401
    return Changes(_raws(content), _token(content))


def _history(content: Any) -> History:  # noqa: ANN401
    return History(_raws(content), int(content["paging"]["totalPages"]))


def _raws(content: Any) -> list[Raw]:  # noqa: ANN401
    return [raw(entry) for entry in content["records"]]
