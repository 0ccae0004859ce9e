"""The daemon as it is, with a RingCentral that answers at once. The bench starts it as a process.

Usage: python bench/instant.py LOG [--tell]. The configuration comes from the environment.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from dispatcher.app.daemon import Daemon
from dispatcher.config import load
from dispatcher.core.consents import ConsentPage
from dispatcher.core.outcome import Accepted
from dispatcher.core.raw import Changes, History, SyncToken
from dispatcher.core.subscription import ACTIVE, FILTERS, LASTS, TRANSPORT, Subscription
from dispatcher.ports import Answer, Order, Page, Sender

NUMBER = "+19165550199"
EXTENSION, SUBSCRIPTION = "256440001", "bench-subscription"


class Instant:
    """A Gateway. With *tell* it prints when it was called, by the clock that processes share."""

    def __init__(self, *, tell: bool) -> None:
        self._tell = tell
        self._first = time.time_ns()  # ids of another daemon are other ones
        self._ids = count()

    async def senders(self) -> Sequence[Sender]:
        return (Sender(NUMBER, enabled=True),)

    async def send(self, order: Order) -> Answer:
        if self._tell:
            print(time.monotonic(), order.text, flush=True)  # noqa: TID251
        return Answer(Accepted(f"{self._first}-{next(self._ids)}"), None, 0.0)

    async def probe(self) -> bool:
        return True

    async def outbound(self, since: datetime, until: datetime, page: int) -> Page:  # noqa: ARG002
        return Page([], 1)

    async def new_token(self, since: datetime) -> SyncToken:  # noqa: ARG002
        return SyncToken("none", datetime.now(UTC))  # noqa: TID251

    async def changes(self, token: str) -> Changes:
        return Changes([], SyncToken(token, datetime.now(UTC)))  # noqa: TID251

    async def history(self, since: datetime, until: datetime, page: int) -> History:  # noqa: ARG002
        return History([], 1)

    async def subscriptions(self) -> Sequence[Subscription]:
        return ()

    async def subscribe(self, address: str, token: str) -> Subscription:  # noqa: ARG002
        filters = (*FILTERS, f"/extension/{EXTENSION}/")
        return Subscription(SUBSCRIPTION, address, TRANSPORT, ACTIVE, filters, (), LASTS)

    async def renew_subscription(self, subscription: Subscription) -> Subscription:
        return subscription

    async def unsubscribe(self, subscription: str) -> None:
        pass

    async def opted_out(self, senders: Sequence[str], page: str | None) -> ConsentPage:  # noqa: ARG002
        return ConsentPage([], None)

    async def close(self) -> None:
        pass


if __name__ == "__main__":
    with open(sys.argv[1], "a", encoding="utf-8") as log:  # noqa: PTH123
        asyncio.run(Daemon(load(), log, gateway=Instant(tell="--tell" in sys.argv)).run())
