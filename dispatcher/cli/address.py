"""Where the commands take the database's address from."""

import argparse
from pathlib import Path

from dispatcher import config


def add_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="the database (default: $DATABASE_URL, $DATABASE_URL_FILE, the credential "
        "database_url, then the --config file), postgresql://user:password@host:5432/name",
    )
    add_config(parser)


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        metavar="PATH",
        type=Path,
        help="a TOML file of settings (docs/configuration.md)",
    )


def of(args: argparse.Namespace) -> str:
    """Return the address that was given, or raise ConfigError."""
    return config.database_url(args.database_url, args.config)
