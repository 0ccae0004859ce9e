"""The gateway: one login, its threads, and what it is asked for."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from dispatcher.core.consents import ConsentPage, NotTaken, Wish
from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import Fault, Outcome, Refused, Unreached, classify
from dispatcher.core.rate import rate_seen
from dispatcher.core.raw import Changes, History, SyncToken
from dispatcher.core.subscription import Subscription
from dispatcher.edge.ringcentral import archive, consents, subscriptions
from dispatcher.edge.ringcentral.account import Account
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.login import Login, LoginRefusedError
from dispatcher.edge.ringcentral.numbers import MOST_PAGES, page_request, read_page
from dispatcher.edge.ringcentral.outbox import outbound, read_outbound
from dispatcher.edge.ringcentral.sdk import Reply, Request, Sdk, Token
from dispatcher.edge.ringcentral.threads import Threads
from dispatcher.ports import (
    NO_FAILPOINTS,
    Answer,
    Clock,
    Failpoints,
    LoginUnreachableError,
    Order,
    Page,
    Sender,
    Shelf,
)

_SMS = "/restapi/v1.0/account/~/extension/~/sms"
_OK, _UNAUTHORIZED = 200, 401
_BEGIN_WITHIN = 10.0  # for what is no text: it may be asked again
_MORE_THREADS = 2  # a login and a probe must not wait for texts
_PER_PAGE = 100


class RingCentralGateway:
    """RingCentral as one login sees it. What it returns and raises holds nothing private."""

    def __init__(
        self,
        account: Account,
        clock: Clock,
        shelf: Shelf,
        failpoints: Failpoints = NO_FAILPOINTS,
    ) -> None:
        size = account.lanes + _MORE_THREADS
        self._clock = clock
        self._sdk = Sdk(account, clock, size)
        self._threads = Threads(clock, size, account.longest, failpoints)
        self._login = Login(account, self._sdk, self._threads, clock, shelf)

    async def send(self, order: Order) -> Answer:
        started = self._clock.monotonic()
        result: Reply | Outcome
        try:
            result = await self._signed(_text(order), order.begin_by)
        except LoginRefusedError as error:
            result = Refused(error.code, Fault.LOGIN)
        except LoginUnreachableError:
            result = Unreached()
        seconds = self._clock.monotonic() - started
        if isinstance(result, Reply):
            outcome = classify(result.status, result.headers, result.body)
            return Answer(outcome, rate_seen(result.headers), seconds)
        return Answer(result, None, seconds)

    async def senders(self) -> Sequence[Sender]:
        found: dict[str, Sender] = {}
        page, pages = 0, 1
        while page < min(pages, MOST_PAGES):
            page += 1
            reply = await self._signed(page_request(page, _PER_PAGE), self._soon())
            senders, pages = read_page(reply)
            found |= {sender.number: sender for sender in senders}
        return tuple(found.values())

    async def probe(self) -> bool:
        try:
            reply = await self._signed(page_request(1, 1), self._soon())
        except DispatcherError:
            return False
        return isinstance(reply, Reply) and reply.status == _OK

    async def outbound(self, since: datetime, until: datetime, page: int) -> Page:
        return read_outbound(await self._read(outbound(since, until, page)))

    async def new_token(self, since: datetime) -> SyncToken:
        return archive.read_token(await self._read(archive.token_request(since)))

    async def changes(self, token: str) -> Changes:
        return archive.read_changes(await self._read(archive.changes_request(token)))

    async def history(self, since: datetime, until: datetime, page: int) -> History:
        request = archive.history_request(since, until, page)
        return archive.read_history(await self._read(request))

    async def opted_out(self, senders: Sequence[str], page: str | None) -> ConsentPage:
        return consents.read_consents(
            await self._read(consents.consents_request(senders, page))
        )

    async def tell_consents(self, wishes: Sequence[Wish]) -> Sequence[NotTaken]:
        return consents.read_told(await self._read(consents.telling(wishes)))

    async def subscriptions(self) -> Sequence[Subscription]:
        return subscriptions.read_list(await self._signed(subscriptions.LIST, self._soon()))

    async def subscribe(self, address: str, token: str) -> Subscription:
        request = subscriptions.create(address, token)
        return subscriptions.read_one(await self._signed(request, self._soon()))

    async def renew_subscription(self, subscription: Subscription) -> Subscription:
        request = subscriptions.renew(subscription.id)
        return subscriptions.read_one(await self._signed(request, self._soon()))

    async def unsubscribe(self, subscription: str) -> None:
        request = subscriptions.remove(subscription)
        subscriptions.read_gone(await self._signed(request, self._soon()))

    async def close(self) -> None:
        await self._login.close()
        await self._threads.close()
        self._sdk.close()

    async def _read(self, request: Request) -> Reply | Failure:
        return await self._signed(request, self._soon())

    async def _signed(self, request: Request, begin_by: float) -> Reply | Failure:
        """Make *request* with our token, and once more with another if it was refused.

        A request answered with 401 was surely not carried out, so that sends nothing twice.
        """
        token = await self._login.token()
        reply = await self._ask(request, token, begin_by)
        if isinstance(reply, Reply) and reply.status == _UNAUTHORIZED:
            token = await self._login.instead_of(token)
            reply = await self._ask(request, token, begin_by)
        return reply

    async def _ask(self, request: Request, token: Token, begin_by: float) -> Reply | Failure:
        work = partial(self._sdk.call, request=request, token=token)
        return await self._threads.run(request.name, work, begin_by)

    def _soon(self) -> float:
        return self._clock.monotonic() + _BEGIN_WITHIN


def _text(order: Order) -> Request:
    body = {
        "from": {"phoneNumber": order.sender},
        # One: to several it would be a group, whose members see each other.
        "to": [{"phoneNumber": order.phone}],
        "text": order.text,
    }
    return Request("POST", _SMS, body=body)
