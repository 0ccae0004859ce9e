"""The command line of the simulator, and the settings that it makes."""

import argparse
import json
from collections.abc import Callable
from dataclasses import fields

from dispatcher.simulator.catalogue import KNOWN
from dispatcher.simulator.faults import Fault, FaultError, Kind
from dispatcher.simulator.notification_faults import NotificationFault
from dispatcher.simulator.phones import is_e164
from dispatcher.simulator.settings import LIMITS, Number, Settings

MAX_PORT = 65535
_SECONDS = (
    ("--window", "the length of a limit's window"),
    ("--penalty", "how long a full window refuses; each request in it starts that anew"),
    ("--access-ttl", "how long an access token lives"),
    ("--refresh-ttl", "how long a refresh token lives"),
    ("--sent-after", "when an accepted text is Sent"),
    ("--final-after", "when an accepted text is Delivered or DeliveryFailed"),
    ("--lag", "how long a new record is missing from lists and syncs"),
    ("--sync-token-ttl", "how long a sync can be continued"),
    ("--subscription-ttl", "how long a subscription lives that names no time"),
    ("--webhook-timeout", "how long a webhook may take to answer"),
    ("--latency", "how long every request takes at least"),
    ("--latency-spread", "how much longer it may take, by chance"),
)
_SWITCHES = (
    (
        "--allow-remote",
        "allow_remote",
        True,
        "listen on addresses that others can reach, notify theirs",
    ),
    ("--refresh-tokens", "refresh_tokens", True, "issue refresh tokens"),
    ("--no-receipts", "receipts", False, "carriers report no delivery: a text stays Sent"),
    ("--no-retry-after", "limit_retry_after", False, "a full window's 429 names no time"),
    ("--international", "international", True, "the account may text abroad"),
    ("--no-mms", "mms", False, "the account has no MMS"),
    ("--no-toll-free", "toll_free", False, "the account has no toll-free texting"),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give *parser* the options; those not on the command line leave no trace in its result."""
    defaults = Settings()
    for name, kind, text in (
        ("--host", str, "address to listen on"),
        ("--port", _port, "port to listen on, 0 for a free one"),
        ("--scale", _positive, "a RingCentral second lasts so many real ones, e.g. 0.01"),
        ("--seed", int, "where chance starts"),
        ("--client-id", str, "the application's id"),
        ("--client-secret", str, "the application's secret"),
        ("--jwt", str, "the user's JWT"),
        ("--limit-code", _code, "the code of a full window's 429"),
        ("--long-text-code", _code, "the code for a text of more than 1000 units"),
        ("--blacklist-after", _count, "failures in a row that blacklist a subscription"),
    ):
        _add(parser, name, kind, text, defaults)
    seconds = parser.add_argument_group("durations in RingCentral's seconds, before the scale")
    for name, text in _SECONDS:
        _add(seconds, name, _seconds, text, defaults)
    for name, dest, value, text in _SWITCHES:
        parser.add_argument(
            name,
            dest=dest,
            action="store_const",
            const=value,
            default=argparse.SUPPRESS,
            help=text,
        )
    _add_repeated(parser)


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings of a command line that add_options has parsed."""
    names = {field.name for field in fields(Settings)}
    known = {name: value for name, value in vars(args).items() if name in names}
    limits = dict(getattr(args, "limit", ()))
    faults = tuple(getattr(args, "fault", ()))
    known["notification_faults"] = tuple(getattr(args, "notification_fault", ()))
    if numbers := getattr(args, "number", None):
        known["numbers"] = tuple(numbers)
    return Settings(**known, limits=limits, faults=faults)


def _add_repeated(parser: argparse.ArgumentParser) -> None:
    repeated = parser.add_argument_group("may be given several times")
    for name, dest, kind, metavar, text in (
        ("--number", "number", _number, "+1…[=FEATURE,…]", "a number of the user's"),
        ("--limit", "limit", _limit, "GROUP=N", f"a limit of {', '.join(LIMITS)}"),
        ("--refuse", "fault", _refuse, "REGEX=CODE", "refuse texts to these numbers"),
        ("--deliver", "fault", _deliver, "REGEX=CODE", "accept these texts, then fail them"),
        ("--fault", "fault", _fault, "JSON", "any fault, as /control/faults takes it"),
        (
            "--notification-fault",
            "notification_fault",
            _notification_fault,
            "JSON",
            "a fault of what webhooks are told, as /control/notification-faults takes it",
        ),
    ):
        repeated.add_argument(
            name,
            dest=dest,
            action="append",
            type=kind,
            default=argparse.SUPPRESS,
            metavar=metavar,
            help=text,
        )


def _add(
    parser: "argparse._ActionsContainer",
    name: str,
    kind: Callable[[str], object],
    text: str,
    defaults: Settings,
) -> None:
    default = getattr(defaults, name.removeprefix("--").replace("-", "_"))
    parser.add_argument(
        name, type=kind, default=argparse.SUPPRESS, help=f"{text} (default: {default})"
    )


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        reason = "must be more than 0"
        raise argparse.ArgumentTypeError(reason)
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        reason = "must not be negative"
        raise argparse.ArgumentTypeError(reason)
    return value


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > MAX_PORT:
        reason = f"must be between 0 and {MAX_PORT}"
        raise argparse.ArgumentTypeError(reason)
    return int(text)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        reason = "must be 1 or more"
        raise argparse.ArgumentTypeError(reason)
    return int(text)


def _code(text: str) -> str:
    if text not in KNOWN:
        reason = "is no code of RingCentral's that is known here"
        raise argparse.ArgumentTypeError(reason)
    return text


def _number(text: str) -> Number:
    phone, equals, features = text.partition("=")
    if not is_e164(phone):
        reason = "wanted +1 and ten digits"
        raise argparse.ArgumentTypeError(reason)
    return Number(phone, tuple(features.split(","))) if equals else Number(phone)


def _limit(text: str) -> tuple[str, int]:
    group, _, allowed = text.partition("=")
    if group not in LIMITS or not allowed.isdigit() or int(allowed) < 1:
        reason = f"wanted GROUP=N, a group of {', '.join(LIMITS)}"
        raise argparse.ArgumentTypeError(reason)
    return group, int(allowed)


def _refuse(text: str) -> Fault:
    to, _, code = text.rpartition("=")
    return _parsed({"kind": Kind.REFUSE, "to": to, "code": code})


def _deliver(text: str) -> Fault:
    to, _, code = text.rpartition("=")
    return _parsed({"kind": Kind.DELIVERY, "to": to, "code": code})


def _fault(text: str) -> Fault:
    return _parsed(_read(text))


def _notification_fault(text: str) -> NotificationFault:
    given = _read(text)
    try:
        return NotificationFault.parse(given)
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        reason = f"not JSON: {error}"
        raise argparse.ArgumentTypeError(reason) from None


def _parsed(given: object) -> Fault:
    try:
        return Fault.parse(given)
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
