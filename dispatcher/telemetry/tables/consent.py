"""What people write back, and what they agree to."""

from dispatcher.core.consents import Word
from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.tables.event import Event, event, warning
from dispatcher.telemetry.tables.metric import Metric, Type, counter, gauge

VERDICTS = ("opt_out", "opt_in", "help", "unclear", "none")
SOURCES = ("stop", "receipt", "ringcentral")
TOLD = tuple(word.value for word in Word)
TAKEN = ("taken", "refused")

_HONOUR = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 28_800.0, 86_400.0)

FIELDS: dict[str, Kind] = {
    "verdict": Kind.WORD,
    "source": Kind.WORD,
    "opted_out": Kind.NUMBER,
    "adopted": Kind.NUMBER,
    "only_ours": Kind.NUMBER,
    "told": Kind.NUMBER,
    "refused": Kind.NUMBER,
}

EVENTS: dict[str, Event] = {
    "inbound_received": event(
        "inbound.received", "Somebody wrote to us.", "verdict", "inbound_messages_total"
    ),
    "number_silenced": event(
        "number.silenced",
        "A number gets no more texts. `cancelled` were not yet opened.",
        "phone source cancelled seconds",
        "opt_outs_total optout_honour_seconds",
    ),
    "number_restored": event(
        "number.restored", "A number's opt-out is lifted: its owner wrote START.", "phone"
    ),
    "consents_compared": event(
        "consents.compared",
        "RingCentral's list of opt-outs was compared with ours. `adopted` we did not know; "
        "`only_ours` it does not have.",
        "opted_out adopted only_ours",
    ),
    "consents_told": event(
        "consents.told",
        "RingCentral's list of opt-outs was told what changed with us. It took `told` numbers"
        " and refused `refused`, which it is told of again a day later.",
        "told refused",
        "consents_told_total",
    ),
    "consents_refused": warning(
        "consents.refused",
        "RingCentral takes nothing into its list of opt-outs; once until it does. What it was"
        " to be told waits.",
        "sentence",
    ),
}

SNAPSHOT: tuple[Metric, ...] = (
    gauge(
        "consents_untold",
        "Numbers whose change of consent RingCentral's list does not know, refused ones too.",
    ),
)

METRICS: tuple[Metric, ...] = (
    counter(
        "inbound_messages_total", "Texts that people wrote, by what they ask.", verdict=VERDICTS
    ),
    counter("opt_outs_total", "Numbers that opted out, by how we know.", source=SOURCES),
    counter(
        "consents_told_total",
        "Numbers that RingCentral's list was told of.",
        word=TOLD,
        outcome=TAKEN,
    ),
    Metric(
        "optout_honour_seconds",
        Type.HISTOGRAM,
        "Time from when a person wrote to when their opt-out was in force.",
        buckets=_HONOUR,
    ),
)
