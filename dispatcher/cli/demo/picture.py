"""How the demo looks: a frame of the live display, a plain line, the summary."""

from dataclasses import dataclass
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dispatcher.cli import words
from dispatcher.cli.demo import stage
from dispatcher.cli.demo.daemon import Standing
from dispatcher.cli.demo.result import Result
from dispatcher.store.progress import Figures

A_SECOND = stage.RATE_PER_MINUTE / 60

OPENING = """\
A campaign to invented people, on this machine alone: nothing is sent to anybody.
RingCentral is played by the simulator, whose minute lasts a second."""


@dataclass(frozen=True)
class Moment:
    """The campaign *seconds* after its launch, with the *rate* of the last few, in texts.

    *daemon* is how the daemon is.
    """

    figures: Figures
    people: int
    seconds: float
    rate: float
    daemon: Standing

    @property
    def done(self) -> bool:
        return self.figures.done


def limit(now: Moment) -> str:
    """Say what limits the speed right now: the first that holds."""
    f = now.figures
    lanes, wait = stage.LANES, f"another {f.blocked_seconds:.1f} s"
    for holds, sentence in (
        (now.done, "nothing: every text is at its end"),
        (f.all and not f.left, "RingCentral's record: what is unknown is looked for in it"),
        (not now.daemon.works or f.left == f.all, "the start: a daemon takes up the campaign"),
        (f.exceeded, "the campaign's budget: raise it and it goes on"),
        (f.needs_probe, "RingCentral is out of reach: one look will tell when it is back"),
        (f.blocked_seconds, f"a 429 of RingCentral's: everybody waits, {wait}"),
        (f.sending >= lanes, f"the answers: all {lanes} lanes wait for RingCentral"),
        (now.daemon.restarts and not f.pending, "the dead daemon's claims: soon taken back"),
        (f.tokens_idle, "this machine: it is busy, and slower than the rate allows"),
    ):
        if holds:
            return sentence
    return f"the rate: {A_SECOND:g} texts a second, shared by all processes"


def frame(now: Moment, width: int) -> RenderableType:
    """Return the picture of *now*."""
    f = now.figures
    bar = Table.grid()
    bar.add_row(ProgressBar(now.people, f.all - f.left, width - 4))
    rows = Table.grid(padding=(0, 2))
    rows.add_row("sent", Text(f"{f.sent:4}", "bold green"), _counts(f))
    rows.add_row("unknown", Text(f"{f.unknown:4}", "magenta" if f.unknown else ""), _unknown(f))
    rows.add_row("rate", f"{now.rate:4.0f}", "texts a second")
    rows.add_row("budget", _dollars(f.spent), _budget(f))
    rows.add_row("daemon", str(now.daemon.pid), _daemon(now.daemon))
    rows.add_row("limit", "", Text(limit(now), "yellow" if f.blocked_seconds else ""))
    title = f"{now.people} people, {now.seconds:.0f} s"
    return Panel(Group(bar, rows), title=title, title_align="left", width=width)


def _counts(f: Figures) -> Text:
    parts = [
        (f"failed {f.failed}", "red" if f.failed else ""),
        (f"waiting {f.left}", ""),
        (f"429s {f.throttled}", "yellow" if f.throttled else ""),
    ]
    return Text(" · ").join(Text(words, style) for words, style in parts)


def _unknown(f: Figures) -> str:
    held = f", {f.held} held for you" if f.held else ""
    return f"RingCentral's record: {f.found} found{held}"


def _daemon(daemon: Standing) -> str:
    again = f", started again {words.count(daemon.restarts, 'time')}" if daemon.restarts else ""
    return f"its pid{again}"


def _budget(f: Figures) -> str:
    return f"of {_dollars(f.budget_cents)}, {_dollars(f.reserved)} reserved"


def _dollars(cents: Decimal | int) -> str:
    return f"${Decimal(cents) / 100:.2f}"


def line(now: Moment) -> str:
    """Return *now* in one line."""
    f = now.figures
    return (
        f"{now.seconds:4.0f} s  sent {f.sent:3}  failed {f.failed:2}  unknown {f.unknown}  "
        f"waiting {f.left:3}  {now.rate:3.0f}/s  {_dollars(f.spent)}  {_short(now)}"
    )


def _short(now: Moment) -> str:
    return f"limit: {limit(now).partition(':')[0]}"


def summary(result: Result) -> RenderableType:
    """Return what the demo came to."""
    f = result.figures
    rows = Table.grid(padding=(0, 2))
    rows.add_row("sent", str(f.sent), f"in {result.course.seconds:.1f} s")
    for failure in result.failures:
        rows.add_row("failed", str(failure.texts), f"{failure.code} {failure.sentence}")
    if f.found:
        rows.add_row("found", str(f.found), "of these by RingCentral's record: no answer came")
    if f.unknown:
        rows.add_row("unknown", str(f.unknown), "not in that record: held, its cost reserved")
    rows.add_row("429s", str(f.throttled), "RingCentral asked us to wait, and we did")
    if restarts := result.course.restarts:
        rows.add_row("killed", str(restarts), "and started again: the daemon")
    rows.add_row(
        "busiest",
        str(result.busiest),
        f"requests in a minute of RingCentral's, of {stage.LIMIT}",
    )
    rows.add_row("budget", _dollars(f.spent), f"spent {_budget(f)}")
    checks = Table.grid(padding=(0, 2))
    for check in result.checks:
        mark = Text("ok", "green") if check.holds else Text("NO", "bold red")
        checks.add_row(mark, check.claim + (f": {check.fault}" if check.fault else ""))
    told = f"\nThe books against the {result.accepted} texts that the simulator accepted:"
    return Group(Text(""), rows, Text(told), checks, Text(_verdict(result)))


def _verdict(result: Result) -> str:
    if result.sound:
        return "\nThe books balance. Nothing runs any more, nothing is left on disk."
    if result.balanced:
        return "\nVERIFY FOUND SOMETHING. This is a fault of the program: please report it."
    return "\nTHE BOOKS DO NOT BALANCE. This is a fault of the program: please report it."
