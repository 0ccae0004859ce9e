"""`sms-dispatcher campaign import`: the people of a CSV file, each with a text."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from dispatcher.cli import files, imports, options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.imports import Refused
from dispatcher.config import Local
from dispatcher.core.people_file import Line, PeopleFile, PeopleFileError
from dispatcher.core.privacy import mask
from dispatcher.core.recruiting import SENTENCES, Refusal, Verdicts
from dispatcher.store import campaigns, importing
from dispatcher.store.database import connection

NAMED = 10

DESCRIPTION = """\
Puts the people of a CSV file into a campaign that has not begun. The first line
names the columns: phone, and if you like first_name, last_name, email and
time_zone. Who is not subscribed to texts is refused. People whom the database
does not know are added only with --consent, which is kept with each of them; it
never lifts an opt-out. Lines that were not taken go into a file, each with its
reason. Importing the same file again doubles nobody.
Exit codes: 0 done; 1 nobody was taken; 2 the file, the campaign or the database
is wrong."""


@dataclass
class Tally:
    """What an import has done so far; *named* are the first duplicates."""

    taken: int = 0
    added: int = 0
    lines: int = 0
    named: list[Line] = field(default_factory=list)

    def count(self, done: Verdicts) -> None:
        self.taken += len(done.taken) + len(done.new)
        self.added += len(done.new)
        self.lines += len(done.taken) + len(done.new) + len(done.refused)
        twice = [line for line, why in done.refused if why is Refusal.DUPLICATE]
        self.named += twice[: NAMED - len(self.named)]

    def broken_off(self) -> str:
        if not self.lines:
            return ""
        people = words.count(self.taken, "person was", "people were")
        return (
            f"Broken off: {people} taken. Import the same file again for the others; nobody is "
            "doubled."
        )


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="give the people of a CSV file a text each",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    options.add_campaign(parser)
    imports.add_arguments(parser, "people")
    parser.add_argument(
        "--consent",
        metavar="WORDS",
        help="how and when people whom nobody knows agreed to texts; adds them",
    )
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    refused = imports.refused(args, SENTENCES)
    _check(args, refused.file)
    tally = Tally()
    imports.run(_run(args, refused, options.settings(args), tally), tally.broken_off)
    _print(args, tally, refused)
    done = tally.taken or refused.reasons[Refusal.DUPLICATE]
    return ExitCode.OK if done else ExitCode.FOUND


def _check(args: argparse.Namespace, refused: Path) -> None:
    if args.consent is not None and not args.consent.strip():
        raise PeopleFileError("--consent must say how and when the people agreed to texts.")
    files.check(args.csv, refused)


async def _run(
    args: argparse.Namespace, refused: Refused[Refusal], settings: Local, tally: Tally
) -> None:
    async with connection(settings.database_url.get_secret_value()) as conn:
        await campaigns.find(conn, args.campaign)

        async def batch(_: PeopleFile, lines: list[Line]) -> Sequence[tuple[Line, Refusal]]:
            done = await importing.take(
                conn, args.campaign, lines, settings.allowed_countries, args.consent
            )
            tally.count(done)
            return done.refused

        await imports.take(args.csv, refused, batch)


def _print(args: argparse.Namespace, tally: Tally, refused: Refused[Refusal]) -> None:
    if args.json:
        words.print_json(_plain(args.campaign, tally, refused))
        return
    people = words.count(tally.taken, "person", "people")
    new = f", {tally.added:,} of them new" if tally.added else ""
    print(f"Taken: {people} of {words.count(tally.lines, 'line')}{new}.")
    refused.print_reasons()
    for line in tally.named:
        print(f"  duplicate in line {line.number}: {mask(line.phone)}")
    if len(tally.named) < refused.reasons[Refusal.DUPLICATE]:
        print("  and more, named in the file of refused lines")
    refused.print_file()
    if tally.taken:
        print(f"Next: sms-dispatcher campaign launch {args.campaign} --budget CENTS")


def _plain(campaign: UUID, tally: Tally, refused: Refused[Refusal]) -> dict[str, object]:
    return {
        "id": campaign,
        "lines": tally.lines,
        "taken": tally.taken,
        "added": tally.added,
        "duplicates": refused.reasons[Refusal.DUPLICATE],
        **refused.plain(),
    }
