"""Looks on while the campaign runs, until nothing of it is awaited any more."""

from collections import deque
from dataclasses import dataclass
from uuid import UUID

from dispatcher.cli.demo import stage
from dispatcher.cli.demo.daemon import Daemon
from dispatcher.cli.demo.moment import Moment
from dispatcher.cli.demo.screen import Screen
from dispatcher.cli.demo.script import Script
from dispatcher.core.errors import DispatcherError
from dispatcher.edge.clock import SystemClock
from dispatcher.store import aftermath, progress
from dispatcher.store.database import Connection

TICK_SECONDS = 0.2
RATE_OVER_SECONDS = 2.0
LONGEST_SECONDS = 120


class DemoError(DispatcherError):
    """The demo cannot be played here."""


@dataclass(frozen=True)
class Subject:
    """What is looked at: the *campaign* to *people*, in the database of *conn*."""

    conn: Connection
    campaign: UUID
    people: list[str]


async def watch(subject: Subject, script: Script, running: Daemon, screen: Screen) -> float:
    """Show how it goes until nothing is awaited any more; return the seconds it took."""
    clock = SystemClock()
    begun = clock.monotonic()
    past: deque[tuple[float, int]] = deque([(0.0, 0)])
    with screen.live() as show:
        while True:
            figures = await progress.figures(subject.conn, subject.campaign, stage.LOGIN)
            after = await aftermath.aftermath(subject.conn, subject.campaign, stage.LOGIN)
            seconds = clock.monotonic() - begun
            past.append((seconds, figures.all - figures.left))
            while seconds - past[0][0] > RATE_OVER_SECONDS:
                past.popleft()
            if figures.done:
                script.hurry()
            unread = script.written - after.texts_in
            done = figures.done and after.settled and script.over.is_set() and not unread
            now = Moment(
                figures,
                after,
                len(subject.people),
                seconds,
                _rate(past),
                running.standing(),
                done,
            )
            show(now)
            if now.done:
                return seconds
            if seconds > LONGEST_SECONDS:
                raise DemoError(_late(now, unread))
            await running.pause(TICK_SECONDS)


def _rate(past: "deque[tuple[float, int]]") -> float:
    (since, before), (now, after) = past[0], past[-1]
    return (after - before) / (now - since) if now > since else 0.0


def _late(now: Moment, unread: int) -> str:
    f, after = now.figures, now.after
    left = f.left + f.unknown - f.held
    what = (
        f"{left} texts are still not at their end"
        if left
        else f"{after.awaited} texts are still without a final word, and "
        f"{unread + after.undone + after.answers_left} replies without what they ask for"
    )
    return (
        f"{what} after {LONGEST_SECONDS} s: this machine may be too busy. --keep DIR keeps the "
        "daemon's log."
    )
