"""`sms-dispatcher suppress remove`: a number may be texted again."""

import argparse
import asyncio
from collections.abc import Sequence

from dispatcher.cli import deciding, options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.suppress import said
from dispatcher.cli.suppress.said import SuppressError
from dispatcher.core.privacy import mask
from dispatcher.core.suppression import Reason
from dispatcher.store import suppressions
from dispatcher.store.database import connection
from dispatcher.store.suppressions import People, Suppression

DESCRIPTION = """\
Lifts what keeps a number from being texted: the reason that is named, or every
one but an opt-out. An opt-out is lifted only by --reason opted_out, after a
question (--yes where nobody can be asked): do it if they told you so in another
way than by START, and say how in --why. Then each person gets back what stood
before the opt-out, and nobody is subscribed who was not. Nothing is deleted,
and texts that were cancelled stay so.
Exit codes: 0 done; 2 refused."""

NOBODY = "Nobody in the database has the number."


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "remove",
        help="lift that",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    parser.add_argument("phone", metavar="PHONE", help="the number, as people spell it")
    said.add_reason(parser, "the one to lift (default: all but an opt-out)", required=False)
    deciding.add_why(parser, "your reason in words, kept as evidence")
    deciding.add_name(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    dsn = options.settings(args).database_url.get_secret_value()
    phone, role, standing = asyncio.run(_look(args, dsn))
    _check(args, phone, standing)
    by = deciding.by(args, role)
    if args.reason is Reason.OPTED_OUT:
        # No connection is held while somebody thinks.
        options.confirm(f"{mask(phone)} opted out. Text them again?", yes=args.yes)
        people = asyncio.run(_opt_in(args, dsn, phone, by))
        _print_restored(args, phone, people)
    else:
        lifted = asyncio.run(_lift(args, dsn, phone, by))
        _print_lifted(args, phone, lifted, standing)
    return ExitCode.OK


async def _look(args: argparse.Namespace, dsn: str) -> tuple[str, str, Sequence[Suppression]]:
    async with connection(dsn) as conn:
        phone, found = await said.spelled(conn, args.phone)
        return phone, found.role, await suppressions.stands(conn, phone)


def _check(args: argparse.Namespace, phone: str, standing: Sequence[Suppression]) -> None:
    reasons = {one.reason for one in standing}
    if args.reason and args.reason not in reasons:
        raise SuppressError(f"{mask(phone)} is not suppressed as {args.reason}.")
    if not reasons:
        raise SuppressError(f"{mask(phone)} is not suppressed.")
    if not args.reason and reasons == {Reason.OPTED_OUT}:
        raise SuppressError(f"{mask(phone)} opted out: --reason opted_out lifts that.")


async def _opt_in(args: argparse.Namespace, dsn: str, phone: str, by: str) -> People:
    async with connection(dsn) as conn:
        people = await suppressions.opt_in(conn, phone, by, args.why)
    if people is None:
        raise SuppressError(f"{mask(phone)} has just opted out or in again: look once more.")
    return people


async def _lift(args: argparse.Namespace, dsn: str, phone: str, by: str) -> list[str]:
    reasons = [args.reason] if args.reason else list(Reason)
    async with connection(dsn) as conn:
        lifted = await suppressions.lift(conn, phone, reasons, by, args.why)
    if not lifted:
        raise SuppressError(f"{mask(phone)} was released meanwhile: nothing was done.")
    return lifted


def _print_restored(args: argparse.Namespace, phone: str, people: People) -> None:
    if args.json:
        words.print_json(
            {
                "phone": mask(phone),
                "lifted": [Reason.OPTED_OUT],
                "people": people.people,
                "subscribed": people.subscribed,
                "opted_out": people.opted_out,
            }
        )
        return
    print(f"The opt-out of {mask(phone)} is lifted. {_restored(people)}")


def _restored(people: People) -> str:
    if not people.people:
        return NOBODY
    with_it = words.count(people.people, "person", "people")
    still = f", {people.opted_out} still opted out in the application"
    also = still if people.opted_out else ""
    return f"Of {with_it} with the number, {people.subscribed} subscribed again{also}."


def _print_lifted(
    args: argparse.Namespace, phone: str, lifted: list[str], standing: Sequence[Suppression]
) -> None:
    left = sorted({one.reason for one in standing if not one.ended} - set(lifted))
    if args.json:
        words.print_json({"phone": mask(phone), "lifted": sorted(lifted), "left": left})
        return
    print(f"Lifted for {mask(phone)}: {', '.join(sorted(lifted))}.")
    if left:
        print(f"It still gets no texts: {', '.join(left)}.")
