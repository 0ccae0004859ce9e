"""The login and its one owner: every request gets its token here."""

import asyncio
import json
import re
from collections import deque

from dispatcher.core.codes import NO_CODE, sentence
from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import read_code
from dispatcher.core.rate import DEFAULT_RETRY_SECONDS, retry_after
from dispatcher.edge.ringcentral.sdk import Reply, Sdk, Token
from dispatcher.edge.ringcentral.threads import Threads
from dispatcher.ports import Clock, LoginUnreachableError

# RingCentral allows an application five a minute and may suspend one that asks more often.
_MOST, _WINDOW = 5, 60.0
_RENEW_AT = 0.8
_PAUSE_UNREACHED, _PAUSE_REFUSED = 10.0, 60.0
_BEGIN_WITHIN = 10.0
_SHORT_LIFE = 600.0  # the least that RingCentral gives, where it does not say

# Anything else would not be a header, and requests would quote it in an exception.
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_OK, _THROTTLED = 200, 429
_REFUSALS = frozenset({400, 401, 403, 404})


class LoginRefusedError(DispatcherError):
    """RingCentral does not let us in; somebody has to mend the settings."""

    def __init__(self, code: str) -> None:
        super().__init__(f"RingCentral refused the login ({code}). {sentence(code)}")
        self.code = code


class Login:
    """Logs in with the JWT when it has to, once for all who wait, and not too often.

    A refresh token is never used: it is good once, and kills the token that others hold.
    """

    def __init__(self, sdk: Sdk, threads: Threads, clock: Clock) -> None:
        self._sdk = sdk
        self._threads = threads
        self._clock = clock
        self._token: Token | None = None
        self._under_way: asyncio.Task[Token] | None = None
        self._begun: deque[float] = deque(maxlen=_MOST)
        self._error: LoginRefusedError | LoginUnreachableError | None = None
        self._not_before = 0.0

    async def token(self) -> Token:
        """Return a token that is good, as far as we know.

        One that grows old is renewed while it is still used: nobody waits for that.
        """
        token, now = self._token, self._clock.monotonic()
        if token is None or now >= token.expires_at:
            return await self._log_in()
        if now >= token.renew_at and self._pause(now) <= 0:
            self._start()
        return token

    async def instead_of(self, refused: Token) -> Token:
        """Return another token than the one that RingCentral answered with 401."""
        if self._token is not None and self._token is not refused:
            return self._token
        self._token = None
        return await self._log_in()

    async def close(self) -> None:
        if self._under_way is not None:
            await asyncio.wait({self._under_way})

    async def _log_in(self) -> Token:
        # Shielded: one of those who wait may be cancelled, the login is everybody's.
        return await asyncio.shield(self._start())

    def _start(self) -> "asyncio.Task[Token]":
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._ask(), name="login")
            self._under_way.add_done_callback(self._ended)
        return self._under_way

    def _ended(self, task: "asyncio.Task[Token]") -> None:
        self._under_way = None
        if not task.cancelled():
            task.exception()  # looked at, or asyncio prints it where nobody waited

    async def _ask(self) -> Token:
        now = self._clock.monotonic()
        if (pause := self._pause(now)) > 0:
            raise self._again(pause)
        self._begun.append(now)
        reply = await self._threads.run(self._sdk.login, now + _BEGIN_WITHIN)
        token = _token(reply, now) if isinstance(reply, Reply) else None
        if token is None:
            self._error, pause = _refusal(reply if isinstance(reply, Reply) else None)
            self._not_before = self._clock.monotonic() + pause
            raise self._error
        self._error, self._not_before = None, 0.0
        self._token = token
        return token

    def _pause(self, now: float) -> float:
        """Return the seconds for which we must not log in."""
        full = len(self._begun) == _MOST
        return max(self._not_before, self._begun[0] + _WINDOW if full else 0.0) - now

    def _again(self, pause: float) -> LoginRefusedError | LoginUnreachableError:
        """Say why there is no login, without asking RingCentral again."""
        if isinstance(self._error, LoginRefusedError):
            return LoginRefusedError(self._error.code)
        return LoginUnreachableError(
            f"The next login to RingCentral is due in {pause:.0f} seconds; it may be asked for "
            f"{_MOST} times a minute and rests after a failure."
        )


def _token(reply: Reply, now: float) -> Token | None:
    """Read a token whose life counts from *now*, when it was asked for."""
    try:
        given = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    value = given.get("access_token") if isinstance(given, dict) else None
    if reply.status != _OK or not isinstance(value, str) or not _TOKEN.fullmatch(value):
        return None
    life = given.get("expires_in")
    known = isinstance(life, int) and not isinstance(life, bool) and life > 0
    seconds = float(life) if known else _SHORT_LIFE
    return Token(value, now + seconds * _RENEW_AT, now + seconds)


def _refusal(
    reply: Reply | None,
) -> tuple[LoginRefusedError | LoginUnreachableError, float]:
    """Return the error, and for how many seconds nobody need try again."""
    if reply is None:
        error = LoginUnreachableError("RingCentral could not be reached to log in.")
        return error, _PAUSE_UNREACHED
    if reply.status in _REFUSALS:
        code = read_code(reply.body) or f"{NO_CODE}{reply.status}"
        return LoginRefusedError(code), _PAUSE_REFUSED
    wait = retry_after(reply.headers)
    if reply.status == _THROTTLED:
        error = LoginUnreachableError("RingCentral asks us to log in less often.")
        return error, wait or DEFAULT_RETRY_SECONDS
    error = LoginUnreachableError(
        f"RingCentral answered the login with {reply.status} and no token."
    )
    return error, wait or _PAUSE_UNREACHED
