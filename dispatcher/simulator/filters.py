"""Event filters: what a subscription asks to be told of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl

from dispatcher.simulator.errors import refused
from dispatcher.simulator.queries import is_count

TYPES = ("Fax", "SMS", "VoiceMail", "Pager")
DIRECTIONS = ("Inbound", "Outbound")


class Topic(StrEnum):
    """What the simulator can tell of."""

    INSTANT = "instant"  # a text came in: all of it
    STORE = "store"  # records came or changed: how many
    CONSENTS = "consents"
    REMINDER = "reminder"  # the subscription ends soon


_STORE = (
    r"/restapi/v1\.0/account/(?P<account>~|\d+)/extension/(?P<extension>~|\d+)/message-store"
)
_PATHS = {
    Topic.INSTANT: re.compile(_STORE + "/instant"),
    Topic.STORE: re.compile(_STORE),
    Topic.CONSENTS: re.compile(r"/restapi/v2/accounts/(?P<account>~|\d+)/sms/consents"),
    Topic.REMINDER: re.compile(r"/restapi/v1\.0/subscription/~"),
}
_PARAMETERS = {
    Topic.INSTANT: {"type"},
    Topic.STORE: {"type", "direction"},
    Topic.CONSENTS: set[str](),
    Topic.REMINDER: {"threshold", "interval"},
}


@dataclass(frozen=True)
class EventFilter:
    """One filter. *event* has the real ids; *threshold* and *interval* are as given."""

    topic: Topic
    event: str
    account: str = "~"
    extension: str = "~"
    type: str | None = None
    direction: str | None = None
    threshold: int = 0
    interval: int = 0

    def takes(self, direction: str) -> bool:
        """Tell whether a text of *direction* is one that it asks for."""
        return self.type in (None, "SMS") and self.direction in (None, direction)


def read_filter(given: str, account: int, extension: int, subscription: str) -> EventFilter:
    """Take a filter apart and put the real ids in; RefusedError if there is no such."""
    path, _, query = given.partition("?")
    topic, match = _matched(path)
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    if not _fit(topic, parameters):
        code = "SUB-516" if topic is Topic.REMINDER else "SUB-508"
        raise refused(code, parameter="eventFilters")
    own = {"account": str(account), "extension": str(extension)}
    ids = {
        name: own[name] if given == "~" else given for name, given in match.groupdict().items()
    }
    return EventFilter(
        topic,
        _event(path, ids, subscription) + (query and f"?{query}"),
        **ids,
        type=parameters.get("type"),
        direction=parameters.get("direction"),
        threshold=int(parameters.get("threshold", 0)),
        interval=int(parameters.get("interval", 0)),
    )


def _matched(path: str) -> tuple[Topic, re.Match[str]]:
    for topic, pattern in _PATHS.items():
        if match := pattern.fullmatch(path):
            return topic, match
    raise refused("SUB-508", parameter="eventFilters")


def _fit(topic: Topic, parameters: Mapping[str, str]) -> bool:
    if not parameters.keys() <= _PARAMETERS[topic]:
        return False
    match topic:
        case Topic.INSTANT:
            return parameters.get("type") == "SMS"
        case Topic.REMINDER:
            given = [parameters.get(name, "") for name in ("threshold", "interval")]
            return all(is_count(text) and int(text) > 0 for text in given)
        case _:
            return (
                parameters.get("type", "SMS") in TYPES
                and parameters.get("direction", "Inbound") in DIRECTIONS
            )


def _event(path: str, ids: Mapping[str, str], subscription: str) -> str:
    for name, value in ids.items():
        path = re.sub(rf"(/{name}s?)/~", rf"\g<1>/{value}", path)
    return path.replace("/subscription/~", f"/subscription/{subscription}")
