"""`sms-dispatcher unknown resolve`: a person decides what became of a text."""

import argparse
import asyncio
from uuid import UUID

from dispatcher.cli import address, deciding, options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core.errors import DispatcherError
from dispatcher.core.privacy import mask
from dispatcher.core.unknown import Choice, Ruling, Unknown
from dispatcher.store import unknown as store
from dispatcher.store.database import connection

DESCRIPTION = """\
Decides what became of an unknown text, for the record with who and why. ID is
the text's id or the attempt's number, as sms-dispatcher unknown shows them.
It needs the daemon's role (migrate --grant-to) or the one that owns the tables.
Asks on a terminal and needs --yes elsewhere.
Exit codes: 0 recorded; 2 refused."""

LOOKED = {0: "not searched for yet", 1: "searched for once", 2: "searched for twice"}
SHOWED = {
    "absent": "RingCentral's record doesn't show it",
    "clouded": "RingCentral's record shows another text then: nothing follows",
}
ASK = {
    Choice.SENT: "Count it as sent?",
    Choice.FAILED: "Count it as not sent, for good, and give its money back?",
    Choice.RESEND: "Send it once more?",
}


class NotUnknownError(DispatcherError):
    """The text that was named is not to be decided on, or not so."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "resolve",
        help="decide what became of one",
        description=DESCRIPTION,
        # What was said before the word resolve stands, unless it is said again.
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(run=run)
    _add_choices(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    address.add_argument(parser)


def _add_choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="ID", type=_id, help="a text's id, an attempt's number")
    choices = parser.add_mutually_exclusive_group(required=True)
    for choice, meaning in (
        (Choice.SENT, "it went out: its money is spent"),
        (Choice.FAILED, "it did not, and shall not: its money comes back"),
        (Choice.RESEND, "it did not, and is sent once more"),
    ):
        choices.add_argument(
            f"--{choice}", dest="choice", action="store_const", const=choice, help=meaning
        )
    deciding.add_why(parser, "your reason")
    deciding.add_name(parser)
    parser.add_argument(
        "--risk-twice", action="store_true", default=False,
        help="--resend before RingCentral's record was searched twice: the person may get the "
        "text twice",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", default=False, help="do not ask")


def _id(text: str) -> UUID | int:
    if text.isascii() and text.isdigit() and int(text) < 1 << 63:
        return int(text)
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a text's id or an attempt's number") from None


def looked(unknown: Unknown) -> list[str]:
    if unknown.attempt is None:
        return ["another program put it into sending"]
    if unknown.showed:
        return [f"{LOOKED[min(unknown.looks, 2)]}: {SHOWED[unknown.showed]}"]
    return [LOOKED[min(unknown.looks, 2)]]


def run(args: argparse.Namespace) -> ExitCode:
    settings = options.settings(args)
    dsn = settings.database_url.get_secret_value()
    unknown, role = asyncio.run(_find(args, dsn))
    by = deciding.by(args, role)
    facts = ". ".join([f"To {mask(unknown.phone)}", *looked(unknown)])
    # No connection is held while somebody thinks.
    options.confirm(f"{facts}. {ASK[args.choice]}", yes=args.yes)
    ruling = Ruling(args.choice, by, args.why, args.risk_twice)
    asyncio.run(_resolve(args.text, dsn, unknown, ruling))
    if args.json:
        words.print_json(
            {
                "id": unknown.message,
                "attempt": unknown.attempt,
                "decided": args.choice,
                "by": by,
            }
        )
    else:
        print(f"Recorded: {args.choice}, decided by {by}.")
    return ExitCode.OK


async def _find(args: argparse.Namespace, dsn: str) -> tuple[Unknown, str]:
    message, attempt = (args.text, None) if isinstance(args.text, UUID) else (None, args.text)
    async with connection(dsn) as conn:
        found = await store.look(conn, message, attempt)
        role = await store.who(conn)
    if not found:
        raise NotUnknownError(f"{args.text} is not unknown: sms-dispatcher unknown lists them.")
    if len(found) > 1:
        raise NotUnknownError(f"{args.text} has several unknown attempts: name one's number.")
    if args.choice is Choice.RESEND:
        _check_resend(found[0], risk=args.risk_twice)
    return found[0], role


def _check_resend(unknown: Unknown, *, risk: bool) -> None:
    if unknown.attempt is None:
        raise NotUnknownError("Another program sent it: only that one can send it once more.")
    if not unknown.standing:
        raise NotUnknownError("Its row is gone or was changed: nothing is left to send.")
    if not (unknown.searched or risk):
        raise NotUnknownError(
            "RingCentral's record was not searched for it twice yet, so the person may get it "
            "twice: wait for that, or say --risk-twice."
        )


async def _resolve(named: UUID | int, dsn: str, unknown: Unknown, ruling: Ruling) -> None:
    async with connection(dsn) as conn:
        done = await store.resolve(conn, unknown, ruling)
    if not done:
        raise NotUnknownError(f"{named} was decided or changed meanwhile: nothing was done.")
