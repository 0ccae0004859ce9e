"""`sms-dispatcher receipts`: how far texts are followed after RingCentral took them."""

import argparse
import asyncio
from dataclasses import asdict

from dispatcher.cli import options, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local
from dispatcher.store import following
from dispatcher.store.database import connection
from dispatcher.store.following import Following, Read

DESCRIPTION = """\
Shows how far RingCentral's record is read, what of it is still to be applied,
and what came of today's receipts. Changes nothing.
Exit codes: 0 shown; 2 could not look."""

WAITING = {
    "new": "to be applied",
    "early": "without a text of ours so far",
}
TODAY = {
    "applied": "said something new of a text",
    "stale": "said what was known already",
    "inbound": "were texts to us",
    "foreign": "were of texts that others sent, and are given up",
    "unreadable": "could not be understood",
}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "receipts",
        help="show how far texts are followed",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=show)
    options.add(parser)


def show(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_show(args, options.settings(args)))


async def _show(args: argparse.Namespace, settings: Local) -> ExitCode:
    async with connection(settings.database_url.get_secret_value()) as conn:
        found = await following.look(conn, settings.daily_budget_zone)
    if args.json:
        words.print_json(_plain(found))
    else:
        _print(found)
    return ExitCode.OK


def _plain(found: Following) -> dict[str, object]:
    return {
        "reads": [asdict(read) for read in found.reads],
        "waiting": {state: _count(found, state) for state in WAITING},
        "today": {verdict: _count(found, verdict) for verdict in TODAY},
        "awaited": found.texts,
        "awaited_since": found.oldest,
    }


def _count(found: Following, state: str) -> int:
    return found.states[state].receipts if state in found.states else 0


def _print(found: Following) -> None:
    if not found.reads:
        print("RingCentral's record has not been read yet.")
    for read in found.reads:
        waiting.say(_sentence(found, read))
    since = f", the oldest since {words.when(found.oldest)}" if found.oldest else ""
    waiting.say(f"The end of {words.count(found.texts, 'text')} is awaited{since}.")
    for state, what in WAITING.items():
        if state in found.states:
            oldest = words.span(found.now - found.states[state].oldest)
            waiting.say(f"{_count(found, state):,} {what}; the oldest came {oldest} ago.")
    print("Receipts of today:")
    for verdict, what in TODAY.items():
        print(f"{_count(found, verdict):>9,} {what}")


def _sentence(found: Following, read: Read) -> str:
    if read.read_at is None:
        return f"{read.login}: nothing of RingCentral's record is stored yet."
    said = f"{read.login}: read {words.span(found.now - read.read_at)} ago"
    if read.gap_since and read.gap_until:
        said += (
            f"; what was missed from {words.when(read.gap_since)} to "
            f"{words.when(read.gap_until)} is being read, page {read.gap_page}"
        )
    return f"{said}."
