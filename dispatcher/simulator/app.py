"""`sms-dispatcher simulator`: runs the stand-in until it is told to stop."""

import argparse
import asyncio
import json
import logging
import signal
import sys

from dispatcher.simulator.options import add_options, settings_of
from dispatcher.simulator.server import RemoteAddressError, Simulator, start
from dispatcher.simulator.settings import Settings

__all__ = ["Simulator", "add_options", "run", "start"]


def run(args: argparse.Namespace) -> int:
    """Run the simulator and return its exit code: 2 if it cannot listen."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s", stream=sys.stderr)
    try:
        asyncio.run(_serve(settings_of(args)))
    except (RemoteAddressError, OSError) as error:
        sys.stderr.write(f"sms-dispatcher: {error}\n")
        return 2
    return 0


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    simulator = await start(settings)
    ready = {"url": simulator.url, "control": simulator.control_url}
    sys.stdout.write(f"{json.dumps(ready)}\n")
    sys.stdout.flush()
    await stop.wait()
    await simulator.stop()
