"""What RingCentral calls us with, and the subscription for it."""

from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.tables.event import Event, error, event, warning
from dispatcher.telemetry.tables.metric import Metric, counter, gauge

RESULTS = (
    "handshake",
    "inbound",
    "changed",
    "other",
    "wrong_token",
    "wrong_subscription",
    "wrong_type",
    "too_large",
    "nonsense",
    "unavailable",
)

FIELDS: dict[str, Kind] = {"hours_left": Kind.NUMBER}

EVENTS: dict[str, Event] = {
    "webhook_answered": event(
        "",
        "RingCentral, or somebody else, called.",
        metrics="webhook_requests_total webhook_last_received_timestamp_seconds",
    ),
    "subscription_created": event(
        "subscription.created",
        "RingCentral calls us from now on when a text comes in or a status changes.",
        "why hours_left",
    ),
    "subscription_reused": event(
        "subscription.reused", "It calls us already, and goes on.", "hours_left"
    ),
    "subscription_renewed": event(
        "subscription.renewed", "The subscription begins its life anew.", "hours_left"
    ),
    "subscription_removed": event(
        "subscription.removed",
        "A subscription of ours was taken away: a double, one that is no good any more, or the"
        " last.",
        "why",
    ),
    "subscription_refused": error(
        "subscription.refused",
        "RingCentral does not call us: news comes later, by reading its record; once until it"
        " does.",
        "sentence",
    ),
    "subscription_narrowed": warning(
        "subscription.narrowed",
        "RingCentral leaves out some of what we asked to be told of; once in the life of a"
        " process.",
        "sentence",
    ),
}

SNAPSHOT: tuple[Metric, ...] = (
    gauge(
        "webhook_subscription_up",
        "1 while RingCentral has a subscription to call us; 0 also if none is wanted.",
    ),
)

METRICS: tuple[Metric, ...] = (
    counter("webhook_requests_total", "Calls of the webhook, by result.", result=RESULTS),
    gauge(
        "webhook_last_received_timestamp_seconds",
        "When RingCentral last called this process and was believed.",
    ),
)
