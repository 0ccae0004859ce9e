"""The settings of a command that works on the database and never calls RingCentral."""

import os
from collections.abc import Mapping
from pathlib import Path

from dispatcher.config.law import Law
from dispatcher.config.load import asked, database_found, judged
from dispatcher.config.pacing import Pacing
from dispatcher.config.receipts import Receipts
from dispatcher.config.settings import Database, Lifetimes, Policy, Unknowns


class Local(Receipts, Unknowns, Lifetimes, Pacing, Law, Policy, Database):
    """What is sent, how fast, for how much, and where the database is; frozen."""


def local(
    given: str | None = None,
    path: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Local:
    """Return the settings, or raise ConfigError; *given* as for database_url()."""
    return judged(Local, database_found(given, path, environ, Local.model_fields))


class LawSettings(Law, Pacing):
    """Which rules of hours and caps hold, and the margin that they are kept with; frozen."""


def law_settings(
    path: Path | None = None, environ: Mapping[str, str] = os.environ
) -> LawSettings:
    """Return them, or raise ConfigError."""
    return judged(LawSettings, asked(LawSettings.model_fields, path, environ))
