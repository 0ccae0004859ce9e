"""`sms-dispatcher rollup`: counts the figures by day at once, or checks them."""

import argparse
import asyncio

from rich.table import Table
from rich.text import Text

from dispatcher.cli import address, options, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core.figures import Difference
from dispatcher.store import figures, rollups
from dispatcher.store.database import connection
from dispatcher.store.figures import Compared

DESCRIPTION = """\
Counts the campaigns' figures (newsletter.campaign_metrics_daily) of all days on
which something has changed, as the leading dispatcher does by itself once a
minute. --all counts every day that there ever was. --verify changes nothing: it
counts every day anew in one READ ONLY snapshot and names each figure that
differs; days that are about to be counted are told apart. It needs the daemon's
role (migrate --grant-to) or the one that owns the tables.
Exit codes: 0 done, or all agrees; 1 a figure differs; 2 could not do it."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "rollup",
        help="count the campaigns' figures by day, or check them",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--verify", action="store_true", help="compare, and change nothing")
    which.add_argument("--all", action="store_true", help="count every day anew")
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_verify(args) if args.verify else _roll(args))


async def _roll(args: argparse.Namespace) -> ExitCode:
    """Count, some days at a time: whenever it is broken off, what is counted stands."""
    days, left = 0, True
    async with connection(address.of(args)) as conn:
        if args.all:
            await figures.note_all(conn)
        while left:
            rolled = await rollups.roll(conn, wait=True)
            left = rolled is not None and rolled.left
            days += rolled.days if rolled else 0
    if args.json:
        words.print_json({"days": days})
    else:
        print(f"{words.count(days, 'day')} of campaigns counted.")
    return ExitCode.OK


async def _verify(args: argparse.Namespace) -> ExitCode:
    async with connection(address.of(args)) as conn:
        found = await figures.look(conn)
    if args.json:
        words.print_json(_plain(found))
    else:
        _print(found)
    return ExitCode.FOUND if found.differences else ExitCode.OK


def _plain(found: Compared) -> dict[str, object]:
    return {
        "clean": not found.differences,
        "at": found.at,
        "days": found.days,
        "stale": found.stale,
        "differences": [
            {
                "campaign_id": d.of.campaign_id,
                "day": d.of.day,
                "figure": d.figure,
                "stands": d.stands,
                "counted": d.counted,
            }
            for d in found.differences
        ],
    }


def _print(found: Compared) -> None:
    if found.differences:
        _print_differences(found.differences)
    compared = words.count(found.days, "day")
    waiting.say(f"{compared} of campaigns compared, as of {words.when(found.at)}.")
    if found.stale:
        waiting.say(f"{words.count(found.stale, 'day')} about to be counted, not compared.")
    wrong = words.count(len(found.differences), "figure differs", "figures differ")
    waiting.say(f"{wrong}." if found.differences else "Everything agrees.")


def _print_differences(differences: list[Difference]) -> None:
    table = Table("Day and campaign", "Figure", "Stands", "Counted")
    table.columns[0].min_width = 36  # an id, to be copied out whole
    for column in table.columns[2:]:
        column.justify = "right"
    for d in differences:
        where = Text(f"{d.of.day}\n{d.of.campaign_id or 'no campaign'}", overflow="fold")
        table.add_row(where, d.figure, f"{d.stands:,}", f"{d.counted:,}")
    waiting.console().print(table)
