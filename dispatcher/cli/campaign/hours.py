"""How long a day a campaign's texts may leave, in words."""

from collections.abc import Iterable

from dispatcher.cli import words
from dispatcher.core.windows import Window, Windows


def lines(found: Windows | None) -> Iterable[str]:
    """Say for how long the hours are open to those who wait."""
    if found is None:
        return
    low, high = found.shortest, found.longest
    much = words.exact(low.open)
    if low.open != high.open:
        much = (
            f"{much} (area code {low.area_code}) to {words.exact(high.open)} ({high.area_code})"
        )
    yield f"The hours are open for {much} of the next 24 hours."
    if one := found.anywhere:
        yield (
            f"{words.count(one.texts, 'text')} to numbers of no known place, anywhere in the "
            f"US: {words.exact(one.open)}{_next(one)}."
        )


def _next(window: Window) -> str:
    if not (window.opens and window.closes):
        return ""
    opens, closes = (words.clock(at, window.zone) for at in (window.opens, window.closes))
    return f", next {opens} to {closes[-5:]} ({window.zone})"


def plain(found: Windows | None) -> dict[str, object] | None:
    """Return the same for a program."""
    if found is None:
        return None
    named = {"shortest": found.shortest, "longest": found.longest, "anywhere": found.anywhere}
    return {name: window and _plain(window) for name, window in named.items()}


def _plain(window: Window) -> dict[str, object]:
    return {
        "texts": window.texts,
        "area_code": window.area_code,
        "open_minutes": int(window.open.total_seconds()) // 60,
        "opens": window.opens,
        "closes": window.closes,
    }
