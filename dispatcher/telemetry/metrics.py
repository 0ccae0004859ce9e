"""Every metric as data: what is counted and what the pages in docs/ say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dispatcher.telemetry import words

PREFIX: Final = "sms_dispatcher_"


class Type(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Metric:
    """A metric; its full name begins with PREFIX. *labels* maps each label to its words.

    The one label whose words are not listed is the version of the program.
    """

    name: str
    type: Type
    meaning: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()


def _counter(name: str, meaning: str, **labels: tuple[str, ...]) -> Metric:
    return Metric(name, Type.COUNTER, meaning, labels)


def _gauge(name: str, meaning: str, **labels: tuple[str, ...]) -> Metric:
    return Metric(name, Type.GAUGE, meaning, labels)


_MILLISECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_REQUEST = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WAIT = (0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)

SNAPSHOT = (
    _gauge(
        "queue_messages",
        "Live messages in the queue.",
        state=words.STATES,
        category=words.CATEGORIES,
    ),
    _gauge(
        "queue_oldest_age_seconds",
        "Age of the oldest live message, since it became due.",
        state=words.STATES,
        category=words.CATEGORIES,
    ),
    _gauge("queue_due_messages", "Pending messages whose time has come."),
    _gauge("inflight_messages", "Messages whose attempt is open."),
    _gauge("unknown_messages", "Messages whose fate is not known."),
    _gauge("unknown_oldest_age_seconds", "Age of the oldest message whose fate is not known."),
    _gauge(
        "ratelimit_capacity", "Requests that a limit allows in a row.", limiter=words.LIMITERS
    ),
    _gauge("ratelimit_used", "Requests of a limit that are used up.", limiter=words.LIMITERS),
    _gauge("budget_limit_cents", "The account's budget of the day; 0 is no limit."),
    _gauge("budget_spent_cents", "Spent of the account's budget of the day."),
    _gauge("budget_reserved_cents", "Reserved of the account's budget of the day."),
    _gauge("alerts", "Alerts that hold.", kind=words.ALERTS),
)
"""What the database says. All processes show the same: take the max of them, not the sum.

They are NaN while the database cannot be asked.
"""

METRICS = (
    *SNAPSHOT,
    _gauge("up", "1 from the start of the daemon to its stop."),
    _gauge("build_info", "1, with the program's version.", version=()),
    _gauge("heartbeat_timestamp_seconds", "When the event loop last ran."),
    _gauge(
        "worker_last_loop_timestamp_seconds", "When the last claim ended, also an empty one."
    ),
    _gauge("db_pool_in_use", "Connections to the database that are in use."),
    _counter("outages_total", "Times that something was lost.", what=words.OUTAGES),
    _counter(
        "logins_total", "Logins to RingCentral, by what came of them.", result=words.LOGINS
    ),
    Metric(
        "claim_seconds",
        Type.HISTOGRAM,
        "Time that a claim took, also an empty one.",
        buckets=_MILLISECONDS,
    ),
    _counter("claim_looked_at_total", "Rows that claims looked at."),
    _counter("messages_claimed_total", "Messages that were claimed."),
    _counter("claims_lost_total", "Claims that another process holds now."),
    _gauge("leads", "1 while this process reaps and reconciles for all."),
    _counter(
        "reaped_total", "Claims of dead processes, by what became of them.", what=words.REAPED
    ),
    _counter(
        "unknown_decided_total", "Unknown texts, by what was decided.", decision=words.DECIDED
    ),
    _counter("foreign_texts_total", "Texts in RingCentral's record that no dispatcher sent."),
    _counter("answers_late_total", "Answers that came after their fate was decided."),
    _counter("messages_cancelled_total", "Messages that were cancelled.", reason=words.CANCELS),
    _counter("messages_failed_total", "Messages that failed.", reason=words.FAILS),
    _counter("messages_deferred_total", "Messages that were deferred.", reason=words.DEFERRALS),
    _counter("attempts_opened_total", "Attempts that were opened."),
    _counter("send_attempts_total", "Attempts that were settled.", outcome=words.OUTCOMES),
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
    _counter("segments_sent_total", "Segments that were accepted.", encoding=words.ENCODINGS),
    _counter("ratelimit_wait_seconds_total", "Time spent on waiting for a turn to send."),
    _counter("provider_429_total", "Answers with 429.", limiter=words.LIMITERS),
    _gauge(
        "provider_penalty_until_timestamp_seconds",
        "Until when a 429 stops a limit.",
        limiter=words.LIMITERS,
    ),
    _counter("library_warnings_total", "Warnings and errors of libraries."),
    _counter("log_lines_lost_total", "Log lines that could not be written."),
)
