"""What a raw record says, and what is known after several."""

import functools
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.told import NOON, failed, record

from dispatcher.core import news
from dispatcher.core.news import Inbound, News, State
from dispatcher.core.receipts import Status


def read(entry: dict[str, Any]) -> News:
    said = news.read(json.dumps(entry))
    assert isinstance(said, News)
    return said


def test_a_record_is_read() -> None:
    said = read(failed("1", "SMS-UP-410", segmentCount=2))
    assert said.meaning.status is Status.UNDELIVERED
    assert (said.code, said.segments) == ("SMS-UP-410", 2)
    assert said.changed_at == said.at == NOON + timedelta(minutes=1)


def test_it_was_delivered_when_the_phone_had_it() -> None:
    later = record("1", "Delivered", minutes=60, smsDeliveryTime="2026-02-03T12:00:05.000Z")
    assert read(later).at == NOON + timedelta(seconds=5)


@pytest.mark.parametrize("gone", ["Deleted", "Purged"])
def test_that_a_record_was_deleted_is_no_news_of_its_text(gone: str) -> None:
    said = read(failed("1", "SMS-CAR-450", minutes=10_000, availability=gone))
    assert said.changed_at == said.at == NOON
    assert said.sender_rests == datetime(2026, 2, 4, 8, tzinfo=UTC)


def test_a_text_to_us_is_none_of_ours() -> None:
    entry = {"id": "1", "direction": "Inbound", "messageStatus": "Received"}
    assert news.read(json.dumps(entry)) == Inbound(entry)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[" * 100_000,
        "3",
        json.dumps(record("1", "Odd")),
        json.dumps(record("1", "Sent", lastModifiedTime=None, creationTime="")),
        json.dumps(
            record("1", "Sent", lastModifiedTime="9999-12-31T23:59:59-12:00", creationTime=7)
        ),
    ],
)
def test_what_cannot_be_read_is_no_news(body: str) -> None:
    assert news.read(body) is None


@pytest.mark.parametrize("count", [None, 0, -1, True, "2", 1.5, 10**9])
def test_a_count_that_makes_no_sense_is_none(count: object) -> None:
    assert read(record("1", "Sent", segmentCount=count)).segments is None


@pytest.mark.parametrize("code", [7, "", "SMS\u0000", "x\n", ["SMS-UP-410"]])
def test_a_code_that_is_no_word_is_none(code: object) -> None:
    assert read(record("1", "DeliveryFailed", deliveryErrorCode=code)).code is None


WORDS = st.sampled_from(["Queued", "Sent", "Delivered", "DeliveryFailed", "SendingFailed"])
CODES = st.sampled_from([None, "SMS-RC-500", "SMS-CAR-104", "SMS-UP-410"])
RECORDS = st.builds(
    lambda status, code, minutes, count: record(
        "1", status, minutes=minutes, deliveryErrorCode=code, segmentCount=count
    ),
    WORDS,
    CODES,
    st.integers(0, 3),
    st.sampled_from([None, 1, 2]),
)


@given(st.lists(RECORDS, max_size=4))
def test_any_order_ends_the_same(entries: list[dict[str, Any]]) -> None:
    ends = set()
    for order in itertools.permutations(map(read, entries)):
        state = State()
        for each in order:
            state = news.after(news.after(state, each), each)
        ends.add(state)
    assert len(ends) == 1


def test_a_word_moves_forward_and_never_back() -> None:
    """Whatever the times say: the phone has it, however often a carrier's older word comes."""
    words = ["Queued", "Sent", "SendingFailed", "DeliveryFailed", "Delivered"]
    for times in itertools.product(range(2), repeat=4):
        told = [
            read(record("1", word, minutes=n))
            for word, n in zip(words, [*times, 0], strict=True)
        ]
        told[3] = read(record("1", "DeliveryFailed", minutes=9))
        assert ends_of(told) == {Status.DELIVERED}
        assert ends_of(told[:4]) == {Status.UNDELIVERED}
        assert ends_of(told[:2]) == {Status.SENT}


def ends_of(told: list[News]) -> set[Status]:
    """Return how the text ends, in whatever order it is told of."""
    return {
        functools.reduce(news.after, order, State()).status
        for order in itertools.permutations(told)
    }


def test_the_same_again_changes_nothing() -> None:
    known = news.after(State(), read(record("1", "Sent", minutes=1)))
    assert news.after(known, read(record("1", "Sent", minutes=1))) == known
    assert news.after(known, read(record("1", "Sent", minutes=2))) != known
    arrived = news.after(known, read(record("1", "Delivered", minutes=1)))
    assert news.after(arrived, read(record("1", "Sent", minutes=9))).status is Status.DELIVERED


def test_what_went_to_no_carrier_costs_nothing() -> None:
    state = news.after(
        State(), read(record("1", "SendingFailed", deliveryErrorCode="SMS-RC-500"))
    )
    assert news.billed(state, 2) == 0
    state = news.after(
        State(), read(record("1", "SendingFailed", deliveryErrorCode="SMS-UP-500"))
    )
    assert news.billed(state, 2) == 2


def test_our_number_rests_from_the_time_of_the_receipt() -> None:
    assert read(failed("1", "SMS-CAR-450")).sender_rests == datetime(2026, 2, 4, 8, tzinfo=UTC)
    assert read(failed("1", "SMS-CAR-461")).sender_rests == NOON + timedelta(hours=1, minutes=1)
    assert read(failed("1", "SMS-CAR-500")).sender_rests is None


FIELDS = ("id", "direction", "messageStatus", "deliveryErrorCode", "segmentCount", "to")
TIMES = ("lastModifiedTime", "creationTime", "smsDeliveryTime")
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
MOMENTS = ODD | st.builds(
    "{}{}".format, st.datetimes().map(datetime.isoformat), st.sampled_from(["", "Z", "-12:00"])
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(FIELDS, ODD) | dict.fromkeys(TIMES, MOMENTS),
    )
)
def test_no_record_is_too_odd(entry: dict[str, Any]) -> None:
    """A receipt that stopped the reader would stop it for ever."""
    said = news.read(json.dumps(entry))
    if isinstance(said, News):
        state = news.after(State(), said)
        assert news.billed(state, 1) >= 0
        assert said.sender_rests is None or said.sender_rests > said.changed_at
