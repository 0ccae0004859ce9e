"""POST …/sms."""

from dispatcher.simulator import render
from dispatcher.simulator.checks import Case, first_refusal
from dispatcher.simulator.consents import BLOCKED
from dispatcher.simulator.draft import Draft, read_draft
from dispatcher.simulator.exchange import Call, RefusedError, Reply
from dispatcher.simulator.faults import Fault, Kind, Target
from dispatcher.simulator.ledger import Text
from dispatcher.simulator.records import Record
from dispatcher.simulator.routes.endpoint import EXTENSION, Endpoint
from dispatcher.simulator.settings import User
from dispatcher.simulator.world import World


def send(world: World, user: User, call: Call) -> Reply:
    draft = read_draft(call)
    if refusal := first_refusal(Case(draft, user, world.settings)):
        raise RefusedError(refusal)
    record = _accept(world, user, draft, call)
    world.ledger.accepted(
        [
            Text(
                record.id,
                record.sender,
                to,
                record.text,
                call.now,
                world.clock.monotonic(),
                call.agent,
            )
            for to in record.to
        ]
    )
    return Reply(200, render.accepted(world, user, record, call.now))


def _accept(world: World, user: User, draft: Draft, call: Call) -> Record:
    return world.store.accept(
        user.extension_id,
        draft.sender or "",
        draft.recipients,
        draft.text or "",
        call.now,
        attachments=len(draft.attachments),
        fault=_fault(world, draft, call),
    )


def _fault(world: World, draft: Draft, call: Call) -> Fault | None:
    """Return what becomes of the text: nothing reaches those who opted out."""
    if world.consents.opted_out(draft.sender or "", draft.recipients):
        return Fault(Kind.DELIVERY, code=BLOCKED)
    target = Target("medium", call.method, call.path, draft.recipients)
    return world.faults.draw(frozenset({Kind.DELIVERY}), target)


ENDPOINTS = (Endpoint("POST", EXTENSION + "/sms", "medium", send, ("SMS",), "OutboundSMS"),)
