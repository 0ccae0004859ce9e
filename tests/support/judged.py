"""Texts that were judged at some moment, as a claim judges them."""

from datetime import datetime
from uuid import UUID

from dispatcher.core import guard
from dispatcher.core.guard import Allow, Cancel, Defer, Wait
from dispatcher.core.judge import Judge
from dispatcher.store.database import Connection
from dispatcher.store.facts import read_facts
from dispatcher.store.verdicts import write_verdicts
from support.queue import campaign, person, text
from support.rules import RULES

LOUISVILLE = "+15025550100"


async def waiting(owner: Connection, phone: str = LOUISVILLE, zone: str | None = None) -> UUID:
    """A text of a campaign that sends."""
    spring = await campaign(owner, status="SENDING")
    ada = await person(owner, phone=phone)
    await owner.execute("UPDATE newsletter.subscribers SET timezone = $1", zone)
    return await text(owner, campaign=spring, person=ada, phone=phone)


async def judged(owner: Connection, message: UUID, now: datetime) -> guard.Verdict:
    """Judge it at *now*, as a claim does."""
    judge = Judge(RULES)
    await owner.execute("UPDATE newsletter.sms_send_queue SET scheduled_at = $1", now)
    facts = (await read_facts(owner, [message], judge.memory))[message]
    verdict = judge(facts, now)
    match verdict:
        case Allow() | Wait():
            pass
        case Cancel():
            await write_verdicts(owner, [(facts, verdict)], [], judge, now)
        case Defer():
            await write_verdicts(owner, [], [(facts, verdict)], judge, now)
    return verdict
