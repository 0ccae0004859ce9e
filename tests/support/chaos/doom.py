"""Failpoints that end or freeze the process that comes by."""

import os
import signal
import threading
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Doom:
    """What happens at *point*, the *nth* time that the process comes by it.

    Before that it loses, once, the answer to the commit at *lost*.
    """

    point: str
    nth: int = 1
    how: signal.Signals = signal.SIGKILL
    lost: str | None = None


class Doomed:
    """The Failpoints of a process with a *doom*, which comes once."""

    def __init__(self, doom: Doom) -> None:
        self._doom = doom
        self._left = doom.nth
        self._to_lose = doom.lost
        self._lock = threading.Lock()

    def reached(self, point: str) -> None:
        if point == self._to_lose:
            self._to_lose = None
            raise ConnectionResetError
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
            return [request]
        return self._halves(point, request)

    def _halves(self, point: str, request: bytes) -> Iterable[bytes]:
        half = len(request) // 2
        yield request[:half]
        self.reached(point)
        yield request[half:]
