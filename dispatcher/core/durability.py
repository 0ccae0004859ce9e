"""What a database may lose that it has said to have kept, as sentences for the operator."""

from dataclasses import dataclass

from dispatcher.core.privacy import Sentence

FSYNC_OFF = Sentence(
    "fsync is off: a power cut can lose attempts whose texts have left, which would be sent "
    "again. Set fsync = on."
)
STANDBY_BEHIND = Sentence(
    "No commit waits for the standby: a failover loses the last ones, among them attempts "
    "whose texts have left, which would be sent again. Set synchronous_standby_names."
)


@dataclass(frozen=True)
class Durability:
    """How the server keeps what is committed, and how many standbys follow it."""

    fsync: bool
    waits: bool
    standbys: int


def risks(seen: Durability) -> list[Sentence]:
    """Return what could be lost, and what mends it."""
    found = [] if seen.fsync else [FSYNC_OFF]
    if seen.standbys and not seen.waits:
        found.append(STANDBY_BEHIND)
    return found
