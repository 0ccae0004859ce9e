"""What the imports of a CSV file have in common: the way through it, and the lines refused."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from dispatcher.cli import files, words
from dispatcher.core.errors import DispatcherError
from dispatcher.core.people_file import Columns, Line, PeopleFile

T = TypeVar("T")
Why = TypeVar("Why", bound=StrEnum)
Take = Callable[[PeopleFile, list[Line]], Awaitable[Sequence[tuple[Line, Why]]]]
"""Takes a batch of a file's lines; returns those that are refused."""


def add_arguments(parser: argparse.ArgumentParser, of: str) -> None:
    """Add the file *of* people or the like, and where its refused lines go."""
    parser.add_argument("csv", metavar="CSV", type=Path, help=f"the file of {of}")
    parser.add_argument(
        "--refused", metavar="PATH", type=Path,
        help="where refused lines go (default: beside the CSV, NAME.refused.csv)",
    )  # fmt: skip


@dataclass
class Refused(Generic[Why]):
    """The lines that are not taken: how many for each of *reasons*, and the *file* they are in.

    *meanings* says each reason in words.
    """

    file: Path
    meanings: Mapping[Why, str]
    reasons: Counter[Why] = field(default_factory=Counter)

    def print_reasons(self) -> None:
        for why, number in self.reasons.most_common():
            print(f"Refused: {number:,}, {self.meanings[why]} ({why}).")

    def print_file(self) -> None:
        if self.reasons:
            print(f"The refused lines are in {self.file}.")

    def plain(self) -> dict[str, object]:
        """Return it for a program."""
        return {
            "refused": self.reasons.total(),
            "reasons": {why.value: number for why, number in self.reasons.items()},
            "refused_file": str(self.file) if self.reasons else None,
        }


def refused(args: argparse.Namespace, meanings: Mapping[Why, str]) -> Refused[Why]:
    """Return where the refused lines of the file that *args* name are to go."""
    return Refused(args.refused or files.refused_of(args.csv), meanings)


async def take(
    csv: Path, others: Refused[Why], batch: Take[Why], more: Columns = files.NO_MORE
) -> None:
    """Go through the file *csv* batch by batch; write down what is refused in *others*."""
    with (
        files.people_of(csv, more) as people,
        files.RefusedFile(others.file, people.header) as file,
    ):
        for lines in files.batches(people.lines):
            for line, why in sorted(await batch(people, lines), key=lambda r: r[0].number):
                file.write(line, why, others.meanings[why])
                others.reasons[why] += 1


def run(work: Coroutine[Any, Any, T], broken_off: Callable[[], str]) -> T:
    """Do *work*; should it be broken off, say how far it came, if that is anywhere."""
    try:
        return asyncio.run(work)
    except (KeyboardInterrupt, DispatcherError):
        if said := broken_off():
            words.note(said)
        raise
