"""The command: its options, its exit code, and how it ends early."""

import argparse
import asyncio
import sys
from pathlib import Path

from dispatcher.cli.demo import play
from dispatcher.cli.demo.interruption import Interruption
from dispatcher.cli.demo.play import Plan
from dispatcher.cli.demo.result import Result
from dispatcher.cli.demo.screen import Lines, Screen, Silence, Terminal
from dispatcher.cli.demo.surroundings import nothing_configured
from dispatcher.cli.demo.watching import DemoError
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.edge import postgres
from dispatcher.edge.postgres_binaries import find

PEOPLE = 500

# Nothing here outlives the demo, so nothing need reach the disk.
HASTY = {"fsync": "off", "full_page_writes": "off"}

DESCRIPTION = """\
Sends a campaign to 500 invented people with everything that a real one has,
on this machine alone: a private PostgreSQL, the simulator in RingCentral's
place, and the daemon. Nothing is configured, nothing is sent to anybody,
nothing is left afterwards. Some texts fail after they were accepted, some
people write back, some of them STOP. RingCentral tells of all this by webhook,
or with --no-webhooks only when it is asked. Kill the daemon as you like: it is
started again. Then `sms-dispatcher verify` and `rollup --verify` run, and the
books are compared with the simulator's: what it accepted, what became of it,
what people wrote.
Exit codes: 0 the books balance; 1 they do not, or something was found;
2 it could not be played; 130 interrupted."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "demo",
        help="send a campaign of invented people to the simulator",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--no-webhooks",
        action="store_true",
        help="let RingCentral not call: its record is read, and nothing else",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument(
        "--people",
        metavar="N",
        type=_people,
        default=PEOPLE,
        help=f"send to the first N of the {PEOPLE} only",
    )
    parser.add_argument(
        "--keep", metavar="DIR", type=Path, help="leave the daemon's log in this folder"
    )


def run(args: argparse.Namespace) -> ExitCode:
    screen = _screen(as_json=args.json)
    keep = _kept(args.keep.absolute()) if args.keep else None
    with Interruption() as interruption, nothing_configured():
        screen.begin(webhooks=not args.no_webhooks)
        with postgres.start(find(), HASTY) as server:
            plan = Plan(args.people, server, keep, webhooks=not args.no_webhooks)
            result = asyncio.run(interruption.around(play.play(plan, screen)))
    screen.end(result)
    return exit_code(result)


def exit_code(result: Result) -> ExitCode:
    return ExitCode.OK if result.sound else ExitCode.FOUND


def _screen(*, as_json: bool) -> Screen:
    if as_json:
        return Silence()
    return Terminal() if sys.stdout.isatty() else Lines()


def _kept(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / play.LOG).touch()
    except OSError as error:
        raise DemoError(f"--keep {folder} cannot be written to: {error.strerror}.") from None
    return folder


def _people(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= PEOPLE:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {PEOPLE}")
    return int(text)
