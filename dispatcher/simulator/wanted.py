"""What a request for a subscription asks for, judged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from yarl import URL

from dispatcher.simulator.courier import ADDRESS
from dispatcher.simulator.errors import refused
from dispatcher.simulator.filters import EventFilter, Topic, read_filter
from dispatcher.simulator.loopback import is_loopback
from dispatcher.simulator.settings import App, Settings, User
from dispatcher.simulator.subscriptions import Disabled

LONGEST = 315360000  # ten years


@dataclass(frozen=True)
class Filters:
    """What was asked for: what of it is told, and what is not."""

    told: tuple[EventFilter, ...]
    disabled: tuple[Disabled, ...]


def read_filters(
    body: dict[str, Any], settings: Settings, user: User, app: App, subscription: str
) -> Filters:
    """Read `eventFilters`; RefusedError if one makes no sense or none is left."""
    given = body.get("eventFilters")
    if (
        not isinstance(given, list)
        or not all(isinstance(one, str) for one in given)
        or not given
    ):
        raise refused("CMN-101", parameter="eventFilters")
    asked = [
        read_filter(one, settings.account_id, user.extension_id, subscription)
        for one in dict.fromkeys(given)
    ]
    _require_known(asked, settings)
    disabled = tuple(one for one in (_refusal(each, user, app) for each in asked) if one)
    told = tuple(one for one in asked if one not in {each.filter for each in disabled})
    if all(one.topic is Topic.REMINDER for one in told):
        if disabled:
            raise refused(disabled[0].code, value=disabled[0].missing)
        raise refused("SUB-515", parameter="eventFilters")
    return Filters(told, disabled)


def read_ttl(
    body: dict[str, Any], settings: Settings, filters: Iterable[EventFilter]
) -> timedelta:
    """Return how long it lives by the clock; reminders must fit into that."""
    # Whole in RingCentral's seconds: a scale that no float holds must not tip the balance.
    seconds = body.get("expiresIn", round(settings.subscription_ttl / settings.scale, 6))
    if "expiresIn" in body and not (type(seconds) is int and 0 < seconds <= LONGEST):
        raise refused("CMN-101", parameter="expiresIn")
    for one in filters:
        if one.threshold > seconds / 2 or one.interval > one.threshold / 2:
            raise refused("SUB-516", parameter="eventFilters")
    return timedelta(seconds=seconds * settings.scale)


def read_address(body: dict[str, Any], settings: Settings) -> tuple[str, str | None]:
    """Return where to deliver and the token that goes with it.

    Nothing is ever sent to another machine unless that is allowed.
    """
    mode = body.get("deliveryMode")
    if not isinstance(mode, dict) or mode.get("transportType") != "WebHook":
        raise refused("CMN-101", parameter="deliveryMode.transportType")
    address, verification = mode.get("address"), mode.get("verificationToken")
    if not _is_header(verification):
        raise refused("CMN-101", parameter="deliveryMode.verificationToken")
    url = _url(address)
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise refused("CMN-101", parameter=ADDRESS)
    if url.scheme == "http" and not is_loopback(url.host):
        raise refused("SUB-523", parameter=ADDRESS)
    if not settings.allow_remote and not is_loopback(url.host):
        raise refused("SUB-521", parameter=ADDRESS)
    return str(address), verification


def _require_known(asked: Iterable[EventFilter], settings: Settings) -> None:
    extensions = {str(user.extension_id) for user in settings.users}
    for one in asked:
        if one.account not in ("~", str(settings.account_id)):
            raise refused("SUB-406")
        if one.extension not in ("~", *extensions):
            raise refused("SUB-408")


def _refusal(asked: EventFilter, user: User, app: App) -> Disabled | None:
    """Return why *asked* is not for this user and application; None if it is."""
    if asked.topic is Topic.REMINDER:
        return None
    if "SMS" not in app.scopes and (
        asked.topic is Topic.CONSENTS or "ReadMessages" not in app.scopes
    ):
        return Disabled(asked, "CMN-401", "SMS")
    if asked.topic is Topic.CONSENTS:
        return None
    if "ReadMessages" not in user.permissions:
        return Disabled(asked, "CMN-408", "ReadMessages")
    if asked.extension != str(user.extension_id):
        return Disabled(asked, "CMN-419", "ReadMessages")
    return None


def _is_header(token: object) -> bool:
    if token is None:
        return True
    return isinstance(token, str) and token != "" and token.isascii() and token.isprintable()


def _url(address: object) -> URL | None:
    try:
        return URL(address) if isinstance(address, str) else None
    except ValueError:
        return None
