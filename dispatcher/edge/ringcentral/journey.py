"""Knows of one request whether its first byte has left: the one fact that counts afterwards."""

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from contextvars import ContextVar
from enum import Enum, auto

from dispatcher.core.outcome import Ambiguous, NotBegun, Unreached
from dispatcher.ports import Clock, Failpoints


class TooLateError(Exception):
    """Raised in the sending thread instead of the first byte. Never leaves this room."""


class _Stage(Enum):
    READY = auto()
    CONNECTING = auto()
    BEGUN = auto()
    TOO_LATE = auto()


class Journey:
    """One request on its way; the sending thread and the event loop both hold it."""

    def __init__(
        self, what: str, clock: Clock, begin_by: float, failpoints: Failpoints
    ) -> None:
        self._what = what
        self._failpoints = failpoints
        self._clock = clock
        self._begin_by = begin_by
        self._lock = threading.Lock()
        self._stage = _Stage.READY
        self._called_off = False
        self._socket: socket.socket | None = None

    @property
    def begun(self) -> bool:
        return self._stage is _Stage.BEGUN

    def reached(self, place: str) -> None:
        """Pass a failpoint of this kind of request."""
        self._failpoints.reached(f"{self._what}:{place}")

    def split(self, request: bytes) -> Iterable[bytes]:
        """Return what is written at once: all of it, but where a test wants half of it sent."""
        return self._failpoints.split(f"{self._what}:half_sent", request)

    def connecting(self) -> None:
        """Note that a connection of ours is being opened: nothing can have left yet."""
        with self._lock:
            if self._stage is _Stage.READY:
                self._stage = _Stage.CONNECTING

    def begin(self, sock: object) -> None:
        """Allow the first byte, which comes next, or raise TooLateError.

        A process may be frozen between this look at the time and the write, and write when it
        wakes, long after RingCentral's record was searched. So nobody interrupts us here.
        """
        self._clock.give_way()
        with self._lock:
            if self._called_off or self._clock.monotonic() >= self._begin_by:
                self._stage = _Stage.TOO_LATE
                raise TooLateError
            self._stage = _Stage.BEGUN
            self._socket = sock if isinstance(sock, socket.socket) else None

    def call_off(self) -> bool:
        """Return True if nothing has left; then nothing will."""
        with self._lock:
            self._called_off = True
            return self._stage is not _Stage.BEGUN

    def cut(self) -> None:
        """Close the connection under the thread that waits for it, which ends its waiting."""
        with self._lock, suppress(OSError):
            if self._socket is not None:
                # Not SSLSocket's own, which takes the TLS layer away from a thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def end(self) -> None:
        """Forget the connection: it may already carry another request."""
        with self._lock:
            self._socket = None

    def failed(self) -> Unreached | NotBegun | Ambiguous:
        """Return what a failure at this point means for the request.

        Unreached is what must be proved. An exception proves nothing: a connection that was
        kept alive is reset in the same words before and after the request was read.
        """
        with self._lock:
            match self._stage:
                case _Stage.CONNECTING:
                    return Unreached()
                case _Stage.TOO_LATE:
                    return NotBegun()
                case _:
                    return Ambiguous()


current: ContextVar[Journey] = ContextVar("journey")
"""The journey of this thread: libraries stand between the one who sends and the connection."""
