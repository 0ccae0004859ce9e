"""Compares our record with the simulator's: who was texted, what came of it, what it cost."""

from collections.abc import Iterator
from decimal import Decimal

from dispatcher.cli.demo import cast, stage
from dispatcher.cli.demo.campaign import TEXT
from dispatcher.cli.demo.result import Course, Result
from dispatcher.cli.demo.watching import Subject
from dispatcher.core.aftermath import Ending, Wish, Witnessed, Written, agree
from dispatcher.core.books import Accepted, Money, balance
from dispatcher.simulator.ledger import Text
from dispatcher.simulator.records import Record
from dispatcher.simulator.server import Simulator
from dispatcher.store import aftermath, progress

PRICE = Decimal("1.19")

_NOT_FINAL = "SMS-CAR-104"  # by it a carrier says that it does not know
_NOT_BILLED = "SMS-RC-"
_WORDS = {"Delivered": "delivered", "SendingFailed": "failed", "DeliveryFailed": "failed"}


async def reckon(subject: Subject, simulator: Simulator, course: Course) -> Result:
    """Compare the database's books with the simulator's ledger."""
    conn, campaign = subject.conn, subject.campaign
    figures = await progress.figures(conn, campaign, stage.LOGIN)
    money = Money(PRICE, Decimal(figures.budget_cents), figures.spent, figures.reserved)
    rows = await progress.rows(conn, campaign)
    unknown = {row.phone for row in rows if row.word == "unknown"}
    accepted = list(_accepted(simulator))
    seen = _witnessed(simulator)
    checks = [
        *balance(subject.people, rows, accepted, money),
        *agree(await aftermath.ours(conn, campaign, stage.LOGIN, unknown), seen),
    ]
    return Result(
        figures,
        await aftermath.aftermath(conn, campaign, stage.LOGIN),
        await progress.failures(conn, campaign),
        await aftermath.failures(conn, campaign),
        checks,
        len(accepted),
        len(seen.answered),
        simulator.ledger.busiest("medium", simulator.world.settings.window),
        course,
    )


def _campaigns(simulator: Simulator) -> list[Text]:
    return [text for text in simulator.ledger.texts if text.text == TEXT]


def _accepted(simulator: Simulator) -> Iterator[Accepted]:
    for text in _campaigns(simulator):
        unbilled = _ending(simulator, text).code.startswith(_NOT_BILLED)
        yield Accepted(text.to, 0 if unbilled else _record(simulator, text).segments)


def _witnessed(simulator: Simulator) -> Witnessed:
    ledger = simulator.ledger
    texts = _campaigns(simulator)
    return Witnessed(
        [_ending(simulator, text) for text in texts],
        [_written(simulator, text) for text in ledger.inbound],
        {text.to: text.at for text in texts},
        [text.to for text in ledger.texts if text.text != TEXT],
    )


def _ending(simulator: Simulator, text: Text) -> Ending:
    step = _record(simulator, text).plan[-1]
    code = step.code or ""
    word = "open" if code == _NOT_FINAL else _WORDS.get(step.status, "open")
    return Ending(str(text.id), text.to, word, code)


def _written(simulator: Simulator, text: Text) -> Written:
    wish = cast.WISHES.get(text.text, Wish.NOTHING)
    return Written(str(text.id), text.sender, _record(simulator, text).accepted_at, wish)


def _record(simulator: Simulator, text: Text) -> Record:
    world = simulator.world
    found = world.store.get(world.settings.users[0].extension_id, text.id)
    assert found  # noqa: S101  # nobody deletes anything here
    return found
