"""POST …/sms: what is no message at all, attachments, whose address it is."""

import io
import json

import aiohttp
import pytest
from support.simulated import EXTENSION, Client, Simulate, message
from support.simulated_account import (
    ACCOUNT,
    MMS,
    UNREGISTERED,
    configured,
    party,
    sender,
)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("{not json", "application/json", "CMN-103"),
        ("", "application/json", "CMN-103"),
        ("[]", "application/json", "CMN-104"),
        ("{}", "text/plain", "CMN-110"),
        ("x", "multipart/mixed; boundary=b", "CMN-104"),
    ],
)
async def test_what_is_no_message_at_all(
    client: Client, body: str, kind: str, code: str
) -> None:
    answer = await client.request(
        "POST", f"{EXTENSION}/sms", data=body, headers={"Content-Type": kind}
    )
    assert (answer.status, answer.code) == (400, code)


async def test_a_body_of_more_than_ten_megabytes_is_refused(client: Client) -> None:
    body = io.BytesIO(json.dumps(message(text="x" * (10 * 1024 * 1024))).encode())
    answer = await client.request(
        "POST", f"{EXTENSION}/sms", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status == 413


@pytest.mark.parametrize(
    ("sizes", "code"),
    [([1000], None), ([1] * 11, "MSG-379"), ([800_000, 800_000], "MSG-376")],
)
async def test_attachments(logged_in: Simulate, sizes: list[int], code: str | None) -> None:
    client = await logged_in(configured())
    form = aiohttp.MultipartWriter("form-data")
    form.append_json(message(sender=sender(MMS)))
    for size in sizes:
        form.append(b"x" * size, {"Content-Type": "image/jpeg"})
    answer = await client.request("POST", f"{EXTENSION}/sms", data=form)
    assert answer.code == code
    if code is None:
        kinds = [part["type"] for part in answer.json["attachments"]]
        assert kinds == ["Text", "MmsAttachment"]


@pytest.mark.parametrize(
    ("path", "status", "code", "parameter"),
    [
        ("/account/1/extension/~", 404, "CMN-102", "accountId"),
        ("/account/~/extension/1", 404, "CMN-102", "extensionId"),
        ("/account/~/extension/256440016", 403, "CMN-419", None),
        (f"/account/{ACCOUNT.account_id}/extension/{ACCOUNT.account_id}", 200, None, None),
    ],
)
async def test_whose_address_it_is(
    logged_in: Simulate, path: str, status: int, code: str | None, parameter: str | None
) -> None:
    client = await logged_in(configured())
    answer = await client.request("POST", f"/restapi/v1.0{path}/sms", json=message())
    assert (answer.status, answer.code) == (status, code)
    assert answer.json.get("parameterName") == parameter


async def test_an_extension_that_is_no_user_sends_nothing(simulate: Simulate) -> None:
    client = await simulate(configured())
    await client.login("queue-jwt")
    answer = await client.post(message(sender=sender("+16505550109")))
    assert (answer.status, answer.code) == (403, "MSG-314")


@pytest.mark.parametrize(
    ("body", "top"),
    [
        (message(to=party("102")), "InvalidParameter"),
        (message(sender=sender(UNREGISTERED)), "FeatureNotAvailable"),
        (message(text=None), "CMN-101"),
    ],
)
async def test_the_class_of_a_code_stands_above_it(
    logged_in: Simulate, body: object, top: str
) -> None:
    client = await logged_in(configured())
    answer = await client.post(body)
    assert answer.json["errorCode"] == top
    assert answer.json["message"] == answer.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/message-store?perPage=" + "9" * 5000, 400),
        ("/message-store/" + "9" * 5000, 404),
        ("/message-store?dateFrom=0001-01-01T00:00:00%2B01:00", 400),
        ("/message-store?dateTo=0001-01-01", 400),
        ("/message-store?dateTo=9999-12-31T23:59:59-01:00", 400),
        ("/message-store?page=%F0%9D%9F%8F", 400),  # a digit, but not one of ASCII
        ("/message-store/,", 207),
        ("/message-store?phoneNumber=%00", 200),
    ],
)
async def test_what_nobody_should_ask_is_answered_all_the_same(
    client: Client, path: str, status: int
) -> None:
    assert (await client.get(path)).status == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (json.dumps(message(text="\ud800")).encode(), 200),
        (json.dumps(message(to=[None])).encode(), 400),
        (json.dumps(message(country=[])).encode(), 200),
    ],
)
async def test_what_nobody_should_send_is_answered_all_the_same(
    client: Client, body: bytes, status: int
) -> None:
    answer = await client.request(
        "POST", f"{EXTENSION}/sms", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status == status
