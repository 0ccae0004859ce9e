"""`sms-dispatcher campaign pause|resume|cancel`."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from dispatcher.cli import options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local
from dispatcher.core.standing import Texts
from dispatcher.core.standing import words as by_word
from dispatcher.store import campaigns, standing
from dispatcher.store.campaigns import CampaignError
from dispatcher.store.database import Connection, connection

Move = Callable[[Connection, UUID], Awaitable[str | None]]

PAUSE = """\
Stops a campaign that sends, or is to send, until it is resumed. Texts that are
on their way arrive.
Exit codes: 0 paused; 2 it does not send."""
RESUME = """\
Lets a paused campaign go on: at its time if that is to come, else now.
Exit codes: 0 resumed; 2 it is not paused."""
CANCEL = """\
Ends a campaign for good: what has not left does not leave. Texts that are on
their way arrive. Asks on a terminal and needs --yes elsewhere.
Exit codes: 0 cancelled; 2 it is over, or nobody said yes."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, run, brief, description in (
        ("pause", pause, "stop a campaign until it is resumed", PAUSE),
        ("resume", resume, "let a paused campaign go on", RESUME),
        ("cancel", cancel, "end a campaign for good", CANCEL),
    ):
        parser = commands.add_parser(
            name,
            help=brief,
            description=description,
        )
        parser.set_defaults(run=run)
        options.add_campaign(parser)
        options.add(parser)
        if run is cancel:
            parser.add_argument("--yes", action="store_true", help="do not ask")


def pause(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_pause(args, options.settings(args)))


def resume(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_resume(args, options.settings(args)))


def cancel(args: argparse.Namespace) -> ExitCode:
    settings = options.settings(args)
    live = asyncio.run(_live(args.campaign, settings))
    # No connection is held while somebody thinks.
    options.confirm(
        f"Cancel {args.campaign}? {words.count(live['pending'], 'text')} will not go, "
        f"{words.count(live['sent'], 'text has', 'texts have')} gone.",
        yes=args.yes,
    )
    return asyncio.run(_cancel(args, settings))


async def _pause(args: argparse.Namespace, settings: Local) -> ExitCode:
    async with connection(settings.database_url.get_secret_value()) as conn:
        await _move(conn, args.campaign, campaigns.pause, "only one that sends can be paused")
        counted = by_word(await standing.texts(conn, args.campaign))
    say = f"Paused. {_count(counted)} Next: sms-dispatcher campaign resume {args.campaign}"
    _print(args, "PAUSED", counted, say)
    return ExitCode.OK


async def _resume(args: argparse.Namespace, settings: Local) -> ExitCode:
    async with connection(settings.database_url.get_secret_value()) as conn:
        status = await _move(
            conn, args.campaign, campaigns.resume, "only a paused one can be resumed"
        )
        campaign = await campaigns.find(conn, args.campaign)
        lifetime = timedelta(hours=getattr(settings, f"expire_{campaign.category}_hours"))
        overdue = await campaigns.overdue(conn, args.campaign, lifetime)
        counted = by_word(await standing.texts(conn, args.campaign))
    say = f"Resumed, {status}. {_count(counted)}"
    if overdue:
        say += f" {words.count(overdue, 'text has', 'texts have')} expired meanwhile."
    _print(args, status, counted, say, expired=overdue)
    return ExitCode.OK


async def _live(campaign: UUID, settings: Local) -> Counter[str]:
    async with connection(settings.database_url.get_secret_value()) as conn:
        found = await campaigns.find(conn, campaign)
        if found.status in {"SENT", "CANCELLED", "FAILED"}:
            raise CampaignError(f"Campaign {campaign} is {found.status}: it is over already.")
        return by_word(await standing.texts(conn, campaign))


async def _cancel(args: argparse.Namespace, settings: Local) -> ExitCode:
    async with connection(settings.database_url.get_secret_value()) as conn:
        await _move(conn, args.campaign, campaigns.cancel, "it is over already")
        groups = await standing.texts(conn, args.campaign)
    counted = by_word(groups)
    stopped = counted["pending"] + _already_cancelled(groups)
    say = (
        f"Cancelled. {words.count(stopped, 'text')} will not go, "
        f"{words.count(counted['sent'], 'text has', 'texts have')} gone"
    )
    under_way = counted["sending"] + counted["unknown"]
    say += f", {words.count(under_way, 'is', 'are')} on the way." if under_way else "."
    _print(args, "CANCELLED", counted, say, will_not_go=stopped)
    return ExitCode.OK


def _already_cancelled(groups: list[Texts]) -> int:
    # A daemon may have been quicker than our second look.
    return sum(g.texts for g in groups if g.reason == "campaign_cancelled")


async def _move(conn: Connection, campaign: UUID, move: Move, why_not: str) -> str:
    status = await move(conn, campaign)
    if status:
        return status
    found = await campaigns.find(conn, campaign)
    raise CampaignError(f"Campaign {campaign} is {found.status}: {why_not}.")


def _count(counted: Counter[str]) -> str:
    return (
        f"{words.count(counted['pending'], 'text')} to go, "
        f"{words.count(counted['sent'], 'text')} gone."
    )


def _print(
    args: argparse.Namespace, status: str, counted: Counter[str], say: str, **more: int
) -> None:
    if args.json:
        found = {"id": args.campaign, "status": status, "texts": dict(counted), **more}
        words.print_json(found)
    else:
        print(say)
