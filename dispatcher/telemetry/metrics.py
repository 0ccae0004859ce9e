"""Every metric as data: what is counted and what the pages in docs/ say of it."""

from dispatcher.telemetry import words
from dispatcher.telemetry.tables import consent, receipts, rollups, webhooks
from dispatcher.telemetry.tables.metric import PREFIX, Metric, Type, counter, gauge

__all__ = ["METRICS", "PREFIX", "SNAPSHOT", "Metric", "Type"]

_MILLISECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_REQUEST = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WAIT = (0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)

SNAPSHOT = (
    gauge(
        "queue_messages",
        "Live messages in the queue.",
        state=words.STATES,
        category=words.CATEGORIES,
    ),
    gauge(
        "queue_oldest_age_seconds",
        "Age of the oldest live message, since it became due.",
        state=words.STATES,
        category=words.CATEGORIES,
    ),
    gauge("queue_due_messages", "Pending messages whose time has come."),
    gauge("inflight_messages", "Messages whose attempt is open."),
    gauge("unknown_messages", "Messages whose fate is not known."),
    gauge("unknown_oldest_age_seconds", "Age of the oldest message whose fate is not known."),
    gauge(
        "ratelimit_capacity", "Requests that a limit allows in a row.", limiter=words.LIMITERS
    ),
    gauge("ratelimit_used", "Requests of a limit that are used up.", limiter=words.LIMITERS),
    gauge("budget_limit_cents", "The account's budget of the day; 0 is no limit."),
    gauge("budget_spent_cents", "Spent of the account's budget of the day."),
    gauge("budget_reserved_cents", "Reserved of the account's budget of the day."),
    gauge("receipts_unmatched", "Receipts that have no attempt of ours yet."),
    gauge("replies_unclear", "Texts of people that a person should read and decide on."),
    gauge("consents_adopted", "Opt-outs that RingCentral knew and we did not, last time."),
    gauge("consents_only_ours", "Opt-outs that RingCentral did not know, last time."),
    gauge("alerts", "Alerts that hold.", kind=words.ALERTS),
    gauge("rollup_stale", "Notes of days whose figures are to be counted anew."),
    *consent.SNAPSHOT,
    *webhooks.SNAPSHOT,
)
"""What the database says. All processes show the same: take the max of them, not the sum.

They are NaN while the database cannot be asked.
"""

METRICS = (
    *SNAPSHOT,
    gauge("up", "1 from the start of the daemon to its stop."),
    gauge("build_info", "1, with the program's version.", version=()),
    gauge(
        "ruleset_info",
        "1, with the version of the rules of hours and caps, and the profile.",
        version=(),
        profile=words.PROFILES,
    ),
    gauge("heartbeat_timestamp_seconds", "When the event loop last ran."),
    gauge(
        "worker_last_loop_timestamp_seconds", "When the last claim ended, also an empty one."
    ),
    gauge("db_pool_in_use", "Connections to the database that are in use."),
    counter("outages_total", "Times that something was lost.", what=words.OUTAGES),
    counter(
        "logins_total", "Logins to RingCentral, by what came of them.", result=words.LOGINS
    ),
    Metric(
        "claim_seconds",
        Type.HISTOGRAM,
        "Time that a claim took, also an empty one.",
        buckets=_MILLISECONDS,
    ),
    counter("claim_looked_at_total", "Rows that claims looked at."),
    counter("messages_claimed_total", "Messages that were claimed."),
    counter("claims_lost_total", "Claims that another process holds now."),
    gauge("leads", "1 while this process reaps and reconciles for all."),
    counter(
        "reaped_total", "Claims of dead processes, by what became of them.", what=words.REAPED
    ),
    counter(
        "unknown_decided_total", "Unknown texts, by what was decided.", decision=words.DECIDED
    ),
    counter("foreign_texts_total", "Texts in RingCentral's record that no dispatcher sent."),
    counter("answers_late_total", "Answers that came after their fate was decided."),
    counter("messages_cancelled_total", "Messages that were cancelled.", reason=words.CANCELS),
    counter("messages_failed_total", "Messages that failed.", reason=words.FAILS),
    counter("messages_deferred_total", "Messages that were deferred.", reason=words.DEFERRALS),
    counter("attempts_opened_total", "Attempts that were opened."),
    counter("send_attempts_total", "Attempts that were settled.", outcome=words.OUTCOMES),
    Metric(
        "send_latency_seconds",
        Type.HISTOGRAM,
        "Time from a request to its answer, or to giving up.",
        buckets=_REQUEST,
    ),
    Metric(
        "enqueue_to_send_seconds",
        Type.HISTOGRAM,
        "Time from when an accepted message was due to its acceptance.",
        {"category": words.CATEGORIES},
        _WAIT,
    ),
    counter("segments_sent_total", "Segments that were accepted.", encoding=words.ENCODINGS),
    counter("ratelimit_wait_seconds_total", "Time spent on waiting for a turn to send."),
    counter("provider_429_total", "Answers with 429.", limiter=words.LIMITERS),
    gauge(
        "provider_penalty_until_timestamp_seconds",
        "Until when a 429 stops a limit.",
        limiter=words.LIMITERS,
    ),
    counter("library_warnings_total", "Warnings and errors of libraries."),
    counter("log_lines_lost_total", "Log lines that could not be written."),
    *receipts.METRICS,
    *consent.METRICS,
    *webhooks.METRICS,
    *rollups.METRICS,
)
