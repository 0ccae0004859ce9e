"""`sms-dispatcher suppress list`: which numbers get no texts, and why."""

import argparse
import asyncio

from rich.table import Table

from dispatcher.cli import options, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.suppress import said
from dispatcher.core.privacy import mask
from dispatcher.store import suppressions
from dispatcher.store.database import connection
from dispatcher.store.suppressions import Count, Suppression

DESCRIPTION = """\
Lists the numbers that get no texts, the latest first, with the reason and its
end. One whose end has passed is texted again and shown as ended; what was
lifted is not shown. Changes nothing.
Exit codes: 0 shown; 2 could not look."""

MOST_SHOWN = 100


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "list",
        help="list them",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    said.add_reason(parser, "only this reason", required=False)
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    found, counts = asyncio.run(_look(args))
    if args.json:
        words.print_json(
            {
                "suppressions": [_plain(each) for each in found],
                "counts": {c.reason: {"holds": c.holds, "ended": c.ended} for c in counts},
            }
        )
    else:
        _print(found, counts)
    return ExitCode.OK


async def _look(args: argparse.Namespace) -> tuple[list[Suppression], list[Count]]:
    most = None if args.json else MOST_SHOWN
    async with connection(options.settings(args).database_url.get_secret_value()) as conn:
        return (
            await suppressions.look(conn, args.reason, most),
            await suppressions.count(conn, args.reason),
        )


def _plain(each: Suppression) -> dict[str, object]:
    return {
        "phone": mask(each.phone),
        "reason": each.reason,
        "source": each.source,
        "since": each.since,
        "until": each.until,
        "ended": each.ended,
    }


def _print(found: list[Suppression], counts: list[Count]) -> None:
    if not found:
        print("No number is suppressed.")
        return
    table = Table("Number", "Reason", "Known from", "Since", "Until")
    for each in found:
        table.add_row(
            mask(each.phone), each.reason, each.source, f"{each.since:%Y-%m-%d}", _end(each)
        )
    waiting.console().print(table)
    for one in counts:
        ended = f", {one.ended:,} ended" if one.ended else ""
        print(f"{one.reason}: {one.holds:,}{ended}; {said.meaning(one.reason)}")
    if sum(one.holds + one.ended for one in counts) > len(found):
        print(f"The latest {MOST_SHOWN} are shown; --json lists all.")


def _end(each: Suppression) -> str:
    if each.until is None:
        return "for ever"
    return f"{each.until:%Y-%m-%d}{', ended' if each.ended else ''}"
