"""Writes docs/compliance.md: what is written of it, and the table of rules."""

from pathlib import Path

from dispatcher.core import law_text
from dispatcher.core.law import Rule
from dispatcher.core.law_table import own

PAGE = Path(__file__).parents[2] / "docs" / "compliance.md"
HEAD = Path(__file__).with_name("law_doc_head.md")

COLUMNS = "| place | Mon-Fri | Sat | Sun | holidays | cap | citation | sure | checked | note |\n|---|---|---|---|---|---|---|---|---|---|\n"


def page() -> str:
    """Return the whole page."""
    table = own()
    return "\n".join(
        [
            HEAD.read_text("utf-8"),
            f"Version {table.version}.\n",
            COLUMNS + "".join(map(_row, table.rules)),
        ]
    )


def _row(rule: Rule) -> str:
    told = law_text.cells(rule)
    hours = [told[column] for column in ("weekdays", "saturday", "sunday", "holidays")]
    more = [f"also {', '.join(rule.also)}"] if rule.also else []
    clock = [f"on the clock of {rule.clock}"] if rule.clock else []
    note = "; ".join([*([rule.note] if rule.note else []), *more, *clock])
    cells = (
        rule.place, *hours, told["cap"].replace("|", ", "), rule.citation.replace("|", "; "),
        rule.confidence, told["checked"], note,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |\n"
