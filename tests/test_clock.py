"""One clock: the database's. The wall clock of a process comes in at one door, for the log alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOORS = {
    "dispatcher/edge/clock.py": {"time.time"},
    "dispatcher/simulator/clock.py": {"datetime.now"},
}
"""Where the wall clock may be read. The simulator is another world, with a clock of its own."""

WALL = {
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "clock_gettime", "clock_gettime_ns"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}  # fmt: skip
READERS = {f"{name}.{method}" for name, methods in WALL.items() for method in methods}


def wall_clocks(code: str) -> Iterator[str]:
    """Yield each reading of a wall clock, under whatever name it was imported."""
    tree = ast.parse(code)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    froms = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in WALL["time"]
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                read = f"{names.get(name, name)}.{attribute}"
            case ast.Attribute(value=ast.Attribute(attr=name), attr=attribute):
                read = f"{name}.{attribute}"
            case ast.Name(id=name) if name in froms:
                read = f"time.{names[name]}"
            case _:
                continue
        if read in READERS:
            yield read


@pytest.mark.parametrize(
    "code",
    [
        "import time as t; t.time()",
        "from time import time; time()",
        "import datetime; datetime.datetime.now()",
        "from datetime import datetime as d; d.now(UTC)",
        "from datetime import date; field(default_factory=date.today)",
    ],
)
def test_a_reading_is_found(code: str) -> None:
    assert list(wall_clocks(code))


def test_nobody_else_reads_the_wall_clock() -> None:
    """So a process whose clock is wrong by hours sends what the others do."""
    found = {
        str(path.relative_to(ROOT)): read
        for path in sorted((ROOT / "dispatcher").rglob("*.py"))
        if (read := set(wall_clocks(path.read_text("utf-8"))))
    }
    assert found == DOORS


def test_the_wall_clock_goes_into_the_log_and_nowhere_else() -> None:
    """Only telemetry is given it, where the daemon is put together."""
    uses = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in sorted((ROOT / "dispatcher").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "wall"
    ]
    assert uses == ["dispatcher/app/daemon.py: self._clock.wall"]


def test_our_sql_asks_for_no_other_time_than_now() -> None:
    """clock_timestamp() would differ within a transaction, and no time of a process is passed in."""
    for path in sorted((ROOT / "dispatcher" / "store").glob("*.sql")):
        code = path.read_text("utf-8").lower()
        assert not any(
            word in code
            for word in ("clock_timestamp", "statement_timestamp", "timeofday", "localtime")
        ), path.name
