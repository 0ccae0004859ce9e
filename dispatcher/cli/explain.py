"""`sms-dispatcher explain`: why a text was sent, or wasn't, or isn't yet."""

import argparse
import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatcher.cli import options, verdicts, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.cli.verdicts import Clock, Record
from dispatcher.config import Local, rules
from dispatcher.core import differences
from dispatcher.core.errors import DispatcherError
from dispatcher.core.guard import Rules
from dispatcher.core.law_table import LawTableError, Table, own
from dispatcher.core.privacy import mask
from dispatcher.store import explaining
from dispatcher.store.database import connection
from dispatcher.store.explaining import Attempt, Row, Story

DESCRIPTION = """\
Shows why a text was sent, or wasn't, or isn't yet: the verdicts that were
stored at the time, rule by rule, and what became of it. Times are those of a
clock where the person is. ID is the text's id, also of one whose row is gone,
or the number of an attempt. With --now it is also judged anew, by the rules
that are in force; nothing is written.
Exit codes: 0 shown; 2 there is no such text, or it could not look."""


class NoSuchTextError(DispatcherError):
    """Neither the queue nor the ledger knows the text."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "explain",
        help="show why a text was sent, or wasn't",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    parser.add_argument("text", metavar="ID", type=_named, help="a text's id or an attempt's")
    parser.add_argument("--now", action="store_true", help="judge it anew too")
    options.add(parser)


def _named(text: str) -> UUID | int:
    if text.isascii() and text.isdigit() and int(text) < 1 << 63:
        return int(text)
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            "must be a text's id, or an attempt's number"
        ) from None


def run(args: argparse.Namespace) -> ExitCode:
    settings = options.settings(args)
    judged_by = rules.rules(settings) if args.now else None
    tables = _tables(settings)
    found, anew = asyncio.run(_look(args.text, settings, judged_by))
    clock = _clock(found)
    if args.json:
        words.print_json(_plain(found, anew, clock, tables))
    else:
        _print(found, anew, clock, tables)
    return ExitCode.OK


def _tables(settings: Local) -> list[Table]:
    """Return the tables that are at hand; what happened is shown with a wrong one too."""
    try:
        return [rules.law_of(settings.rules_file), own()]
    except LawTableError:
        words.note(verdicts.WRONG_TABLE)
        return [own()]


async def _look(
    named: UUID | int, settings: Local, judged_by: Rules | None
) -> tuple[Story, Record | None]:
    async with connection(settings.database_url.get_secret_value()) as conn:
        found = await explaining.story(conn, named)
        if found is None:
            what = f"attempt {named}" if isinstance(named, int) else f"text {named}"
            raise NoSuchTextError(f"There is no {what}, in the queue or in the ledger.")
        if judged_by is None:
            return found, None
        anew = await explaining.judged_now(conn, found.message, judged_by)
    if anew is None:
        raise NoSuchTextError(
            f"The row of text {found.message} is gone: it can't be judged anew, only explained "
            "without --now."
        )
    return found, anew


def _clock(found: Story) -> Clock:
    told = found.row or found.attempts[-1]
    return verdicts.clock_of(told.phone, told.zone)


def _verdicts(found: Story) -> list[Record]:
    """Return all verdicts on record, in their order."""
    kept = [*(found.row.verdicts if found.row else ())]
    kept += [each.verdict for each in found.attempts if each.verdict]
    return sorted(kept, key=lambda each: datetime.fromisoformat(each["at"]))


def _print(found: Story, anew: Record | None, clock: Clock, tables: Sequence[Table]) -> None:
    told = found.row or found.attempts[-1]
    campaign = f", campaign {told.campaign}" if told.campaign else ""
    words.say(f"Text {found.message}")
    words.say(f"{told.category} to {mask(told.phone)}{campaign}")
    words.say(f"Times are of {clock.zone}, {clock.whose}.")
    for at, head, more in sorted(_events(found, clock, tables), key=lambda each: each[0]):
        print()
        words.say(f"{clock.show(at)} {head}")
        _say_all(more)
    print()
    words.say(
        _standing(found.row, clock) if found.row else "Its row is gone; the ledger is kept."
    )
    if anew:
        _print_anew(found, anew, clock, tables)


def _print_anew(found: Story, anew: Record, clock: Clock, tables: Sequence[Table]) -> None:
    print()
    words.say(f"Judged anew, {clock.show(anew['at'])}: {verdicts.title(anew, clock)}")
    _say_all(verdicts.lines(anew, clock, tables))
    before = _verdicts(found)
    if not before:
        return
    changed = differences.between(before[-1], anew)
    words.say(f"Since the verdict of {clock.show(before[-1]['at'])} " + (
        "these are different:" if changed else "nothing is different."
    ))  # fmt: skip
    _say_all(changed)


def _events(
    found: Story, clock: Clock, tables: Sequence[Table]
) -> Iterator[tuple[datetime, str, list[str]]]:
    for record in found.row.verdicts if found.row else ():
        at = datetime.fromisoformat(record["at"])
        yield at, verdicts.title(record, clock), list(verdicts.lines(record, clock, tables))
    for attempt in found.attempts:
        said = verdicts.lines(attempt.verdict, clock, tables) if attempt.verdict else ()
        yield (
            attempt.opened_at,
            f"attempt {attempt.id}: allowed",
            [*said, *_outcome(attempt, clock)],
        )


def _outcome(attempt: Attempt, clock: Clock) -> Iterator[str]:
    code = f" ({attempt.code})" if attempt.code else ""
    yield f"outcome: {attempt.outcome or 'none yet'}{code}"
    if attempt.decision:
        yield f"decided by {attempt.decided_by}: {attempt.decision}"
    if attempt.delivery:
        at = f" {clock.show(attempt.delivery_at)}" if attempt.delivery_at else ""
        code = f" ({attempt.delivery_code})" if attempt.delivery_code else ""
        yield f"delivery: {attempt.delivery}{at}{code}"


def _standing(row: Row, clock: Clock) -> str:
    """Say how it stands now."""
    why = f": {row.reason}, {verdicts.sentence(row.reason)}" if row.reason else ""
    code = f" ({row.code})" if row.code else ""
    match row.word:
        case "pending" if row.reason or row.verdicts:
            return f"It is pending, due {clock.show(row.due_at)}{why}{code}."
        case "pending":
            return f"No rule has looked at it yet: {_first_look(row, clock)}."
        case "sent":
            return f"It was sent{f' {clock.show(row.sent_at)}' if row.sent_at else ''}."
        case "unknown":
            held = "; it is held for a person" if row.held_at else ""
            return f"Whether it went out is not known{held}: sms-dispatcher unknown."
        case "sending":
            return "It is on its way."
        case word:
            return f"It is {word}{why}{code}."


def _first_look(row: Row, clock: Clock) -> str:
    if row.campaign_status not in {None, "SENDING"}:
        return f"its campaign is {row.campaign_status}"
    return f"it is due {clock.show(row.due_at)}, and looked at when its turn comes"


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        words.say(line, "    ")


def _plain(
    found: Story, anew: Record | None, clock: Clock, tables: Sequence[Table]
) -> dict[str, Any]:
    told, before = found.row or found.attempts[-1], _verdicts(found)
    row = dict(vars(found.row)) if found.row else None
    if row:
        row["phone"], row["why"] = (
            mask(row["phone"]),
            row["reason"] and verdicts.sentence(row["reason"]),
        )
    return {
        "id": found.message,
        "phone": mask(told.phone),
        "zone": clock.zone,
        "zone_is": clock.whose,
        "row": row,
        "attempts": [vars(each) | {"phone": mask(each.phone)} for each in found.attempts],
        "verdicts": [_cited(each, tables) for each in before],
        "now": anew and _cited(anew, tables),
        "changed": differences.between(before[-1], anew) if anew and before else None,
    }


def _cited(record: Record, tables: Sequence[Table]) -> dict[str, Any]:
    return {**record, "citations": verdicts.citations(record, tables)}
