"""`sms-dispatcher campaign import`: the people of a CSV file, each with a text."""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from dispatcher.cli import options, words
from dispatcher.cli.campaign import files
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local
from dispatcher.core.errors import DispatcherError
from dispatcher.core.people_file import Line, PeopleFileError
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
    reasons: Counter[Refusal] = field(default_factory=Counter)
    named: list[Line] = field(default_factory=list)

    def count(self, done: Verdicts) -> None:
        self.taken += len(done.taken) + len(done.new)
        self.added += len(done.new)
        self.lines += len(done.taken) + len(done.new) + len(done.refused)
        self.reasons.update(why for _, why in done.refused)
        twice = [line for line, why in done.refused if why is Refusal.DUPLICATE]
        self.named += twice[: NAMED - len(self.named)]


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="give the people of a CSV file a text each",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    options.add_campaign(parser)
    parser.add_argument("csv", metavar="CSV", type=Path, help="the file of people")
    parser.add_argument(
        "--consent",
        metavar="WORDS",
        help="how and when people whom nobody knows agreed to texts; adds them",
    )
    parser.add_argument(
        "--refused",
        metavar="PATH",
        type=Path,
        help="where refused lines go (default: beside the CSV, NAME.refused.csv)",
    )
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    refused = args.refused or files.refused_of(args.csv)
    _check(args, refused)
    settings = options.settings(args)
    tally = Tally()
    try:
        written = asyncio.run(_run(args, refused, settings, tally))
    except (KeyboardInterrupt, DispatcherError):
        _say_broken_off(tally)
        raise
    _print(args, tally, refused if written else None)
    done = tally.taken or tally.reasons[Refusal.DUPLICATE]
    return ExitCode.OK if done else ExitCode.FOUND


def _say_broken_off(tally: Tally) -> None:
    if tally.lines:
        people = words.count(tally.taken, "person was", "people were")
        words.note(
            f"Broken off: {people} taken. Import the same file again for the others; nobody is "
            "doubled."
        )


def _check(args: argparse.Namespace, refused: Path) -> None:
    if args.consent is not None and not args.consent.strip():
        raise PeopleFileError("--consent must say how and when the people agreed to texts.")
    files.check(args.csv, refused)


async def _run(args: argparse.Namespace, refused: Path, settings: Local, tally: Tally) -> int:
    """Take batch after batch; return how many lines were written down as refused."""
    async with connection(settings.database_url.get_secret_value()) as conn:
        await campaigns.find(conn, args.campaign)
        with (
            files.people_of(args.csv) as people,
            files.RefusedFile(refused, people.header) as others,
        ):
            for batch in files.batches(people.lines):
                done = await importing.take(
                    conn, args.campaign, batch, settings.allowed_countries, args.consent
                )
                tally.count(done)
                for line, why in sorted(done.refused, key=lambda r: r[0].number):
                    others.write(line, why, SENTENCES[why])
            return others.written


def _print(args: argparse.Namespace, tally: Tally, refused: Path | None) -> None:
    if args.json:
        words.print_json(_plain(args.campaign, tally, refused))
        return
    people = words.count(tally.taken, "person", "people")
    new = f", {tally.added:,} of them new" if tally.added else ""
    print(f"Taken: {people} of {words.count(tally.lines, 'line')}{new}.")
    for why, number in tally.reasons.most_common():
        print(f"Refused: {number:,}, {SENTENCES[why]} ({why}).")
    for line in tally.named:
        print(f"  duplicate in line {line.number}: {mask(line.phone)}")
    if len(tally.named) < tally.reasons[Refusal.DUPLICATE]:
        print("  and more, named in the file of refused lines")
    if refused:
        print(f"The refused lines are in {refused}.")
    if tally.taken:
        print(f"Next: sms-dispatcher campaign launch {args.campaign} --budget CENTS")


def _plain(campaign: UUID, tally: Tally, refused: Path | None) -> dict[str, object]:
    return {
        "id": campaign,
        "lines": tally.lines,
        "taken": tally.taken,
        "added": tally.added,
        "duplicates": tally.reasons[Refusal.DUPLICATE],
        "refused": sum(tally.reasons.values()),
        "reasons": {why.value: number for why, number in tally.reasons.items()},
        "refused_file": str(refused) if refused else None,
    }
