"""One call of each method of Telemetry."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from dispatcher.core.privacy import Sentence
from dispatcher.core.snapshot import Budget, Depth, Rate, Snapshot
from dispatcher.telemetry.words import ALERTS, CATEGORIES, LIMITERS, STATES

MESSAGE = UUID("0c3f8f6e-0000-4000-8000-000000000001")
CAMPAIGN = UUID("0c3f8f6e-0000-4000-8000-000000000002")
NINE = datetime(2026, 2, 3, 9, tzinfo=UTC)
SAID = Sentence("Do this.")
SNAPSHOT = Snapshot(
    depths=[Depth(state, category, 3, 4.5) for state in STATES for category in CATEGORIES],
    due=5,
    in_flight=6,
    rates=[Rate(limiter, 40, 7) for limiter in LIMITERS],
    budget=Budget(Decimal(10_000), Decimal("1.19"), Decimal("2.38")),
    unmatched=8,
    unclear=9,
    adopted=10,
    only_ours=11,
    untold=12,
    alerts=dict.fromkeys(ALERTS, 1),
    subscriptions=1,
    rollup_stale=8,
)
OF = {"message_id": MESSAGE, "campaign_id": CAMPAIGN}
SAMPLES: dict[str, dict[str, Any]] = {
    "daemon_started": {
        "version": "1.2.3",
        "process_id": 7,
        "login": "acme",
        "senders": ["+12125550100"],
        "hours": "federal+state",
        "rules": "2026-11-30",
    },
    "daemon_stopped": {"why": "drained", "seconds": 0.5},
    "heart_beaten": {"pool_in_use": 2},
    "warning_raised": {"sentence": SAID},
    "hours_off": {},
    "database_lost": {"sentence": SAID},
    "database_back": {"seconds": 10.0},
    "transaction_crossed": {"sentence": SAID},
    "listener_lost": {},
    "listener_deaf": {"sentence": SAID},
    "listener_back": {"seconds": 10.0},
    "login_done": {"seconds": 0.5},
    "login_refused": {"sentence": SAID},
    "login_unreachable": {},
    "login_stopped": {"why": "unreached", "until": NINE},
    "login_resumed": {},
    "sender_stopped": {"sender": "+12125550100", "code": "MSG-304"},
    "limit_hit": {"group": "Medium", "seconds": 60.0},
    "turn_waited": {"seconds": 1.5},
    "claim_done": {
        "claimed": 1,
        "cancelled": 2,
        "deferred": 3,
        "looked_at": 6,
        "seconds": 0.01,
    },
    "claim_lost": {"message_id": MESSAGE, "fence": 2},
    "claims_reaped": {"returned": 1, "unknown": 2, "held": 3},
    "unknown_decided": OF | {"attempt_id": 9, "decision": "found"},
    "record_looked_at": {"held": 1, "foreign": 2},
    "answer_delayed": {"message_id": MESSAGE, "attempt_id": 9, "outcome": "accepted"},
    "lead_gained": {},
    "lead_lost": {},
    "message_cancelled": OF | {"reason": "opted_out", "rule": "opt-out"},
    "message_failed": OF | {"reason": "refused", "code": "MSG-240"},
    "message_deferred": OF | {"reason": "quiet_hours", "rule": "hours US-KY", "until": NINE},
    "attempt_opened": OF | {"attempt_id": 9, "sender": "+12125550100", "phone": "+13105550101"},
    "attempt_settled": OF
    | {
        "attempt_id": 9,
        "outcome": "accepted",
        "code": None,
        "seconds": 0.3,
        "waited": 2.0,
        "segments": 2,
        "encoding": "gsm7",
        "category": "reminder",
    },
    "budget_exceeded": {"campaign_id": CAMPAIGN},
    "rate_learned": {"group": "medium", "limit": 40, "window": 60},
    "campaign_started": {"campaign_id": CAMPAIGN},
    "campaign_finished": {"campaign_id": CAMPAIGN},
    "alert_raised": {"kind": "no_sender", "object_": "acme", "what_to_do": SAID},
    "alert_cleared": {"kind": "no_sender", "object_": "acme"},
    "inbound_received": {"verdict": "opt_out"},
    "number_silenced": {
        "phone": "+12125550100",
        "source": "stop",
        "cancelled": 2,
        "seconds": 1.5,
    },
    "number_restored": {"phone": "+12125550100"},
    "consents_compared": {"opted_out": 9, "adopted": 2, "only_ours": 1},
    "consents_told": {"counts": {("opt_out", "taken"): 3, ("opt_in", "refused"): 1}},
    "consents_refused": {"sentence": SAID},
    "record_read": {"news": 3},
    "gap_filled": {"since": NINE, "until": NINE, "pages": 2, "news": 3},
    "receipts_applied": {"verdicts": {"applied": 2, "stale": 1}, "early": 1},
    "texts_unconfirmed": {"texts": 2},
    "campaign_filtered": {"campaign_id": CAMPAIGN, "texts": 100, "filtered": 3},
    "snapshot_taken": {"snapshot": SNAPSHOT},
    "webhook_answered": {"result": "inbound"},
    "subscription_created": {"why": "none", "lasts": timedelta(days=7)},
    "subscription_reused": {"lasts": timedelta(days=5)},
    "subscription_renewed": {"lasts": timedelta(days=7)},
    "subscription_removed": {"why": "double"},
    "subscription_refused": {"sentence": SAID},
    "subscription_narrowed": {"sentence": SAID},
    "days_rolled": {"days": 3},
    "days_rezoned": {},
    "library_warned": {
        "library": "aiohttp.server",
        "exception": "ValueError",
        "where": "web.py:12",
        "sentence": SAID,
    },
}
# A state must have begun before its end is news.
BEFORE = {
    "daemon_stopped": "daemon_started",
    "database_back": "database_lost",
    "listener_back": "listener_lost",
    "login_resumed": "login_stopped",
    "lead_lost": "lead_gained",
}
