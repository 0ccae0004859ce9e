"""`sms-dispatcher verify`: whether queue, ledger and budgets agree, on a live system."""

import argparse
import asyncio
import os
from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from dispatcher.cli import address, options, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Config, load, rules
from dispatcher.core.errors import DispatcherError
from dispatcher.core.reconcile import MARGIN
from dispatcher.core.verify import SENTENCES, Finding
from dispatcher.core.witness import Compared, Span
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
    # Settings that are wrong are told before the long look.
    given = {"DATABASE_URL": args.database_url} if args.database_url else {}
    config = load(args.config, os.environ | given) if args.ringcentral else None
    async with connection(address.of(args)) as conn:
        found = await store.look(conn)
    compared = await _witnessed(config, args.since, found.at) if config else None
    findings = [*found.findings, *(compared.findings if compared else [])]
    if args.json:
        words.print_json(_plain(found, compared, findings))
    else:
        _print(found, compared, findings)
    return ExitCode.FOUND if findings else ExitCode.OK


async def _witnessed(config: Config, since: datetime, now: datetime) -> Compared:
    # Its imports take longer than all else that this command needs.
    from dispatcher.cli.witness import read  # noqa: PLC0415

    records = await read(config, since - MARGIN, now)
    waits = rules.waits(config)
    span = Span(since, now - waits.first, waits.longest)
    async with connection(config.database_url.get_secret_value()) as conn:
        return await store.witnessed(conn, config.login_name, span, records)


def _plain(
    found: Verified, compared: Compared | None, findings: Sequence[Finding]
) -> dict[str, object]:
    record = {
        "ringcentral": compared
        and {
            "records": compared.records,
            "ours": compared.ours,
            "foreign": compared.foreign,
            "unsure": compared.unsure,
        }
    }
    return {
        "clean": not findings,
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
            for f in findings
        ],
        **record,
    }


def _print(found: Verified, compared: Compared | None, findings: Sequence[Finding]) -> None:
    _print_findings(findings)
    size = f"{words.count(found.rows, 'text')}, {words.count(found.attempts, 'attempt')}"
    waiting.say(f"{size}, as of {words.when(found.at)}.")
    if found.theirs:
        waiting.say(f"{words.count(found.theirs, 'text')} ended by the application itself.")
    if compared:
        waiting.say(
            f"RingCentral's record: {words.count(compared.records, 'text')}, {compared.ours:,} "
            f"ours, {compared.foreign:,} foreign, {compared.unsure:,} perhaps ours."
        )
    wrong = words.count(len(findings), "thing does", "things do")
    waiting.say(f"{wrong} not agree." if findings else "Everything agrees.")


def _print_findings(findings: Sequence[Finding]) -> None:
    if not findings:
        return
    table = Table("Count", "What is wrong", "Such as")
    table.columns[0].justify = "right"
    for f in findings:
        examples = Text("\n".join(f.examples), overflow="fold")
        table.add_row(f"{f.texts:,}", Text(f"{f.fault}: {SENTENCES[f.fault]}"), examples)
    waiting.console().print(table)
