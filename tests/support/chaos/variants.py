"""The daemon without one of its guards: each must fail in the storm that the whole one passes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dispatcher.core.guard import Verdict
from dispatcher.edge.ringcentral.journey import Journey
from dispatcher.loops.sender import Sender
from dispatcher.ports import Answer, Order
from dispatcher.store import claims, consent, facts, opening, settling
from dispatcher.store.opening import Attempt


@dataclass(frozen=True)
class Variant:
    """A guard that is taken away, and what the storm must then show."""

    apply: Callable[[], None]
    breaks: tuple[str, ...]


def _without(queries: dict[str, str], name: str, *words: str) -> None:
    for each in words:
        _instead(queries, name, each, "")


def _instead(queries: dict[str, str], name: str, words: str, others: str) -> None:
    assert words in queries[name], (name, words)
    queries[name] = queries[name].replace(words, others)


def without_fence() -> None:
    """Trust a claim for as long as it is remembered, as most queues do."""
    _without(
        claims.SQL,
        "hold",
        " AND q.fence = t.fence",
        "WHERE q.status = 'sending' AND q.attempt_id IS NULL ",
    )
    for name in ("accepted", "unknown", "put_back", "failed"):
        _without(settling.SQL, name, " AND q.fence = t.fence AND q.status = 'sending'")


def without_write_ahead() -> None:
    """Write the attempt down once its request was answered."""
    whole = Sender._open  # noqa: SLF001
    answers: dict[Any, Answer] = {}

    async def send_first(self: Any, held: Any, stop: Any) -> Any:
        begin_by = (
            self._engine.clock.monotonic() + self._engine.settings.send_by.total_seconds()
        )
        orders = [Order(c.sender, c.facts.phone or "", c.facts.text, begin_by) for c in held]
        came = await asyncio.gather(*map(self._engine.gateway.send, orders))
        answers.update((c.facts.id, answer) for c, answer in zip(held, came, strict=True))
        return await whole(self, held, stop)

    async def answered(self: Any, attempt: Attempt, _begin_by: float) -> None:
        self._answers.put_nowait((attempt, answers.pop(attempt.facts.id)))

    Sender._open = send_first  # type: ignore[method-assign]  # noqa: SLF001
    Sender._send = answered  # type: ignore[method-assign,assignment]  # noqa: SLF001


def without_send_by() -> None:
    """Let a request begin however late."""
    whole = Journey.begin

    def begin(self: Journey, sock: object) -> None:
        self._begin_by = float("inf")
        whole(self, sock)

    Journey.begin = begin  # type: ignore[method-assign]


def without_reservation() -> None:
    """Look only at what is spent, and book what was spent afterwards."""
    _without(opening.SQL, "budgets", " - reserved_exact")
    _without(opening.SQL, "reserve", " + t.cents")
    _without(settling.SQL, "settle_budgets", " - t.spent - t.back")


def without_second_look() -> None:
    """Ask for consent when a text is queued, and never again."""
    _instead(facts.SQL, "facts", "x.until > now())) AS", "x.until > now()) AND false) AS")
    _instead(
        facts.SQL,
        "facts",
        "coalesce(s.sms_unsubscribed_at IS NOT NULL OR s.is_deleted, false) OR coalesce(n.opted_out, false)",
        "false",
    )
    _instead(
        facts.SQL,
        "facts",
        "s.id IS NOT NULL THEN s.sms_subscribed",
        "s.id IS NOT NULL THEN true",
    )
    _instead(consent.SQL, "cancel_live", "q.status = 'pending'", "false")


def without_second_hours() -> None:
    """Ask for the hours when a text is claimed, and not again when it leaves."""
    whole = opening._judged  # noqa: SLF001

    def judged(claim: Any, facts: Any, ready: Any, judge: Any, now: Any) -> Verdict:
        unhurried = replace(judge, rules=replace(judge.rules, quiet=frozenset()))
        return whole(claim, facts, ready, unhurried, now)

    opening._judged = judged  # noqa: SLF001


VARIANTS = {
    "fence": Variant(without_fence, ("lost", "twice")),
    "write-ahead": Variant(without_write_ahead, ("twice",)),
    "send_by": Variant(without_send_by, ("twice", "lost")),
    # The schema's own CHECK ends the daemons, often before more is spent than there is.
    "reservation": Variant(without_reservation, ("overspent", "lost")),
    "second look": Variant(without_second_look, ("ignored",)),
    "hours at the opening": Variant(without_second_hours, ("outside",)),
}
