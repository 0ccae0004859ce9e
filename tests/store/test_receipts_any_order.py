"""However receipts come, in part or doubled, before our own answer or after: the same end."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.host import connected
from support.queue import campaign, person
from support.told import NOON, accepted, apply, failed, record, tell

from dispatcher.core.raw import Source
from dispatcher.store import verify
from dispatcher.store.database import Connection

CODES = (
    "SMS-CAR-104",
    "SMS-UP-410",
    "SMS-CAR-413",
    "SMS-CAR-450",
    "SMS-UP-430",
    "SMS-UP-414",
    "SMS-RC-410",
    "SMS-UP-500",
    "SMS-NEW-999",
)
ENDS = ("none", "Delivered", "DeliveryFailed", "SendingFailed", "after all")
BUDGET = 11  # what three texts of three segments cost, and not what they may be billed


@dataclass(frozen=True)
class Story:
    """What becomes of a text, record by record, without its id."""

    segments: int
    records: list[dict[str, Any]]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    counts = st.sampled_from([{}, *({"segmentCount": n} for n in range(1, 6))])
    seen = [record("", "Queued", minutes=0)]
    if draw(st.booleans()):
        seen.append(record("", "Sent", minutes=draw(st.integers(1, 3))) | draw(counts))
    end, code = draw(st.sampled_from(ENDS)), draw(st.sampled_from(CODES))
    if end in {"DeliveryFailed", "after all"}:
        seen.append(failed("", code, minutes=5) | draw(counts))
    if end == "SendingFailed":
        seen.append(record("", end, minutes=5, deliveryErrorCode=code) | draw(counts))
    if end in {"Delivered", "after all"}:
        seen.append(record("", "Delivered", minutes=draw(st.integers(5, 9))) | draw(counts))
    if draw(st.booleans()):  # somebody reads or deletes it in the app
        later = (NOON + timedelta(hours=1)).isoformat()
        seen.append(seen[-1] | {"lastModifiedTime": later})
    return Story(draw(st.integers(1, 3)), seen)


Event = tuple[int, int | None]
"""A text, and the number of a record, or None: our own answer is stored."""


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[Story], list[Event], int]:
    """Draw texts, and in which order of news, in which batches; some comes twice, some never.

    The list shows in the end what the last record says. What else a record calls for is lost
    with it, so of those that call for something none is.
    """
    told = draw(st.lists(stories(), min_size=1, max_size=3))
    events: list[Event] = []
    for text, story in enumerate(told):
        last = len(story.records) - 1
        heard = [n for n in range(last) if _counts(story.records[n]) or draw(st.booleans())]
        again = [n for n in (*heard, last) if draw(st.booleans())]
        events += [(text, None), *((text, n) for n in (*heard, last, *again))]
    return told, draw(st.permutations(events)), draw(st.integers(1, 5))


def _counts(entry: dict[str, Any]) -> bool:
    return "deliveryErrorCode" in entry or "segmentCount" in entry


class World:
    """A campaign, people, a number and a day of their own, among those of other examples."""

    def __init__(self, owner: Connection, daemons: list[Connection], number: int) -> None:
        self.owner, self.daemons, self.number = owner, daemons, number
        self.day = date(2026, 2, 3) + timedelta(days=number)
        self.sender = f"+1650555{number:04}"

    def phone(self, text: int) -> str:
        return f"+1{916 + text}555{self.number:04}"

    async def tell(self, told: list[Story], events: list[Event], batch: int) -> dict[str, Any]:
        """Let all of it come, and apply it batch by batch; return what is known in the end."""
        owner, ours = self.owner, self.daemons[0]
        spring = await campaign(owner, budget=BUDGET)
        people = [await person(owner, phone=self.phone(n)) for n in range(len(told))]
        await owner.execute(
            "INSERT INTO newsletter.sms_senders (login, number, enabled, minute_tokens, day)"
            " VALUES ('shop', $1, true, 1, '2026-02-03')",
            self.sender,
        )
        for place, (text, number) in enumerate(events):
            provider_id = f"{self.number}-{text}"
            if number is None:
                await accepted(
                    owner, provider_id, campaign=spring, person=people[text],
                    phone=self.phone(text), segments=told[text].segments,
                    sender=self.sender, day=self.day,
                )  # fmt: skip
            else:
                source = Source.LIST if place % 2 else Source.SYNC
                entry = told[text].records[number] | {"id": provider_id}
                await tell(ours, entry, source=source)
            if place % batch == 0:
                await apply(ours, batch)
        await asyncio.gather(*(apply(conn, 2) for conn in self.daemons))
        while (await apply(ours)).taken:
            pass
        return await self.picture(spring)

    async def picture(self, spring: UUID) -> dict[str, Any]:
        """Return what is known, without what tells this world from another."""
        of_campaign = {
            "delivery": "SELECT status::text, delivered_at, failed_at, error_code, error_message, failure_class, segments, cost,"
            " cost_exact, changed_at, closed_at IS NOT NULL, segments_counted, counted_at, split_part(message_sid, '-', 2) AS text"
            " FROM newsletter.sms_delivery_events WHERE campaign_id = $1 ORDER BY text",
            "events": "SELECT e.event_type::text, e.occurred_at, split_part(a.provider_id, '-', 2) AS text"
            " FROM newsletter.campaign_events e JOIN newsletter.sms_attempts a ON a.id = e.attempt_id"
            " WHERE e.campaign_id = $1 ORDER BY text, 1",
            "billed": "SELECT segments_billed, cents_billed, split_part(provider_id, '-', 2) AS text"
            " FROM newsletter.sms_attempts WHERE campaign_id = $1 ORDER BY text",
            "budget": "SELECT spent_exact, reserved_exact, overspent_exact FROM newsletter.campaign_budgets WHERE campaign_id = $1",
        }
        seen: dict[str, Any] = {
            name: [tuple(r) for r in await self.owner.fetch(query, spring)]
            for name, query in of_campaign.items()
        }
        day = "SELECT spent_exact, overspent_exact FROM newsletter.account_days WHERE day = $1"
        rest = (
            "SELECT stopped_until, stopped_code FROM newsletter.sms_senders WHERE number = $1"
        )
        seen["day"] = tuple(await self.owner.fetchrow(day, self.day) or ())
        seen["rest"] = tuple(await self.owner.fetchrow(rest, self.sender) or ())
        for text in range(3):
            about = (
                "SELECT reason, source, since, until, lifted_at FROM newsletter.sms_suppressions WHERE phone = $1 ORDER BY 1",
                "SELECT last_sms_sent_at, sms_subscribed, sms_unsubscribed_at FROM newsletter.subscribers WHERE phone = $1",
            )
            seen[f"number {text}"] = [
                tuple(r) for q in about for r in await self.owner.fetch(q, self.phone(text))
            ]
        return seen


def in_order(told: list[Story]) -> list[Event]:
    """Return the true order: our own answer, then one record after another."""
    return [
        event
        for text, story in enumerate(told)
        for event in [(text, None), *((text, n) for n in range(len(story.records)))]
    ]


@pytest.fixture
def numbers() -> Iterator[int]:
    return itertools.count(1)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(example=tellings())
def test_any_order_has_the_same_end(
    database: str, numbers: Iterator[int], example: tuple[list[Story], list[Event], int]
) -> None:
    asyncio.run(_any_order(database, numbers, *example))


async def _any_order(
    dsn: str, numbers: Iterator[int], told: list[Story], events: list[Event], batch: int
) -> None:
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(connected(dsn))
        ours = dsn.replace("owner@", "app_daemon@")
        daemons = [await stack.enter_async_context(connected(ours)) for _ in range(2)]
        clean = await World(owner, daemons, next(numbers)).tell(told, in_order(told), 1)
        mixed = await World(owner, daemons, next(numbers)).tell(told, events, batch)
        assert mixed == clean
        assert (await verify.look(owner)).findings == []
