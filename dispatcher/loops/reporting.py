"""Says what the store did, message by message, in telemetry's words."""

from dispatcher.core import segments
from dispatcher.core.alerts import WHAT_TO_DO
from dispatcher.core.fate import Failed
from dispatcher.core.reason import Reason
from dispatcher.ports import Answer
from dispatcher.store import inbound
from dispatcher.store.alerts import Changed
from dispatcher.store.alone import Alone
from dispatcher.store.claims import Claimed
from dispatcher.store.consent import OptedOut
from dispatcher.store.inbound import Received
from dispatcher.store.opening import Attempt, Opened
from dispatcher.store.reconciling import Reconciled
from dispatcher.store.settling import Settlement
from dispatcher.telemetry import Telemetry


def claimed(telemetry: Telemetry, done: Claimed, seconds: float) -> None:
    """Tell a claim, an empty one too: its age is what readiness looks at."""
    telemetry.claim_done(
        len(done.claims), len(done.cancelled), len(done.deferred), done.looked_at, seconds
    )
    for facts, cancel in done.cancelled:
        telemetry.message_cancelled(facts.id, facts.campaign_id, cancel.reason)
    for facts, verdict in done.deferred:
        telemetry.message_deferred(facts.id, facts.campaign_id, verdict.reason, verdict.until)


def opened(telemetry: Telemetry, done: Opened) -> None:
    """Tell what was opened, and what was not after all."""
    for attempt in done.attempts:
        _opened(telemetry, attempt)
    for facts, cancel in done.cancelled:
        telemetry.message_cancelled(facts.id, facts.campaign_id, cancel.reason)
    for facts, verdict in done.deferred:
        telemetry.message_deferred(facts.id, facts.campaign_id, verdict.reason, verdict.until)
    for claim in done.lost:
        telemetry.claim_lost(claim.facts.id, claim.fence)
    for campaign in done.exceeded:
        telemetry.budget_exceeded(campaign)
    if done.day_exceeded:
        telemetry.budget_exceeded(None)


def reconciled(telemetry: Telemetry, done: Reconciled) -> None:
    """Tell what was decided of unknown texts."""
    for settlement in done.decided:
        if settlement.decision:
            key = settlement.key
            telemetry.unknown_decided(
                key.message, key.campaign, key.attempt, settlement.decision.word
            )
    if done.held or done.foreign:
        telemetry.record_looked_at(done.held, done.foreign)


def applied_alone(telemetry: Telemetry, one: Alone) -> None:
    """Tell what came of a receipt that had a transaction of its own."""
    telemetry.receipts_applied(one.done.verdicts, one.done.early)
    if one.received:
        received(telemetry, one.received)
    if one.opted_out:
        opted_out(telemetry, one.phone, one.source, one.opted_out)


def received(telemetry: Telemetry, done: Received) -> None:
    """Tell what came of a text that somebody wrote to us."""
    if done.new and done.verdict:
        telemetry.inbound_received(done.verdict)
    if done.opted_out:
        seconds = done.honoured_seconds
        opted_out(telemetry, done.phone or "", inbound.STOP, done.opted_out, seconds)
    if done.opted_in:
        telemetry.number_restored(done.phone or "")


def opted_out(
    telemetry: Telemetry, phone: str, source: str, done: OptedOut, seconds: float | None = None
) -> None:
    """Tell of an opt-out that is new, and in any case what it cancelled."""
    if done.new:
        telemetry.number_silenced(phone, source, len(done.cancelled), seconds)
    for message, campaign in done.cancelled:
        telemetry.message_cancelled(message, campaign, Reason.OPTED_OUT)


def alerts(telemetry: Telemetry, changed: Changed) -> None:
    """Tell which alerts this process raised and cleared."""
    for alert in changed.raised:
        telemetry.alert_raised(alert.kind, alert.object, WHAT_TO_DO[alert.kind])
    for alert in changed.cleared:
        telemetry.alert_cleared(alert.kind, alert.object)


def _opened(telemetry: Telemetry, attempt: Attempt) -> None:
    facts = attempt.facts
    telemetry.attempt_opened(
        facts.id, facts.campaign_id, attempt.id, attempt.claim.sender, facts.phone or ""
    )


def settled(
    telemetry: Telemetry, attempt: Attempt, settlement: Settlement, answer: Answer
) -> None:
    """Tell what came of an attempt."""
    facts = attempt.facts
    counted = segments.count(facts.text)
    telemetry.attempt_settled(
        facts.id,
        facts.campaign_id,
        attempt.id,
        outcome=settlement.outcome,
        code=settlement.code,
        seconds=answer.seconds,
        waited=attempt.waited,
        segments=counted.segments,
        encoding=counted.encoding,
        category=facts.category,
    )
    if isinstance(settlement.fate, Failed):
        telemetry.message_failed(
            facts.id, facts.campaign_id, settlement.fate.reason, settlement.code
        )
