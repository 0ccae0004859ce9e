"""What happens while the campaign runs: what goes wrong, and what people write."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from dispatcher.cli.demo.cast import Cast, Cue, asking
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator

TOO_FAST = Fault(Kind.THROTTLE, group="medium", times=1, retry_after=120)
CUT_OFF = Fault(Kind.CUT, method="POST", group="medium", times=1)
FAULTS = ((0.3, CUT_OFF), (0.5, TOO_FAST), (0.7, CUT_OFF))
"""What goes wrong, after which part of the texts that will be accepted.

It does not befall who asks for help: of whom it is not known whether a text of ours reached
them, they get no other one.
"""

STOPS = 0.5
"""When those opt out whose turn has not come: while all wait for the end of the 429."""


class Script:
    """Lets happen on *simulator* what its *cast* is for, each when so many were accepted.

    *over* is set when nothing more will happen.
    """

    def __init__(self, simulator: Simulator, cast: Cast) -> None:
        self._simulator, self._cast = simulator, cast
        self._hurried = asyncio.Event()
        self.over = asyncio.Event()

    @property
    def written(self) -> int:
        """How many texts people have written to us."""
        return len(self._simulator.ledger.inbound)

    def hurry(self) -> None:
        """Let happen at once what is left: no more texts will be accepted."""
        self._hurried.set()

    async def run(self) -> None:
        """Play it from the beginning to the end."""
        try:
            await self._play()
        finally:
            self.over.set()

    async def _play(self) -> None:
        cast, part = self._cast, self._cast.expected
        for phone, code in cast.fails.items():
            to = f"^{re.escape(phone)}$"
            self._simulator.add_fault(Fault(Kind.DELIVERY, to=to, code=code))
        async with asyncio.TaskGroup() as all_at_once:
            for at, fault in FAULTS:
                befalls = replace(fault, to=_all_but(asking(cast)))
                all_at_once.create_task(self._go_wrong(int(at * part), befalls))
            for phone, text in cast.stops.items():
                all_at_once.create_task(self._write(int(STOPS * part), phone, text))
            for phone, cues in cast.replies.items():
                all_at_once.create_task(self._answer(phone, cues))

    async def _go_wrong(self, accepted: int, fault: Fault) -> None:
        await self._reached(accepted)
        if not self._hurried.is_set():
            self._simulator.add_fault(fault)

    async def _answer(self, phone: str, cues: Sequence[Cue]) -> None:
        """Let somebody write back, who waits for our text first."""
        ledger = self._simulator.ledger
        while not ledger.to(phone) and not self._hurried.is_set():
            await self._reached(len(ledger.texts) + 1)
        for cue in cues:
            await self._write(cue.accepted, phone, cue.text)

    async def _write(self, accepted: int, phone: str, text: str) -> None:
        """Let somebody write to the number that texted them, or to any of ours."""
        await self._reached(accepted)
        numbers = [number.phone for number in self._simulator.world.settings.numbers]
        texts = self._simulator.ledger.to(phone)
        self._simulator.receive(phone, texts[-1].sender if texts else numbers[0], text)

    async def _reached(self, accepted: int) -> None:
        """Return once so many texts were accepted, or no more will be."""
        waits = [
            asyncio.ensure_future(self._simulator.ledger.reached(texts=accepted)),
            asyncio.ensure_future(self._hurried.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()


def _all_but(phones: Sequence[str]) -> str:
    return rf"^(?!({'|'.join(map(re.escape, phones))})$)" if phones else ""


@asynccontextmanager
async def running(simulator: Simulator, cast: Cast) -> AsyncIterator[Script]:
    """Let it all happen meanwhile."""
    script = Script(simulator, cast)
    task = asyncio.create_task(script.run())
    try:
        yield script
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
