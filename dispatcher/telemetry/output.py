"""Where log lines go. Neither a full disk, a closed pipe nor a reader that sleeps stops us."""

import os
import select
import stat
from collections import deque
from collections.abc import Callable
from threading import Lock

# A pipe that can be written to takes this much without waiting (PIPE_BUF of Linux).
_CHUNK = 4096
_MOST_LINES = 10_000
_PAUSE_MILLISECONDS = 50


class Output:
    """Writes lines to a file descriptor, in order. It never waits and never raises.

    What a slow reader leaves no room for is kept and written with a later line; what can't
    be written or kept is told to *lost*. The descriptor stays as it is: others may share it.
    """

    def __init__(self, descriptor: int, lost: Callable[[int], None]) -> None:
        self._own = _opened_anew(descriptor)
        self._descriptor, self._lost = self._own or descriptor, lost
        self._lines: deque[bytes] = deque()
        self._torn = self._begun = False  # half a line stands there; we are within one
        self._lock = Lock()  # the SDK's threads may have something to say too
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLOUT)
        self._ever_ready = _is_file(descriptor)

    def write(self, line: str) -> None:
        """Write *line* and what was kept before it."""
        with self._lock:
            if len(self._lines) < _MOST_LINES:
                self._lines.append(line.encode("utf-8", "replace") + b"\n")
            else:
                self._lost(1)
            self._drain()

    def flush(self, seconds: float = 0) -> None:
        """Write what was kept; wait for a slow reader up to *seconds*, then give it up."""
        with self._lock:
            self._drain()
            for _ in range(int(seconds * 1000 / _PAUSE_MILLISECONDS)):
                if not self._lines:
                    return
                self._poll.poll(_PAUSE_MILLISECONDS)
                self._drain()
            if seconds:
                self._lost(len(self._lines))
                self._lines.clear()

    def close(self, seconds: float) -> None:
        """Flush, and give back what was opened here."""
        self.flush(seconds)
        with self._lock:
            if self._own is not None:
                os.close(self._own)
                self._own, self._descriptor = None, -1

    def _drain(self) -> None:
        while self._lines and self._ready():
            line = self._lines[0]
            try:
                self._write_some(line)
            except BlockingIOError:
                return
            except OSError:
                # No room, or nobody there. Part of it may stand already: begin a new line then.
                self._lines.popleft()
                self._torn, self._begun = self._torn or self._begun, False
                self._lost(1)
                return

    def _write_some(self, line: bytes) -> None:
        if self._torn:
            os.write(self._descriptor, b"\n")
            self._torn = False
            return
        written = os.write(self._descriptor, line[:_CHUNK])
        self._lines.popleft()
        self._begun = written < len(line)
        if self._begun:
            self._lines.appendleft(line[written:])

    def _ready(self) -> bool:
        return self._ever_ready or bool(self._poll.poll(0))


def _opened_anew(descriptor: int) -> int | None:
    """Open a terminal once more, so that writing to it need not wait.

    A terminal says that it is ready while it has room for a part of a line only.
    """
    try:
        path = os.ttyname(descriptor)
        return os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None


def _is_file(descriptor: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False
