"""What happens to messages, their attempts, campaigns and budgets."""

from datetime import datetime

from dispatcher.telemetry.told import Id, Told


class MessageEvents(Told):
    """The way of a message, from the claim to the record."""

    def claim_done(
        self, claimed: int, cancelled: int, deferred: int, looked_at: int, seconds: float
    ) -> None:
        self._meters.set("worker_last_loop_timestamp_seconds", self._voice.now())
        self._meters.observe("claim_seconds", seconds)
        self._meters.count("claim_looked_at_total", by=looked_at)
        self._meters.count("messages_claimed_total", by=claimed)
        if claimed or cancelled or deferred:
            self._voice.say(
                "claim_done",
                claimed=claimed,
                cancelled=cancelled,
                deferred=deferred,
                looked_at=looked_at,
                seconds=seconds,
            )

    def claim_lost(self, message_id: Id, fence: int) -> None:
        self._meters.count("claims_lost_total")
        self._voice.say("claim_lost", message_id=message_id, fence=fence)

    def claims_reaped(self, returned: int, unknown: int, held: int) -> None:
        self._meters.count("reaped_total", "returned", by=returned)
        self._meters.count("reaped_total", "unknown", by=unknown)
        self._meters.count("reaped_total", "held", by=held)
        self._voice.say("claims_reaped", returned=returned, unknown=unknown, held=held)

    def unknown_decided(
        self, message_id: Id, campaign_id: Id | None, attempt_id: int, decision: str
    ) -> None:
        self._meters.count("unknown_decided_total", decision)
        self._voice.say(
            "unknown_decided",
            message_id=message_id,
            campaign_id=campaign_id,
            attempt_id=attempt_id,
            decision=decision,
        )

    def record_looked_at(self, held: int, foreign: int) -> None:
        """Say what RingCentral's record left open, and what nobody here had sent."""
        self._meters.count("foreign_texts_total", by=foreign)
        self._voice.say("record_looked_at", held=held, foreign=foreign)

    def message_cancelled(
        self, message_id: Id, campaign_id: Id | None, reason: str, rule: str
    ) -> None:
        self._meters.count("messages_cancelled_total", reason)
        self._voice.say(
            "message_cancelled",
            message_id=message_id,
            campaign_id=campaign_id,
            reason=reason,
            rule=rule,
        )

    def message_failed(
        self, message_id: Id, campaign_id: Id | None, reason: str, code: str | None
    ) -> None:
        self._meters.count("messages_failed_total", reason)
        self._voice.say(
            "message_failed",
            message_id=message_id,
            campaign_id=campaign_id,
            reason=reason,
            code=code,
        )

    def message_deferred(
        self,
        message_id: Id,
        campaign_id: Id | None,
        reason: str,
        rule: str,
        until: datetime,
    ) -> None:
        self._meters.count("messages_deferred_total", reason)
        self._voice.say(
            "message_deferred",
            message_id=message_id,
            campaign_id=campaign_id,
            reason=reason,
            rule=rule,
            until=until,
        )

    def turn_waited(self, seconds: float) -> None:
        """Say that a message waited *seconds* for its turn."""
        self._meters.count("ratelimit_wait_seconds_total", by=seconds)

    def attempt_opened(
        self, message_id: Id, campaign_id: Id | None, attempt_id: int, sender: str, phone: str
    ) -> None:
        self._meters.count("attempts_opened_total")
        self._voice.say(
            "attempt_opened",
            message_id=message_id,
            campaign_id=campaign_id,
            attempt_id=attempt_id,
            sender=sender,
            phone=phone,
        )

    def attempt_settled(  # noqa: PLR0913  # all that an analysis asks for
        self,
        message_id: Id,
        campaign_id: Id | None,
        attempt_id: int,
        *,
        outcome: str,
        code: str | None,
        seconds: float,
        waited: float,
        segments: int,
        encoding: str,
        category: str,
    ) -> None:
        """Say what came of a request that took *seconds*.

        *waited* is the time from when the message was due; *segments* are of its text.
        """
        self._meters.count("send_attempts_total", outcome)
        self._meters.observe("send_latency_seconds", seconds)
        if outcome == "accepted":
            self._meters.observe("enqueue_to_send_seconds", waited, category)
            self._meters.count("segments_sent_total", encoding, by=segments)
        self._voice.say(
            "attempt_settled",
            message_id=message_id,
            campaign_id=campaign_id,
            attempt_id=attempt_id,
            outcome=outcome,
            code=code,
            seconds=seconds,
            waited=waited,
            segments=segments,
            encoding=encoding,
            category=category,
        )

    def answer_delayed(self, message_id: Id, attempt_id: int, outcome: str) -> None:
        """Say that an answer came after its fate had been decided otherwise."""
        self._meters.count("answers_late_total")
        self._voice.say(
            "answer_delayed", message_id=message_id, attempt_id=attempt_id, outcome=outcome
        )

    def budget_exceeded(self, campaign_id: Id | None) -> None:
        """Say that a campaign, or None for the account's day, can't pay its next text."""
        self._voice.say("budget_exceeded", campaign_id=campaign_id)

    def campaign_started(self, campaign_id: Id) -> None:
        self._voice.say("campaign_started", campaign_id=campaign_id)

    def campaign_finished(self, campaign_id: Id) -> None:
        self._voice.say("campaign_finished", campaign_id=campaign_id)
