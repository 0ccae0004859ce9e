"""`sms-dispatcher consent import`: consents of a CSV file, each with its proof."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.cli import deciding, files, imports, options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.imports import Refused
from dispatcher.config import Local
from dispatcher.core import consent_file
from dispatcher.core.consent_file import Verdicts
from dispatcher.core.people_file import Line, PeopleFile
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

    def count(self, done: Verdicts) -> None:
        self.taken += len(done.taken) + len(done.new)
        self.added += len({known.phone for _, known in done.new})
        self.again += len(done.again)

    def broken_off(self) -> str:
        if not (self.taken or self.again):
            return ""
        return (
            f"Broken off: {words.count(self.taken, 'consent')} recorded. Import the same file "
            "again for the others; none is recorded twice."
        )


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="record the consents of a CSV file with their proof",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    imports.add_arguments(parser, "consents")
    deciding.add_name(parser, "who answers for the file")
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    refused = imports.refused(args, SENTENCES)
    files.check(args.csv, refused.file, consent_file.COLUMNS, consent_file.COLUMNS)
    tally = Tally()
    imports.run(_run(args, refused, options.settings(args), tally), tally.broken_off)
    _print(args, tally, refused)
    return ExitCode.OK if tally.taken or tally.again else ExitCode.FOUND


async def _run(
    args: argparse.Namespace, refused: Refused[Refusal], settings: Local, tally: Tally
) -> None:
    by, name = deciding.name(args), files.name_of(args.csv)
    async with connection(settings.database_url.get_secret_value()) as conn:

        async def batch(
            people: PeopleFile, lines: list[Line]
        ) -> Sequence[tuple[Line, Refusal]]:
            proofs = consent_file.proofs(people, lines, name)
            done = await proving.take(conn, proofs, settings.allowed_countries, by)
            tally.count(done)
            return done.refused

        await imports.take(args.csv, refused, batch, consent_file.COLUMNS)


def _print(args: argparse.Namespace, tally: Tally, refused: Refused[Refusal]) -> None:
    lines = tally.taken + tally.again + refused.reasons.total()
    if args.json:
        words.print_json(
            {
                "lines": lines,
                "recorded": tally.taken,
                "added": tally.added,
                "recorded_before": tally.again,
                **refused.plain(),
            }
        )
        return
    new = f", {words.count(tally.added, 'person', 'people')} added" if tally.added else ""
    of = words.count(lines, "line")
    print(f"Recorded: {words.count(tally.taken, 'consent')} of {of}{new}.")
    if tally.again:
        print(f"Recorded before: {tally.again:,}; nothing was done about them.")
    refused.print_reasons()
    refused.print_file()
