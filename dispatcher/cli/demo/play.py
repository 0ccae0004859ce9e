"""The demo as a story: a database, a simulator, a daemon, a campaign, and the reckoning."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from math import ceil
from pathlib import Path
from uuid import UUID

from dispatcher.cli.demo import daemon, stage
from dispatcher.cli.demo.campaign import Commands
from dispatcher.cli.demo.daemon import Daemon
from dispatcher.cli.demo.result import Course, Result
from dispatcher.cli.demo.screen import Moment, Screen
from dispatcher.core import books
from dispatcher.core.books import Accepted, Money
from dispatcher.core.errors import DispatcherError
from dispatcher.edge.clock import SystemClock
from dispatcher.edge.postgres import PrivateServer
from dispatcher.simulator.segments import segment_count
from dispatcher.simulator.server import Simulator
from dispatcher.store import progress
from dispatcher.store.database import Connection, connection

PRICE = Decimal("1.19")
ROLE = "dispatcher"
PEOPLE = "people.csv"
LOG = "daemon.log"
TICK_SECONDS = 0.2
RATE_OVER_SECONDS = 2.0
LONGEST_SECONDS = 120


class DemoError(DispatcherError):
    """The demo cannot be played here."""


@dataclass(frozen=True)
class Plan:
    """To how many *people*, on which *server*; *keep* is where the log stays, if anywhere."""

    people: int
    server: PrivateServer
    keep: Path | None

    @property
    def cents(self) -> int:
        """A budget that is just enough, in whole dimes."""
        return ceil(self.people * PRICE / 10) * 10


async def play(plan: Plan, screen: Screen) -> Result:
    """Play the demo; nothing of it is left but what the database's server clears away."""
    folder = plan.server.folder / "demo"
    folder.mkdir(mode=0o700)
    log = (plan.keep or folder) / LOG
    owner, lesser = plan.server.dsn(), plan.server.dsn(user=ROLE)
    async with stage.simulator(plan.people) as simulator, connection(owner) as conn:
        await conn.execute(f"CREATE ROLE {ROLE} LOGIN")
        commands = Commands(screen, owner, folder)
        await commands.migrate(ROLE)
        screen.command("sms-dispatcher run", "hours rule off: a demo plays at any hour")
        settings = stage.settings_of_daemon(simulator.url, lesser)
        async with daemon.running(log, settings, screen.killed) as running:
            screen.daemon(running.standing())
            people = _people(plan.people)
            (folder / PEOPLE).write_text("".join(people), "utf-8")
            campaign = await commands.create()
            await commands.recruit(campaign, PEOPLE)
            await running.started()
            await commands.launch(campaign, plan.cents)
            seconds = await _watch(conn, campaign, running, screen, plan.people)
            verified = await commands.verify()
            course = Course(seconds, running.standing().restarts, verified)
        return await _reckon(conn, campaign, simulator, _numbers(people), course)


def _people(number: int) -> list[str]:
    """Return the lines of the example: its header and the first *number* people."""
    packaged = files("dispatcher").joinpath("examples", "people.csv")
    # In a checkout it lies at the top, beside the package.
    checkout = files("dispatcher").joinpath("..", "examples", "people.csv")
    source = packaged if packaged.is_file() else checkout
    return source.read_text("utf-8").splitlines(keepends=True)[: number + 1]


def _numbers(people: list[str]) -> list[str]:
    return [line.partition(",")[0] for line in people[1:]]


async def _watch(
    conn: Connection, campaign: UUID, running: Daemon, screen: Screen, people: int
) -> float:
    """Show how it goes until every text is at its end; return the seconds it took."""
    clock = SystemClock()
    begun = clock.monotonic()
    past: deque[tuple[float, int]] = deque([(0.0, 0)])
    with screen.live() as show:
        while True:
            figures = await progress.figures(conn, campaign, stage.LOGIN)
            seconds = clock.monotonic() - begun
            past.append((seconds, figures.all - figures.left))
            while seconds - past[0][0] > RATE_OVER_SECONDS:
                past.popleft()
            show(Moment(figures, people, seconds, _rate(past), running.standing()))
            if figures.done:
                return seconds
            if seconds > LONGEST_SECONDS:
                left = figures.left + figures.unknown - figures.held
                raise DemoError(
                    f"{left} texts are still not at their end after {LONGEST_SECONDS} s: this "
                    "machine may be too busy. --keep DIR keeps the daemon's log."
                )
            await running.pause(TICK_SECONDS)


def _rate(past: "deque[tuple[float, int]]") -> float:
    (since, before), (now, after) = past[0], past[-1]
    return (after - before) / (now - since) if now > since else 0.0


async def _reckon(
    conn: Connection, campaign: UUID, simulator: Simulator, people: list[str], course: Course
) -> Result:
    """Compare the database's books with the simulator's ledger."""
    figures = await progress.figures(conn, campaign, stage.LOGIN)
    ledger = simulator.ledger
    witness = [Accepted(text.to, segment_count(text.text)) for text in ledger.texts]
    money = Money(PRICE, Decimal(figures.budget_cents), figures.spent, figures.reserved)
    checks = books.balance(people, await progress.rows(conn, campaign), witness, money)
    failures = await progress.failures(conn, campaign)
    busiest = ledger.busiest("medium", simulator.world.settings.window)
    return Result(figures, failures, checks, len(witness), busiest, course)
