"""Options and questions that several commands have in common."""

import argparse
import sys
from datetime import datetime
from uuid import UUID

from dispatcher import config
from dispatcher.cli import address
from dispatcher.config import Local
from dispatcher.core.errors import DispatcherError

YEARS = range(2000, 2200)


class NotConfirmedError(DispatcherError):
    """Nobody was there to ask, or they said no."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add --json and where the settings come from."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    address.add_argument(parser)


def add_campaign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("campaign", metavar="ID", type=UUID, help="the campaign's id")


def settings(args: argparse.Namespace) -> Local:
    """Return the settings that a command without RingCentral needs."""
    return config.local(args.database_url, args.config)


def moment(text: str) -> datetime:
    """Return the time that *text* names, with its zone; a type for argparse."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year not in YEARS:
        raise argparse.ArgumentTypeError(
            "must be a date and time with its zone, like 2026-12-01T10:00:00-05:00"
        )
    return found


def confirm(question: str, *, yes: bool) -> None:
    """Ask on a terminal; raise NotConfirmedError without a yes, or with nobody to ask."""
    if yes:
        return
    if not (sys.stdin and sys.stdin.isatty()):
        raise NotConfirmedError(f"{question} Nothing was changed: say --yes to do it.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise NotConfirmedError("Nothing was changed.")
