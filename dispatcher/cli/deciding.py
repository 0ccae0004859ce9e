"""Who decides something for the record, and why."""

import argparse
import os
import pwd

LONGEST = 500


def add_why(parser: argparse.ArgumentParser, meaning: str, *, required: bool = True) -> None:
    parser.add_argument(
        "--why", metavar="TEXT", type=some_words, required=required, help=meaning
    )


def add_name(parser: argparse.ArgumentParser, meaning: str = "who decides") -> None:
    parser.add_argument(
        "--as", "--by", dest="name", metavar="NAME", type=some_words, default=None,
        help=f"{meaning} (default: the system's user)",
    )  # fmt: skip


def some_words(text: str) -> str:
    """Return *text* on one line; a type for argparse."""
    plain = " ".join(text.split())
    if not plain or len(plain) > LONGEST:
        raise argparse.ArgumentTypeError(f"must be some words, {LONGEST} characters at most")
    return plain


def name(args: argparse.Namespace) -> str:
    """Return who it is."""
    return args.name or _system_user()


def by(args: argparse.Namespace, role: str) -> str:
    """Return who it is, and the database's *role* that they have."""
    return f"{name(args)}, as {role}"


def _system_user() -> str:
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name  # not the environment's word for it
    except KeyError:
        return f"user {uid}"
