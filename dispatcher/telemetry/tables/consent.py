"""What people write back, and what they agree to."""

from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.tables.event import Event, event
from dispatcher.telemetry.tables.metric import Metric, Type, counter

VERDICTS = ("opt_out", "opt_in", "help", "unclear", "none")
SOURCES = ("stop", "receipt", "ringcentral")

_HONOUR = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 28_800.0, 86_400.0)

FIELDS: dict[str, Kind] = {
    "verdict": Kind.WORD,
    "source": Kind.WORD,
    "opted_out": Kind.NUMBER,
    "adopted": Kind.NUMBER,
    "only_ours": Kind.NUMBER,
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
}

METRICS: tuple[Metric, ...] = (
    counter(
        "inbound_messages_total", "Texts that people wrote, by what they ask.", verdict=VERDICTS
    ),
    counter("opt_outs_total", "Numbers that opted out, by how we know.", source=SOURCES),
    Metric(
        "optout_honour_seconds",
        Type.HISTOGRAM,
        "Time from when a person wrote to when their opt-out was in force.",
        buckets=_HONOUR,
    ),
)
