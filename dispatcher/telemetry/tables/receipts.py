"""What RingCentral says of texts afterwards."""

from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.tables.event import Event, event, warning
from dispatcher.telemetry.tables.metric import Metric, counter

VERDICTS = ("applied", "stale", "inbound", "foreign", "unreadable")

FIELDS: dict[str, Kind] = {
    "since": Kind.TIME,
    "pages": Kind.NUMBER,
    "news": Kind.NUMBER,
    "texts": Kind.NUMBER,
    "filtered": Kind.NUMBER,
}

EVENTS: dict[str, Event] = {
    "record_read": Event(
        "",
        "info",
        "What changed in RingCentral's record is stored.",
        (),
        ("record_news_total",),
    ),
    "gap_filled": event(
        "gap.filled",
        "What had been missed, or was there before the first look, is read from RingCentral's "
        "list.",
        "since until pages news",
        "record_news_total",
    ),
    "receipts_applied": Event(
        "",
        "info",
        "Receipts were applied.",
        (),
        ("receipts_applied_total", "receipts_early_total"),
    ),
    "texts_unconfirmed": event(
        "texts.unconfirmed",
        "Nobody said in time what became of some texts: they stay accepted, not confirmed.",
        "texts",
        "texts_unconfirmed_total",
    ),
    "campaign_filtered": warning(
        "campaign.filtered",
        "Carriers took so many of a campaign's texts for spam that it is paused.",
        "campaign_id texts filtered",
        "campaigns_filtered_total",
    ),
}

METRICS: tuple[Metric, ...] = (
    counter("record_news_total", "Changes that were new to us in RingCentral's record."),
    counter("receipts_applied_total", "Receipts, by what came of them.", verdict=VERDICTS),
    counter("receipts_early_total", "Receipts that came before the answer to their request."),
    counter("texts_unconfirmed_total", "Texts of which nobody said in time what became."),
    counter("campaigns_filtered_total", "Campaigns that were paused as carriers filter them."),
)
