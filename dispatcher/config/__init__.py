"""The configuration: environment, credentials and TOML become one frozen Config, or none."""

from dispatcher.config.kinds import variable
from dispatcher.config.load import ConfigError, Effective, database_url, effective, load
from dispatcher.config.local import LawSettings, Local, law_settings, local
from dispatcher.config.settings import Config
from dispatcher.config.shown import shown
from dispatcher.config.sources import Origin

__all__ = [
    "Config",
    "ConfigError",
    "Effective",
    "LawSettings",
    "Local",
    "Origin",
    "database_url",
    "effective",
    "law_settings",
    "load",
    "local",
    "shown",
    "variable",
]
