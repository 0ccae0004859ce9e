"""Every event as data: the method that tells it, its line in the log, the metrics it moves."""

from dataclasses import dataclass

from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.metrics import SNAPSHOT

FIELDS = {
    "message_id": Kind.ID,
    "campaign_id": Kind.ID,
    "attempt_id": Kind.ID,
    "process_id": Kind.ID,
    "fence": Kind.NUMBER,
    "phone": Kind.PHONE,
    "sender": Kind.PHONE,
    "senders": Kind.PHONES,
    "login": Kind.LABEL,
    "version": Kind.LABEL,
    "object": Kind.LABEL,
    "library": Kind.LABEL,
    "exception": Kind.CODE,
    "where": Kind.LABEL,
    "hours": Kind.WORD,
    "why": Kind.WORD,
    "reason": Kind.WORD,
    "outcome": Kind.WORD,
    "category": Kind.WORD,
    "encoding": Kind.WORD,
    "limiter": Kind.WORD,
    "kind": Kind.WORD,
    "code": Kind.CODE,
    "limit": Kind.NUMBER,
    "window": Kind.NUMBER,
    "until": Kind.TIME,
    "seconds": Kind.NUMBER,
    "waited": Kind.NUMBER,
    "segments": Kind.NUMBER,
    "claimed": Kind.NUMBER,
    "cancelled": Kind.NUMBER,
    "deferred": Kind.NUMBER,
    "looked_at": Kind.NUMBER,
    "returned": Kind.NUMBER,
    "held": Kind.NUMBER,
    "foreign": Kind.NUMBER,
    "decision": Kind.WORD,
    "unknown": Kind.NUMBER,
    "sentence": Kind.SENTENCE,
    "what_to_do": Kind.SENTENCE,
}
"""What each field of a log line holds. A field that is not named here is withheld."""


@dataclass(frozen=True)
class Event:
    """What a method of Telemetry tells. Without a *name* it moves metrics only."""

    name: str
    level: str
    meaning: str
    fields: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


def _event(name: str, meaning: str, fields: str = "", metrics: str = "") -> Event:
    return Event(name, "info", meaning, tuple(fields.split()), tuple(metrics.split()))


def _warning(name: str, meaning: str, fields: str = "", metrics: str = "") -> Event:
    return Event(name, "warning", meaning, tuple(fields.split()), tuple(metrics.split()))


def _error(name: str, meaning: str, fields: str = "", metrics: str = "") -> Event:
    return Event(name, "error", meaning, tuple(fields.split()), tuple(metrics.split()))


_SNAPSHOT = " ".join(metric.name for metric in SNAPSHOT)

EVENTS = {
    "daemon_started": _event(
        "daemon.started",
        "The daemon has checked all that it needs and begins.",
        "version process_id login senders hours",
        "up build_info",
    ),
    "daemon_stopped": _event("daemon.stopped", "The daemon ends.", "why seconds", "up"),
    "heart_beaten": _event(
        "", "The event loop runs.", metrics="heartbeat_timestamp_seconds db_pool_in_use"
    ),
    "warning_raised": _warning(
        "warning.raised", "Something is set in a way that one may regret.", "sentence"
    ),
    "hours_off": _warning("hours.disabled", "Texts leave at any hour of the day or night."),
    "database_lost": _error(
        "database.lost",
        "The database does not answer, or lets us not in; once for each outage.",
        "sentence",
        metrics=f"outages_total {_SNAPSHOT}",
    ),
    "database_back": _event("database.regained", "The database answers again.", "seconds"),
    "transaction_crossed": _warning(
        "transaction.crossed", "A deadlock or the like undid it: it is asked again.", "sentence"
    ),
    "listener_lost": _warning(
        "listener.lost",
        "Nobody tells of new messages: polling finds them; once for each outage.",
        metrics="outages_total",
    ),
    "listener_deaf": _warning(
        "listener.deafened",
        "Hints do not arrive through this pooler: polling finds new messages; said once.",
        "sentence",
    ),
    "listener_back": _event(
        "listener.regained", "New messages are told of at once again.", "seconds"
    ),
    "login_done": _event("login.done", "RingCentral let us in.", "seconds", "logins_total"),
    "login_refused": _error(
        "login.refused",
        "RingCentral does not let us in; once until it does.",
        "sentence",
        "logins_total",
    ),
    "login_unreachable": _error(
        "login.unreached",
        "RingCentral does not answer to a login; once until it does.",
        metrics="logins_total",
    ),
    "login_stopped": _warning(
        "login.stopped",
        "Nothing is sent through the login for now; once until it goes on.",
        "why until",
    ),
    "login_resumed": _event("login.resumed", "The login sends again."),
    "sender_stopped": _error(
        "sender.stopped", "RingCentral refuses a number of ours.", "sender code"
    ),
    "limit_hit": _warning(
        "limit.hit",
        "RingCentral answered 429; `login` as limiter is all of them.",
        "limiter seconds",
        "provider_429_total provider_penalty_until_timestamp_seconds",
    ),
    "lead_gained": _event(
        "lead.gained", "This process reaps and reconciles for all from now on.", metrics="leads"
    ),
    "lead_lost": _event("lead.lost", "Another process does.", metrics="leads"),
    "rate_learned": _event(
        "rate.learned",
        "RingCentral's headers name a limit below the settings': it is kept from now on.",
        "limiter limit window",
    ),
    "turn_waited": _event(
        "", "A message waited for its turn.", metrics="ratelimit_wait_seconds_total"
    ),
    "claim_done": _event(
        "claim.done",
        "A claim ended; no line if it found nothing.",
        "claimed cancelled deferred looked_at seconds",
        "worker_last_loop_timestamp_seconds claim_seconds claim_looked_at_total"
        " messages_claimed_total",
    ),
    "claim_lost": _warning(
        "claim.lost",
        "Another process holds the message now: what we know of it is not written.",
        "message_id fence",
        "claims_lost_total",
    ),
    "claims_reaped": _warning(
        "claims.reaped",
        "The claims of a dead process were taken back: returned to the queue, or unknown.",
        "returned unknown held",
        "reaped_total",
    ),
    "unknown_decided": _event(
        "unknown.decided",
        "What becomes of a text whose fate was unknown: found in RingCentral's record, resent,"
        " dropped, or presumed to be sent.",
        "message_id campaign_id attempt_id decision",
        "unknown_decided_total",
    ),
    "record_looked_at": _warning(
        "record.searched",
        "RingCentral's record left texts for a person to decide on, or shows some that no"
        " dispatcher sent.",
        "held foreign",
        "foreign_texts_total",
    ),
    "answer_delayed": _warning(
        "answer.delayed",
        "An answer came after its fate had been decided otherwise: it stands in the ledger.",
        "message_id attempt_id outcome",
        "answers_late_total",
    ),
    "message_cancelled": _event(
        "message.cancelled",
        "A message will not be sent: a decision of ours.",
        "message_id campaign_id reason",
        "messages_cancelled_total",
    ),
    "message_failed": _warning(
        "message.failed",
        "A message will not be sent: something went wrong.",
        "message_id campaign_id reason code",
        "messages_failed_total",
    ),
    "message_deferred": _event(
        "message.deferred",
        "A message waits until its time.",
        "message_id campaign_id reason until",
        "messages_deferred_total",
    ),
    "attempt_opened": _event(
        "attempt.opened",
        "A request is about to begin; its cost is reserved.",
        "message_id campaign_id attempt_id sender phone",
        "attempts_opened_total",
    ),
    "attempt_settled": _event(
        "attempt.settled",
        "The outcome of a request is written.",
        "message_id campaign_id attempt_id outcome code seconds waited segments encoding"
        " category",
        "send_attempts_total send_latency_seconds enqueue_to_send_seconds segments_sent_total",
    ),
    "budget_exceeded": _warning(
        "budget.exceeded",
        "A campaign, or without one the account's day, cannot pay its next text.",
        "campaign_id",
    ),
    "campaign_started": _event(
        "campaign.started", "A campaign's time has come.", "campaign_id"
    ),
    "campaign_finished": _event(
        "campaign.finished", "All texts of a campaign are settled.", "campaign_id"
    ),
    "alert_raised": _error(
        "alert.raised", "A person should look at this.", "kind object what_to_do"
    ),
    "alert_cleared": _event("alert.cleared", "It is in order again.", "kind object"),
    "snapshot_taken": _event("", "The database was asked for its gauges.", metrics=_SNAPSHOT),
    "library_warned": _warning(
        "library.warned",
        "A library has something to say: its words without what they were filled with; the"
        " same at most once a minute.",
        "library exception where sentence",
        "library_warnings_total",
    ),
}
"""By the method of Telemetry that tells it."""
