"""`sms-dispatcher consent show`: one person's whole story."""

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from dispatcher.cli import options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core import story as core
from dispatcher.core.privacy import mask
from dispatcher.core.story import Event, Moment, Story, Text, Written
from dispatcher.store import story as store
from dispatcher.store.database import connection

DESCRIPTION = """\
Shows what is known of one number, in the order of time: each change of consent
with its proof, what they wrote and how it was understood, and every text, what
became of it and which rule decided. PHONE may be spelled in any way. Times are
in the person's zone. sms-dispatcher explain ID tells all that the rules said of
one text. Changes nothing.
Exit codes: 0 shown; 2 could not look."""

INDENT = "    "
HAPPENED = {
    "opt_in": "opted in",
    "opt_out": "opted out",
    "evidence": "proof of a consent",
    "suppressed": "suppressed",
    "released": "no longer suppressed",
    "removed": "removed",
}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "show",
        help="show one person's consent, what they wrote, and every text",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    parser.add_argument("phone", metavar="PHONE", help="the number, in any spelling")
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    story = asyncio.run(_read(args))
    if args.json:
        words.print_json(_plain(story))
    else:
        _print(story)
    return ExitCode.OK


async def _read(args: argparse.Namespace) -> Story:
    async with connection(options.settings(args).database_url.get_secret_value()) as conn:
        return await store.read(conn, args.phone)


def _plain(story: Story) -> dict[str, object]:
    consents, why = core.standing(story)
    zone, known_from = core.zone(story)
    place = ZoneInfo(zone)
    return {
        "phone": mask(story.phone),
        "consents": consents,
        "why": why,
        "zone": zone,
        "zone_from": known_from,
        "people": [asdict(each) for each in story.people],
        "suppressions": [
            asdict(each) | {"holds": each.holds(story.now)} for each in story.suppressions
        ],
        "moments": [
            {"what": type(each).__name__.lower(), "local": each.at.astimezone(place)}
            | _harmless(asdict(each))
            for each in core.moments(story)
        ],
    }


def _harmless(found: Mapping[str, object]) -> dict[str, object]:
    return {words.harmless(name): _shown(value) for name, value in found.items()}


def _shown(value: object) -> object:
    if isinstance(value, Mapping):
        return _harmless(value)
    return words.harmless(value) if isinstance(value, str) else value


def _print(story: Story) -> None:
    zone, known_from = core.zone(story)
    print(f"{mask(story.phone)}, times in {zone} ({known_from})")
    if story.empty:
        print("Nothing is known of this number.")
        return
    place = ZoneInfo(zone)
    for line in _head(story, place):
        words.say(line)
    for each in core.moments(story):
        print()
        title, facts = _told(each, place)
        words.say(f"{_when(each.at, place)}  {title}")
        for fact in facts:
            words.say(fact, INDENT)


def _when(at: datetime, place: ZoneInfo) -> str:
    return f"{at.astimezone(place):%Y-%m-%d %H:%M:%S %Z}"


def _head(story: Story, place: ZoneInfo) -> list[str]:
    consents, why = core.standing(story)
    by = story.latest
    known = f", by {by.source} of {_when(by.at, place)}" if consents and by else ""
    here = [each for each in story.people if not each.deleted]
    agreed = sum(each.subscribed for each in here)
    people = words.count(len(here), "person has", "people have")
    return [
        f"Consents to promotions: {'yes' if consents else 'no'}, {why}{known}.",
        f"{people} this number, {agreed:,} subscribed.",
        *(
            f"Suppressed: {each.reason} since {_when(each.since, place)}, "
            + (f"until {_when(each.until, place)}." if each.until else "without an end.")
            for each in story.suppressions
            if each.holds(story.now)
        ),
    ]


def _told(each: Moment, place: ZoneInfo) -> tuple[str, list[str]]:
    match each:
        case Event():
            return _event(each, place)
        case Written():
            return _written(each)
        case Text():
            return _text(each)


def _event(each: Event, place: ZoneInfo) -> tuple[str, list[str]]:
    proof = ", ".join(f"{name}: {value}" for name, value in each.proof.items())
    return f"{HAPPENED[each.event]}, known from: {each.source}", [
        *([f"in these words: {each.words}"] if each.words else []),
        *([f"proof: {proof}"] if proof else []),
        *([f"why: {each.why}"] if each.why else []),
        *([f"decided by {each.decided_by}"] if each.decided_by else []),
        f"recorded by {each.recorded_by}, {_when(each.recorded_at, place)}",
    ]


def _written(each: Written) -> tuple[str, list[str]]:
    about = f" (campaign {each.campaign})" if each.campaign else ""
    decided = f"decided by {each.decided_by}: {each.decision}"
    return f"they wrote{about}: {each.text}", [
        f"understood as: {each.verdict}, {each.why}",
        *([decided] if each.decision else []),
    ]


def _text(each: Text) -> tuple[str, list[str]]:
    of = f"campaign {each.campaign}" if each.campaign else "without a campaign"
    sent = "text sent" if each.attempt else "text queued"
    came = [each.outcome, each.delivery, each.code and f"code {each.code}"]
    ruled = [
        each.rule and f"rule {each.rule}",
        each.version and f"rules of version {each.version}",
    ]
    why = ", ".join(word for word in [each.reason, *ruled] if word)
    return f"{sent}, {of}, {each.category}", [
        f"text: {each.text}" if each.text is not None else "its text is not known any more",
        f"came to: {', '.join(word for word in came if word)}",
        *([f"why: {why}"] if why else []),
        f"sms-dispatcher explain {each.message}",
    ]
