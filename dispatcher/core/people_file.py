"""A file of people: which column is what, and what each line holds."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from dispatcher.core.errors import DispatcherError

DELIMITERS: Final = ",;\t|"

Columns = Mapping[str, frozenset[str]]

COLUMNS: Final[Columns] = {
    "phone": frozenset(
        ("phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "cell", "cellphone",
         "tel", "telephone", "sms", "number")
    ),
    "first_name": frozenset(("firstname", "givenname", "first")),
    "last_name": frozenset(("lastname", "surname", "familyname", "last")),
    "email": frozenset(("email", "emailaddress", "mail")),
    "zone": frozenset(("timezone", "zone", "tz")),
}  # fmt: skip
"""What a column may be called; case, spaces, dashes and underscores don't count."""

# What a spreadsheet takes for the beginning of a formula, also in the wide form of East Asia.
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
_QUOTE: Final = "'"


class PeopleFileError(DispatcherError):
    """The file is none that people can be taken from; nothing was changed."""


class _Rows(Protocol):
    """What csv.reader() gives."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Line:
    """A person as the file has them, beginning in line *number*; *cells* are all of it.

    *broken* says that the cells don't stand under their columns. *more* are the cells of the
    columns that not every file of people has.
    """

    number: int
    cells: tuple[str, ...]
    phone: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    zone: str = ""
    broken: bool = False
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PeopleFile:
    """An open file of people: its *header*, then its *lines*, read one by one.

    *places* says where each column that we know stands.
    """

    header: tuple[str, ...]
    places: Mapping[str, int]
    lines: Iterator[Line] = field(repr=False)


def read(
    source: Iterable[str], more: Columns = MappingProxyType({}), needed: Collection[str] = ()
) -> PeopleFile:
    """Read the header of *source*, lines of a CSV with any common delimiter.

    *more* columns than COLUMNS are known then, of which it must have those *needed*.
    Raises PeopleFileError, also while the lines are read: a sentence that follows the name of
    the file.
    """
    lines = iter(source)
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise PeopleFileError("is empty: its first line must name the columns")
    delimiter = max(DELIMITERS, key=first.count)
    rows = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
    header = tuple(cell.strip() for cell in _next(rows) or ())
    if any("\0" in cell for cell in header):
        raise PeopleFileError("holds what is no text in its first line")
    places = _places(header, more, needed)
    return PeopleFile(header, places, _lines(rows, len(header), places))


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _places(header: Sequence[str], more: Columns, needed: Collection[str]) -> dict[str, int]:
    """Return where each known column stands; a name that says it best goes before another."""
    names = ["".join(c for c in cell.casefold() if c.isalnum()) for cell in header]
    found: dict[str, list[int]] = {
        column: [n for n, name in enumerate(names) if name in known]
        for column, known in {**COLUMNS, **more}.items()
    }
    exact = [n for n, name in enumerate(names) if name == "phone"]
    phones = exact or found["phone"]
    if not phones:
        raise PeopleFileError(
            "has no column of phone numbers: its first line must name the columns, one of them "
            "phone"
        )
    if len(phones) > 1:
        raise PeopleFileError(
            "has more than one column of phone numbers: name the right one phone, and no other"
        )
    if missing := [column for column in needed if not found[column]]:
        raise PeopleFileError(f"has no column {' and no column '.join(missing)}")
    return {column: places[0] for column, places in found.items() if places} | {
        "phone": phones[0]
    }


def _next(rows: _Rows) -> list[str] | None:
    try:
        return next(rows)
    except StopIteration:
        return None
    except csv.Error:
        raise PeopleFileError(
            f"cannot be read as CSV in line {rows.line_num}: look for a quotation mark that is "
            "not closed"
        ) from None


def _lines(rows: _Rows, width: int, places: Mapping[str, int]) -> Iterator[Line]:
    while True:
        number = rows.line_num + 1
        cells = _next(rows)
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _line(number, cells, width, places)


def _line(number: int, cells: list[str], width: int, places: Mapping[str, int]) -> Line:
    known = {column: cells[n].strip() if n < len(cells) else "" for column, n in places.items()}
    known["phone"] = unquoted(known["phone"])
    # A quotation mark that closes many lines later would swallow the people between.
    broken = any(cells[width:]) or any("\n" in c or "\0" in c for c in known.values())
    more = {column: known.pop(column) for column in known.keys() - COLUMNS.keys()}
    return Line(number, tuple(cells), broken=broken, more=more, **known)


def harmless(cell: str) -> str:
    """Return *cell* so that no spreadsheet takes it for a formula."""
    starts = cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)
    return f"{_QUOTE}{cell}" if starts else cell


def unquoted(cell: str) -> str:
    """Undo `harmless`: a file of refused lines is mended and imported again."""
    bare = cell.removeprefix(_QUOTE).strip()
    return bare if bare.startswith(_FORMULA) else cell
