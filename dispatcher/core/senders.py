"""Chooses the number of ours that a person hears from."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


def choose(person: str, candidates: Sequence[str], last: str | None) -> str | None:
    """Return the number that *last* reached *person* if it is a candidate, else theirs by hash.

    Rendezvous hashing: whichever process asks, one person gets one number, and a number that
    goes away moves only its own people. None if there is no candidate.
    """
    if last in candidates:
        return last
    return max(candidates, key=lambda candidate: _weight(person, candidate), default=None)


def _weight(person: str, candidate: str) -> bytes:
    return hashlib.sha256(f"{person}|{candidate}".encode()).digest()


@dataclass(frozen=True)
class Room:
    """The texts that a number may still send: this *minute*, this *day*."""

    minute: int
    day: int


class Sent(Protocol):
    """What `pair` needs to know of a message."""

    @property
    def phone(self) -> str | None: ...

    @property
    def last_sender(self) -> str | None: ...

    @property
    def answers_from(self) -> str | None: ...


M = TypeVar("M", bound=Sent)


@dataclass(frozen=True)
class Pairs(Generic[M]):
    """Messages with their numbers; *late* are those whose number is done for the day."""

    chosen: list[tuple[M, str]]
    late: list[M]


def pair(allowed: Iterable[M], most: int, numbers: Mapping[str, Room]) -> Pairs[M]:
    """Pair the first *most* of *allowed* that have a number with room; the others stay.

    An answer leaves from the number that the person wrote to, or not at all.
    """
    names = list(numbers)
    minute = {name: room.minute for name, room in numbers.items()}
    day = {name: room.day for name, room in numbers.items()}
    pairs: Pairs[M] = Pairs([], [])
    for message in allowed:
        if not names or len(pairs.chosen) >= most:
            break
        sender = message.answers_from or choose(message.phone or "", names, message.last_sender)
        if sender not in day:
            continue
        if day[sender] <= 0:
            pairs.late.append(message)
        elif minute[sender] > 0:
            day[sender] -= 1
            minute[sender] -= 1
            pairs.chosen.append((message, sender))
    return pairs
