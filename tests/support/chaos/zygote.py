"""Forks daemons: each a process of its own, without the second that its imports take.

Reads a JSON line for each birth, and tells births, stops and deaths as JSON lines. When its input
ends, so do its children.
"""

import asyncio
import json
import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from dispatcher import config
from dispatcher.app.daemon import Daemon
from dispatcher.edge.clock import SystemClock
from dispatcher.ports import NO_FAILPOINTS
from support.chaos import statute, variants
from support.chaos.doom import Doom, Doomed

WATCHED = os.WNOHANG | os.WUNTRACED


class WrongClock(SystemClock):
    """A machine whose wall clock is so many seconds off."""

    def __init__(self, off: float) -> None:
        self._off = off

    def wall(self) -> float:
        return super().wall() + self._off


def live(born: dict[str, Any]) -> int:
    """Be the daemon; return its exit code."""
    if clock := born["environ"].get(statute.CLOCK):
        statute.obey(Path(clock))
    if born["variant"]:
        variants.VARIANTS[born["variant"]].apply()
    doom = born["doom"] and Doom(**born["doom"])
    daemon = Daemon(
        config.load(None, born["environ"]),
        sys.stdout,
        WrongClock(born["off"]),
        failpoints=Doomed(doom) if doom else NO_FAILPOINTS,
    )
    return 0 if asyncio.run(daemon.run()) else 3


def give_birth(line: str) -> int:
    """Fork; the child never returns."""
    born = json.loads(line)
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(born["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for there, here in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(there, here)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1)
        code = live(born)
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - this process ends here, and the log says of what
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def tell(**what: object) -> None:
    os.write(1, f"{json.dumps(what)}\n".encode())


def watch(children: set[int]) -> None:
    """Tell what became of children since the last look."""
    with suppress(ChildProcessError):
        while (seen := os.waitpid(-1, WATCHED))[0]:
            pid, status = seen
            if os.WIFSTOPPED(status):
                tell(pid=pid, stopped=True)
                continue
            children.discard(pid)
            tell(pid=pid, ended=os.waitstatus_to_exitcode(status))


def main() -> None:
    children: set[int] = set()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us
    signal.set_wakeup_fd(wake)
    unread = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            watch(children)
        if 0 in ready:
            read = os.read(0, 65536)
            if not read:
                break
            *lines, unread = (unread + read).split(b"\n")
            for line in lines:
                pid = give_birth(line.decode())
                children.add(pid)
                tell(pid=pid, born=True)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
