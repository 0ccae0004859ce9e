"""A gateway to the simulator, and what must never be seen of what passes through it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from dispatcher.core.outcome import Outcome
from dispatcher.edge.clock import SystemClock
from dispatcher.edge.ringcentral.account import Account
from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.ports import Order
from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator
from support.shelf import DatedShelf

OURS, THEIRS = "+16505550100", "+12125550123"
TEXT = "Your table is ready at half past eight"
CLIENT_ID, CLIENT_SECRET, JWT = "simulated-client", "simulated-secret", "simulated-jwt"
ACCOUNT = Account("http://127.0.0.1:1", CLIENT_ID, CLIENT_SECRET, JWT, connect=2, read=5)

PRIVATE = (OURS, THEIRS, "5550100", "5550123", TEXT, CLIENT_SECRET, JWT)
SENT_WITH = "sms-dispatcher/0.1.0 "


class ShiftedClock(SystemClock):
    """The machine's time, and what a test adds to it."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@dataclass
class Line:
    """A gateway and the simulator at its other end, each with a clock that the test moves.

    What it logs in with lies on a shelf in PostgreSQL.
    """

    gateway: RingCentralGateway
    clock: ShiftedClock
    simulator: Simulator
    theirs: ManualClock
    shelf: DatedShelf

    async def later(self, seconds: float) -> None:
        """Let time pass for us and for the database, though not for the simulator."""
        self.clock.ahead += seconds
        await self.shelf.age(seconds)

    def order(self, phone: str = THEIRS, within: float = 5.0) -> Order:
        return order(self.clock, phone, within)

    async def send(self, phone: str = THEIRS) -> Outcome:
        return (await self.gateway.send(self.order(phone))).outcome

    def fault(self, kind: Kind, **more: object) -> None:
        self.simulator.add_fault(Fault.parse({"kind": kind, **more}))

    def asked(self, group: str) -> list[int]:
        """Return the statuses of what was asked of *group*, in order."""
        requests = self.simulator.ledger.requests
        return [request.status for request in requests if request.group == group]

    @property
    def taken(self) -> list[str]:
        return [text.to for text in self.simulator.ledger.texts]


Connect = Callable[..., Awaitable[Line]]


def account(url: str, **changed: object) -> Account:
    return replace(ACCOUNT, server_url=url, **changed)  # type: ignore[arg-type]


def order(clock: SystemClock, phone: str = THEIRS, within: float = 5.0) -> Order:
    return Order(OURS, phone, TEXT, clock.monotonic() + within)
