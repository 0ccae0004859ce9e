"""Ends the demo early and whole: Ctrl-C, SIGTERM and a closed terminal alike."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any, Self, TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption(AbstractContextManager["Interruption"]):
    """The first signal ends what runs; later ones wait for the clearing up, which is short."""

    def __init__(self) -> None:
        self._heard = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[Any] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for each in SIGNALS:
            if signal.getsignal(each) is not signal.SIG_IGN:  # nohup, a script's background
                self._before[each] = signal.signal(each, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for each, before in self._before.items():
            signal.signal(each, before)

    async def around(self, work: Coroutine[Any, Any, T]) -> T:
        """Run *work*; a signal cancels it and leaves as KeyboardInterrupt."""
        self._loop, self._work = asyncio.get_running_loop(), asyncio.current_task()
        try:
            return await work
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            self._loop = None

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self._heard:
            return
        self._heard = True
        if not self._loop or not self._work:
            raise KeyboardInterrupt
        self._loop.call_soon_threadsafe(self._work.cancel)
