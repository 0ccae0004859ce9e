"""What a person sees of the demo: on a terminal, in a file or a pipe, or nothing."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.live import Live

from dispatcher.cli.demo import picture
from dispatcher.cli.demo.daemon import Standing, name
from dispatcher.cli.demo.moment import Moment
from dispatcher.cli.demo.result import Result

WIDEST = 80
LINE_EVERY_SECONDS = 2.0

Show = Callable[[Moment], None]


class Screen(ABC):
    """Where the demo is told."""

    def begin(self, *, webhooks: bool) -> None:
        """Say what this is."""
        print(picture.opening(webhooks=webhooks), flush=True)

    def command(self, line: str, remark: str = "") -> None:
        """Show a command that is about to be run."""
        print(f"$ {line}" + (f"   # {remark}" if remark else ""), flush=True)

    def said(self, text: str) -> None:
        """Show what a command said."""
        for line in text.strip().splitlines():
            print(f"  {line}", flush=True)

    def daemon(self, daemon: Standing) -> None:
        """Say which process the daemon is, for who wants to try what it stands."""
        self.said(f"pid {daemon.pid}: kill -9 {daemon.pid}, and it is started again")

    def killed(self, number: int, daemon: Standing) -> None:
        """Say that the signal *number* killed the daemon, and that there is a new one."""
        self.said(f"{name(number)} killed the daemon: started again, pid {daemon.pid}")

    def end(self, result: Result) -> None:
        """Sum up. All that ran has ended by now."""
        console = Console(width=min(Console().width, WIDEST), highlight=False)
        console.print(picture.summary(result))

    @abstractmethod
    def live(self) -> AbstractContextManager[Show]:
        """Show the campaign while it goes."""


class Terminal(Screen):
    """A picture that moves."""

    @contextmanager
    def live(self) -> Iterator[Show]:
        console = Console(highlight=False)
        width = min(console.width, WIDEST)
        with Live(console=console, auto_refresh=False) as live:
            yield lambda now: live.update(picture.frame(now, width), refresh=True)


class Lines(Screen):
    """Two lines now and then."""

    @contextmanager
    def live(self) -> Iterator[Show]:
        told: list[float] = []

        def show(now: Moment) -> None:
            if not told or now.done or now.seconds - told[-1] >= LINE_EVERY_SECONDS:
                told.append(now.seconds)
                print(picture.plain(now), flush=True)

        yield show


class Silence(Screen):
    """One JSON object at the end."""

    def begin(self, *, webhooks: bool) -> None:
        pass

    def command(self, line: str, remark: str = "") -> None:
        pass

    def said(self, text: str) -> None:
        pass

    @contextmanager
    def live(self) -> Iterator[Show]:
        yield lambda _: None

    def end(self, result: Result) -> None:
        print(json.dumps(result.plain(), indent=2))
