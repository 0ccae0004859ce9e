"""What other people do: they text us, and they say whether they want to be texted."""

from dispatcher.simulator import news
from dispatcher.simulator.consents import OPT_IN, OPT_OUT, SOURCES, Consent, wish_in
from dispatcher.simulator.ledger import Text
from dispatcher.simulator.phones import is_e164, is_short
from dispatcher.simulator.records import Record
from dispatcher.simulator.settings import User
from dispatcher.simulator.world import World


class SenselessError(ValueError):
    """Nobody can do that; the message says why."""


def receive(world: World, sender: str, to: str, text: str) -> Record:
    """Let a text come in from *sender* to *to*, a number of a user's."""
    user, now = _owner(world, to), world.clock.now()
    _require_phone(sender)
    record = world.store.receive(user.extension_id, sender, to, text, now)
    world.ledger.received(Text(record.id, sender, to, text, now, world.clock.monotonic(), ""))
    news.tell_inbound(world, user, record)
    if wish := wish_in(text):
        decide(world, to, sender, wish, "Recipient")
    return record


def decide(world: World, ours: str, theirs: str, status: str, source: str) -> None:
    """Put down whether *theirs* wants texts from *ours*, and tell of it if that is new."""
    consent = Consent(ours, theirs, status, source, world.clock.now())
    if world.consents.change(consent):
        news.tell_consent(world, consent)


def read_text(world: World, given: object) -> tuple[str, str, str]:
    """Read what `receive` needs from JSON."""
    sender, to, text = _strings(given, ("from", "to", "text"))
    _owner(world, to)
    _require_phone(sender)
    return sender, to, text


def read_wish(world: World, given: object) -> tuple[str, str, str, str]:
    """Read what `decide` needs from JSON."""
    source = {"source": "Recipient"}
    named = {**source, **given} if isinstance(given, dict) else given
    ours, theirs, status, by = _strings(named, ("from", "to", "optStatus", "source"))
    _owner(world, ours, "from")
    if not is_e164(theirs) or status not in (OPT_OUT, OPT_IN) or by not in SOURCES:
        raise SenselessError("to, optStatus or source is wrong")
    return ours, theirs, status, by


def _strings(given: object, names: tuple[str, ...]) -> list[str]:
    if not isinstance(given, dict) or given.keys() != set(names):
        raise SenselessError(f"wanted: an object of {', '.join(names)}")
    if not all(isinstance(given[name], str) for name in names):
        raise SenselessError(f"{', '.join(names)} must be text")
    return [given[name] for name in names]


def _require_phone(sender: str) -> None:
    if not is_e164(sender) and not is_short(sender):
        raise SenselessError("from must be a phone number")


def _owner(world: World, number: str, name: str = "to") -> User:
    for user in world.settings.users:
        if any(one.phone == number for one in user.numbers):
            return user
    raise SenselessError(f"{name} must be a number of a user's")
