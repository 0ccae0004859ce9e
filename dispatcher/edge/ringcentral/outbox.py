"""Reads RingCentral's own record of what left."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatcher.core import texthash
from dispatcher.core.codes import sentence
from dispatcher.core.errors import DispatcherError
from dispatcher.core.reconcile import Record
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.given import code_of, given, understood
from dispatcher.edge.ringcentral.moments import moment
from dispatcher.edge.ringcentral.sdk import Reply, Request
from dispatcher.ports import Page

_PATH = "/restapi/v1.0/account/~/extension/~/message-store"
_PER_PAGE = 1000  # the most that RingCentral gives
_OK = 200


class OutboxUnreadableError(DispatcherError):
    """RingCentral did not give its record; the text says why."""


def outbound(since: datetime, until: datetime, page: int) -> Request:
    """Return the request for a page of that time's texts, also of those deleted in the app."""
    query = {
        "messageType": "SMS",
        "direction": "Outbound",
        "availability": ("Alive", "Deleted"),
        "dateFrom": moment(since),
        "dateTo": moment(until),
        "page": str(page),
        "perPage": str(_PER_PAGE),
    }
    return Request("GET", _PATH, query=query)


def read_outbound(reply: Reply | Failure) -> Page:
    """Return what the page holds; a record that can't be read makes the page unreadable."""
    told = given(reply, "to read its record")
    if told.status != _OK:
        code = code_of(told)
        raise OutboxUnreadableError(
            f"RingCentral did not show its record ({code}). {sentence(code)}"
        )
    wrong = OutboxUnreadableError("RingCentral's record can't be read.")
    return understood(told.body, _page, wrong)


def _page(content: Any) -> Page:  # noqa: ANN401  # what it is, reading it shows
    records = [r for entry in content["records"] for r in _records(entry)]
    return Page(records, int(content["paging"]["totalPages"]))


def _records(entry: Mapping[str, Any]) -> list[Record]:
    """Return a record for each recipient: a group's text has several."""
    created = datetime.fromisoformat(entry["creationTime"])
    return [
        Record(
            str(entry["id"]),
            _spelled(entry["from"]["phoneNumber"]),
            _spelled(to["phoneNumber"]),
            texthash.of(entry.get("subject") or ""),
            created,
        )
        for to in entry["to"]
        if "phoneNumber" in to
    ]


def _spelled(number: str) -> str:
    """Return *number* in E.164: RingCentral may format it, or leave out the +1."""
    digits = "".join(filter(str.isdigit, number))
    if number.startswith("+"):
        return f"+{digits}"
    return f"+{digits}" if len(digits) == 11 else f"+1{digits}"  # noqa: PLR2004  # with its 1
