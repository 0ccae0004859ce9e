"""`sms-dispatcher suppress add`: a number gets no more texts."""

import argparse
import asyncio
from datetime import datetime, timedelta

from dispatcher.cli import deciding, options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.suppress import said
from dispatcher.cli.suppress.said import SuppressError
from dispatcher.core.privacy import mask
from dispatcher.core.suppression import Reason, Wanted, default_end
from dispatcher.store import suppressions
from dispatcher.store.database import connection
from dispatcher.store.suppressions import Added

DESCRIPTION = f"""\
Lets nothing more leave for a number and cancels what is not yet opened for it,
in every campaign. What has just been opened may still go out. The reasons:
{said.REASONS}
opted_out is a full opt-out, as if they had written STOP. landline, unsupported
and unallocated end after dead_number_days, the others never.
Exit codes: 0 done; 2 refused."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "add",
        help="let nothing more leave for a number",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    parser.add_argument("phone", metavar="PHONE", help="the number, as people spell it")
    said.add_reason(parser, "one of the reasons above", required=True)
    parser.add_argument(
        "--until", metavar="TIME", type=said.until, default=argparse.SUPPRESS,
        help="when it ends, with its zone, or never (default: by the reason)",
    )  # fmt: skip
    deciding.add_why(parser, "your reason in words, kept as evidence")
    deciding.add_name(parser)
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    settings = options.settings(args)
    dead_for = timedelta(days=settings.dead_number_days)
    dsn = settings.database_url.get_secret_value()
    phone, done = asyncio.run(_add(args, dsn, dead_for))
    if not done.holds:
        raise SuppressError(f"{mask(phone)} has come back at this moment: nothing was changed.")
    if args.json:
        words.print_json(
            {
                "phone": mask(phone),
                "reason": args.reason,
                "until": done.until,
                "cancelled": done.cancelled,
            }
        )
    else:
        also = f"; {words.count(done.cancelled, 'text')} cancelled" if done.cancelled else ""
        why = said.meaning(args.reason)
        print(f"{mask(phone)} gets no more texts {said.end(done.until)}: {why}{also}.")
    return ExitCode.OK


async def _add(args: argparse.Namespace, dsn: str, dead_for: timedelta) -> tuple[str, Added]:
    async with connection(dsn) as conn:
        phone, found = await said.spelled(conn, args.phone)
        wanted = _wanted(args, phone, found.now, dead_for)
        by = deciding.by(args, found.role)
        done = await suppressions.add(conn, wanted, suppressions.PERSON, by)
    return phone, done or Added(holds=False, until=None, cancelled=0)


def _wanted(args: argparse.Namespace, phone: str, now: datetime, dead_for: timedelta) -> Wanted:
    theirs = hasattr(args, "until")
    until = args.until if theirs else default_end(args.reason, now, dead_for)
    if until and args.reason is Reason.OPTED_OUT:
        raise SuppressError("An opt-out has no end: leave --until out.")
    if until and until <= now:
        raise SuppressError("--until has passed: name a time that is yet to come.")
    return Wanted(phone, args.reason, now, until, theirs, args.why)
