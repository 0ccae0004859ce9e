"""Reads RingCentral's own list of who opted out of which number of ours."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dispatcher.core.codes import sentence
from dispatcher.core.consents import ConsentPage
from dispatcher.core.errors import DispatcherError
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.given import code_of, given, understood
from dispatcher.edge.ringcentral.sdk import Reply, Request

_PATH = "/restapi/v2/accounts/~/sms/consents/search"
_PER_PAGE = 1000  # the most that RingCentral gives
_OK = 200
_OPT_OUT = "OptOut"
_NUMBER = re.compile(r"[+0-9 ().-]{7,30}")


class ConsentsUnreadableError(DispatcherError):
    """RingCentral did not give its list; the text says why."""


def consents_request(senders: Sequence[str], page: str | None) -> Request:
    body: dict[str, object] = {
        "from": list(senders),
        "optStatus": _OPT_OUT,
        "perPage": _PER_PAGE,
    }
    return Request("POST", _PATH, body=body | ({"pageToken": page} if page else {}))


def read_consents(reply: Reply | Failure) -> ConsentPage:
    """Return what the page holds; a record that can't be read makes the page unreadable."""
    told = given(reply, "to list opt-outs")
    if told.status != _OK:
        code = code_of(told)
        raise ConsentsUnreadableError(
            f"RingCentral did not list opt-outs ({code}). {sentence(code)}"
        )
    wrong = ConsentsUnreadableError("RingCentral's list of opt-outs can't be read.")
    return understood(told.body, _page, wrong)


def _page(content: Any) -> ConsentPage:  # noqa: ANN401  # what it is, reading it shows
    found = [_consent(r) for r in content["records"] if _opted_out(r)]
    return ConsentPage(found, (content.get("paging") or {}).get("nextPageToken"))


def _opted_out(record: Mapping[str, Any]) -> bool:
    """Tell whether a number, and not what merely stands in its place, has opted out."""
    number = _NUMBER.fullmatch(str(record["to"]))
    return record["optStatus"] == _OPT_OUT and number is not None


def _consent(record: Mapping[str, Any]) -> tuple[str, datetime]:
    # To the nanosecond; Python cuts that off at the microsecond.
    at = datetime.fromisoformat(record["lastModifiedTime"])
    return str(record["to"]), at if at.tzinfo else at.replace(tzinfo=UTC)
