"""Judges a database's structure: which tables, keys and labels are not as they should be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dispatcher.core.finding import Finding, Severity
from dispatcher.core.host import (
    COLUMNS,
    HOME,
    KEYS,
    LABELS,
    NEIGHBOURS,
    OLD_HOME,
    REPAIRABLE_KEYS,
    Key,
)
from dispatcher.core.migration import Migration, MigrationError

MIGRATE = "sms-dispatcher migrate"


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key as it stands; *columns* and *target_columns* correspond one by one."""

    name: str
    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    validated: bool


@dataclass(frozen=True)
class Structure:
    """What the catalogue says. Tables are named `schema.table`.

    *columns* holds the tables that an audit may speak of; *labels* the enum labels by
    `table.column` of those that lie in `newsletter` or `lead`.
    """

    columns: Mapping[str, Collection[str]]
    keys: Collection[ForeignKey]
    labels: Mapping[str, Collection[str]]


def migrations_missing(todo: Sequence[Migration]) -> Finding:
    """Say in one finding that *todo*, which is not empty, was not applied."""
    return Finding(
        "migration_missing",
        Severity.ERROR,
        HOME,
        f"{len(todo)} migrations are not applied, the first is {todo[0].label}.",
        MIGRATE,
    )


def history_differs(error: MigrationError) -> Finding:
    """Say that the applied migrations are not this program's."""
    problem, _, remedy = str(error).partition(": ")
    return Finding("migration_history", Severity.ERROR, HOME, f"{problem}.", remedy)


def structure(found: Structure) -> Iterator[Finding]:
    """Yield what is wrong with tables, foreign keys and enum labels."""
    for name in COLUMNS:
        yield from _table(name, found.columns)
    for key in KEYS:
        yield from _key(key, found, Severity.ERROR, _add(key))
    for key in REPAIRABLE_KEYS:
        yield from _key(key, found, Severity.WARNING, f"{MIGRATE} --repair-host")
    for column, labels in found.labels.items():
        yield from _labels(column, labels)
    for name in NEIGHBOURS:
        if name not in found.columns:
            yield Finding(
                "neighbour_missing",
                Severity.INFO,
                name,
                "The audit document names this table of another application; it is not here.",
                "Nothing to do if this installation has no use for it",
            )


def _table(name: str, columns: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    here, old = f"{HOME}.{name}", f"{OLD_HOME}.{name}"
    if here in columns and old in columns:
        yield Finding(
            "table_doubled",
            Severity.ERROR,
            here,
            f"{old} exists too.",
            f"{MIGRATE} (it sets an empty {here} aside, and says what to do with rows)",
        )
    elif old in columns:
        yield Finding(
            "table_misplaced", Severity.ERROR, old, f"The table belongs into {HOME}.", MIGRATE
        )
    elif here not in columns:
        yield Finding(
            "table_missing", Severity.ERROR, here, "The table does not exist.", MIGRATE
        )
    for place in (here, old):
        lacks = COLUMNS[name] - set(columns.get(place, COLUMNS[name]))
        if lacks:
            yield Finding(
                "columns_missing",
                Severity.ERROR,
                place,
                f"The table lacks {', '.join(sorted(lacks))}: it is of an older shape.",
                MIGRATE,
            )


def _key(key: Key, found: Structure, severity: Severity, remedy: str) -> Iterator[Finding]:
    if key.table not in found.columns or key.target not in found.columns:
        return
    ours = [k for k in found.keys if k.table == key.table and key.column in k.columns]
    wrong = [k for k in ours if k.target != key.target]
    where = f"{key.table}.{key.column}"
    for k in wrong:
        yield Finding(
            "foreign_key_misdirected",
            severity,
            where,
            f"The foreign key {k.name} points to {k.target} and not to {key.target}.",
            remedy
            if severity is Severity.WARNING
            else f"ALTER TABLE {key.table} DROP CONSTRAINT {_quoted(k.name)}; {remedy}",
        )
    if not ours:
        yield Finding(
            "foreign_key_missing",
            severity,
            where,
            f"No foreign key points to {key.target}.",
            remedy,
        )


def _add(key: Key) -> str:
    return (
        f"ALTER TABLE {key.table} ADD FOREIGN KEY ({key.column}) "
        f"REFERENCES {key.target} ON DELETE {key.on_delete}"
    )


def _labels(column: str, labels: Collection[str]) -> Iterator[Finding]:
    """*column* is `schema.table.column`."""
    needed = LABELS[column.partition(".")[2]]
    lacks = sorted(needed - set(labels))
    if not lacks:
        return
    other_case = {label.lower() for label in lacks} <= {label.lower() for label in labels}
    yield Finding(
        "enum_labels",
        Severity.ERROR,
        column,
        "The enum's labels are in another case."
        if other_case
        else f"The enum lacks {', '.join(lacks)}.",
        f"{MIGRATE} --rename-enum-labels, when the application spells them so"
        if other_case
        else "ALTER TYPE ... ADD VALUE for each, then " + MIGRATE,
    )


def _quoted(name: str) -> str:
    """Return *name* as SQL takes it."""
    plain = name.isascii() and name.isidentifier() and name.islower()
    return name if plain else '"' + name.replace('"', '""') + '"'
