"""`sms-dispatcher campaign launch`: a draft gets its budget and its time."""

import argparse
import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from dispatcher.cli import options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local
from dispatcher.core import segments
from dispatcher.store import campaigns
from dispatcher.store.campaigns import Campaign, CampaignError
from dispatcher.store.database import Connection, connection

LARGEST_BUDGET = 1_000_000_000

DESCRIPTION = """\
Starts a draft, now or at the given time, and says what it costs at most. It
must be told what it may cost: a budget in cents, or none.
Exit codes: 0 launched; 2 refused, nothing was changed."""


@dataclass(frozen=True)
class Cost:
    """What a campaign's waiting texts come to, in cents at most."""

    texts: int
    segments: int
    cents: Decimal


@dataclass
class Launch:
    """A launch, and what a person should know about it."""

    cost: Cost
    starts: datetime
    warnings: list[str] = field(default_factory=list)


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "launch",
        help="start a draft, with its budget",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    options.add_campaign(parser)
    limit = parser.add_mutually_exclusive_group(required=True)
    limit.add_argument(
        "--budget",
        metavar="CENTS",
        type=_cents,
        help="the most that it may cost, in whole cents: 2500 is $25.00",
    )
    limit.add_argument("--no-budget", action="store_true", help="whatever it costs")
    parser.add_argument(
        "--at",
        metavar="TIME",
        type=options.moment,
        help="when it starts, like 2026-12-01T10:00:00-05:00 (default: now)",
    )
    options.add(parser)


def _cents(text: str) -> int:
    digits = text.lstrip("0") if text.isascii() and text.isdigit() else ""
    if not 0 < len(digits) <= len(str(LARGEST_BUDGET)) or int(digits) > LARGEST_BUDGET:
        raise argparse.ArgumentTypeError(
            "must be whole cents, more than 0, without a point: 2500 is $25.00"
        )
    return int(digits)


def run(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_run(args, options.settings(args)))


async def _run(args: argparse.Namespace, settings: Local) -> ExitCode:
    async with connection(settings.database_url.get_secret_value()) as conn:
        campaign = await campaigns.find(conn, args.campaign)
        cost = await _cost(conn, campaign, settings)
        done = Launch(cost, await _launch(conn, campaign, args, cost))
    done.warnings = _warnings(done, campaign, args.budget, settings)
    _print(args, done)
    return ExitCode.OK


async def _cost(conn: Connection, campaign: Campaign, settings: Local) -> Cost:
    texts = parts = 0
    async for text, people in campaigns.texts(conn, campaign.id):
        texts += people
        parts += people * segments.count(text).segments
    return Cost(texts, parts, parts * settings.segment_price)


async def _launch(
    conn: Connection, campaign: Campaign, args: argparse.Namespace, cost: Cost
) -> datetime:
    if campaign.status != "DRAFT":
        raise CampaignError(
            f"Campaign {campaign.id} is {campaign.status}: only a draft starts."
        )
    if not cost.texts:
        raise CampaignError(
            f"Campaign {campaign.id} has nobody to text: import people first "
            f"(sms-dispatcher campaign import {campaign.id} people.csv)."
        )
    starts = await campaigns.launch(conn, campaign.id, args.budget or 0, args.at)
    if starts:
        return starts
    status = (await campaigns.find(conn, campaign.id)).status
    if status == "DRAFT":
        raise CampaignError(
            f"--at {args.at.isoformat()} is past: name a time to come, or none."
        )
    raise CampaignError(f"Campaign {campaign.id} is {status} already: somebody launched it.")


def _warnings(
    done: Launch, campaign: Campaign, budget: int | None, settings: Local
) -> list[str]:
    cost = done.cost
    found: list[str] = []
    if budget and budget < cost.cents:
        found.append(
            f"The budget of {words.money(budget)} does not cover all of it: the rest waits "
            "until it is raised, or expires."
        )
    day = settings.daily_budget_cents
    if day and day < cost.cents:
        found.append(f"The account's budget of a day, {words.money(day)}, does not cover it.")
    needed = timedelta(minutes=cost.texts / settings.rate_per_minute)
    lifetime = timedelta(hours=getattr(settings, f"expire_{campaign.category}_hours"))
    if needed > lifetime:
        found.append(
            f"At {settings.rate_per_minute} texts a minute it takes {words.span(needed)} at "
            f"least, and what has not left after {words.span(lifetime)} expires."
        )
    return found


def _print(args: argparse.Namespace, done: Launch) -> None:
    cost = done.cost
    if args.json:
        words.print_json(
            {
                "id": args.campaign,
                "status": "SCHEDULED",
                "scheduled_at": done.starts,
                "texts": cost.texts,
                "segments": cost.segments,
                "cents_at_most": cost.cents,
                "budget_cents": args.budget,
                "warnings": done.warnings,
            }
        )
        return
    texts, parts = words.count(cost.texts, "text"), words.count(cost.segments, "segment")
    limit = words.money(args.budget) if args.budget else "none"
    print(f"Launched: {texts}, {parts}, at most {words.money(cost.cents)}; budget: {limit}.")
    print(f"It starts at {words.when(done.starts)}, or when sms-dispatcher run runs.")
    for sentence in done.warnings:
        print(f"Warning: {sentence}")
