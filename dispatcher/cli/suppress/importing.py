"""`sms-dispatcher suppress import`: the numbers of a CSV file."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from dispatcher.cli import options, words
from dispatcher.cli.campaign import files
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.suppress import said
from dispatcher.config import Local
from dispatcher.core.errors import DispatcherError
from dispatcher.core.people_file import Line
from dispatcher.core.suppression import (
    COLUMNS,
    REFUSED,
    Defaults,
    Reason,
    Refusal,
    Wanted,
    judge,
)
from dispatcher.store import suppressions
from dispatcher.store.database import Connection, connection

DESCRIPTION = f"""\
Suppresses the numbers of a CSV file, each as suppress add does, with a commit
of its own. The first line names the columns: phone and, if you like, reason,
since, until and why. Times have their zone, like 2026-12-01T10:00:00-05:00;
until may be never. Whoever came back after the since of their line stays so,
and an end is never shortened but by an until of the file. The reasons:
{said.REASONS}
Lines that were not taken go into a file, each with why. Importing the same file
again changes nothing.
Exit codes: 0 done; 1 no line was taken; 2 the file or the database is wrong."""


@dataclass
class Tally:
    """What an import has done so far; *later* are numbers that came back since."""

    taken: Counter[Reason] = field(default_factory=Counter)
    later: int = 0
    cancelled: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="suppress the numbers of a CSV file",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("csv", metavar="CSV", type=Path, help="the file of numbers")
    said.add_reason(parser, "the reason of lines that name none", required=False)
    said.add_who(parser, why="why, for lines that don't say it", required=False)
    parser.add_argument(
        "--refused", metavar="PATH", type=Path,
        help="where refused lines go (default: beside the CSV, NAME.refused.csv)",
    )  # fmt: skip
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    refused = args.refused or files.refused_of(args.csv)
    files.check(args.csv, refused, COLUMNS)
    tally = Tally()
    try:
        written = asyncio.run(_run(args, refused, options.settings(args), tally))
    except (KeyboardInterrupt, DispatcherError):
        _say_broken_off(tally)
        raise
    _print(args, tally, refused if written else None)
    return ExitCode.OK if tally.taken or tally.later else ExitCode.FOUND


def _say_broken_off(tally: Tally) -> None:
    if tally.taken:
        numbers = words.count(tally.taken.total(), "number is", "numbers are")
        words.note(f"Broken off: {numbers} suppressed. Import the same file again.")


async def _run(args: argparse.Namespace, refused: Path, settings: Local, tally: Tally) -> int:
    """Take line after line; return how many were written down as refused."""
    async with connection(settings.database_url.get_secret_value()) as conn:
        found = await suppressions.spell(conn, "")
        why = args.why or f"import of {files.name_of(args.csv)}"
        dead_for = timedelta(days=settings.dead_number_days)
        defaults = Defaults(args.reason, why, found.now, dead_for)
        with (
            files.people_of(args.csv, COLUMNS) as people,
            files.RefusedFile(refused, people.header) as others,
        ):
            for batch in files.batches(people.lines):
                wanted, bad = judge(batch, defaults)
                bad = [*bad, *await _take(conn, wanted, said.by(args, found.role), tally)]
                for line, refusal in sorted(bad, key=lambda one: one[0].number):
                    tally.refused[refusal] += 1
                    others.write(line, refusal, REFUSED[refusal])
            return others.written


async def _take(
    conn: Connection, wanted: Sequence[tuple[Line, Wanted]], by: str, tally: Tally
) -> list[tuple[Line, Refusal]]:
    """Suppress what is *wanted*; return what turns out to be no number."""
    refused = []
    for line, one in wanted:
        done = await suppressions.add(conn, one, suppressions.IMPORT, by)
        if done is None:
            refused.append((line, Refusal.INVALID_NUMBER))
            continue
        tally.cancelled += done.cancelled
        if done.holds:
            tally.taken[one.reason] += 1
        else:
            tally.later += 1
    return refused


def _print(args: argparse.Namespace, tally: Tally, refused: Path | None) -> None:
    if args.json:
        words.print_json(_plain(tally, refused))
        return
    for reason, number in tally.taken.most_common():
        print(f"Suppressed: {words.count(number, 'line')}, {said.meaning(reason)} ({reason}).")
    if tally.later:
        print(f"Left as it is: {words.count(tally.later, 'line')}, they came back since then.")
    if tally.cancelled:
        print(f"Cancelled: {words.count(tally.cancelled, 'text')} not yet opened.")
    for why, number in tally.refused.most_common():
        print(f"Refused: {number:,}, {REFUSED[why]} ({why}).")
    if refused:
        print(f"The refused lines are in {refused}.")


def _plain(tally: Tally, refused: Path | None) -> dict[str, object]:
    return {
        "taken": tally.taken.total(),
        "reasons": dict(tally.taken),
        "came_back": tally.later,
        "cancelled": tally.cancelled,
        "refused": dict(tally.refused),
        "refused_file": str(refused) if refused else None,
    }
