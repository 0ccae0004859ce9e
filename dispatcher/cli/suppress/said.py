"""What the commands of `suppress` have in common: who says it and why, and how it is shown."""

import argparse
from datetime import datetime

from dispatcher.cli import options, words
from dispatcher.core.errors import DispatcherError
from dispatcher.core.suppression import NEVER, SENTENCES, Reason
from dispatcher.store import suppressions
from dispatcher.store.database import Connection
from dispatcher.store.suppressions import Spelled

REASONS = "\n".join(f"  {reason:<15}{SENTENCES[reason]}" for reason in Reason)


class SuppressError(DispatcherError):
    """The number can't be suppressed or released so; the text says why."""


def add_reason(parser: argparse.ArgumentParser, meaning: str, *, required: bool) -> None:
    parser.add_argument(
        "--reason", metavar="REASON", type=_reason, required=required, help=meaning,
    )  # fmt: skip


def _reason(text: str) -> Reason:
    if text in frozenset(Reason):
        return Reason(text)
    raise argparse.ArgumentTypeError(f"must be one of {', '.join(Reason)}")


def until(text: str) -> datetime | None:
    """Return when it ends, None for `never`; a type for argparse."""
    return None if text == NEVER else options.moment(text)


async def spelled(conn: Connection, phone: str) -> tuple[str, Spelled]:
    """Return the number as the database spells it, with the rest of what it says."""
    found = await suppressions.spell(conn, phone)
    if found.phone is None:
        raise SuppressError("That is no telephone number: write it with its area code.")
    return found.phone, found


def meaning(reason: str) -> str:
    """Return the reason in words; the database may hold one that another version wrote."""
    return SENTENCES[Reason(reason)] if reason in frozenset(Reason) else "of another version"


def end(moment: datetime | None) -> str:
    return "for ever" if moment is None else f"until {words.when(moment)}"
