"""`sms-dispatcher run`: the daemon."""

import argparse
import asyncio
import sys

from dispatcher.cli import address
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import load

DESCRIPTION = """\
Sends what the queue holds until SIGTERM or SIGINT, then finishes what is in
flight, for drain_seconds at most; a second signal ends it at once. Any number
of processes may run. The log goes to standard output.
Exit codes: 0 stopped, everything settled; 2 the configuration or the database
is wrong; 3 stopped with requests in flight, which the ledger knows."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "run",
        help="send what the queue holds",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    address.add_config(parser)


def run(args: argparse.Namespace) -> ExitCode:
    # The other commands should not pay for its imports: they would start half as fast.
    from dispatcher.app.daemon import Daemon  # noqa: PLC0415

    finished = asyncio.run(Daemon(load(args.config), sys.stdout).run())
    return ExitCode.OK if finished else ExitCode.UNFINISHED
