"""Keeps the one subscription by which RingCentral calls us; a bad one is made anew."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ParamSpec, TypeVar

from dispatcher.core import subscription
from dispatcher.core.errors import DispatcherError
from dispatcher.core.privacy import Sentence
from dispatcher.core.subscription import Subscription
from dispatcher.loops import light
from dispatcher.loops.engine import Engine
from dispatcher.loops.login_watch import LIGHT
from dispatcher.ports import LimitedError, LoginUnreachableError
from dispatcher.store import webhooks
from dispatcher.store.leases import Lead
from dispatcher.store.webhooks import MISSING, OFF, Known, Now

P = ParamSpec("P")
R = TypeVar("R")

CHECK_SECONDS = 60.0
SOON_SECONDS = 5.0  # after RingCentral could not be asked
LONGEST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Hook:
    """Where RingCentral is to call us, and what it shows; an empty *address* is none."""

    address: str = field(repr=False)
    token: str = field(repr=False)
    silent_after: timedelta


class NotNowError(Exception):
    """The limits of the login leave no room for a request."""


class Subscriptions:
    """A duty of the leader. What listens at the address must do so already."""

    def __init__(self, engine: Engine, hook: Hook) -> None:
        self._engine, self._hook = engine, hook
        self._mark = subscription.mark(hook.token)
        self._wanted: Sequence[str] = subscription.FILTERS
        self.seconds, self.woken = CHECK_SECONDS, engine.subscription_due

    async def round(self, lead: Lead) -> None:
        """See that there is one, and only one, and that it is good."""
        if not self._engine.let_in:
            self.seconds = SOON_SECONDS
            return
        self.seconds = CHECK_SECONDS
        known = await self._engine.database.run(webhooks.known, lead.login)
        if not self._hook.address and (known is None or known.status == OFF):
            return
        try:
            await self._see(lead, known)
        except NotNowError:
            self.seconds = SOON_SECONDS
        except DispatcherError as error:
            self._engine.telemetry.subscription_refused(Sentence(str(error)))
            if known is None:  # not even the list may be seen
                await self._note(lead, MISSING, None)

    async def _see(self, lead: Lead, known: Known | None) -> None:
        listed = await self._ask(LIGHT, self._engine.gateway.subscriptions)
        seen = subscription.plan(
            listed,
            self._hook.address,
            known.subscription_id if known else None,
            same_token=known is not None and known.token_mark == self._mark,
            wanted=self._wanted,
        )
        if seen.good:
            await self._go_on(lead, seen.good, old=seen.old)
        for other, why in seen.others:
            await self._remove(other, why)
        if not self._hook.address and known:
            await self._note(lead, OFF, None)
        elif not seen.good:
            await self._make(lead, next((why for _, why in seen.others), "none"))

    async def _go_on(self, lead: Lead, good: Subscription, *, old: bool) -> None:
        telemetry = self._engine.telemetry
        if old:
            good = await self._ask(LIGHT, self._engine.gateway.renew_subscription, good)
            telemetry.subscription_renewed(good.lasts)
        await self._note(lead, good.status, good)
        telemetry.subscription_reused(good.lasts)
        self._say_disabled(good)

    async def _make(self, lead: Lead, why: str) -> None:
        """Make one; what came while there was none is read from RingCentral's record."""
        gateway, hook = self._engine.gateway, self._hook
        try:
            made = await self._ask(
                self._engine.settings.group, gateway.subscribe, hook.address, hook.token
            )
        except (NotNowError, DispatcherError):
            await self._note(lead, MISSING, None)
            raise
        self._wanted = subscription.shown(made)
        await self._note(lead, made.status, made, fresh=True)
        self._engine.telemetry.subscription_created(why, made.lasts)
        self._say_disabled(made)

    async def _remove(self, other: Subscription, why: str) -> None:
        await self._ask(self._engine.settings.group, self._engine.gateway.unsubscribe, other.id)
        self._engine.telemetry.subscription_removed(why)

    async def _note(
        self, lead: Lead, status: str, there: Subscription | None, *, fresh: bool = False
    ) -> None:
        now = Now(
            subscription_id=there.id if there else None,
            owner_id=there.owner if there else None,
            address=self._hook.address,
            token_mark=self._mark,
            status=status,
            lasts=there.lasts if there else None,
            silent_after=self._hook.silent_after,
        )
        await self._engine.database.run(webhooks.note, lead, now, fresh=fresh)
        self._engine.alarmed.set()

    def _say_disabled(self, there: Subscription) -> None:
        if there.disabled:
            names = ", ".join(sorted(map(subscription.spoken, there.disabled)))
            self._engine.telemetry.subscription_narrowed(
                Sentence(
                    f"RingCentral will not tell us of {names}: give the app the permission "
                    "that it lacks for that."
                )
            )

    async def _ask(
        self, group: str, ask: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Ask RingCentral in our turn. NotNowError: it can't be asked, or does not answer."""
        # Texts take each token as it comes, and would for hours.
        if not await light.turn(self._engine, group, LONGEST_WAIT):
            raise NotNowError
        try:
            return await ask(*args, **kwargs)
        except LimitedError as limit:
            await light.throttled(self._engine, group, limit)
            raise NotNowError from None
        except LoginUnreachableError:
            raise NotNowError from None  # the login's own alerts tell
