"""What a send answers, and what becomes of the text."""

import pytest
from support.simulated import OURS, THEIRS, Client, Simulate

from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.segments import segment_count
from dispatcher.simulator.settings import Settings


async def test_what_a_send_answers(client: Client) -> None:
    answer = await client.send(text="Hello")
    sent = answer.json
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert type(sent["id"]) is int
    assert sent["uri"] == (
        f"{client.simulator.url}/restapi/v1.0/account/1696121004/extension/1696121004"
        f"/message-store/{sent['id']}"
    )
    assert (sent["from"]["phoneNumber"], sent["to"][0]["phoneNumber"]) == (OURS, THEIRS)
    assert (sent["subject"], sent["messageStatus"]) == ("Hello", "Queued")
    assert (sent["type"], sent["direction"]) == ("SMS", "Outbound")
    assert sent["creationTime"] == "2026-01-05T15:00:00.000Z"
    assert sent["conversationId"] > 2**53
    assert sent["conversation"]["id"] == str(sent["conversationId"])
    assert not {"segmentCount", "deliveryErrorCode"} & sent.keys()


async def test_a_conversation_is_two_numbers(client: Client) -> None:
    first, again = await client.send(), await client.send()
    other = await client.send("+12125550101")
    assert first.json["conversationId"] == again.json["conversationId"]
    assert first.json["conversationId"] != other.json["conversationId"]
    assert len({first.json["id"], again.json["id"], other.json["id"]}) == 3


FAILS = Fault(Kind.DELIVERY, to="0199$", code="SMS-CAR-411")
OPTED_OUT = Fault(Kind.DELIVERY, to="0199$", code="SMS-RC-413")
SILENT = Fault(Kind.DELIVERY, to="0199$", state="Queued")
UNREPORTED = Fault(Kind.DELIVERY, to="0199$", state="Sent")
ODD = Fault(Kind.DELIVERY, to="0199$", code="SMS-UP-500", state="SendingFailed")


@pytest.mark.parametrize(
    ("fault", "statuses", "code"),
    [
        (None, ["Queued", "Sent", "Sent", "Delivered"], None),
        (FAILS, ["Queued", "Sent", "Sent", "DeliveryFailed"], "SMS-CAR-411"),
        (
            OPTED_OUT,
            ["Queued", "SendingFailed", "SendingFailed", "SendingFailed"],
            "SMS-RC-413",
        ),
        (ODD, ["Queued", "SendingFailed", "SendingFailed", "SendingFailed"], "SMS-UP-500"),
        (SILENT, ["Queued", "Queued", "Queued", "Queued"], None),
        (UNREPORTED, ["Queued", "Sent", "Sent", "Sent"], None),
    ],
)
async def test_statuses_advance(
    logged_in: Simulate, fault: Fault | None, statuses: list[str], code: str | None
) -> None:
    client = await logged_in(Settings(lag=0, faults=(fault,) if fault else ()))
    sent = (await client.send("+12125550199")).json
    seen = []
    for seconds in (0.999, 0.001, 2.999, 0.001):
        client.clock.advance(seconds)
        seen.append((await client.get(f"/message-store/{sent['id']}")).json)
    assert [record["messageStatus"] for record in seen] == statuses
    assert seen[-1].get("deliveryErrorCode") == code
    assert ("smsDeliveryTime" in seen[-1]) == (statuses[-1] == "Delivered")


async def test_a_status_says_when_it_was_reached(client: Client) -> None:
    sent = (await client.send()).json
    client.clock.advance(100)
    record = (await client.get(f"/message-store/{sent['id']}")).json
    assert record["lastModifiedTime"] == "2026-01-05T15:00:04.000Z"


async def test_without_receipts_sent_is_the_end(logged_in: Simulate) -> None:
    client = await logged_in(Settings(receipts=False))
    sent = (await client.send()).json
    client.clock.advance(86400)
    await client.login()
    record = (await client.get(f"/message-store/{sent['id']}")).json
    assert record["messageStatus"] == "Sent"


async def test_more_can_be_billed_than_the_text_has(logged_in: Simulate) -> None:
    costly = Fault(Kind.DELIVERY, segments=3, times=1)
    failing = Fault(Kind.DELIVERY, code="SMS-CAR-411", segments=2, times=1)
    client = await logged_in(Settings(faults=(costly, failing)))
    sent = [(await client.send()).json["id"] for _ in range(3)]
    client.clock.advance(5)
    records = [(await client.get(f"/message-store/{one}")).json for one in sent]
    assert [(one["messageStatus"], one["segmentCount"]) for one in records] == [
        ("Delivered", 3),
        ("DeliveryFailed", 2),
        ("Delivered", 1),
    ]


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("\U0001f600" * 36, 2),
    ],
)
def test_segments(text: str, segments: int) -> None:
    assert segment_count(text) == segments
