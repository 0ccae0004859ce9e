"""The witness: every text that was accepted or received, every request that arrived."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import ge


@dataclass(frozen=True)
class Text:
    """One recipient of one accepted text: a group of three is three entries.

    A text that somebody sent to us is one too; it has no *agent*.
    """

    id: int
    sender: str
    to: str
    text: str
    at: datetime
    monotonic: float
    agent: str


@dataclass
class Arrival:
    """One request. *status* is 0 until it is answered, and stays so if it never is."""

    at: datetime
    monotonic: float
    method: str
    path: str
    group: str
    agent: str
    status: int = 0


class Ledger:
    """Grows until it is cleared."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.inbound: list[Text] = []
        self.requests: list[Arrival] = []
        self._waiting: list[tuple[Callable[[], bool], asyncio.Event]] = []

    def arrived(self, arrival: Arrival) -> Arrival:
        self.requests.append(arrival)
        self._wake()
        return arrival

    def accepted(self, texts: Sequence[Text]) -> None:
        self.texts.extend(texts)
        self._wake()

    def received(self, text: Text) -> None:
        self.inbound.append(text)
        self._wake()

    def clear(self) -> None:
        self.texts.clear()
        self.inbound.clear()
        self.requests.clear()

    def to(self, number: str) -> list[Text]:
        return [text for text in self.texts if text.to == number]

    def per_number(self) -> dict[str, int]:
        return dict(Counter(text.to for text in self.texts))

    def per_minute(self) -> dict[str, int]:
        """Count the texts by the minute that they were accepted in."""
        return dict(Counter(f"{text.at:%Y-%m-%dT%H:%MZ}" for text in self.texts))

    def busiest(self, group: str, seconds: float) -> int:
        """Return the most requests of *group* that ever lay within *seconds* of each other."""
        return _busiest([one.monotonic for one in self.requests if one.group == group], seconds)

    async def reached(self, texts: int = 0, requests: int = 0, inbound: int = 0) -> None:
        """Return once so many texts were accepted or received and so many requests arrived."""

        def enough() -> bool:
            counts = (len(self.texts), len(self.requests), len(self.inbound))
            return all(map(ge, counts, (texts, requests, inbound)))

        if enough():
            return
        woken = asyncio.Event()
        self._waiting.append((enough, woken))
        await woken.wait()

    def _wake(self) -> None:
        for enough, woken in self._waiting:
            if enough():
                woken.set()
        self._waiting = [entry for entry in self._waiting if not entry[1].is_set()]


def _busiest(arrivals: Sequence[float], seconds: float) -> int:
    most, within = 0, deque[float]()
    for arrival in sorted(arrivals):
        within.append(arrival)
        while within[0] <= arrival - seconds:
            within.popleft()
        most = max(most, len(within))
    return most
