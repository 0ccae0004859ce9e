"""What stands in for the world: RingCentral, its faults, and a minute of a second's length."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from secrets import token_urlsafe

from dispatcher.simulator import app
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator
from dispatcher.simulator.settings import Settings

# RingCentral's minute lasts a second here, so that 500 texts at its rate take no 12 minutes.
SCALE = 1 / 60
LIMIT = 40
# Below the limit: with a minute so short, some hundredths of a second too early would matter.
RATE_PER_MINUTE = 1800
# With one token only, what comes while a claim is written would be lost thirty times a second.
BURST = 4
LANES = 16

LOGIN = "demo"
REFUSED = "0102"
"""So end the numbers that RingCentral refuses."""
HELP = "Garden Shop: call 212-555-0199 or reply STOP to opt out."

# What is unknown is found out while one looks on. As short as a busy machine stands it: an
# answer that takes longer than a request may is a lost one.
UNKNOWN_SOON = {
    "SMS_DISPATCHER_HEARTBEAT_SECONDS": "0.5",
    "SMS_DISPATCHER_DEAD_AFTER_SECONDS": "2",
    "SMS_DISPATCHER_LEAD_SECONDS": "1.5",
    "SMS_DISPATCHER_SEND_BY_SECONDS": "1",
    "SMS_DISPATCHER_CONNECT_TIMEOUT_SECONDS": "1",
    "SMS_DISPATCHER_READ_TIMEOUT_SECONDS": "2",
    "SMS_DISPATCHER_FIRST_LOOK_SECONDS": "0.5",
    "SMS_DISPATCHER_SECOND_LOOK_SECONDS": "2",
    "SMS_DISPATCHER_LIGHT_PER_MINUTE": "1200",
}
# What became of a text that was unknown is looked up when the queue is.
ANSWERS = {
    "SMS_DISPATCHER_SYNC_SECONDS": "0.5",
    "SMS_DISPATCHER_POLL_SECONDS": "1",
    "SMS_DISPATCHER_HELP_TEXT": HELP,
}

SETTINGS = Settings(
    scale=SCALE,
    limits={"medium": LIMIT},
    latency=3,  # 50 to 100 ms
    latency_spread=3,
    access_ttl=3600 / SCALE,  # a login lasts as long as a real one
    faults=(Fault(Kind.REFUSE, to=f"{REFUSED}$", code="MSG-243"),),
    webhook_timeout=3 / SCALE,
    blacklist_after=1000,  # a daemon that starts again is away for a minute of RingCentral's
)


@asynccontextmanager
async def simulator() -> AsyncIterator[Simulator]:
    """Run the simulator in our own loop."""
    running = await app.start(SETTINGS)
    try:
        yield running
    finally:
        await running.stop()


@dataclass(frozen=True)
class Hook:
    """Where the daemon listens for RingCentral's calls, and what those show."""

    port: int
    token: str

    @property
    def settings(self) -> dict[str, str]:
        return {
            "SMS_DISPATCHER_WEBHOOK_URL": f"http://127.0.0.1:{self.port}/ringcentral",
            "SMS_DISPATCHER_WEBHOOK_PORT": str(self.port),
            "SMS_DISPATCHER_WEBHOOK_TOKEN": self.token,
        }


def new_hook() -> Hook:
    """Choose a port that is free, for all daemons of the demo, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return Hook(server.getsockname()[1], token_urlsafe())


def settings_of_daemon(url: str, dsn: str, hook: Hook | None) -> dict[str, str]:
    """Return the daemon's whole configuration. The hours rule is off: a demo has no night."""
    settings = SETTINGS
    return {
        "DATABASE_URL": dsn,
        "RINGCENTRAL_SERVER_URL": url,
        "RINGCENTRAL_CLIENT_ID": settings.client_id,
        "RINGCENTRAL_CLIENT_SECRET": settings.client_secret,
        "RINGCENTRAL_JWT": settings.jwt,
        "SMS_DISPATCHER_LOGIN_NAME": LOGIN,
        "SMS_DISPATCHER_HOURS": "off",
        "SMS_DISPATCHER_RATE_PER_MINUTE": str(RATE_PER_MINUTE),
        "SMS_DISPATCHER_RATE_BURST": str(BURST),
        "SMS_DISPATCHER_LANES": str(LANES),
        "SMS_DISPATCHER_SETTLE_AFTER_MS": "200",
        "SMS_DISPATCHER_PER_NUMBER_PER_MINUTE": str(RATE_PER_MINUTE),
        "SMS_DISPATCHER_PER_NUMBER_PER_DAY": str(RATE_PER_MINUTE),
        **UNKNOWN_SOON,
        **ANSWERS,
        **(hook.settings if hook else {}),
        "SMS_DISPATCHER_HTTP_PORT": "0",
        "SMS_DISPATCHER_LOG_FORMAT": "json",
        "SMS_DISPATCHER_DRAIN_SECONDS": "5",
    }
