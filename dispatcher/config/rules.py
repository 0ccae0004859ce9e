"""What the settings say of verdicts and of unknown fates, in the words of the core."""

from datetime import timedelta
from pathlib import Path

from dispatcher.config.local import Local
from dispatcher.config.settings import Config
from dispatcher.core import law, law_table
from dispatcher.core.guard import Rules
from dispatcher.core.law import Cap, Hours
from dispatcher.core.law_table import LawTableError, Table
from dispatcher.core.message import Category
from dispatcher.core.reconcile import IfAbsent, Waits


def rules(config: Config | Local) -> Rules:
    """Return what a verdict depends on; raises LawTableError for a wrong table of rules."""
    table = law_of(config.rules_file)
    quiet = {Category.PROMOTION: True, Category.REMINDER: config.hours_reminders,
             Category.TRANSACTIONAL: config.hours_transactional}  # fmt: skip
    cap = Cap(config.cap_promotions, timedelta(hours=config.cap_hours))
    return Rules(
        law=law.law(table.version, table.rules, Hours(config.hours)),
        margin=timedelta(minutes=config.hours_margin_minutes),
        quiet=frozenset(category for category, keeps in quiet.items() if keeps),
        cap=cap if cap.most else None,
        regions=frozenset(config.allowed_countries),
        transactional_needs_consent=config.transactional_needs_consent,
        lifetime=lifetimes(config),
        tier=config.tier_segments_per_day,
    )


def law_of(path: str) -> Table:
    """Return the table in the file *path*, the product's own if it is empty."""
    if not path:
        return law_table.own()
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or no path at all
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise LawTableError([f"The table of rules {path} can't be read: {why}."]) from None
    return law_table.parse(text, path)


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
