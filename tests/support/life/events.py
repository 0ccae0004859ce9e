"""What may happen in a life, and how often."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from support.life.provider import Luck

PROCESSES = 3

WHO = st.integers(0, PROCESSES - 1)
N = st.integers(0, 95)
TEXTS = st.lists(N, min_size=5, max_size=8, unique=True)
LUCK = st.sampled_from([*Luck, *[Luck.ACCEPTED, Luck.ACCEPTED, Luck.ANSWER_LOST] * 2])
TURN = st.tuples(LUCK, N, st.sampled_from([False, False, True]))
LUCKS, MANY = st.lists(TURN, max_size=9), st.lists(TURN, min_size=5, max_size=9)
SECONDS, MINUTES = timedelta(seconds=10), timedelta(seconds=110)
HOURS, DAYS = timedelta(hours=5), timedelta(hours=80)
TIMES = st.sampled_from([SECONDS, SECONDS, *[MINUTES] * 6, HOURS])

ODD = ("claim", "open", "open_unheard", "hand_back", "settle", "settle_again")
LEADING = ("lead", "reap", "look", "write", "write_unheard", "end_held")
HOSTING = (
    "set_budget", "set_budget", "drop_budget", "fail_row", "take_back", "take_back", "delete_row",
    "delete_person", "cancel",
)  # fmt: skip
PERSON = ("resolve", "retry")
BUDGETS = {"set_budget", "drop_budget"}
ANY = (*["next"] * 12, *ODD, *LEADING, *HOSTING, *PERSON, "queue")

ACT = st.tuples(st.sampled_from(ANY), WHO, N)
WORK = st.tuples(st.sampled_from(["next", "claim", "open"]), WHO, N)
OTHER = st.tuples(st.sampled_from([*HOSTING, *PERSON, "reap", "write", "end_held"]), WHO, N)
PAIR = st.one_of(st.tuples(ACT, ACT), st.tuples(OTHER, WORK), st.tuples(WORK, OTHER))
Act = tuple[str, int, int]
Turn = tuple[Luck, int, bool]
Lucks = list[Turn]


def event(name: str, *values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just(name), *values)


# One rule with all of it: a rule each would be switched off in half the lives, and a chain
# of four steps (claimed, opened, sent, settled) would hardly ever come to its end.
EVENTS = st.one_of(
    event("queue", TEXTS),
    event("act", st.sampled_from(ODD), WHO, N),
    event("unheard", WHO, N),
    event("act", st.sampled_from(LEADING), WHO, N),
    event("act", st.sampled_from(HOSTING), WHO, N),
    event("act", st.sampled_from(PERSON), WHO, N),
    event("arrive", N),
    event("lead", WHO, st.lists(TIMES, max_size=3)),
    event("oversleep", WHO, WHO, st.integers(1, 4), st.one_of(st.none(), N), MANY),
    event("overlap", st.lists(PAIR, min_size=1, max_size=4)),
    event("overlap", st.lists(PAIR, min_size=1, max_size=4)),
    event("race", WHO, st.integers(0, 3), st.lists(LUCK, min_size=2, max_size=4)),
    event("come_back", WHO, N, st.booleans()),
    event("meddle", WHO, st.sampled_from(Luck)),
    event("vanish", WHO),
    event("wait_long", WHO),
    event("same", WHO),
    event("twins", WHO, WHO),
    event("budget_comes", WHO, st.sampled_from([0, 2, 9]), st.booleans()),
    event("overtake", WHO, N),
    event("pass_time", st.one_of(TIMES, TIMES, TIMES, st.just(DAYS))),
    event("freeze_or_wake", WHO),
    event("die", WHO),
)

_GOOD = [(Luck.ACCEPTED, 0, False)] * 5
# Each story once by itself, in a young life: there it comes to its end for certain.
STORIES: list[tuple[Any, ...]] = [
    *(("race", 0, room, [Luck.ACCEPTED] * 4) for room in range(1, 4)),
    *(("come_back", 0, 3, again) for again in (False, True)),
    *(("overtake", 0, n) for n in range(9)),
    *(("meddle", 0, luck) for luck in Luck),
    ("vanish", 0),
    ("wait_long", 0),
    ("same", 0),
    ("twins", 0, 0),
    *(("budget_comes", 0, cents, first) for cents in (0, 9) for first in (False, True)),
    ("oversleep", 0, 1, 4, None, _GOOD),
    *(("oversleep", 0, 1, 1, ruling, _GOOD) for ruling in range(6)),
    ("unheard", 0, 0),
]
