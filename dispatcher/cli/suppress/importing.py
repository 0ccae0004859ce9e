"""`sms-dispatcher suppress import`: the numbers of a CSV file."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dispatcher.cli import deciding, files, imports, options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.imports import Refused
from dispatcher.cli.suppress import said
from dispatcher.config import Local
from dispatcher.core.people_file import Line, PeopleFile
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

    def broken_off(self) -> str:
        if not self.taken:
            return ""
        numbers = words.count(self.taken.total(), "number is", "numbers are")
        return f"Broken off: {numbers} suppressed. Import the same file again."


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="suppress the numbers of a CSV file",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    imports.add_arguments(parser, "numbers")
    said.add_reason(parser, "the reason of lines that name none", required=False)
    deciding.add_why(parser, "why, for lines that don't say it", required=False)
    deciding.add_name(parser)
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    refused = imports.refused(args, REFUSED)
    files.check(args.csv, refused.file, COLUMNS)
    tally = Tally()
    imports.run(_run(args, refused, options.settings(args), tally), tally.broken_off)
    _print(args, tally, refused)
    return ExitCode.OK if tally.taken or tally.later else ExitCode.FOUND


async def _run(
    args: argparse.Namespace, refused: Refused[Refusal], settings: Local, tally: Tally
) -> None:
    async with connection(settings.database_url.get_secret_value()) as conn:
        found = await suppressions.spell(conn, "")
        why = args.why or f"import of {files.name_of(args.csv)}"
        dead_for = timedelta(days=settings.dead_number_days)
        defaults = Defaults(args.reason, why, found.now, dead_for)

        async def batch(_: PeopleFile, lines: list[Line]) -> Sequence[tuple[Line, Refusal]]:
            wanted, bad = judge(lines, defaults)
            return [*bad, *await _take(conn, wanted, deciding.by(args, found.role), tally)]

        await imports.take(args.csv, refused, batch, COLUMNS)


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


def _print(args: argparse.Namespace, tally: Tally, refused: Refused[Refusal]) -> None:
    if args.json:
        words.print_json(_plain(tally, refused))
        return
    for reason, number in tally.taken.most_common():
        print(f"Suppressed: {words.count(number, 'line')}, {said.meaning(reason)} ({reason}).")
    if tally.later:
        print(f"Left as it is: {words.count(tally.later, 'line')}, they came back since then.")
    if tally.cancelled:
        print(f"Cancelled: {words.count(tally.cancelled, 'text')} not yet opened.")
    refused.print_reasons()
    refused.print_file()


def _plain(tally: Tally, refused: Refused[Refusal]) -> dict[str, object]:
    return {
        "taken": tally.taken.total(),
        "suppressed": dict(tally.taken),
        "came_back": tally.later,
        "cancelled": tally.cancelled,
        **refused.plain(),
    }
