"""`sms-dispatcher campaign status`: how a campaign goes, and what it waits for."""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rich.table import Table
from rich.text import Text

from dispatcher.cli import options, verdicts, waiting, words
from dispatcher.cli.campaign import hours
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local, rules
from dispatcher.core import standing as core
from dispatcher.core import windows
from dispatcher.core.figures import Total
from dispatcher.core.guard import Rules
from dispatcher.core.law_table import LawTableError
from dispatcher.core.standing import Dispatchers, Held, Texts, Wait, Waiting
from dispatcher.core.windows import Windows
from dispatcher.store import campaigns, figures, standing
from dispatcher.store.database import Connection, connection
from dispatcher.store.standing import Standing

BECAME = ("delivered", "failed", "replied", "unsubscribed")

DESCRIPTION = """\
Shows how a campaign goes: its texts by state, its money, all that it waits for,
the binding limit first, which rules hold how many texts until when, and how
long a day the hours are open for those who wait. Without an id it lists the
campaigns of texts that were touched last. Changes nothing.
Exit codes: 0 shown; 2 could not look."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "status",
        help="show how a campaign goes, and what it waits for",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "campaign", metavar="ID", type=UUID, nargs="?", help="the campaign's id (default: all)"
    )
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    return asyncio.run(_run(args, options.settings(args)))


@dataclass(frozen=True)
class Look:
    """All that is shown of a campaign."""

    campaign: Standing
    texts: list[Texts]
    shared: Dispatchers
    held: list[Held]
    windows: Windows | None
    total: Total


async def _run(args: argparse.Namespace, settings: Local) -> ExitCode:
    judged_by = None if args.campaign is None else _judged_by(settings)
    async with connection(settings.database_url.get_secret_value()) as conn:
        if args.campaign is None:
            found = await standing.campaigns(conn)
            counted = await standing.words(conn, [c.id for c in found])
        else:
            await campaigns.find(conn, args.campaign)
            look = await _look(conn, args.campaign, settings, judged_by)
    if args.campaign is None:
        _print_all(found, counted, json=args.json)
    else:
        _print_one(look, json=args.json)
    return ExitCode.OK


def _judged_by(settings: Local) -> Rules | None:
    """Return the rules in force; without them only the length of the hours is missing."""
    try:
        return rules.rules(settings)
    except LawTableError:
        words.note(verdicts.WRONG_TABLE)
        return None


async def _look(conn: Connection, id_: UUID, settings: Local, judged_by: Rules | None) -> Look:
    lease = timedelta(seconds=settings.lease_seconds)
    (campaign,) = await standing.campaigns(conn, id_)
    shared = await standing.dispatchers(conn, lease, settings.daily_budget_zone)
    people = await standing.people(conn, id_)
    return Look(
        campaign,
        await standing.texts(conn, id_),
        shared,
        await standing.held(conn, id_),
        windows.of(people, judged_by, shared.now) if judged_by else None,
        await figures.of_campaign(conn, id_),
    )


def waits(campaign: Standing, texts: list[Texts], shared: Dispatchers) -> list[Waiting]:
    """Return what the campaign waits for; a scheduled one also for somebody to start it."""
    found = core.waits(texts, shared)
    if campaign.status != "SCHEDULED":
        return found
    until = campaign.scheduled_at
    late = until is not None and until <= shared.now and not shared.daemons
    timed = [Waiting(w.wait, w.texts, until) if w.wait is Wait.SCHEDULED else w for w in found]
    pending = core.words(texts)["pending"]
    return [*timed, Waiting(Wait.NO_DAEMON, pending)] if late else timed


def _print_all(found: list[Standing], counted: dict[UUID, Counter[str]], *, json: bool) -> None:
    if json:
        words.print_json({"campaigns": [_plain(c, counted[c.id]) for c in found]})
        return
    if not found:
        print("There is no campaign of texts yet: sms-dispatcher campaign create makes one.")
        return
    table = Table("Campaign", "Status", "To go", "Sent", "Failed")
    table.columns[0].min_width = len(str(UUID(int=0)))  # to be copied out whole
    for column in table.columns[2:]:
        column.justify = "right"
    for c in found:
        n = counted[c.id]
        live = n["pending"] + n["sending"] + n["unknown"]
        ends = n["failed"] + n["cancelled"]
        name = Text(f"{c.id}\n{c.name}", overflow="fold")
        table.add_row(name, c.status, f"{live:,}", f"{n['sent']:,}", f"{ends:,}")
    waiting.console().print(table)


def _print_one(look: Look, *, json: bool) -> None:
    campaign, texts, total = look.campaign, look.texts, look.total
    counted = core.words(texts)
    found = waits(campaign, texts, look.shared)
    if json:
        more = {
            "waits": waiting.plain(found),
            "held": waiting.plain_held(look.held),
            "hours": hours.plain(look.windows),
            "live": waiting.plain_texts(texts, "pending", "sending", "unknown"),
            "ends": waiting.plain_texts(texts, "failed", "cancelled"),
            "became": vars(total),
        }
        words.print_json(_plain(campaign, counted) | more)
        return
    waiting.say(f"{campaign.name} ({campaign.category}), {campaign.status}")
    waiting.say(", ".join(f"{word}: {counted[word]:,}" for word in waiting.WORDS))
    if total.rolled_at:
        waiting.say(_became(total))
    waiting.say(_money(campaign))
    for line in hours.lines(look.windows):
        waiting.say(line)
    waiting.print_waits(found)
    waiting.print_held(look.held)
    waiting.print_ends(texts)


def _became(total: Total) -> str:
    """Say what the figures by day come to; they are a minute old, or more, and say so."""
    counted = ", ".join(f"{word}: {getattr(total, word):,}" for word in BECAME)
    return f"{counted} (counted {words.when(total.rolled_at)})" if total.rolled_at else counted


def _money(campaign: Standing) -> str:
    if campaign.budget_cents is None or campaign.spent_exact is None:
        return "It has no budget of its own."
    spent = f"spent {words.money(campaign.spent_exact)}"
    if campaign.reserved_exact:
        spent += f", reserved {words.money(campaign.reserved_exact)}"
    if campaign.left is None:
        return f"No budget; {spent}."
    left = words.money(campaign.left)
    return f"Budget {words.money(campaign.budget_cents)}: {spent}, left {left}."


def _plain(campaign: Standing, counted: Counter[str]) -> dict[str, object]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "category": campaign.category,
        "status": campaign.status,
        "scheduled_at": campaign.scheduled_at,
        "sent_at": campaign.sent_at,
        "completed_at": campaign.completed_at,
        "budget_cents": campaign.budget_cents,
        "spent_cents": campaign.spent_exact,
        "reserved_cents": campaign.reserved_exact,
        "left_cents": campaign.left,
        "budget_exceeded": campaign.exceeded,
        "texts": {word: counted[word] for word in waiting.WORDS},
    }
