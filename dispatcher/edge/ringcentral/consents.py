"""RingCentral's own list of who opted out of which number of ours: read, and told."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dispatcher.core.codes import sentence
from dispatcher.core.consents import API, Consent, ConsentPage, NotTaken, Wish, Word
from dispatcher.core.errors import DispatcherError
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.given import code_of, given, understood
from dispatcher.edge.ringcentral.sdk import Reply, Request
from dispatcher.ports import ForbiddenError

_CONSENTS = "/restapi/v2/accounts/~/sms/consents"
_PATH = f"{_CONSENTS}/search"
_PER_PAGE = 1000  # the most that RingCentral gives
_OK = 200
_OPT_OUT = "OptOut"
_STATUS = {Word.OPT_OUT: _OPT_OUT, Word.OPT_IN: "OptIn"}
_FOR_GOOD = {400, 403, 404, 405, 422}
_NO_SCOPE = "CMN-401"
_CODE = re.compile(r"[A-Z]{2,5}(-[A-Z]{1,5}){0,2}-\d{1,5}")
_NO_CODE = "none"
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


def _consent(record: Mapping[str, Any]) -> Consent:
    # To the nanosecond; Python cuts that off at the microsecond.
    at = datetime.fromisoformat(record["lastModifiedTime"])
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Consent(str(record["to"]), at, str(record.get("source")))


def telling(wishes: Sequence[Wish]) -> Request:
    """Return the request that tells of *wishes*, 1000 at most."""
    records = [
        {
            "from": wish.sender,
            "to": wish.phone,
            "optStatus": _STATUS[wish.word],
            "source": API,
            "coverage": "PhoneNumber",
        }
        for wish in wishes
    ]
    return Request("PATCH", _CONSENTS, body={"records": records})


def read_told(reply: Reply | Failure) -> Sequence[NotTaken]:
    """Return the numbers that were not taken; all others were."""
    told = given(reply, "to tell of opt-outs")
    if told.status != _OK:
        code = code_of(told)
        kind = ForbiddenError if told.status in _FOR_GOOD else ConsentsUnreadableError
        why = "Give the app the permission SMS." if code == _NO_SCOPE else sentence(code)
        raise kind(f"RingCentral did not take our opt-outs ({code}). {why}")
    wrong = ConsentsUnreadableError("What RingCentral says of our opt-outs can't be read.")
    return understood(told.body, _not_taken, wrong)


def _not_taken(content: Any) -> Sequence[NotTaken]:  # noqa: ANN401  # as above
    failed = content.get("failedRecords") or ()
    return [NotTaken(_spelled(str(one["to"])), _error_code(one.get("error"))) for one in failed]


def _spelled(number: str) -> str:
    """Return *number* as we gave it: RingCentral may show it in groups."""
    return "+" + "".join(c for c in number if c.isdigit())


def _error_code(error: object) -> str:
    code = str(error.get("errorCode")) if isinstance(error, dict) else ""
    return code if _CODE.fullmatch(code) else _NO_CODE
