"""What the settings say of texts of unknown fate, in the words of the core."""

from datetime import timedelta

from dispatcher.config.local import Local
from dispatcher.config.settings import Config
from dispatcher.core.message import Category
from dispatcher.core.reconcile import IfAbsent, Waits


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
