"""A text in the message store. What became of it is a function of now and of its plan."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatcher.simulator.faults import Fault
from dispatcher.simulator.settings import Settings


@dataclass(frozen=True)
class Step:
    """From *after* on, counted from the acceptance, the record is in *status*."""

    after: timedelta
    status: str
    code: str | None = None


@dataclass
class Record:
    """One text, accepted or received. Only its deletion changes it.

    *available* is RingCentral's word; *segments* are what it bills.
    """

    id: int
    user: int
    conversation: int
    sender: str
    to: tuple[str, ...]
    text: str
    accepted_at: datetime
    visible_at: datetime
    plan: tuple[Step, ...]
    segments: int
    inbound: bool = False
    attachments: int = 0
    available: str = "Alive"
    deleted_at: datetime | None = field(default=None)

    @property
    def direction(self) -> str:
        return "Inbound" if self.inbound else "Outbound"

    @property
    def read(self) -> str:
        return "Unread" if self.inbound else "Read"

    def step(self, now: datetime) -> Step:
        return [step for step in self.plan if self.accepted_at + step.after <= now][-1]

    def modified_at(self, now: datetime) -> datetime:
        changed = self.accepted_at + self.step(now).after
        return max(changed, self.deleted_at) if self.deleted_at else changed

    def noticed_at(self, now: datetime) -> datetime:
        """When a sync can first have seen the record as it is at *now*."""
        return max(self.modified_at(now), self.visible_at)


RECEIVED = (Step(timedelta(), "Received"),)


def plan(settings: Settings, fault: Fault | None) -> tuple[Step, ...]:
    """Lay down what becomes of a text that meets *fault* when it is accepted."""
    queued = Step(timedelta(), "Queued")
    sent = Step(timedelta(seconds=settings.sent_after), "Sent")
    final_after = timedelta(seconds=max(settings.sent_after, settings.final_after))
    if fault is None or (fault.state, fault.code) == (None, None):
        delivered = Step(final_after, "Delivered")
        return (queued, sent, delivered) if settings.receipts else (queued, sent)
    state = fault.state or _failed_state(fault.code or "")
    if state == "Queued":
        return (queued,)
    if state == "SendingFailed":
        return (queued, Step(sent.after, state, fault.code))
    if state == "Sent":
        return (queued, sent)
    return (queued, sent, Step(final_after, state, fault.code))


def _failed_state(code: str) -> str:
    # RingCentral's own codes say that it never left; the others' that it did.
    return "SendingFailed" if code.startswith("SMS-RC-") else "DeliveryFailed"
