"""`sms-dispatcher audit`: say what is wrong with the database, and what mends it."""

import argparse
import asyncio
import dataclasses
import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dispatcher.cli import address
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core.audit import ForeignKey
from dispatcher.core.finding import Finding, Severity
from dispatcher.store import audit
from dispatcher.store.database import connection

DESCRIPTION = """\
Says what is wrong with the database, before and after it was migrated, and
what mends it. Reads in one READ ONLY snapshot and never writes.
Exit codes: 0 clean (infos do not count); 1 warnings or errors; 2 could not
look."""

LONGEST_LINE = 10_000

COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "audit",
        help="say what is wrong with the database, and what mends it",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    address.add_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--foreign-keys", action="store_true", help="list all foreign keys instead"
    )


def run(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_run(args, address.of(args)))


async def _run(args: argparse.Namespace, dsn: str) -> ExitCode:
    if args.foreign_keys:
        async with connection(dsn) as conn:
            keys = await audit.foreign_keys(conn)
        _print_json(foreign_keys=keys) if args.json else _print_keys(keys)
        return ExitCode.OK
    async with connection(dsn) as conn:
        findings = await audit.look(conn)
    _print_json(findings=findings) if args.json else _print_findings(findings)
    bad = any(f.severity is not Severity.INFO for f in findings)
    return ExitCode.FOUND if bad else ExitCode.OK


def _print_json(**lists: Sequence[Finding] | Sequence[ForeignKey]) -> None:
    plain = {
        name: [dataclasses.asdict(item) for item in items] for name, items in lists.items()
    }
    print(json.dumps(plain, indent=2, ensure_ascii=False))


def _print_findings(findings: Sequence[Finding]) -> None:
    if findings:
        table = Table("Severity", "Code and object", "What is wrong, and what mends it")
        table.columns[0].no_wrap = True
        for f in findings:
            severity = Text(f.severity, style=COLOURS[f.severity])
            table.add_row(
                severity, Text(f"{f.code}\n{f.object}"), Text(f"{f.problem}\n→ {f.remedy}")
            )
        _console().print(table)
    counts = {s: sum(f.severity is s for f in findings) for s in Severity}
    print(", ".join(f"{s}: {counts[s]}" for s in reversed(Severity)))


def _print_keys(keys: Sequence[ForeignKey]) -> None:
    table = Table("Constraint", "Table", "Columns", "References", "Columns", "Valid")
    for k in keys:
        cells = (k.name, k.table, ", ".join(k.columns), k.target, ", ".join(k.target_columns))
        table.add_row(*map(Text, cells), "yes" if k.validated else "NO")
    _console().print(table)


def _console() -> Console:
    # In a file or a pipe lines are as long as they are, so that commands can be copied whole.
    return Console() if sys.stdout.isatty() else Console(width=LONGEST_LINE)
