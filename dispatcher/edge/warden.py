"""A shell beside us that clears up behind us, however we die: its input ends then."""

import subprocess
from contextlib import AbstractContextManager, suppress


class Warden(AbstractContextManager["Warden"]):
    """Runs *script*, which reads what it is told, line by line; *words* are its arguments.

    Leaving the block ends its input, and waits until it has done what it then does.
    """

    def __init__(self, script: str, *words: str) -> None:
        self._shell = subprocess.Popen(  # noqa: S603  # our own words
            ["/bin/sh", "-c", script, "warden", *words],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us
            text=True,
        )

    def tell(self, line: str) -> None:
        if self._shell.stdin:
            with suppress(BrokenPipeError):  # somebody killed it: we do without
                self._shell.stdin.write(f"{line}\n")
                self._shell.stdin.flush()

    def __exit__(self, *_: object) -> None:
        self._shell.communicate()
