"""The campaign at one moment, and what limits its speed then."""

from dataclasses import dataclass

from dispatcher.cli import words
from dispatcher.cli.demo import stage
from dispatcher.cli.demo.daemon import Standing
from dispatcher.store.aftermath import Aftermath
from dispatcher.store.progress import Figures

A_SECOND = stage.RATE_PER_MINUTE / 60


@dataclass(frozen=True)
class Moment:
    """The campaign *seconds* after its launch, with the *rate* of the last few, in texts.

    *daemon* is how the daemon is; *done*: nothing is awaited any more.
    """

    figures: Figures
    after: Aftermath
    people: int
    seconds: float
    rate: float
    daemon: Standing
    done: bool = False


def limit(now: Moment) -> str:
    """Say what limits the speed right now: the first that holds."""
    f, after = now.figures, now.after
    lanes, wait = stage.LANES, f"another {f.blocked_seconds:.1f} s"
    for holds, sentence in (
        (now.done, "nothing: every text is at its end"),
        (
            f.done and after.awaited,
            f"receipts: {words.count(after.awaited, 'text')} without any",
        ),
        (f.done, "replies: what they ask for is being done"),
        (f.all and not f.left, "RingCentral's record: what is unknown is looked for in it"),
        (not now.daemon.works or f.left == f.all, "the start: a daemon takes up the campaign"),
        (f.exceeded, "the campaign's budget: raise it and it goes on"),
        (f.needs_probe, "RingCentral is out of reach: one look will tell when it is back"),
        (f.blocked_seconds, f"a 429 of RingCentral's: everybody waits, {wait}"),
        (f.sending >= lanes, f"the answers: all {lanes} lanes wait for RingCentral"),
        (now.daemon.restarts and not f.pending, "the dead daemon's claims: soon taken back"),
        (f.tokens_idle, "this machine: it is busy, and slower than the rate allows"),
    ):
        if holds:
            return sentence
    return f"the rate: {A_SECOND:g} texts a second, shared by all processes"
