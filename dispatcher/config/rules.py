"""What the settings say of verdicts and of unknown fates, in the words of the core."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from dispatcher.config.kinds import variable
from dispatcher.config.law import Law
from dispatcher.config.local import Local
from dispatcher.config.settings import Config
from dispatcher.config.sources import UnreadableError, read_text
from dispatcher.core import law
from dispatcher.core.guard import Rules
from dispatcher.core.law import Cap, Hours
from dispatcher.core.law_table import LawTableError, Table, own, parse
from dispatcher.core.law_text import changes, print_of
from dispatcher.core.message import Category
from dispatcher.core.reconcile import IfAbsent, Waits


def rules(config: Config | Local) -> Rules:
    """Return what a verdict depends on; raises LawTableError for a wrong table of rules."""
    quiet = {Category.PROMOTION: True, Category.REMINDER: config.hours_reminders,
             Category.TRANSACTIONAL: config.hours_transactional}  # fmt: skip
    return Rules(
        law=law_in_force(config),
        margin=timedelta(minutes=config.hours_margin_minutes),
        quiet=frozenset(category for category, keeps in quiet.items() if keeps),
        cap=cap_of(config),
        regions=frozenset(config.allowed_countries),
        transactional_needs_consent=config.transactional_needs_consent,
        lifetime=lifetimes(config),
        tier=config.tier_segments_per_day,
    )


def law_in_force(settings: Law) -> law.Law:
    """Return the rules that hold; raises LawTableError for a wrong table."""
    table = law_of(settings.rules_file)
    return law.law(table.version, table.rules, Hours(settings.hours))


def cap_of(settings: Law) -> Cap | None:
    """Return our own cap; None without one."""
    cap = Cap(settings.cap_promotions, timedelta(hours=settings.cap_hours))
    return cap if cap.most else None


def law_of(path: str) -> Table:
    """Return the table that the setting names, the product's own if it names none."""
    # No sentence repeats what a variable holds: it may be a secret in the wrong place.
    return read_table(path, f"The file that {variable('rules_file')} names") if path else own()


def read_table(path: str | Path, name: str) -> Table:
    """Return the table in a file, or raise LawTableError, which calls it *name*.

    A verdict names its rules by their version alone, so that ends with what the table says.
    """
    try:
        text = read_text(path)
    except UnreadableError as error:
        raise LawTableError([f"{name} {error}"]) from None
    table = parse(text, name)
    if table.version != own().version:
        # Who changes it once more and leaves the version has not one name for two tables.
        return replace(table, version=f"{table.version}:{print_of(table)}")
    if changes(own(), table):
        fault = f"version {table.version} is that of our own table, which says otherwise"
        raise LawTableError([f"{name}, line 1: {fault}: give this one another"])
    return table


def waits(config: Config | Local) -> Waits:
    """Return when an unknown text is looked for, and when nobody need decide any more."""
    return Waits(
        first=timedelta(seconds=config.first_look_seconds),
        second=timedelta(seconds=config.second_look_seconds),
        longest=timedelta(seconds=config.connect_timeout_seconds + config.read_timeout_seconds),
        presume=timedelta(hours=config.presume_sent_hours),
    )


def if_absent(config: Config | Local) -> dict[Category, IfAbsent]:
    """Return what becomes of each category that RingCentral's record does not show."""
    return {
        Category.PROMOTION: IfAbsent(config.unknown_promotion),
        Category.REMINDER: IfAbsent(config.unknown_reminder),
        Category.TRANSACTIONAL: IfAbsent(config.unknown_transactional),
        Category.COMPLIANCE: IfAbsent.DROP,
    }


def lifetimes(config: Config | Local) -> dict[Category, timedelta]:
    """Return how long after its time a text of each category may still leave."""
    return {
        Category.PROMOTION: timedelta(hours=config.expire_promotion_hours),
        Category.REMINDER: timedelta(hours=config.expire_reminder_hours),
        Category.TRANSACTIONAL: timedelta(hours=config.expire_transactional_hours),
        Category.COMPLIANCE: timedelta(minutes=config.expire_compliance_minutes),
    }
