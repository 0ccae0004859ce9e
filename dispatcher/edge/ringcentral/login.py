"""The login: every request gets its token here, the one that all processes share."""

import asyncio
from datetime import datetime

from dispatcher.core.codes import sentence
from dispatcher.core.errors import DispatcherError
from dispatcher.edge.ringcentral import grant
from dispatcher.edge.ringcentral.account import Account
from dispatcher.edge.ringcentral.sdk import Reply, Sdk, Token
from dispatcher.edge.ringcentral.seal import Seal
from dispatcher.edge.ringcentral.threads import Threads
from dispatcher.ports import Clock, LoginUnreachableError, Shelf, Shelved

_RENEW_AT = 0.8
_BEGIN_WITHIN = 10.0
_SLACK = 5.0  # to write down what came of it
_LOOK_AGAIN = 0.25  # while another process logs in
_RENEW_AGAIN = 1.0  # while nobody waits for it


class LoginRefusedError(DispatcherError):
    """RingCentral does not let us in; somebody has to mend the settings."""

    def __init__(self, code: str) -> None:
        super().__init__(f"RingCentral refused the login ({code}). {sentence(code)}")
        self.code = code


class Login:
    """Takes the token from the shelf; logs in with the JWT where it is this process's turn.

    A refresh token is never used: it is good once, and kills the token that others hold.
    """

    def __init__(
        self, account: Account, sdk: Sdk, threads: Threads, clock: Clock, shelf: Shelf
    ) -> None:
        self._sdk = sdk
        self._threads = threads
        self._clock = clock
        self._shelf = shelf
        self._seal = Seal(account)
        self._lease = _BEGIN_WITHIN + account.longest + _SLACK
        self._token: Token | None = None
        self._refused = 0  # the newest generation that RingCentral answered with 401
        self._under_way: asyncio.Task[None] | None = None
        self._renew_after = 0.0
        self._closing = asyncio.Event()

    async def token(self) -> Token:
        """Return a token that is good, as far as we know.

        One that grows old is renewed while it is still used: nobody waits for that.
        """
        while (token := self._good()) is None:
            await self._fetched()
        now = self._clock.monotonic()
        if now >= max(token.renew_at, self._renew_after):
            self._start()
        return token

    async def instead_of(self, refused: Token) -> Token:
        """Return another token than the one that RingCentral answered with 401.

        Another process may have found that out before, and have put a new one on the shelf.
        """
        self._refused = max(self._refused, refused.generation)
        return await self.token()

    async def close(self) -> None:
        """Wait for a login of ours, but for nobody else's."""
        self._closing.set()
        if self._under_way is not None:
            await asyncio.wait({self._under_way})

    def _good(self) -> Token | None:
        token = self._token
        if token is None or token.generation <= self._refused:
            return None
        return token if self._clock.monotonic() < token.expires_at else None

    async def _fetched(self) -> None:
        try:
            # Shielded: one of those who wait may be cancelled, the login is everybody's.
            await asyncio.shield(self._start())
        except (LoginRefusedError, LoginUnreachableError):
            if self._good() is None:
                raise

    def _start(self) -> "asyncio.Task[None]":
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._fetch(), name="login")
            self._under_way.add_done_callback(self._ended)
        return self._under_way

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way = None
        self._renew_after = self._clock.monotonic() + _RENEW_AGAIN
        if not task.cancelled():
            task.exception()  # looked at, or asyncio prints it where nobody waited

    async def _fetch(self) -> None:
        """Take the token from the shelf, log in if it is our turn, else wait for who does."""
        foreign = 0  # a generation that we can't open
        while True:
            began = self._clock.monotonic()
            no_good = max(self._refused, foreign)
            seen = await self._shelf.look(no_good, self._lease, self._seal.mark)
            opened = self._take(seen, began)
            if seen.turn is not None:
                return await self._log_in(seen.turn, began)
            if opened and self._good():
                return None
            if not opened and seen.generation > no_good:
                foreign = seen.generation
                continue
            if seen.rest > 0 and not seen.renewing:
                raise _resting(seen)
            if await self._clock.wait(self._closing, _LOOK_AGAIN):
                raise LoginUnreachableError("The login was given up: this process is stopping.")

    def _take(self, seen: Shelved, began: float) -> bool:
        """Use the token on the shelf; return False if there is none that we can open."""
        value = self._seal.open(seen.sealed) if seen.sealed else None
        if value is None:
            return False
        renew_at, expires_at = began + seen.renew_in, began + seen.expires_in
        if seen.generation > self._refused:
            self._token = Token(value, renew_at, expires_at, seen.generation)
        return True

    async def _log_in(self, turn: datetime, began: float) -> None:
        reply = await self._threads.run("token", self._sdk.login, began + _BEGIN_WITHIN)
        answer = grant.read(reply if isinstance(reply, Reply) else None)
        if isinstance(answer, grant.Denied):
            await self._shelf.rest(turn, answer.seconds, answer.code, self._seal.mark)
            if answer.code is not None:
                raise LoginRefusedError(answer.code)
            raise LoginUnreachableError(answer.sentence)
        life, renew = answer.life, answer.life * _RENEW_AT
        sealed = self._seal.close(answer.token)
        age = self._clock.monotonic() - began
        generation = await self._shelf.keep(turn, sealed, age=age, renew=renew, life=life)
        # None: we took too long, and the next one has its turn. The shelf will have its token.
        if generation is not None:
            # A database that was set back counts anew, and this one is good all the same.
            self._refused = min(self._refused, generation - 1)
            self._token = Token(answer.token, began + renew, began + life, generation)


def _resting(seen: Shelved) -> LoginRefusedError | LoginUnreachableError:
    """Say why there is no login, without asking RingCentral again."""
    if seen.code is not None:
        return LoginRefusedError(seen.code)
    return LoginUnreachableError(
        f"The next login to RingCentral is due in {seen.rest:.0f} seconds: all processes "
        "together ask for five a minute at most, and rest after a failure."
    )
