"""What goes wrong on purpose with the notifications that webhooks get."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import partial

from dispatcher.simulator.chance import InForce
from dispatcher.simulator.faults import FaultError, is_count


class Mishap(StrEnum):
    """What happens. Of the first two one is enough; all others may befall one notification."""

    BLACKLIST = "blacklist"  # its subscription is blacklisted, and gets nothing any more
    DROP = "drop"  # it is never sent
    WRONG_TOKEN = "wrong-token"  # noqa: S105 - the word for it; it bears another token
    WRONG_SUBSCRIPTION = "wrong-subscription"  # it names another subscription
    WRONG_OWNER = "wrong-owner"  # it names another owner
    DOUBLE = "double"  # it is sent twice, with the same uuid
    DELAY = "delay"  # it is sent *seconds* later, and others overtake it
    REORDER = "reorder"  # it is sent after the next one of its subscription


LOST = frozenset({Mishap.BLACKLIST, Mishap.DROP})


@dataclass(frozen=True)
class NotificationFault:
    """One thing that goes wrong. *event* is searched for in the notification's own `event`."""

    kind: Mishap
    event: str | None = None
    times: int | None = None
    probability: float = 1.0
    seconds: float = 0.0

    @classmethod
    def parse(cls, given: object) -> "NotificationFault":
        """Read a fault from JSON; FaultError says what is wrong with it."""
        if not isinstance(given, dict) or not given.keys() <= FIELDS:
            sentence = f"such a fault is an object of {', '.join(sorted(FIELDS))}"
            raise FaultError(sentence)
        try:
            fault = cls(**{**given, "kind": Mishap(given.get("kind", ""))})
            fault.check()
        except (TypeError, ValueError, re.error) as error:
            raise FaultError(str(error)) from None
        return fault

    def check(self) -> None:
        """Raise FaultError, or re.error, if the fault makes no sense."""
        for broken, sentence in (
            (not is_count(self.times), "times is wrong"),
            (not 0 <= self.probability <= 1, "probability must be between 0 and 1"),
            (not 0 <= self.seconds < float("inf"), "seconds must not be negative"),
            (self.kind is Mishap.DELAY and not self.seconds, "a delay needs seconds"),
        ):
            if broken:
                raise FaultError(sentence)
        re.compile(self.event or "")

    def scaled(self, scale: float) -> "NotificationFault":
        return replace(self, seconds=self.seconds * scale)

    def meets(self, event: str) -> bool:
        return self.event is None or re.search(self.event, event) is not None


FIELDS = frozenset(field.name for field in fields(NotificationFault))


def _meets(kind: Mishap, event: str, fault: NotificationFault) -> bool:
    return fault.kind is kind and fault.meets(event)


class NotificationFaults(InForce[NotificationFault]):
    """The faults in force, the oldest of each kind first."""

    def draw(self, event: str) -> Mapping[Mishap, NotificationFault]:
        """Return what befalls a notification of *event*, at most one fault of each kind."""
        befallen: dict[Mishap, NotificationFault] = {}
        for kind in Mishap:
            fault = self.first(partial(_meets, kind, event))
            if fault is not None:
                befallen[kind] = fault
            if LOST & befallen.keys():
                break
        return befallen
