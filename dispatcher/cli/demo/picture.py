"""How the demo looks: a frame of the live display, a plain line, the summary."""

from decimal import Decimal

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dispatcher.cli import words
from dispatcher.cli.demo import stage
from dispatcher.cli.demo.daemon import Standing
from dispatcher.cli.demo.moment import Moment, limit
from dispatcher.cli.demo.result import Result
from dispatcher.core.codes import FATES, Fate
from dispatcher.core.reason import Reason
from dispatcher.store.aftermath import Aftermath
from dispatcher.store.progress import Figures

OPENING = """\
A campaign to invented people, on this machine alone: nothing is sent to anybody.
RingCentral is played by the simulator, whose minute lasts a second."""
WEBHOOKS = "It calls the daemon when something happens: webhooks are on."
NO_WEBHOOKS = "Webhooks are off: the daemon reads its record twice a second, and nothing else."


def opening(*, webhooks: bool) -> str:
    """Say what this is."""
    return f"{OPENING}\n{WEBHOOKS if webhooks else NO_WEBHOOKS}"


def frame(now: Moment, width: int) -> RenderableType:
    """Return the picture of *now*."""
    f, after = now.figures, now.after
    bar = Table.grid()
    bar.add_row(ProgressBar(now.people, f.all - f.left, width - 4))
    rows = Table.grid(padding=(0, 2))
    rows.add_row("sent", Text(f"{f.sent:4}", "bold green"), _counts(f))
    rows.add_row("delivered", Text(f"{after.delivered:4}", "green"), _endings(after))
    rows.add_row("replied", f"{after.replied:4}", _replies(after))
    rows.add_row("unknown", Text(f"{f.unknown:4}", "magenta" if f.unknown else ""), _unknown(f))
    rows.add_row("rate", f"{now.rate:4.0f}", "texts a second")
    rows.add_row("budget", _dollars(f.spent), _budget(f))
    rows.add_row("daemon", str(now.daemon.pid), _daemon(now.daemon))
    rows.add_row("limit", "", Text(limit(now), "yellow" if f.blocked_seconds else ""))
    title = f"{now.people} people, {now.seconds:.0f} s"
    return Panel(Group(bar, rows), title=title, title_align="left", width=width)


def _counts(f: Figures) -> Text:
    return _parted(
        (f"failed {f.failed}", "red" if f.failed else ""),
        (f"cancelled {f.cancelled}", ""),
        (f"waiting {f.left}", ""),
        (f"429s {f.throttled}", "yellow" if f.throttled else ""),
    )


def _endings(after: Aftermath) -> Text:
    return _parted(
        (f"undelivered {after.failed}", "red" if after.failed else ""),
        (f"unconfirmed {_unconfirmed(after)}", ""),
    )


def _unconfirmed(after: Aftermath) -> int:
    return after.awaited + after.open


def _replies(after: Aftermath) -> Text:
    return _parted(
        (f"opted out {after.opted_out}", ""),
        (f"for you to read {after.to_read}", "yellow" if after.to_read else ""),
    )


def _parted(*parts: tuple[str, str]) -> Text:
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


def plain(now: Moment) -> str:
    """Return *now* in two lines: what became of texts, and what is still to be done."""
    f, after = now.figures, now.after
    return (
        f"{now.seconds:4.0f} s  sent {f.sent:3}  delivered {after.delivered:3}  "
        f"undelivered {after.failed}  unconfirmed {_unconfirmed(after)}  "
        f"replied {after.replied}  opted out {after.opted_out}\n"
        f"        waiting {f.left:3}  failed {f.failed}  cancelled {f.cancelled}  "
        f"unknown {f.unknown}  {now.rate:3.0f}/s  {_dollars(f.spent)}  {_short(now)}"
    )


def _short(now: Moment) -> str:
    return f"limit: {limit(now).partition(':')[0]}"


def summary(result: Result) -> RenderableType:
    """Return what the demo came to."""
    f = result.figures
    rows = Table.grid(padding=(0, 2))
    rows.add_row("sent", str(f.sent), f"in {result.course.seconds:.1f} s")
    _add_unsent(rows, result)
    _add_aftermath(rows, result)
    if f.found:
        rows.add_row(
            "found", str(f.found), "of the sent, in RingCentral's record: no answer came"
        )
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


def _add_unsent(rows: Table, result: Result) -> None:
    for failure in result.failures:
        if failure.code == Reason.OPTED_OUT:
            rows.add_row("cancelled", str(failure.texts), "opted out before their turn came")
        else:
            rows.add_row("failed", str(failure.texts), f"{failure.code} {failure.sentence}")


def _add_aftermath(rows: Table, result: Result) -> None:
    after = result.after
    rows.add_row("delivered", str(after.delivered), "as RingCentral's receipts say")
    for failure in result.later:
        is_open = FATES.get(failure.code) is Fate.UNKNOWN
        word = "unconfirmed" if is_open else "undelivered"
        rows.add_row(word, str(failure.texts), f"{failure.code} {failure.sentence}")
    rows.add_row("replied", str(after.texts_in), _told_of(result))
    if after.stop_seconds is not None:
        slowest = f"the slowest STOP was heeded within {after.stop_seconds:.2f} s"
        rows.add_row("opted out", str(after.opted_out), slowest)


def _told_of(result: Result) -> str:
    after = result.after
    parts = [f"texts from {words.count(after.replied, 'person', 'people')}"]
    if result.answered:
        parts.append(f"{result.answered} asked for help")
    if after.to_read:
        parts.append(f"{after.to_read} for you to read")
    return ", ".join(parts)


def _verdict(result: Result) -> str:
    if result.sound:
        return "\nThe books balance. Nothing runs any more, nothing is left on disk."
    if result.balanced:
        return "\nVERIFY FOUND SOMETHING. This is a fault of the program: please report it."
    return "\nTHE BOOKS DO NOT BALANCE. This is a fault of the program: please report it."
