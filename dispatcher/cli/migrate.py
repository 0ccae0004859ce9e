"""`sms-dispatcher migrate`: bring the database to this program's schema."""

import argparse
import asyncio
import sys

from dispatcher.cli import address
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.store import migrations
from dispatcher.store.database import connection

LONGEST_LOCK_SECONDS = 3600

DESCRIPTION = """\
Brings the database to this program's schema, all in one transaction: tables
of the host application that lie in "lead" are moved to "newsletter" with
their rows, missing ones are made, and the dispatcher's own are put beside
them. Nothing is ever dropped or deleted.
Exit codes: 0 done, or nothing to do; 1 (--check) something is missing;
2 nothing was changed."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "migrate",
        help="bring the database to this program's schema",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    address.add_argument(parser)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--dry-run", action="store_true", help="print the SQL for psql, change nothing"
    )
    mode.add_argument("--check", action="store_true", help="exit 1 if something is missing")
    flag = parser.add_argument
    flag("--rename-enum-labels", action="store_true", help="rename lower-case enum labels")
    flag("--compat-views", action="store_true", help="keep the old names in lead as views")
    flag("--repair-host", action="store_true", help="mend the audit's five foreign keys")
    flag("--grant-to", metavar="ROLE", help="give the daemon's role what it needs")
    flag("--grant-host", metavar="ROLE", help="give the host application's role what it needs")
    flag(
        "--lock-timeout",
        metavar="SECONDS",
        type=_seconds,
        default=5.0,
        help="wait at most so long for a table in use (default: 5)",
    )


def run(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_run(args, address.of(args)))


async def _run(args: argparse.Namespace, dsn: str) -> ExitCode:
    options = _options(args)
    # Shown when the connection is closed: printing can block, and fail in its own way.
    said: list[str] = []
    async with connection(dsn, notice=said.append) as conn:
        todo = await migrations.todo(conn)
        if not (args.dry_run or args.check):
            await migrations.migrate(
                conn, options, lambda label: said.append(f"applied {label}")
            )
    if args.dry_run:
        # The script sets the client's encoding itself, whatever the terminal's is.
        sys.stdout.buffer.write(migrations.script(todo, options).encode())
    elif args.check:
        print("\n".join(f"missing: {m.label}" for m in todo) or "Nothing is missing.")
        return ExitCode.FOUND if todo else ExitCode.OK
    else:
        print("\n".join(said) or "Nothing to do.")
    return ExitCode.OK


def _options(args: argparse.Namespace) -> migrations.Options:
    wanted = {
        "compat_views": args.compat_views,
        "repair_host": args.repair_host,
        "grant_daemon": args.grant_to,
        "grant_host": args.grant_host,
    }
    roles = {"daemon_role": args.grant_to, "host_role": args.grant_host}
    return migrations.Options(
        lock_seconds=args.lock_timeout,
        rename_enum_labels=args.rename_enum_labels,
        extras=tuple(name for name, value in wanted.items() if value),
        roles={name: role for name, role in roles.items() if role},
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_LOCK_SECONDS:
        raise argparse.ArgumentTypeError(
            f"must be a number of seconds up to {LONGEST_LOCK_SECONDS}"
        )
    return seconds
