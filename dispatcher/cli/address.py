"""Where the commands take the database's address from."""

import argparse
import os

from dispatcher.core.errors import DispatcherError


class NoAddressError(DispatcherError):
    """No database was named."""


def add_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="the database (default: $DATABASE_URL), postgresql://user:password@host:5432/name",
    )


def of(args: argparse.Namespace) -> str:
    """Return the address that was given, or raise NoAddressError."""
    address: str = args.database_url or os.environ.get("DATABASE_URL", "")
    if not address:
        raise NoAddressError(
            "No database is named: set DATABASE_URL or give --database-url "
            "(postgresql://user:password@host:5432/name)."
        )
    return address
