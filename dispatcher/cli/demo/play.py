"""The demo as a story: a database, a simulator, a daemon, a campaign, and the reckoning."""

from dataclasses import dataclass
from importlib.resources import files
from math import ceil
from pathlib import Path

from dispatcher.cli.demo import cast, daemon, script, stage
from dispatcher.cli.demo.campaign import Commands
from dispatcher.cli.demo.cast import Cast
from dispatcher.cli.demo.reckoning import PRICE, reckon
from dispatcher.cli.demo.result import Course, Result
from dispatcher.cli.demo.screen import Screen
from dispatcher.cli.demo.watching import Subject, watch
from dispatcher.edge.postgres import PrivateServer
from dispatcher.store import aftermath
from dispatcher.store.database import connection

ROLE = "dispatcher"
PEOPLE = "people.csv"
LOG = "daemon.log"


@dataclass(frozen=True)
class Plan:
    """To how many *people*, on which *server*, with *webhooks* or without.

    *keep* is where the log stays, if anywhere.
    """

    people: int
    server: PrivateServer
    keep: Path | None
    webhooks: bool

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
    async with stage.simulator() as simulator, connection(owner) as conn:
        await conn.execute(f"CREATE ROLE {ROLE} LOGIN")
        commands = Commands(screen, owner, folder)
        await commands.migrate(ROLE)
        screen.command("sms-dispatcher run", "hours rule off: a demo plays at any hour")
        hook = stage.new_hook() if plan.webhooks else None
        settings = stage.settings_of_daemon(simulator.url, lesser, hook)
        async with daemon.running(log, settings, screen.killed) as running:
            screen.daemon(running.standing())
            people = _people(plan.people)
            (folder / PEOPLE).write_text("".join(people), "utf-8")
            campaign = await commands.create()
            await commands.recruit(campaign, PEOPLE)
            await running.started()
            subject = Subject(conn, campaign, _numbers(people))
            async with script.running(simulator, await _cast(subject)) as played:
                await commands.launch(campaign, plan.cents)
                seconds = await watch(subject, played, running, screen)
            verified, counted = await commands.verify(), await commands.count()
            restarts = running.standing().restarts
            course = Course(seconds, restarts, verified, counted, plan.webhooks)
        return await reckon(subject, simulator, course)


async def _cast(subject: Subject) -> Cast:
    waiting = await aftermath.line(subject.conn, subject.campaign)
    return cast.of([phone for phone in waiting if not phone.endswith(stage.REFUSED)])


def _people(number: int) -> list[str]:
    """Return the lines of the example: its header and the first *number* people."""
    packaged = files("dispatcher").joinpath("examples", "people.csv")
    # In a checkout it lies at the top, beside the package.
    checkout = files("dispatcher").joinpath("..", "examples", "people.csv")
    source = packaged if packaged.is_file() else checkout
    return source.read_text("utf-8").splitlines(keepends=True)[: number + 1]


def _numbers(people: list[str]) -> list[str]:
    return [line.partition(",")[0] for line in people[1:]]
