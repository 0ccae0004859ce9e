"""`sms-dispatcher consent import`: consents of a CSV file, each with its proof."""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dispatcher.cli import options, resolve, words
from dispatcher.cli.campaign import files
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local
from dispatcher.core import consent_file
from dispatcher.core.consent_file import Verdicts
from dispatcher.core.errors import DispatcherError
from dispatcher.core.recruiting import SENTENCES, Refusal
from dispatcher.store import proving
from dispatcher.store.database import connection

DESCRIPTION = """\
Records consents with their proof and subscribes the people. The first line of
the CSV names the columns: phone, consented_at (date, time and zone, such as
2026-01-05T10:00:00-08:00), source (where they agreed: web form, paper) and
words (what they were shown); if you like first_name, last_name, email and
time_zone. Every other column (IP address, URL) is kept as proof. People whom
the database does not know are added. It never lifts an opt-out: a number that
is opted out, or was after the consent, is refused. Lines that were not taken go
into a file, each with its reason. The same consent is recorded once.
It needs the application's role (migrate --grant-host) or the one that owns the
tables.
Exit codes: 0 done; 1 nothing was taken; 2 the file or the database is wrong."""


@dataclass
class Tally:
    """What an import has done so far; *again* were evidence already."""

    taken: int = 0
    added: int = 0
    again: int = 0
    reasons: Counter[Refusal] = field(default_factory=Counter)

    def count(self, done: Verdicts) -> None:
        self.taken += len(done.taken) + len(done.new)
        self.added += len({known.phone for _, known in done.new})
        self.again += len(done.again)
        self.reasons.update(why for _, why in done.refused)

    @property
    def lines(self) -> int:
        return self.taken + self.again + sum(self.reasons.values())


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="record the consents of a CSV file with their proof",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("csv", metavar="CSV", type=Path, help="the file of consents")
    parser.add_argument(
        "--by", metavar="NAME", type=resolve.some_words, default=None,
        help="who answers for the file (default: the system's user)",
    )  # fmt: skip
    parser.add_argument(
        "--refused",
        metavar="PATH",
        type=Path,
        help="where refused lines go (default: beside the CSV, NAME.refused.csv)",
    )
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    refused = args.refused or files.refused_of(args.csv)
    files.check(args.csv, refused, consent_file.COLUMNS, consent_file.COLUMNS)
    tally = Tally()
    try:
        written = asyncio.run(_run(args, refused, options.settings(args), tally))
    except (KeyboardInterrupt, DispatcherError):
        if tally.lines:
            words.note(
                f"Broken off: {words.count(tally.taken, 'consent')} recorded. Import the same "
                "file again for the others; none is recorded twice."
            )
        raise
    _print(args, tally, refused if written else None)
    return ExitCode.OK if tally.taken or tally.again else ExitCode.FOUND


async def _run(args: argparse.Namespace, refused: Path, settings: Local, tally: Tally) -> int:
    """Take batch after batch; return how many lines were written down as refused."""
    by = args.by or resolve.system_user()
    async with connection(settings.database_url.get_secret_value()) as conn:
        with (
            files.people_of(args.csv, consent_file.COLUMNS) as people,
            files.RefusedFile(refused, people.header) as others,
        ):
            for batch in files.batches(people.lines):
                proofs = consent_file.proofs(people, batch, files.name_of(args.csv))
                done = await proving.take(conn, proofs, settings.allowed_countries, by)
                tally.count(done)
                for line, why in sorted(done.refused, key=lambda r: r[0].number):
                    others.write(line, why, SENTENCES[why])
            return others.written


def _print(args: argparse.Namespace, tally: Tally, refused: Path | None) -> None:
    if args.json:
        words.print_json(
            {
                "lines": tally.lines,
                "recorded": tally.taken,
                "added": tally.added,
                "recorded_before": tally.again,
                "refused": sum(tally.reasons.values()),
                "reasons": {why.value: number for why, number in tally.reasons.items()},
                "refused_file": str(refused) if refused else None,
            }
        )
        return
    new = f", {words.count(tally.added, 'person', 'people')} added" if tally.added else ""
    of = words.count(tally.lines, "line")
    print(f"Recorded: {words.count(tally.taken, 'consent')} of {of}{new}.")
    if tally.again:
        print(f"Recorded before: {tally.again:,}; nothing was done about them.")
    for why, number in tally.reasons.most_common():
        print(f"Refused: {number:,}, {SENTENCES[why]} ({why}).")
    if refused:
        print(f"The refused lines are in {refused}.")
