"""Failpoints that end or freeze the process that comes by."""

import os
import signal
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from dispatcher.ports import NoFailpoints


@dataclass(frozen=True)
class Doom:
    """What happens at *point*, the *nth* time that the process comes by it.

    Before that it loses, once, the answer to the commit at *lost*.
    """

    point: str
    nth: int = 1
    how: signal.Signals = signal.SIGKILL
    lost: str | None = None


class Unheard(NoFailpoints):
    """Loses the answer to the commit at *point*, once: what was done is done, and not known of."""

    def __init__(self, point: str | None) -> None:
        self.point = point

    def reached(self, point: str) -> None:
        if point == self.point:
            self.point = None
            raise ConnectionResetError


class Doomed(Unheard):
    """The Failpoints of a process with a *doom*, which comes once."""

    def __init__(self, doom: Doom) -> None:
        super().__init__(doom.lost)
        self._doom = doom
        self._left = doom.nth
        self._lock = threading.Lock()

    def reached(self, point: str) -> None:
        super().reached(point)
        if point != self._doom.point:
            return
        with self._lock:
            self._left -= 1
            struck = self._left == 0
        if struck and self._doom.how is signal.SIGSTOP:
            self._freeze()
        elif struck:
            os.kill(os.getpid(), self._doom.how)

    def _freeze(self) -> None:
        """Be frozen from outside, as one is, while this thread waits at its point.

        Struck by a thread of our own, it would come just when another has handed over Python's
        lock, which is right before that one writes.
        """
        words = ["sh", "-c", "kill -STOP $PPID"]
        os.waitpid(os.posix_spawn("/bin/sh", words, os.environ), 0)

    def split(self, point: str, request: bytes) -> Iterable[bytes]:
        if point != self._doom.point:
            return super().split(point, request)
        return self._halves(point, request)

    def _halves(self, point: str, request: bytes) -> Iterable[bytes]:
        half = len(request) // 2
        yield request[:half]
        self.reached(point)
        yield request[half:]
