"""What holds for the project as a whole: its package, lock, Makefile and house rules."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")

SOURCES = sorted((ROOT / "dispatcher").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return zipfile.Path(built)


def test_the_wheel_holds_every_file_of_the_package_and_the_schema(wheel: zipfile.Path) -> None:
    files = [*ROOT.glob("dispatcher/**/*.*"), *ROOT.glob("schema/**/*.sql")]
    files += ROOT.glob("examples/*.csv")
    wanted = {
        relative(file) for file in files if file.suffix in {".py", ".sql", ".csv", ".typed"}
    }
    wanted = {re.sub("^(schema|examples)/", r"dispatcher/\1/", name) for name in wanted}
    with zipfile.ZipFile(wheel.root.filename or "") as archive:
        assert wanted <= set(archive.namelist())
    assert any(name.startswith("dispatcher/schema/") for name in wanted)


def test_the_wheel_brings_the_command(wheel: zipfile.Path) -> None:
    (metadata,) = (part for part in wheel.iterdir() if part.name.endswith(".dist-info"))
    entry_points = (metadata / "entry_points.txt").read_text("utf-8")
    assert "sms-dispatcher = dispatcher.cli.main:main" in entry_points


@pytest.mark.parametrize("named", ["://", "--find-links", "index-url", " @ "])
def test_the_lock_names_no_host(named: str) -> None:
    assert named not in LOCK


def test_the_lock_pins_every_direct_dependency() -> None:
    project = PYPROJECT["project"]
    groups = [
        *project["optional-dependencies"].values(),
        *PYPROJECT["dependency-groups"].values(),
    ]
    direct = [*project["dependencies"], *(each for group in groups for each in group)]
    pinned = set(re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE))
    assert {re.split(r"[\[>=]", each)[0] for each in direct} <= pinned


def test_no_file_tells_more_than_one_story() -> None:
    lengths = {relative(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 250} == {}


def test_no_function_tells_more_than_one_story() -> None:
    lengths = {
        f"{relative(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > 40} == {}


def test_no_test_sleeps() -> None:
    """A test waits for what it expects, with a deadline."""
    calls = [
        f"{relative(path)}:{node.lineno}"
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "sleep"
    ]
    assert calls == []


def test_the_makefile_explains_every_target_of_its_own() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)
    # A make above us would hand its flags down, -n among them.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    printed = subprocess.run(
        ["make", "--silent"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert re.findall(r"^make ([a-z-]+)", printed, re.MULTILINE) == targets
