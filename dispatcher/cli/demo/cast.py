"""Who of the invented people does what: whose text fails afterwards, who writes what, when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatcher.core.aftermath import Wish

FAILURES = ("SMS-RC-410", "SMS-CAR-411", "SMS-CAR-412", "SMS-CAR-104")
"""A landline, a number that is gone, a phone that is off, a carrier that does not say."""

REPLIES = (
    "STOP",
    "Thanks!",
    "Do you have tulips?",
    "stop please",
    "HELP",
    "stop by at 5?",
    "no, stop texting me",
    "Lovely, see you on Saturday",
)
AFTERTHOUGHT = "START"
"""Whoever wrote the first of the replies thinks better of it."""

BEFORE_THEIR_TURN = ("STOP", "No más", "Unsubscribe")
"""Written by those whose text would leave last."""

WISHES = {
    "STOP": Wish.STOP,
    "stop please": Wish.STOP,
    "no, stop texting me": Wish.STOP,
    "No más": Wish.STOP,
    "Unsubscribe": Wish.STOP,
    "START": Wish.START,
    "HELP": Wish.HELP,
}
"""What they mean. Nobody means "stop by at 5?" so, but it is for a person to say."""

_ASKING = frozenset(text for text, wish in WISHES.items() if wish is Wish.HELP)

REPLY_FROM, REPLY_UNTIL = 0.1, 0.6
THINKS_BETTER = 0.75
FEWEST = 2 * (len(FAILURES) + len(REPLIES) + len(BEFORE_THEIR_TURN))
"""With fewer people there is nobody whose turn comes late enough."""


@dataclass(frozen=True)
class Cue:
    """When somebody writes *text*: once so many texts were *accepted*."""

    accepted: int
    text: str


@dataclass(frozen=True)
class Cast:
    """*fails* says which code comes of the text to whom; *stops* opt out before their turn.

    *replies* come from those who have their text. So many texts are *expected* to be accepted.
    """

    fails: Mapping[str, str]
    replies: Mapping[str, Sequence[Cue]]
    stops: Mapping[str, str]
    expected: int


def of(line: Sequence[str]) -> Cast:
    """Cast those who wait in *line*, in the order of their turns."""
    late = len(BEFORE_THEIR_TURN) if len(line) >= FEWEST else 0
    expected = len(line) - late
    first, last = line[:expected], line[expected:]
    writers = _spread(first[: int(expected * (REPLY_UNTIL - REPLY_FROM))], len(REPLIES))
    others = [phone for phone in first if phone not in writers]
    failing = _spread(others, len(FAILURES))
    replies = {
        phone: [Cue(first.index(phone) + int(REPLY_FROM * expected), text)]
        for phone, text in zip(writers, REPLIES, strict=False)
    }
    if writers:
        replies[writers[0]].append(Cue(int(THINKS_BETTER * expected), AFTERTHOUGHT))
    return Cast(
        dict(zip(failing, FAILURES, strict=False)),
        replies,
        dict(zip(last, BEFORE_THEIR_TURN, strict=False)),
        expected,
    )


def asking(cast: Cast) -> list[str]:
    """Return who asks for help."""
    return [phone for phone, cues in cast.replies.items() if cues[0].text in _ASKING]


def _spread(phones: Sequence[str], number: int) -> list[str]:
    """Return *number* of them at most, from the first on, as far apart as can be."""
    step = max(1, len(phones) // number)
    return list(phones[::step][:number])
