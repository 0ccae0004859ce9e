"""`sms-dispatcher verify`: whether queue, ledger and budgets agree, on a live system."""

import argparse
import asyncio
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from dispatcher.cli import address, options, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core.errors import DispatcherError
from dispatcher.core.verify import SENTENCES, Finding
from dispatcher.store import verify as store
from dispatcher.store.database import connection
from dispatcher.store.verify import Verified

DESCRIPTION = """\
Checks that the queue, the ledger and the budgets say the same, while all runs:
every text is accounted for, every cent is spent or reserved once, nobody was
texted twice without a decision. Reads in one READ ONLY snapshot and never
writes. Texts that the application ended itself are counted and no fault.
--ringcentral also compares the ledger with RingCentral's own record, within the
login's rate; texts there that nobody here sent are counted as foreign.
Exit codes: 0 all agrees; 1 something does not; 2 could not look."""


class NoRangeError(DispatcherError):
    """--ringcentral and --since belong together."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "verify",
        help="check that queue, ledger and budgets agree",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    options.add(parser)
    parser.add_argument(
        "--ringcentral", action="store_true", help="compare with RingCentral's record too"
    )
    parser.add_argument(
        "--since", metavar="T", type=options.moment, help="how far back, with --ringcentral"
    )


def run(args: argparse.Namespace) -> ExitCode:
    if args.ringcentral != (args.since is not None):
        raise NoRangeError("Say --ringcentral and --since T together, or neither.")
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> ExitCode:
    async with connection(address.of(args)) as conn:
        found = await store.look(conn)
    if args.json:
        words.print_json(_plain(found))
    else:
        _print(found)
    return ExitCode.FOUND if found.findings else ExitCode.OK


def _plain(found: Verified) -> dict[str, object]:
    return {
        "clean": not found.findings,
        "at": found.at,
        "rows": found.rows,
        "attempts": found.attempts,
        "ended_by_application": found.theirs,
        "faults": [
            {
                "fault": f.fault,
                "says": SENTENCES[f.fault],
                "count": f.texts,
                "examples": list(f.examples),
            }
            for f in found.findings
        ],
    }


def _print(found: Verified) -> None:
    print_findings(found.findings)
    size = f"{words.count(found.rows, 'text')}, {words.count(found.attempts, 'attempt')}"
    print(f"{size}, as of {words.when(found.at)}.")
    if found.theirs:
        print(f"{words.count(found.theirs, 'text')} of them ended by the application itself.")
    wrong = words.count(len(found.findings), "thing does", "things do")
    print(f"{wrong} not agree." if found.findings else "Everything agrees.")


def print_findings(findings: Sequence[Finding]) -> None:
    if not findings:
        return
    table = Table("Count", "What is wrong", "Such as")
    table.columns[0].justify = "right"
    for f in findings:
        examples = Text("\n".join(f.examples), overflow="fold")
        table.add_row(f"{f.texts:,}", Text(f"{f.fault}: {SENTENCES[f.fault]}"), examples)
    waiting.console().print(table)
