"""Finds where the daemon waits for something outside itself: the places where it can die."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

PACKAGE = Path(__file__).parents[3] / "dispatcher"
STORES = (
    "alerts", "alone", "applying", "claims", "closing", "consent", "consent_reads", "durability", "facts", "hosts", "inbound", "leases", "listening", "login",
    "logins", "migrations", "opening",
    "paying", "outcomes", "paying", "pool", "processes", "reaping", "receipts", "reconciling", "rollups", "settling", "snapshot", "syncs", "unheard", "verdicts",
    "webhooks",
)  # fmt: skip
"""What the daemon uses of the store; the rest is the commands'."""


class Why(StrEnum):
    """Why no process need be killed at a wait."""

    READS = "it reads, or locks until the commit"
    SIGHT = "it is passed by the statements or requests within it"
    TIME = "time passes, and nothing else"
    MEMORY = "it waits for this process's own"
    START = "nothing is held yet"
    END = "everything was written"
    COMMAND = "only commands wait there"


ROOMS = ("app", "loops", "edge/ringcentral")
RECEIVERS = {
    "", "self", "engine", "self._engine", "engine.gateway", "self._engine.gateway", "self._login", "self._shelf",
    "self._watch", "watch", "duty", "server", "alerts", "applying", "claims", "consent", "inbound", "light", "outcomes", "paying",
    "receipts", "settling",
}  # fmt: skip
"""On what our own coroutines are called; `conn` and the like are none of these."""

STATEMENTS = {"execute", "fetch", "fetchrow", "fetchval"}


def files() -> list[Path]:
    rooms = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    return [*rooms, *(PACKAGE / "store" / f"{name}.py" for name in STORES)]


def our_own() -> set[str]:
    """Return the names of our own coroutines: what they wait for is found where they wait."""
    return (
        {
            node.name
            for path in PACKAGE.rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.AsyncFunctionDef)
        }
        - STATEMENTS
        - {"run", "wait", "close", "connect"}
    )  # of ports, asyncio and asyncpg too


def found() -> set[str]:
    """Return each wait: `subject.query` of a statement, else `file function: what it calls`."""
    ours = our_own()
    return {
        name
        for path in files()
        for function, node in _functions(path)
        for name in _named(path, function, node, ours)
    }


def _functions(path: Path) -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.AsyncFunctionDef):
            yield node.name, node


def _named(
    path: Path, function: str, node: ast.AsyncFunctionDef, ours: set[str]
) -> Iterator[str]:
    where = f"{path.relative_to(PACKAGE)} {function}"
    seen: Counter[str] = Counter()
    for waited in _waits(node):
        query = _query(path, waited)
        if query:
            yield query
        elif not _is_our_own(waited, ours):
            shown = _shown(waited)
            seen[shown] += 1
            again = f" ({seen[shown]})" if seen[shown] > 1 else ""
            yield f"{where}: {shown}{again}"


def _is_our_own(waited: ast.expr, ours: set[str]) -> bool:
    """Say whether a coroutine of ours is called, by a name or on something of ours."""
    called = waited.func if isinstance(waited, ast.Call) else waited
    receiver, _, name = ast.unparse(called).rpartition(".")
    return name in ours and receiver in RECEIVERS


def _waits(function: ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """Yield what is awaited in *function*, but for the functions within it."""
    within = {
        id(inner)
        for node in ast.walk(function)
        if node is not function and isinstance(node, ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(function):
        if id(node) in within:
            continue
        match node:
            case ast.Await(value=value):
                yield value
            case ast.AsyncWith(items=items):
                yield from (item.context_expr for item in items)
            case ast.AsyncFor(iter=value):
                yield value
            case ast.comprehension(iter=value, is_async=1):
                yield value
            case ast.Call(func=func, args=[ast.Call() as started, *_]) if _starts(func):
                yield started
            case _:
                pass


def _starts(func: ast.expr) -> bool:
    return ast.unparse(func).rpartition(".")[2] in {"create_task", "ensure_future", "shield"}


def _query(path: Path, waited: ast.expr) -> str | None:
    """Return the name of the query that a call is given, None if it is given none."""
    for argument in waited.args if isinstance(waited, ast.Call) else ():
        match argument:
            case ast.Subscript(value=whose, slice=ast.Constant(value=str(name))) if ast.unparse(
                whose
            ).endswith("SQL"):
                subject = ast.unparse(whose).removesuffix("SQL").rstrip(".") or _own_sql(path)
                return f"{_SUBJECTS.get(subject, subject)}.{name}"
            case _:
                pass
    return None


_SUBJECTS = {"settling": "attempts"}


def _own_sql(path: Path) -> str:
    """Return whose queries a file's own SQL holds."""
    loaded = re.search(
        r'^SQL = sql.load\("(\w+)\.sql"\)', path.read_text("utf-8"), re.MULTILINE
    )
    return loaded[1] if loaded else path.stem


def _last(waited: ast.expr) -> str:
    called = waited.func if isinstance(waited, ast.Call) else waited
    return ast.unparse(called).rpartition(".")[2]


def _shown(waited: ast.expr) -> str:
    if not isinstance(waited, ast.Call):
        return ast.unparse(waited)
    first = ast.unparse(waited.args[0]) if _last(waited) == "run" and waited.args else ""
    return f"{ast.unparse(waited.func)}({first})"
