"""What people write back, and what they agree to."""

from collections.abc import Mapping

from dispatcher.core.privacy import Sentence
from dispatcher.telemetry.told import Told


class ConsentEvents(Told):
    """What people write back, and what they agree to."""

    def inbound_received(self, verdict: str) -> None:
        self._meters.count("inbound_messages_total", verdict)
        self._voice.say("inbound_received", verdict=verdict)

    def number_silenced(
        self, phone: str, source: str, cancelled: int, seconds: float | None
    ) -> None:
        """Say that *phone* opted out; *seconds* since its owner wrote so, if they did."""
        self._meters.count("opt_outs_total", source)
        if seconds is not None:
            self._meters.observe("optout_honour_seconds", max(seconds, 0.0))
        self._voice.say(
            "number_silenced",
            phone=phone,
            source=source,
            cancelled=cancelled,
            seconds=seconds,
        )

    def number_restored(self, phone: str) -> None:
        self._voice.say("number_restored", phone=phone)

    def consents_compared(self, opted_out: int, adopted: int, only_ours: int) -> None:
        self._voice.say(
            "consents_compared", opted_out=opted_out, adopted=adopted, only_ours=only_ours
        )

    def consents_told(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Say what RingCentral's list was told: numbers by word and by what came of it."""
        for (word, outcome), numbers in counts.items():
            self._meters.count("consents_told_total", word, outcome, by=numbers)
        refused = sum(n for (_, outcome), n in counts.items() if outcome == "refused")
        self._voice.say("consents_told", told=sum(counts.values()) - refused, refused=refused)

    def consents_refused(self, sentence: Sentence) -> None:
        self._voice.say("consents_refused", sentence=sentence)
