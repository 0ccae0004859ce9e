"""`sms-dispatcher queue`: how deep it is, what binds it; and putting failures back."""

import argparse
import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from dispatcher.cli import address, options, waiting, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local, rules
from dispatcher.core import standing as core
from dispatcher.core.errors import DispatcherError
from dispatcher.core.reason import FAILURES, Reason
from dispatcher.core.standing import Held, Texts, Waiting
from dispatcher.store import retrying, standing
from dispatcher.store.database import connection
from dispatcher.store.retrying import Retryable, Which

DESCRIPTION = """\
Shows how many texts are in which state, how long the oldest that may leave has
waited, what they wait for, the binding limit first, which rules hold texts and
until when, and why texts failed. Changes nothing.
Exit codes: 0 shown; 2 could not look."""

RETRY = """\
Puts texts that RingCentral refused for good back into the line, with fresh
attempts. CODE is refused, exhausted or poison, or one of RingCentral's codes
as sms-dispatcher queue shows it. What we decided not to send is never put
back, nor what may have gone out or is past its end. It needs the daemon's role
(migrate --grant-to) or the one that owns the tables. Asks on a terminal and
needs --yes elsewhere.
Exit codes: 0 done; 1 there is nothing to put back; 2 refused."""


class NotAFailureError(DispatcherError):
    """The reason is none of a definite failure."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "queue",
        help="show the queue, or put failed texts back",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=show)
    options.add(parser)
    more = parser.add_subparsers(title="commands", metavar="COMMAND")
    again = more.add_parser(
        "retry",
        help="put definite failures back into the line",
        description=RETRY,
        # What was said before the word retry stands, unless it is said again.
        argument_default=argparse.SUPPRESS,
    )
    again.set_defaults(run=retry)
    again.add_argument("--reason", metavar="CODE", required=True, help="which failures")
    again.add_argument(
        "--campaign", metavar="ID", type=UUID, default=None, help="of this campaign alone"
    )
    again.add_argument("--yes", action="store_true", default=False, help="do not ask")
    again.add_argument("--json", action="store_true", help="print one JSON object")
    address.add_argument(again)


def show(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_show(args, options.settings(args)))


async def _show(args: argparse.Namespace, settings: Local) -> ExitCode:
    lease = timedelta(seconds=settings.lease_seconds)
    async with connection(settings.database_url.get_secret_value()) as conn:
        texts = await standing.texts(conn)
        shared = await standing.dispatchers(conn, lease, settings.daily_budget_zone)
        oldest = await standing.oldest(conn)
        held = await standing.held(conn)
    found = core.waits(texts, shared)
    age = shared.now - oldest if oldest else None
    if args.json:
        plain = _plain(texts, found, oldest, age)
        words.print_json(plain | {"held": waiting.plain_held(held)})
    else:
        _print(texts, found, held, age)
    return ExitCode.OK


def _print(
    texts: list[Texts], found: list[Waiting], held: list[Held], age: timedelta | None
) -> None:
    counted = core.words(texts)
    waiting.say(", ".join(f"{word}: {counted[word]:,}" for word in waiting.WORDS))
    if age is not None:
        print(f"The oldest text that may leave has waited {words.span(age)}.")
    if found:
        waiting.say(f"What binds: {waiting.sentence(found[0])}.")
    waiting.print_waits(found[1:])
    waiting.print_held(held)
    waiting.print_ends(texts)


def _plain(
    texts: list[Texts], found: list[Waiting], oldest: datetime | None, age: timedelta | None
) -> dict[str, object]:
    counted = core.words(texts)
    return {
        "texts": {word: counted[word] for word in waiting.WORDS},
        "oldest_due_at": oldest,
        "oldest_seconds": age.total_seconds() if age is not None else None,
        "binding": found[0].wait if found else None,
        "waits": waiting.plain(found),
        "ends": waiting.plain_texts(texts, "failed", "cancelled"),
    }


def retry(args: argparse.Namespace) -> ExitCode:
    if args.reason in set(Reason) - FAILURES:
        raise NotAFailureError(
            f"{args.reason} is no failure but a decision or a wait: only "
            f"{', '.join(sorted(FAILURES))} and RingCentral's codes can be retried."
        )
    settings = options.settings(args)
    which = Which(args.reason, args.campaign, rules.lifetimes(settings))
    found = asyncio.run(_look(settings, which))
    if found.ready:
        # No connection is held while somebody thinks.
        options.confirm(
            f"Put {words.count(found.ready, 'text')} back into the line?", yes=args.yes
        )
    done = asyncio.run(_retry(settings, which)) if found.ready else 0
    _print_retried(args, found, done)
    return ExitCode.OK if done else ExitCode.FOUND


async def _look(settings: Local, which: Which) -> Retryable:
    async with connection(settings.database_url.get_secret_value()) as conn:
        return await retrying.look(conn, which)


async def _retry(settings: Local, which: Which) -> int:
    async with connection(settings.database_url.get_secret_value()) as conn:
        return await retrying.retry(conn, which)


def _print_retried(args: argparse.Namespace, found: Retryable, done: int) -> None:
    kept = {
        "may have gone out already": found.gone,
        "are past their end": found.late,
        "belong to a campaign that is over": found.over,
    }
    if args.json:
        words.print_json(
            {"retried": done, "gone": found.gone, "late": found.late, "over": found.over}
        )
        return
    print(f"{words.count(done, 'text')} put back into the line.")
    for why, number in kept.items():
        if number:
            print(f"Left as they are: {number:,}, which {why}.")
