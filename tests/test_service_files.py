"""The unit and the image agree with the program that they run."""

import json
import re
import subprocess
import sys
import tomllib
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest

from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config.kinds import by_file, variable
from dispatcher.config.settings import SETTINGS

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "systemd" / "sms-dispatcher.service"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SAFE_ENOUGH = 15  # systemd-analyze counts in tenths


class _Repeated(dict[str, Any]):
    """Keeps every line of a key that a unit may name more than once."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and key in self and isinstance(self[key], list):
            value = [*self[key], *value]
        super().__setitem__(key, value)


def service() -> dict[str, list[str]]:
    parser = RawConfigParser(
        dict_type=_Repeated, strict=False, delimiters=("=",), comment_prefixes=("#",)
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys as they are written
    parser.read(UNIT, "utf-8")
    return {key: value.splitlines() for key, value in parser.items("Service")}


def instruction(name: str) -> list[str]:
    """Return what stands behind each *name* of the Dockerfile, its lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} (.+)$", joined, re.MULTILINE)


def seconds(said: str) -> int:
    number, unit = int(said.rstrip("smin")), said.lstrip("0123456789")
    return number * {"s": 1, "min": 60}[unit]


def test_a_drain_ends_before_systemd_loses_patience() -> None:
    unit = service()
    slack = 10  # for the last settling, and for the farewells to database and watchers
    drain, database = (
        SETTINGS[n].default for n in ("drain_seconds", "database_timeout_seconds")
    )
    assert seconds(unit["TimeoutStopSec"][0]) >= drain + database + slack
    assert seconds(unit["TimeoutStartSec"][0]) > 2 * database


def test_every_credential_is_a_secret_that_is_asked_for() -> None:
    names = {line.partition(":")[0] for line in service()["LoadCredential"]}
    secrets = {name for name, field in SETTINGS.items() if by_file(field)}
    # One that need not be set may not be named there without its file.
    may_be_taken_in = re.findall(
        r"^#LoadCredential=(\w+):", UNIT.read_text("utf-8"), re.MULTILINE
    )
    assert names == {name for name in secrets if SETTINGS[name].is_required()}
    assert names | set(may_be_taken_in) == secrets


def test_what_a_person_must_mend_is_not_started_again() -> None:
    unit = service()
    assert unit["Restart"] == ["on-failure"]
    assert unit["RestartPreventExitStatus"] == [f"{ExitCode.FAILED:d} {ExitCode.UNFINISHED:d}"]


def test_the_example_holds_settings_and_no_secret() -> None:
    example = tomllib.loads((UNIT.parent / "sms-dispatcher.toml").read_text("utf-8"))
    assert set(example) <= set(SETTINGS)
    assert not any(by_file(SETTINGS[name]) for name in example)
    assert "--config /etc/sms-dispatcher/sms-dispatcher.toml" in service()["ExecStart"][0]


def test_the_image_is_built_from_the_lock_and_runs_as_nobody() -> None:
    installs = [line for line in instruction("RUN") if " pip " in line]
    assert "--require-hashes" in installs[0]
    assert all("--no-index" in line for line in installs[1:])
    (user,) = instruction("USER")
    assert all(int(number) > 0 for number in user.split(":"))
    assert instruction("STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(instruction("ENTRYPOINT")[0]) == ["sms-dispatcher"]
    assert json.loads(instruction("CMD")[0]) == ["run"]


def test_the_image_serves_where_its_healthcheck_looks() -> None:
    (environment,), (check,) = instruction("ENV"), instruction("HEALTHCHECK")
    assert f"{variable('http_host')}=0.0.0.0" in environment
    assert variable("http_port") in check
    assert f"'{SETTINGS['http_port'].default}'" in check
    ports = [str(SETTINGS[name].default) for name in ("http_port", "webhook_port")]
    assert instruction("EXPOSE") == [" ".join(ports)]
    assert f"{variable('webhook_host')}=0.0.0.0" in environment


def test_the_image_holds_what_is_copied_and_nothing_else() -> None:
    let_in = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    copied = [
        x for line in instruction("COPY") if "--from" not in line for x in line.split()[:-1]
    ]
    assert sorted(let_in) == sorted(copied)
    assert all((ROOT / name).exists() for name in let_in)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit, with a program that is there."""
    copy = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8")
    copy.write_text(
        text.replace("/opt/sms-dispatcher/bin/sms-dispatcher", sys.executable), "utf-8"
    )
    return copy


@pytest.mark.needs_host
def test_systemd_has_nothing_to_say_of_the_unit(installed: Path) -> None:
    """It ends with 0 on words that it does not know: what it prints is what counts."""
    ran = subprocess.run(
        ["systemd-analyze", "verify", installed], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


@pytest.mark.needs_host
def test_the_unit_is_shut(installed: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager"]
    ran = subprocess.run(
        [*command, f"--threshold={SAFE_ENOUGH}", installed],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert "Overall exposure level" in ran.stdout
