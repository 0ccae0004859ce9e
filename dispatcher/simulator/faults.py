"""What goes wrong on purpose: which requests it meets, how often, and what happens to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from dispatcher.simulator.catalogue import KNOWN
from dispatcher.simulator.chance import InForce
from dispatcher.simulator.limits import GROUPS

STATUSES = ("Queued", "Sent", "Delivered", "DeliveryFailed", "SendingFailed")


class Kind(StrEnum):
    """What happens. The last four happen to a request that was accepted, after that."""

    LATENCY = "latency"  # it is handled *seconds* later
    DROP = "drop"  # the connection is cut and nothing was accepted
    REFUSE = "refuse"  # it is answered with *code* or *status*
    THROTTLE = "throttle"  # 429
    RECORD = "record"  # one record of a change of consents is refused with *code*
    DELIVERY = "delivery"  # the text is accepted, then fails with *code* or stays in *state*
    CUT = "cut"  # the connection is cut instead of an answer
    TIMEOUT = "timeout"  # 504 instead of the answer
    SLOW = "slow"  # the answer comes *seconds* later
    GARBLE = "garble"  # the answer breaks off in the middle of its JSON


BEFORE = frozenset({Kind.DROP, Kind.REFUSE, Kind.THROTTLE})
AFTER = frozenset({Kind.CUT, Kind.TIMEOUT, Kind.SLOW, Kind.GARBLE})


class FaultError(ValueError):
    """The fault makes no sense; the message says why."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. What is None matches everything.

    *path* and *to* are regular expressions that are searched for; *to* looks at the recipients
    of a text, or at whom a record of consents is about, so it meets only those. *times* None
    is: until removed. Without a *code* a refusal has no body of RingCentral's. *rate_headers*
    None leaves it to the code of the 429.
    *segments* is what a delivery bills, whatever the text has.
    """

    kind: Kind
    group: str | None = None
    method: str | None = None
    path: str | None = None
    to: str | None = None
    times: int | None = None
    probability: float = 1.0
    code: str | None = None
    status: int | None = None
    retry_after: float | None = None
    rate_headers: bool | None = None
    seconds: float = 0.0
    state: str | None = None
    segments: int | None = None

    @classmethod
    def parse(cls, given: object) -> "Fault":
        """Read a fault from JSON; FaultError says what is wrong with it."""
        if not isinstance(given, dict) or not given.keys() <= FIELDS:
            sentence = f"a fault is an object of {', '.join(sorted(FIELDS))}"
            raise FaultError(sentence)
        try:
            fault = cls(**{**given, "kind": Kind(given.get("kind", ""))})
            fault.check()
        except (TypeError, ValueError, re.error) as error:
            raise FaultError(str(error)) from None
        return fault

    def check(self) -> None:
        """Raise FaultError, or re.error, if the fault makes no sense."""
        refuses, delivers = self.kind is Kind.REFUSE, self.kind is Kind.DELIVERY
        for broken, sentence in (
            *((not _is_name(getattr(self, name)), f"{name} must be text") for name in _NAMES),
            *((not _is_amount(getattr(self, name)), f"{name} is wrong") for name in _AMOUNTS),
            (self.group not in (None, *GROUPS), f"a group is one of {', '.join(GROUPS)}"),
            (
                refuses and self.code not in KNOWN and self.status is None,
                "a refusal needs a status, or a code that is known",
            ),
            (
                self.kind is Kind.RECORD and self.code not in KNOWN,
                "a record is refused with a code that is known",
            ),
            (
                delivers and not self._delivers_something(),
                f"a delivery needs a code, segments or a state out of {', '.join(STATUSES)}",
            ),
            *((not is_count(getattr(self, name)), f"{name} is wrong") for name in _COUNTS),
            (self.probability > 1, "probability must be between 0 and 1"),
        ):
            if broken:
                raise FaultError(sentence)
        for pattern in (self.path, self.to):
            re.compile(pattern or "")

    def _delivers_something(self) -> bool:
        given = (self.code, self.segments, self.state) != (None, None, None)
        return given and (self.code is not None or self.state in (None, *STATUSES))

    def scaled(self, scale: float) -> "Fault":
        wait = None if self.retry_after is None else self.retry_after * scale
        return replace(self, seconds=self.seconds * scale, retry_after=wait)

    def meets(self, target: "Target") -> bool:
        return (
            self.group in (None, target.group)
            and self.method in (None, target.method)
            and (self.path is None or re.search(self.path, target.path) is not None)
            and (self.to is None or any(re.search(self.to, to) for to in target.to))
        )


FIELDS = frozenset(field.name for field in fields(Fault))
_NAMES = ("group", "method", "path", "to", "code", "state")
_AMOUNTS = ("probability", "status", "retry_after", "seconds")
_COUNTS = ("times", "segments")


def _is_name(value: object) -> bool:
    return value is None or isinstance(value, str)


def is_count(value: object) -> bool:
    """Tell whether *value* counts something, or is not there at all."""
    return value is None or (type(value) is int and value > 0)


def _is_amount(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return value is None or (isinstance(value, int | float) and value >= 0)


@dataclass(frozen=True)
class Target:
    """What a fault looks at."""

    group: str
    method: str
    path: str
    to: Sequence[str] = ()


class Faults(InForce[Fault]):
    """The faults in force: the oldest one that meets a request befalls it."""

    def draw(self, kinds: frozenset[Kind], target: Target) -> Fault | None:
        """Return the fault of *kinds* that befalls *target* and count it, or None."""
        return self.first(lambda fault: fault.kind in kinds and fault.meets(target))
