"""Which migrations a database still lacks, and whether its history is ours."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatcher.core.errors import DispatcherError


@dataclass(frozen=True)
class Migration:
    """One numbered SQL file. Append-only: its text never changes once it was applied."""

    number: int
    name: str
    sql: str

    @property
    def label(self) -> str:
        """The file's name without its ending, as people see it."""
        return f"{self.number:04}_{self.name}"

    @property
    def checksum(self) -> str:
        """SHA-256 of the text; line ends do not count, a checkout may have changed them."""
        return hashlib.sha256(self.sql.replace("\r\n", "\n").encode()).hexdigest()


class MigrationError(DispatcherError):
    """The database's history of migrations and the files of this program disagree."""


def missing(available: Iterable[Migration], applied: Mapping[int, str]) -> list[Migration]:
    """Return what is to be applied, in order; *applied* maps numbers to checksums.

    Raises MigrationError if a file was edited after it was applied, or if the database was
    migrated by a newer program.
    """
    files = {m.number: m for m in sorted(available, key=lambda m: m.number)}
    edited = [m.label for n, m in files.items() if applied.get(n, m.checksum) != m.checksum]
    if edited:
        raise MigrationError(
            f"The migration {', '.join(edited)} was edited after it was applied to this "
            "database: install the program that applied it, or put the file back as it was."
        )
    unknown = sorted(set(applied) - set(files))
    if unknown:
        raise MigrationError(
            f"The database knows migration {unknown[-1]:04}, which this program does not: "
            "install the newer program that applied it."
        )
    return [m for n, m in files.items() if n not in applied]
