"""Every event as data: the method that tells it, its line in the log, the metrics it moves."""

from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.metrics import SNAPSHOT
from dispatcher.telemetry.tables import consent, receipts, rollups, webhooks
from dispatcher.telemetry.tables.event import Event, error, event, warning

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
    "hours": Kind.LABEL,
    "rules": Kind.LABEL,
    "rule": Kind.RULE,
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
    **receipts.FIELDS,
    **consent.FIELDS,
    **webhooks.FIELDS,
    **rollups.FIELDS,
}
"""What each field of a log line holds. A field that is not named here is withheld."""


_SNAPSHOT = " ".join(metric.name for metric in SNAPSHOT)

EVENTS: dict[str, Event] = {
    "daemon_started": event(
        "daemon.started",
        "The daemon has checked all that it needs and begins.",
        "version process_id login senders hours rules",
        "up build_info ruleset_info",
    ),
    "daemon_stopped": event("daemon.stopped", "The daemon ends.", "why seconds", "up"),
    "heart_beaten": event(
        "", "The event loop runs.", metrics="heartbeat_timestamp_seconds db_pool_in_use"
    ),
    "warning_raised": warning(
        "warning.raised", "Something is set in a way that one may regret.", "sentence"
    ),
    "hours_off": warning("hours.disabled", "Texts leave at any hour of the day or night."),
    "database_lost": error(
        "database.lost",
        "The database does not answer, or lets us not in; once for each outage.",
        "sentence",
        metrics=f"outages_total {_SNAPSHOT}",
    ),
    "database_back": event("database.regained", "The database answers again.", "seconds"),
    "transaction_crossed": warning(
        "transaction.crossed", "A deadlock or the like undid it: it is asked again.", "sentence"
    ),
    "listener_lost": warning(
        "listener.lost",
        "Nobody tells of new messages: polling finds them; once for each outage.",
        metrics="outages_total",
    ),
    "listener_deaf": warning(
        "listener.deafened",
        "Hints do not arrive through this pooler: polling finds new messages; said once.",
        "sentence",
    ),
    "listener_back": event(
        "listener.regained", "New messages are told of at once again.", "seconds"
    ),
    "login_done": event("login.done", "RingCentral let us in.", "seconds", "logins_total"),
    "login_refused": error(
        "login.refused",
        "RingCentral does not let us in; once until it does.",
        "sentence",
        "logins_total",
    ),
    "login_unreachable": error(
        "login.unreached",
        "RingCentral does not answer to a login; once until it does.",
        metrics="logins_total",
    ),
    "login_stopped": warning(
        "login.stopped",
        "Nothing is sent through the login for now; once until it goes on.",
        "why until",
    ),
    "login_resumed": event("login.resumed", "The login sends again."),
    "sender_stopped": error(
        "sender.stopped", "RingCentral refuses a number of ours.", "sender code"
    ),
    "limit_hit": warning(
        "limit.hit",
        "RingCentral answered 429; `login` as limiter is all of them.",
        "limiter seconds",
        "provider_429_total provider_penalty_until_timestamp_seconds",
    ),
    "lead_gained": event(
        "lead.gained", "This process reaps and reconciles for all from now on.", metrics="leads"
    ),
    "lead_lost": event("lead.lost", "Another process does.", metrics="leads"),
    "rate_learned": event(
        "rate.learned",
        "RingCentral's headers name a limit below the settings': it is kept from now on.",
        "limiter limit window",
    ),
    "turn_waited": event(
        "", "A message waited for its turn.", metrics="ratelimit_wait_seconds_total"
    ),
    "claim_done": event(
        "claim.done",
        "A claim ended; no line if it found nothing.",
        "claimed cancelled deferred looked_at seconds",
        "worker_last_loop_timestamp_seconds claim_seconds claim_looked_at_total"
        " messages_claimed_total",
    ),
    "claim_lost": warning(
        "claim.lost",
        "Another process holds the message now: what we know of it is not written.",
        "message_id fence",
        "claims_lost_total",
    ),
    "claims_reaped": warning(
        "claims.reaped",
        "The claims of a dead process were taken back: returned to the queue, or unknown.",
        "returned unknown held",
        "reaped_total",
    ),
    "unknown_decided": event(
        "unknown.decided",
        "What becomes of a text whose fate was unknown: found in RingCentral's record, resent,"
        " dropped, or presumed to be sent.",
        "message_id campaign_id attempt_id decision",
        "unknown_decided_total",
    ),
    "record_looked_at": warning(
        "record.searched",
        "RingCentral's record left texts for a person to decide on, or shows some that no"
        " dispatcher sent.",
        "held foreign",
        "foreign_texts_total",
    ),
    "answer_delayed": warning(
        "answer.delayed",
        "An answer came after its fate had been decided otherwise: it stands in the ledger.",
        "message_id attempt_id outcome",
        "answers_late_total",
    ),
    "message_cancelled": event(
        "message.cancelled",
        "A message will not be sent: a decision of ours.",
        "message_id campaign_id reason rule",
        "messages_cancelled_total",
    ),
    "message_failed": warning(
        "message.failed",
        "A message will not be sent: something went wrong.",
        "message_id campaign_id reason code",
        "messages_failed_total",
    ),
    "message_deferred": event(
        "message.deferred",
        "A message waits until its time.",
        "message_id campaign_id reason rule until",
        "messages_deferred_total",
    ),
    "attempt_opened": event(
        "attempt.opened",
        "A request is about to begin; its cost is reserved.",
        "message_id campaign_id attempt_id sender phone",
        "attempts_opened_total",
    ),
    "attempt_settled": event(
        "attempt.settled",
        "The outcome of a request is written.",
        "message_id campaign_id attempt_id outcome code seconds waited segments encoding"
        " category",
        "send_attempts_total send_latency_seconds enqueue_to_send_seconds segments_sent_total",
    ),
    "budget_exceeded": warning(
        "budget.exceeded",
        "A campaign, or without one the account's day, cannot pay its next text.",
        "campaign_id",
    ),
    "campaign_started": event("campaign.started", "A campaign's time has come.", "campaign_id"),
    "campaign_finished": event(
        "campaign.finished", "All texts of a campaign are settled.", "campaign_id"
    ),
    "alert_raised": error(
        "alert.raised", "A person should look at this.", "kind object what_to_do"
    ),
    "alert_cleared": event("alert.cleared", "It is in order again.", "kind object"),
    "snapshot_taken": event("", "The database was asked for its gauges.", metrics=_SNAPSHOT),
    "library_warned": warning(
        "library.warned",
        "A library has something to say: its words without what they were filled with; the"
        " same at most once a minute.",
        "library exception where sentence",
        "library_warnings_total",
    ),
    **receipts.EVENTS,
    **consent.EVENTS,
    **webhooks.EVENTS,
    **rollups.EVENTS,
}
"""By the method of Telemetry that tells it."""
