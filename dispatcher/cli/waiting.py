"""What texts wait for, and why they failed, in words and tables."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dispatcher.cli import words
from dispatcher.core import reason
from dispatcher.core.reason import Reason
from dispatcher.core.standing import Held, Texts, Wait, Waiting

WIDTH_OF_A_FILE = 200

WORDS = ("pending", "sending", "unknown", "sent", "failed", "cancelled")

SENTENCES = {
    Wait.DRAFT: "the campaign is a draft: launch it",
    Wait.SCHEDULED: "the campaign's time has not come",
    Wait.PAUSED: "the campaign is paused: resume it",
    Wait.NO_DAEMON: "no dispatcher runs: start sms-dispatcher run",
    Wait.UNREACHABLE: reason.SENTENCES[Reason.UNREACHED],
    Wait.BLOCKED: reason.SENTENCES[Reason.THROTTLED],
    Wait.NO_SENDER: "none of our numbers may send now: look at them in RingCentral",
    Wait.DAY_BUDGET: "the account's budget of the day is used up",
    Wait.BUDGET: "the campaign's budget is used up: raise it",
    Wait.RATE: "they go as fast as the rate allows",
    Wait.SENDER_LIMIT: reason.SENTENCES[Reason.SENDER_LIMIT],
    Wait.TIER: reason.SENTENCES[Reason.TIER_LIMIT],
    Wait.HOURS: reason.SENTENCES[Reason.QUIET_HOURS],
    Wait.CAP: reason.SENTENCES[Reason.FREQUENCY_CAP],
    Wait.LATER: "they are due later, or are tried again",
    Wait.UNKNOWN: "whether they went out is not known",
}


def console() -> Console:
    """Return where tables go: a terminal's width, and in a file or a pipe long lines."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH_OF_A_FILE)


def say(line: str) -> None:
    """Print *line*, on a terminal within its width."""
    console().print(Text(line))


def sentence(waiting: Waiting) -> str:
    until = f" (until {words.when(waiting.until)})" if waiting.until else ""
    return f"{waiting.wait}: {SENTENCES[waiting.wait]}{until}"


def plain(found: Iterable[Waiting]) -> list[dict[str, object]]:
    """Return *found* for a program."""
    return [{"wait": w.wait, "texts": w.texts, "until": w.until} for w in found]


def plain_texts(groups: Iterable[Texts], *kinds: str) -> list[dict[str, object]]:
    """Return the texts of the words *kinds* by reason, for a program."""
    return [
        {"word": g.word, "reason": g.reason, "code": g.code, "texts": g.texts}
        for g in groups
        if g.word in kinds
    ]


def print_waits(found: Sequence[Waiting]) -> None:
    if not found:
        return
    table = Table("Texts", "Wait for")
    table.columns[0].justify = "right"
    for waiting in found:
        table.add_row(f"{waiting.texts:,}", Text(sentence(waiting)))
    console().print(table)


def plain_held(found: Iterable[Held]) -> list[dict[str, object]]:
    """Return what rules hold, for a program."""
    return [vars(held) for held in found]


def print_held(found: Sequence[Held]) -> None:
    """Show which rules hold texts, and when these may go."""
    if not found:
        return
    table = Table("Texts", "Held by", "The first may go", "The last")
    table.columns[0].justify = "right"
    for held in found:
        rule = Text(f"{held.rule} ({held.reason})")
        table.add_row(f"{held.texts:,}", rule, words.when(held.first), words.when(held.last))
    console().print(table)


def print_ends(groups: Sequence[Texts]) -> None:
    """Show why texts failed or were cancelled."""
    ends = [g for g in groups if g.word in {"failed", "cancelled"}]
    if not ends:
        return
    table = Table("Texts", "Word", "Reason", "Code", "What RingCentral's code means")
    table.columns[0].justify = "right"
    for g in ends:
        cells = (g.word, g.reason or "", g.code or "", g.sentence or "")
        table.add_row(f"{g.texts:,}", *map(Text, cells))
    console().print(table)
