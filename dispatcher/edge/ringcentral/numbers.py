"""Reads the list of our own numbers."""

import re
from collections.abc import Mapping
from typing import Any

from dispatcher.core.codes import sentence
from dispatcher.core.errors import DispatcherError
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.given import code_of, understood
from dispatcher.edge.ringcentral.sdk import Reply, Request
from dispatcher.ports import LoginUnreachableError, Sender

MOST_PAGES = 100
_PATH = "/restapi/v1.0/account/~/extension/~/phone-number"
_OK = 200
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class NumbersUnreadableError(DispatcherError):
    """RingCentral did not give the list of our numbers; the text says why."""


def page_request(page: int, per_page: int) -> Request:
    return Request("GET", _PATH, query={"page": str(page), "perPage": str(per_page)})


def read_page(reply: Reply | Failure) -> tuple[list[Sender], int]:
    """Return the numbers on a page, and how many pages there are."""
    if not isinstance(reply, Reply):
        raise LoginUnreachableError("RingCentral could not be reached to list our numbers.")
    if reply.status != _OK:
        code = code_of(reply)
        raise NumbersUnreadableError(
            f"RingCentral did not list our numbers ({code}). {sentence(code)}"
        )
    wrong = NumbersUnreadableError("RingCentral's list of our numbers can't be read.")
    return understood(reply.body, _page, wrong)


def _page(content: Any) -> tuple[list[Sender], int]:  # noqa: ANN401  # what it is, reading it shows
    senders = [sender for entry in content["records"] if (sender := _sender(entry))]
    return senders, int(content["paging"]["totalPages"])


def _sender(entry: Mapping[str, object]) -> Sender | None:
    number, features = entry.get("phoneNumber"), entry.get("features")
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        return None
    able = isinstance(features, list) and "SmsSender" in features
    return Sender(number, enabled=able and entry.get("status") == "Normal")
