"""Chooses the number of ours that a person hears from."""

import hashlib
from collections.abc import Sequence


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
