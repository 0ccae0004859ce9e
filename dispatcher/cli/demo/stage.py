"""What stands in for the world: RingCentral, its faults, and a minute of a second's length."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

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
BLOCKED = Fault(Kind.REFUSE, to="0102$", code="MSG-243")
TOO_FAST = Fault(Kind.THROTTLE, group="medium", times=1, retry_after=120)
CUT_OFF = Fault(Kind.CUT, method="POST", group="medium", times=1)
COURSE = ((0.3, CUT_OFF), (0.5, TOO_FAST), (0.7, CUT_OFF))
"""What goes wrong, after how many accepted texts for each of the people."""

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

SETTINGS = Settings(
    scale=SCALE,
    limits={"medium": LIMIT},
    latency=3,  # 50 to 100 ms
    latency_spread=3,
    access_ttl=3600 / SCALE,  # a login lasts as long as a real one
    faults=(BLOCKED,),
)


@asynccontextmanager
async def simulator(people: int) -> AsyncIterator[Simulator]:
    """Run the simulator in our own loop, and let go wrong what belongs to the demo."""
    running = await app.start(SETTINGS)
    course = asyncio.create_task(_go_wrong(running, people))
    try:
        yield running
    finally:
        course.cancel()
        with suppress(asyncio.CancelledError):
            await course
        await running.stop()


async def _go_wrong(running: Simulator, people: int) -> None:
    for part, fault in COURSE:
        await running.ledger.reached(texts=int(part * people))
        running.add_fault(fault)


def settings_of_daemon(url: str, dsn: str) -> dict[str, str]:
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
        "SMS_DISPATCHER_HTTP_PORT": "0",
        "SMS_DISPATCHER_LOG_FORMAT": "json",
        "SMS_DISPATCHER_DRAIN_SECONDS": "5",
    }
