"""`sms-dispatcher campaign create`: a draft with its text."""

import argparse
import asyncio
import sys
from pathlib import Path
from uuid import UUID

from dispatcher.cli import options, words
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Local
from dispatcher.core import segments
from dispatcher.core.errors import DispatcherError
from dispatcher.core.message import Category
from dispatcher.store import campaigns
from dispatcher.store.database import connection

LONGEST_NAME = 200
LARGEST_FILE = 65_536
CATEGORIES = [c.value for c in Category if c is not Category.COMPLIANCE]

DESCRIPTION = """\
Makes a draft. Everybody in it gets the same text, one message each. Prints the
campaign's id: alone where the output is no terminal.
Exit codes: 0 made; 2 refused."""


class TextError(DispatcherError):
    """The name or the text cannot be used."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "create",
        help="make a draft with its text",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--name", required=True, help="its name for people")
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", help="the text, at most 1000 characters")
    text.add_argument("--text-file", metavar="PATH", type=Path, help="a file with the text")
    parser.add_argument(
        "--category",
        choices=CATEGORIES,
        metavar="CATEGORY",
        default=Category.PROMOTION.value,
        help=f"what the text is for: {', '.join(CATEGORIES)} "
        "(default: promotion, the strictest)",
    )
    options.add(parser)


def run(args: argparse.Namespace) -> ExitCode:
    text = args.text if args.text_file is None else _read(args.text_file)
    _check_name(args.name)
    _check_text(text)
    return asyncio.run(_run(args, text, options.settings(args)))


async def _run(args: argparse.Namespace, text: str, settings: Local) -> ExitCode:
    async with connection(settings.database_url.get_secret_value()) as conn:
        made = await campaigns.create(conn, args.name.strip(), text, args.category)
    _print(args, made, text, settings)
    return ExitCode.OK


def _print(args: argparse.Namespace, made: UUID, text: str, settings: Local) -> None:
    counted = segments.count(text)
    price = counted.segments * settings.segment_price
    if args.json:
        words.print_json(
            {
                "id": made,
                "status": "DRAFT",
                "category": args.category,
                "encoding": counted.encoding,
                "segments": counted.segments,
                "cents_per_person": price,
            }
        )
        return
    if not sys.stdout.isatty():
        print(made)
        return
    long = words.count(counted.segments, "segment")
    print(f"Made the draft {made} ({args.category}).")
    print(f"Its text is {long} long and costs {words.money(price)} a person.")
    print(f"Next: sms-dispatcher campaign import {made} people.csv")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such name"
        raise TextError(f"The text cannot be read from {path}: {why}.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TextError(f"{path} is not text in UTF-8: save it as UTF-8.") from None
    # What an editor puts at a file's end is not meant to be sent.
    return text.replace("\r\n", "\n").rstrip("\n")


def _check_name(name: str) -> None:
    if not name.strip() or len(name.strip()) > LONGEST_NAME or not _storable(name):
        raise TextError(f"The name must be text of 1 to {LONGEST_NAME} characters.")


def _check_text(text: str) -> None:
    if not _storable(text):
        raise TextError("The text holds bytes that are no characters: write it in UTF-8.")
    if segments.is_blank(text):
        raise TextError("The text is empty: nobody would see anything of it.")
    units = segments.utf16_units(text)
    if units > segments.LONGEST_UNITS:
        raise TextError(
            f"The text is {units:,} characters long (an emoji counts two), and RingCentral "
            f"takes {segments.LONGEST_UNITS:,}: shorten it."
        )


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
