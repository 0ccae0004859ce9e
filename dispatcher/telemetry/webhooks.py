"""What RingCentral calls us with, and the subscription for it."""

from datetime import timedelta

from dispatcher.core.privacy import Sentence
from dispatcher.telemetry.told import Told

_BELIEVED = ("inbound", "changed", "other")
_HOUR = timedelta(hours=1)


class WebhookEvents(Told):
    """What RingCentral calls us with, and the subscription for it."""

    def webhook_answered(self, result: str) -> None:
        self._meters.count("webhook_requests_total", result)
        if result in _BELIEVED:
            self._meters.set("webhook_last_received_timestamp_seconds", self._voice.now())

    def subscription_created(self, why: str, lasts: timedelta) -> None:
        self._voice.ends("subscription.refused")
        self._voice.say("subscription_created", why=why, hours_left=lasts / _HOUR)

    def subscription_reused(self, lasts: timedelta) -> None:
        """Say so once in the life of a process, or after it had been refused."""
        self._voice.ends("subscription.refused")
        if self._voice.begins("subscription.reused"):
            self._voice.say("subscription_reused", hours_left=lasts / _HOUR)

    def subscription_renewed(self, lasts: timedelta) -> None:
        self._voice.say("subscription_renewed", hours_left=lasts / _HOUR)

    def subscription_removed(self, why: str) -> None:
        self._voice.say("subscription_removed", why=why)

    def subscription_refused(self, sentence: Sentence) -> None:
        if self._voice.begins("subscription.refused"):
            self._voice.say("subscription_refused", sentence=sentence)

    def subscription_narrowed(self, sentence: Sentence) -> None:
        """Say so once for each *sentence*, however often it is looked at."""
        if self._voice.begins(f"subscription.narrowed {sentence}"):
            self._voice.say("subscription_narrowed", sentence=sentence)
