"""`sms-dispatcher unknown`: texts of unknown fate, and what follows by itself."""

import argparse
import asyncio
from datetime import datetime
from uuid import UUID

from rich.table import Table
from rich.text import Text

from dispatcher.cli import options, resolve, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local, rules
from dispatcher.core import unknown as core
from dispatcher.core.privacy import mask
from dispatcher.core.unknown import Rules, Step, Unknown
from dispatcher.store import unknown as store
from dispatcher.store.database import connection

DESCRIPTION = """\
Lists the texts of which nobody knows whether they went out, what is known of
each, and what will happen by itself. Changes nothing.
Exit codes: 0 shown; 2 could not look."""

MOST_SHOWN = 100
STEPS = {
    Step.LOOK: "RingCentral's record is searched",
    Step.DROP: "it counts as not sent",
    Step.PRESUME: "it counts as sent",
    Step.HOLD: "it is held for a person",
}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "unknown",
        help="list texts of unknown fate, or decide on one",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=show)
    options.add(parser)
    more = parser.add_subparsers(title="commands", metavar="COMMAND")
    resolve.add_parser(more)


def show(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_show(args, options.settings(args)))


async def _show(args: argparse.Namespace, settings: Local) -> ExitCode:
    async with connection(settings.database_url.get_secret_value()) as conn:
        found = await store.look(conn)
        now = await store.now(conn)
    decides = _rules(settings)
    if args.json:
        words.print_json({"unknown": [_plain(each, decides) for each in found]})
    else:
        _print(found, decides, now)
    return ExitCode.OK


def _rules(settings: Local) -> Rules:
    return Rules(rules.waits(settings), rules.if_absent(settings), rules.lifetimes(settings))


def _plain(unknown: Unknown, decides: Rules) -> dict[str, object]:
    step, at = core.following(unknown, decides)
    return {
        "id": unknown.message,
        "attempt": unknown.attempt,
        "campaign_id": unknown.campaign,
        "campaign": unknown.campaign_name,
        "phone": mask(unknown.phone),
        "category": unknown.category,
        "since": unknown.since,
        "looks": unknown.looks,
        "looked_at": unknown.looked_at,
        "showed": unknown.showed,
        "held_at": unknown.held_at,
        "queued": unknown.standing,
        "next": step,
        "next_at": at,
    }


def _print(found: list[Unknown], decides: Rules, now: datetime) -> None:
    if not found:
        print("No text's fate is unknown.")
        return
    table = Table("Text", "What is known, and what follows by itself", show_lines=True)
    table.columns[0].min_width = len(str(UUID(int=0)))  # to be copied out whole
    for each in found[:MOST_SHOWN]:
        table.add_row(
            Text("\n".join(_names(each)), overflow="fold"),
            Text("\n".join(_facts(each, decides, now))),
        )
    waiting.console().print(table)
    held = sum(each.held_at is not None for each in found)
    print(f"{words.count(len(found), 'text')}, {held:,} held for a person to decide.")
    if len(found) > MOST_SHOWN:
        print(f"The oldest {MOST_SHOWN} are shown; --json lists all.")


def _names(unknown: Unknown) -> list[str]:
    attempt = "no attempt of ours" if unknown.attempt is None else f"attempt {unknown.attempt}"
    campaign = unknown.campaign_name or (unknown.campaign and str(unknown.campaign))
    about = [f"{mask(unknown.phone)}, {unknown.category}", attempt]
    return [str(unknown.message), *about, *([f"campaign {campaign}"] if campaign else [])]


def _facts(unknown: Unknown, decides: Rules, now: datetime) -> list[str]:
    step, at = core.following(unknown, decides)
    soon = f"in {words.span(at - now)}" if at > now else "now"
    return [
        f"since {words.when(unknown.since)}",
        *resolve.looked(unknown),
        *(["held for a person"] if unknown.held_at else []),
        *(["its row is gone or was changed"] if not unknown.standing else []),
        f"{soon}: {STEPS[step]}",
    ]
