"""Every place where the daemon waits has a failpoint, and at each a process is killed."""

import ast
from pathlib import Path

import pytest
from support.chaos import awaits
from support.chaos.awaits import Why, found
from support.chaos.moments import ALL, COMMITS, WAITS

ROOT = Path(__file__).parents[2]


def test_every_wait_is_accounted_for() -> None:
    """A new one needs its place in support/chaos/moments.py, and a failpoint if it can change anything."""
    now = found()
    assert (sorted(now - WAITS.keys()), sorted(WAITS.keys() - now)) == ([], [])


def test_every_commit_and_request_is_a_moment_to_die() -> None:
    named = {
        name
        for why in WAITS.values()
        if not isinstance(why, Why)
        for name in ([why] if isinstance(why, str) else why)
    }
    assert named == {moment.rpartition(":")[0] for moment in ALL}


@pytest.mark.parametrize("name", sorted(COMMITS))
def test_a_commit_is_met_on_both_sides(name: str) -> None:
    assert {f"{name}:before", f"{name}:after"} <= set(ALL)


def test_a_new_wait_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it waits for, and however."""
    (tmp_path / "loops").mkdir()
    (tmp_path / "loops" / "new.py").write_text(
        "async def story(conn, engine, queue):\n"
        "    await conn.execute(SQL['novel'])\n"
        "    await engine.database.run(novel.work)\n"
        "    async with queue.lock:\n"
        "        await queue.get()\n"
        "        await queue.get()\n"
        "    await conn.story()\n"
        "    print([row async for row in conn.cursor()])\n"
        "    engine.create_task(conn.execute('SELECT'))\n"
        "    await story(conn, engine, queue)\n"
    )
    monkeypatch.setattr(awaits, "PACKAGE", tmp_path)
    monkeypatch.setattr(awaits, "STORES", ())
    assert found() == {
        "new.novel",
        "loops/new.py story: engine.database.run(novel.work)",
        "loops/new.py story: queue.lock",
        "loops/new.py story: queue.get()",
        "loops/new.py story: queue.get() (2)",
        "loops/new.py story: conn.story()",
        "loops/new.py story: conn.cursor()",
        "loops/new.py story: conn.execute()",
    }


def test_the_product_has_no_failpoints_but_empty_ones() -> None:
    """None of its files makes another, and no setting could choose one: nothing hands one in."""
    handed, made = [], []
    for path in sorted((ROOT / "dispatcher").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(part, ast.FunctionDef)
                and part.name == "split"
                and "point" in ast.unparse(part.args)
                for part in node.body
            ):
                made.append(node.name)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Daemon"):
                handed += [k.arg for k in node.keywords if k.arg == "failpoints"]
    assert (made, handed) == (["Failpoints", "NoFailpoints"], [])
