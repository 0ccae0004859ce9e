"""The small HTTP server: metrics for Prometheus, health and readiness for who watches us."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from dispatcher.core.errors import DispatcherError
from dispatcher.core.privacy import scrub
from dispatcher.telemetry import CONTENT_TYPE, Telemetry

HOST: Final = "127.0.0.1"
PORT: Final = 9464

# A watcher that keeps its connection must not hold up our end.
_FAREWELL_SECONDS = 1.0


@dataclass(frozen=True)
class Readiness:
    """What a check says. The *note* is for an operator and holds nothing private."""

    ok: bool
    note: str


Check = Callable[[], Readiness]
"""Says what is known already: it must not wait, least of all for the database."""


class NoPortError(DispatcherError):
    """The server cannot listen where it was told to."""

    def __init__(self, what: str, host: str, port: int, why: str) -> None:
        super().__init__(
            f"{what} cannot be served on {host}:{port} ({why}): end the program "
            "that listens there or set another address or port"
        )
        self.host, self.port = host, port


def claims_fresh(age: Callable[[], float | None], at_most: float) -> Check:
    """Return a check that the last claim, also an empty one, ended *at_most* seconds ago."""

    def check() -> Readiness:
        seconds = age()
        if seconds is None:
            return Readiness(ok=False, note="no claim yet")
        return Readiness(seconds <= at_most, f"{seconds:.1f} s ago, at most {at_most:g} s")

    return check


async def listening(runner: web.BaseRunner, host: str, port: int, what: str) -> int:
    """Begin to listen for *runner* and return the port. NoPortError: it can't be had."""
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        # asyncio's own words would say address and port a second time.
        why = os.strerror(error.errno or 0) if (error.errno or 0) > 0 else str(error)
        raise NoPortError(what, host, port, why) from None
    found: int = runner.addresses[0][1]
    return found


class HttpServer:
    """Serves `/metrics`, `/healthz` and `/readyz` to GET and HEAD. Port 0 is any free one."""

    def __init__(
        self,
        telemetry: Telemetry,
        checks: Mapping[str, Check],
        host: str = HOST,
        port: int = PORT,
    ) -> None:
        self._telemetry, self._checks = telemetry, checks
        self.host, self.port = host, port
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Begin to listen and return the port."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_FAREWELL_SECONDS)
        return await listening(self._runner, self.host, self.port, "metrics and health")

    async def stop(self) -> None:
        """End it. More than once, or before the start, is as good."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=self._telemetry.exposition(), headers={"Content-Type": CONTENT_TYPE}
        )

    async def _health(self, _request: web.Request) -> web.Response:
        # That this answers at all says that the event loop runs.
        return web.json_response({"alive": True})

    async def _ready(self, _request: web.Request) -> web.Response:
        said = {name: _ask(check) for name, check in self._checks.items()}
        ready = all(each.ok for each in said.values())
        notes = {name: {"ok": each.ok, "note": scrub(each.note)} for name, each in said.items()}
        return web.json_response(
            {"ready": ready, "checks": notes}, status=200 if ready else 503
        )


def _ask(check: Check) -> Readiness:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  # a check that fails is an answer too
        return Readiness(ok=False, note=type(error).__name__)
