"""Writes docs/configuration.md from the settings: their kinds, bounds, defaults and purposes."""

import inspect
from pathlib import Path

from pydantic.fields import FieldInfo

from dispatcher.config.kinds import Group, by_file, variable, words
from dispatcher.config.settings import GROUPS
from dispatcher.config.shown import text

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
HEAD = Path(__file__).with_name("config_doc_head.md")

TABLE = "| variable | key | must be | default | what it is for |\n|---|---|---|---|---|\n"


MADE = {"login_name": "made from the client id", "metrics_zone": "`daily_budget_zone`"}


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD.read_text("utf-8"), *map(_group, GROUPS)])


def _group(group: type[Group]) -> str:
    title, _, more = (inspect.getdoc(group) or "").partition("\n\n")
    rows = [_row(name, field) for name, field in group.model_fields.items()]
    head = [f"## {title.rstrip('.')}", *([more] if more else [])]
    return "\n\n".join([*head, TABLE + "\n".join(rows)]) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    kind = words(field) + (" (*file*)" if by_file(field) else "")
    return f"| `{variable(name)}` | `{name}` | {kind} | {_default(name, field)} | {field.description} |"


def _default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "none: it must be set"
    if field.default_factory:
        return MADE[name]
    shown = text(field.default)
    return f"`{shown}`" if shown else "empty"
