"""Runs beside the demo, and stops its daemon if the demo dies without a word."""

import subprocess
from contextlib import suppress

# Each line is the id of the process to look after now. The input ends with whoever writes it.
_WARDEN = """\
while read -r word; do [ "$word" = done ] && exit 0; pid=$word; done
[ -z "$pid" ] || kill "$pid"
"""


class Warden:
    """A shell that waits for our end."""

    def __init__(self) -> None:
        self._shell = subprocess.Popen(  # noqa: S603  # our own words
            ["/bin/sh", "-c", _WARDEN],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def watch(self, pid: int) -> None:
        """Look after the process *pid*, and no longer after the one before."""
        if self._shell.stdin:
            with suppress(BrokenPipeError):  # somebody killed it: we do without
                self._shell.stdin.write(f"{pid}\n")
                self._shell.stdin.flush()

    def dismiss(self) -> None:
        """Let it go: there is nothing left to look after."""
        self._shell.communicate("done\n")
