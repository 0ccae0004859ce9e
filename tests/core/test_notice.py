"""What RingCentral calls us with, in the spellings that its documents have."""

import json
from typing import Any

import pytest

from dispatcher.core.notice import Notice, What, read

E1 = "/restapi/v1.0/account/10366034004/extension/62983/"


def body(event: str, record: Any = None) -> bytes:
    return json.dumps(
        {
            "uuid": "1",
            "event": event,
            "subscriptionId": "sub",
            "ownerId": "62983",
            "body": record,
        }
    ).encode()


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (f"{E1}message-store", What.CHANGED),
        (f"{E1}message-store?type=SMS&direction=Outbound", What.CHANGED),
        ("/restapi/v1.0/account/~/extension/~/message-store", What.CHANGED),
        ("/restapi/v2/accounts/~/sms/consents", What.CONSENTS),
        ("/restapi/v2/accounts/10366034004/sms/consents?from=x", What.CONSENTS),
        ("/restapi/v1.0/subscription/~?threshold=60&interval=15", What.REMINDER),
        ("/restapi/v1.0/subscription/dd2f0ff2-580e-4581", What.REMINDER),
        (f"{E1}presence", What.OTHER),
        (f"{E1}message-store/instantly", What.OTHER),
        (f"{E1}presence?x=/message-store", What.OTHER),
        ("x" * 100_000 + "/message-store", What.OTHER),
    ],
)
def test_what_it_is_about(event: str, what: What) -> None:
    assert read(body(event)) == Notice("sub", "62983", what)


@pytest.mark.parametrize("query", ["", "?type=SMS"])
def test_a_text_to_us_is_kept_as_it_came(query: str) -> None:
    record = {"id": 306, "direction": "Inbound", "subject": "Hi\0", "lastModifiedTime": "now"}
    found = read(body(f"{E1}message-store/instant{query}", record))
    assert found
    assert found.raw
    assert (found.what, found.raw.provider_id) == (What.INBOUND, "306")
    assert json.loads(found.raw.body) == record


@pytest.mark.parametrize(
    "record", [None, [], "x", {}, {"direction": "Outbound"}, {"direction": ["Inbound"]}]
)
def test_any_other_only_says_that_something_changed(record: Any) -> None:
    found = read(body(f"{E1}message-store/instant", record))
    assert found == Notice("sub", "62983", What.CHANGED)


def test_whom_it_comes_from_may_be_missing() -> None:
    assert read(b'{"event": "/x"}') == Notice("None", "None", What.OTHER)


def test_a_text_is_in_no_picture_of_it() -> None:
    found = read(
        body(f"{E1}message-store/instant", {"direction": "Inbound", "subject": "secret"})
    )
    assert "secret" not in repr(found)
