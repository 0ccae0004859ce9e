"""What happens to the process and to what it stands on."""

from collections.abc import Sequence
from datetime import datetime

from dispatcher.core.privacy import Sentence
from dispatcher.core.snapshot import Snapshot
from dispatcher.telemetry.fields import Kind, shower
from dispatcher.telemetry.metrics import SNAPSHOT
from dispatcher.telemetry.told import Told


class ProcessEvents(Told):
    """The daemon, its database, its login, and what a person should look at.

    States that last (lost, refused, stopped) may be told again and again: only the first is
    written, and their end only if they had begun.
    """

    def daemon_started(  # noqa: PLR0913  # all that an analysis asks for
        self,
        version: str,
        process_id: int,
        login: str,
        senders: Sequence[str],
        *,
        hours: str,
        rules: str,
    ) -> None:
        """Say that it begins, under the profile *hours* of the *rules* of that version."""
        self._meters.set("build_info", 1, _label(version))
        self._meters.set("ruleset_info", 1, _label(rules), hours)
        self._meters.set("up", 1)
        self._voice.say(
            "daemon_started",
            version=version,
            process_id=process_id,
            login=login,
            senders=list(senders),
            hours=hours,
            rules=rules,
        )

    def daemon_stopped(self, why: str, seconds: float) -> None:
        self._meters.set("up", 0)
        self._voice.say("daemon_stopped", why=why, seconds=seconds)

    def heart_beaten(self, pool_in_use: int) -> None:
        """Say that the event loop runs, also while there is nothing to do."""
        self._meters.set("heartbeat_timestamp_seconds", self._voice.now())
        self._meters.set("db_pool_in_use", pool_in_use)
        self._voice.output.flush()

    def warning_raised(self, sentence: Sentence) -> None:
        self._voice.say("warning_raised", sentence=sentence)

    def hours_off(self) -> None:
        self._voice.say("hours_off")

    def database_lost(self, sentence: Sentence) -> None:
        if self._voice.begins("database"):
            self._meters.count("outages_total", "database")
            for metric in SNAPSHOT:
                self._meters.set_all(metric.name, float("nan"))
            self._voice.say("database_lost", sentence=sentence)

    def database_back(self, seconds: float) -> None:
        if self._voice.ends("database"):
            self._voice.say("database_back", seconds=seconds)

    def transaction_crossed(self, sentence: Sentence) -> None:
        self._voice.say("transaction_crossed", sentence=sentence)

    def listener_lost(self) -> None:
        if self._voice.begins("listener"):
            self._meters.count("outages_total", "listener")
            self._voice.say("listener_lost")

    def listener_deaf(self, sentence: Sentence) -> None:
        if self._voice.begins("listener.deaf"):
            self._voice.say("listener_deaf", sentence=sentence)

    def listener_back(self, seconds: float) -> None:
        deaf, lost = self._voice.ends("listener.deaf"), self._voice.ends("listener")
        if deaf or lost:
            self._voice.say("listener_back", seconds=seconds)

    def login_done(self, seconds: float) -> None:
        self._meters.count("logins_total", "done")
        self._voice.ends("login.refused")
        self._voice.ends("login.unreached")
        self._voice.say("login_done", seconds=seconds)

    def login_refused(self, sentence: Sentence) -> None:
        self._meters.count("logins_total", "refused")
        if self._voice.begins("login.refused"):
            self._voice.say("login_refused", sentence=sentence)

    def login_unreachable(self) -> None:
        self._meters.count("logins_total", "unreached")
        if self._voice.begins("login.unreached"):
            self._voice.say("login_unreachable")

    def login_stopped(self, why: str, until: datetime) -> None:
        if self._voice.begins("login.stopped"):
            self._voice.say("login_stopped", why=why, until=until)

    def login_resumed(self) -> None:
        self._voice.ends("login.refused")
        if self._voice.ends("login.stopped"):
            self._voice.say("login_resumed")

    def sender_stopped(self, sender: str, code: str) -> None:
        self._voice.say("sender_stopped", sender=sender, code=code)

    def limit_hit(self, group: str | None, seconds: float) -> None:
        """Say that RingCentral answered 429; without a *group* it stops the whole login."""
        limiter = str(group).lower() if group else "login"
        self._meters.count("provider_429_total", limiter)
        until = self._voice.now() + seconds
        self._meters.set("provider_penalty_until_timestamp_seconds", until, limiter)
        self._voice.say("limit_hit", limiter=limiter, seconds=seconds)

    def rate_learned(self, group: str, limit: int, window: int) -> None:
        """Say that it allows *limit* requests in *window* seconds, less than we would."""
        self._voice.say("rate_learned", limiter=str(group).lower(), limit=limit, window=window)

    def lead_gained(self) -> None:
        self._meters.set("leads", 1)
        self._voice.say("lead_gained")

    def lead_lost(self) -> None:
        self._meters.set("leads", 0)
        self._voice.say("lead_lost")

    def alert_raised(self, kind: str, object_: str, what_to_do: Sentence) -> None:
        self._voice.say("alert_raised", kind=kind, object=object_, what_to_do=what_to_do)

    def alert_cleared(self, kind: str, object_: str) -> None:
        self._voice.say("alert_cleared", kind=kind, object=object_)

    def snapshot_taken(self, snapshot: Snapshot) -> None:
        """Show what the database holds; what the snapshot does not name is 0."""
        for metric in SNAPSHOT:
            self._meters.set_all(metric.name, 0)
        unknown = [depth for depth in snapshot.depths if depth.state == "unknown"]
        ages = [depth.oldest_age_seconds for depth in unknown]
        for name, value in {
            "queue_due_messages": snapshot.due,
            "inflight_messages": snapshot.in_flight,
            "rollup_stale": snapshot.rollup_stale,
            "unknown_messages": sum(depth.messages for depth in unknown),
            "unknown_oldest_age_seconds": max(ages, default=0),
            "receipts_unmatched": snapshot.unmatched,
            "replies_unclear": snapshot.unclear,
            "consents_adopted": snapshot.adopted,
            "consents_only_ours": snapshot.only_ours,
            "consents_untold": snapshot.untold,
            "budget_limit_cents": snapshot.budget.limit,
            "budget_spent_cents": snapshot.budget.spent,
            "budget_reserved_cents": snapshot.budget.reserved,
            "webhook_subscription_up": min(snapshot.subscriptions, 1),
        }.items():
            self._meters.set(name, float(value))
        self._set_families(snapshot)

    def _set_families(self, snapshot: Snapshot) -> None:
        for depth in snapshot.depths:
            words = depth.state, depth.category
            self._meters.set("queue_messages", depth.messages, *words)
            self._meters.set("queue_oldest_age_seconds", depth.oldest_age_seconds, *words)
        for rate in snapshot.rates:
            self._meters.set("ratelimit_capacity", rate.capacity, rate.limiter.lower())
            self._meters.set("ratelimit_used", rate.used, rate.limiter.lower())
        for kind, alerts in snapshot.alerts.items():
            self._meters.set("alerts", alerts, kind)


def _label(version: str) -> str:
    return str(shower(Kind.LABEL)(version))
