"""The files of an import: the people's, read twice, and that of the refused lines."""

import csv
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from itertools import islice
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Self

from dispatcher.core.errors import DispatcherError
from dispatcher.core.people_file import (
    Columns,
    Line,
    PeopleFile,
    PeopleFileError,
    harmless,
    read,
)

BATCH = 1000
NO_MORE: Columns = MappingProxyType({})


@contextmanager
def people_of(
    path: Path, more: Columns = NO_MORE, needed: Collection[str] = ()
) -> Iterator[PeopleFile]:
    """Open the file *path*; what cannot be used leaves as PeopleFileError, one sentence."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield read(file, more, needed)
    except PeopleFileError as error:
        raise PeopleFileError(f"{path} {error}.") from None
    except UnicodeDecodeError:
        raise PeopleFileError(
            f"{path} is not text in UTF-8: save it as CSV UTF-8 and import that."
        ) from None


def check(
    path: Path, refused: Path, more: Columns = NO_MORE, needed: Collection[str] = ()
) -> None:
    """Read the whole file once, before anything is changed; it must hold somebody.

    And *refused* must be a place for the lines that are not taken.
    """
    if not _count(path, more, needed):
        raise PeopleFileError(f"{path} holds nobody: there is no line under its header.")
    if refused.exists() and refused.samefile(path):
        raise PeopleFileError(f"--refused must name another file than {path}.")
    if refused.exists() and not refused.is_file():  # it would be put in a device's place
        raise PeopleFileError(f"{refused} is no file: name one with --refused.")


def refused_of(path: Path) -> Path:
    """Return where the refused lines of *path* go, unless somebody says."""
    return path.with_name(f"{path.stem}.refused.csv")


def batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _count(path: Path, more: Columns, needed: Collection[str]) -> int:
    try:
        if not path.is_file():
            raise PeopleFileError(f"{path} is no file that can be read: name a CSV file.")
        with people_of(path, more, needed) as people:
            return sum(1 for _ in people.lines)
    except (OSError, ValueError) as error:
        if isinstance(error, UnicodeError):
            raise
        why = error.strerror if isinstance(error, OSError) else "no such name"
        raise PeopleFileError(f"{path} cannot be read: {why}.") from None


def name_of(path: Path) -> str:
    """Return the file's name as PostgreSQL can store it: one may be any bytes."""
    return path.name.encode("utf-8", "replace").decode("utf-8")


class RefusedFileError(DispatcherError):
    """There is no place for the refused lines."""


class RefusedFile:
    """Where refused lines go: *path*, which appears whole when the import is over.

    Only its owner may read it, and it is made when the first line comes.
    """

    def __init__(self, path: Path, header: tuple[str, ...]) -> None:
        self.path = path
        self.written = 0
        self._header = header
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, line: Line, why: StrEnum, meaning: str) -> None:
        if not self._file:
            self._file = self._made()
            self._row(["line", "reason", "meaning", *self._header])
        # Ours come first: a line may have more cells than there are columns.
        self._row([str(line.number), why.value, meaning, *line.cells])
        self.written += 1

    def _made(self) -> IO[str]:
        # mkstemp's files are for their owner alone, and it follows no link that lies in wait.
        try:
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".refused-")
        except OSError as error:
            raise RefusedFileError(
                f"{self.path} cannot be written: {error.strerror}. Name another place for the "
                "refused lines with --refused."
            ) from None
        self._temporary = Path(name)
        return os.fdopen(descriptor, "w", encoding="utf-8", newline="")

    def _row(self, cells: list[str]) -> None:
        if self._file:
            csv.writer(self._file, quoting=csv.QUOTE_ALL).writerow(map(harmless, cells))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put it into its place, also when the import was broken off."""
        if self._file:
            self._file.close()
            with suppress(OSError):
                self._temporary.replace(self.path)
