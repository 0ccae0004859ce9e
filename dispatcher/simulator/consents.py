"""Who wants no texts from which of the numbers: kept for each pair of ours and theirs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

OPT_OUT, OPT_IN = "OptOut", "OptIn"
SOURCES = ("Recipient", "Api", "Upstream", "Carrier")
BLOCKED = "SMS-RC-413"

_WORDS = dict.fromkeys(("STOP", "UNSUBSCRIBE", "QUIT", "CANCEL", "END"), OPT_OUT)
_WORDS |= dict.fromkeys(("START", "SUBSCRIBE", "RESUME", "CONTINUE", "UNSTOP"), OPT_IN)


def wish_in(text: str) -> str | None:
    """Return what a text asks for if it is one of the words and nothing else."""
    return _WORDS.get(text.strip().upper())


@dataclass(frozen=True)
class Consent:
    """What one pair stands at, and who said so."""

    ours: str
    theirs: str
    status: str
    source: str
    modified_at: datetime


class Consents:
    """A pair that nobody spoke of is not here, and may be texted."""

    def __init__(self) -> None:
        self._consents: dict[tuple[str, str], Consent] = {}

    def opted_out(self, ours: str, theirs: Collection[str]) -> bool:
        """Tell whether any of *theirs* wants nothing from *ours*."""
        pairs = (self._consents.get((ours, number)) for number in theirs)
        return any(consent is not None and consent.status == OPT_OUT for consent in pairs)

    def change(self, consent: Consent) -> bool:
        """Put *consent* in force; False if the pair stood there already."""
        pair = (consent.ours, consent.theirs)
        before = self._consents.get(pair)
        if before is not None and before.status == consent.status:
            return False
        self._consents[pair] = consent
        return True

    def find(
        self,
        ours: Collection[str] = (),
        theirs: Collection[str] = (),
        status: str | None = None,
    ) -> list[Consent]:
        """Return those that match; an empty collection asks for all."""
        return [
            consent
            for consent in self._consents.values()
            if (not ours or consent.ours in ours)
            and (not theirs or consent.theirs in theirs)
            and status in (None, consent.status)
        ]

    def clear(self) -> None:
        self._consents.clear()
