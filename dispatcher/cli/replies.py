"""`sms-dispatcher replies`: what people write back, and what a person makes of it."""

import argparse
import asyncio
from uuid import UUID

from rich.table import Table
from rich.text import Text

from dispatcher.cli import address, deciding, options, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core.errors import DispatcherError
from dispatcher.core.privacy import mask
from dispatcher.store import replies as store
from dispatcher.store import unknown
from dispatcher.store.database import connection
from dispatcher.store.replies import Written

DESCRIPTION = """\
Lists what people wrote, the newest first, and how it was understood. With
--unclear only what may be an opt-out and waits for a person to decide. Changes
nothing.
Exit codes: 0 shown; 2 could not look."""

DECIDE = """\
Decides what a text asks for that was not understood, for the record with who
and why. ID is the text's id, as sms-dispatcher replies shows it.
It needs the daemon's role (migrate --grant-to) or the one that owns the tables.
Asks on a terminal and needs --yes elsewhere.
Exit codes: 0 recorded; 2 refused."""

MOST_SHOWN = 100
ASK = {
    store.OPT_OUT: "Send nothing more to this number?",
    store.NONE: "Go on sending to this number?",
}


class NotUnclearError(DispatcherError):
    """The text that was named does not wait for a decision."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "replies",
        help="list what people write back, or decide on it",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=show)
    parser.add_argument("--unclear", action="store_true", help="only what waits for a person")
    options.add(parser)
    _add_decide(parser.add_subparsers(title="commands", metavar="COMMAND"))


def _add_decide(more: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = more.add_parser(
        "decide",
        help="decide what one asks for",
        description=DECIDE,
        # What was said before the word decide stands, unless it is said again.
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(run=decide)
    parser.add_argument("text", metavar="ID", type=UUID, help="the text's id")
    choices = parser.add_mutually_exclusive_group(required=True)
    for choice, meaning in (
        (store.OPT_OUT, "they want no more texts"),
        (store.NONE, "they don't say so"),
    ):
        choices.add_argument(
            f"--{choice.replace('_', '-')}", dest="choice", action="store_const", const=choice,
            help=meaning,
        )  # fmt: skip
    deciding.add_why(parser, "your reason")
    deciding.add_name(parser)
    parser.add_argument("--yes", action="store_true", default=False, help="do not ask")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    address.add_argument(parser)


def show(args: argparse.Namespace) -> ExitCode:
    found, unclear = asyncio.run(_look(args))
    if args.json:
        words.print_json({"replies": [_plain(each) for each in found], "unclear": unclear})
    else:
        _print(found, unclear)
    return ExitCode.OK


async def _look(args: argparse.Namespace) -> tuple[list[Written], int]:
    async with connection(options.settings(args).database_url.get_secret_value()) as conn:
        found = await store.look(conn, MOST_SHOWN, unclear=args.unclear)
        return found, await store.waiting(conn)


def _plain(written: Written) -> dict[str, object]:
    return {
        "id": written.id,
        "written_at": written.written_at,
        "phone": mask(written.phone),
        "campaign": written.campaign,
        "verdict": written.verdict,
        "why": written.why,
        "text": words.harmless(written.text),
        "waits": written.waits,
        "decision": written.decision,
        "decided_by": written.decided_by,
    }


def _print(found: list[Written], unclear: int) -> None:
    if not found:
        print("Nobody wrote anything that is to be shown.")
        return
    table = Table("Text", "What they wrote, and how it was understood", show_lines=True)
    table.columns[0].min_width = len(str(UUID(int=0)))  # to be copied out whole
    for each in found:
        table.add_row(
            Text("\n".join(_names(each)), overflow="fold"), Text("\n".join(_facts(each)))
        )
    waiting.console().print(table)
    wait = "waits" if unclear == 1 else "wait"
    print(
        f"{words.count(len(found), 'text')} shown, {unclear:,} {wait} for a person to decide."
    )


def _names(written: Written) -> list[str]:
    campaign = [f"campaign {written.campaign}"] if written.campaign else []
    return [str(written.id), f"from {mask(written.phone)}", *campaign]


def _facts(written: Written) -> list[str]:
    decided = [f"decided by {written.decided_by}: {written.decision}"]
    return [
        words.harmless(written.text),
        f"{words.when(written.written_at)}; {written.verdict}, {written.why}",
        *(["waits for a person to decide"] if written.waits else []),
        *(decided if written.decision else []),
    ]


def decide(args: argparse.Namespace) -> ExitCode:
    dsn = options.settings(args).database_url.get_secret_value()
    written, role = asyncio.run(_find(args, dsn))
    by = deciding.by(args, role)
    # No connection is held while somebody thinks.
    options.confirm(f"{mask(written.phone)} wrote. {ASK[args.choice]}", yes=args.yes)
    cancelled = asyncio.run(_decide(args, dsn, by))
    if args.json:
        words.print_json(
            {"id": written.id, "decided": args.choice, "by": by, "cancelled": cancelled}
        )
    else:
        also = f"; {words.count(cancelled, 'text')} cancelled" if cancelled else ""
        print(f"Recorded: {args.choice}, decided by {by}{also}.")
    return ExitCode.OK


async def _find(args: argparse.Namespace, dsn: str) -> tuple[Written, str]:
    async with connection(dsn) as conn:
        found = await store.look(conn, 1, unclear=True, only=args.text)
        role = await unknown.who(conn)
    if not found:
        raise NotUnclearError(
            f"{args.text} does not wait for a decision: sms-dispatcher replies --unclear lists "
            "what does."
        )
    return found[0], role


async def _decide(args: argparse.Namespace, dsn: str, by: str) -> int:
    async with connection(dsn) as conn:
        cancelled = await store.decide(conn, args.text, args.choice, by, args.why)
    if cancelled is None:
        raise NotUnclearError(f"{args.text} was decided meanwhile: nothing was done.")
    return cancelled
