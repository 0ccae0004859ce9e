"""A thousand wrong configurations, and none says what it was given."""

import random
import traceback
from functools import partial
from pathlib import Path

import pytest
from support.settings import DATABASE, HIDDEN, PASSWORD, RIGHT, SECRETS, TOKEN, file

from dispatcher import config
from dispatcher.cli.main import main
from dispatcher.config import ConfigError, addresses
from dispatcher.config.kinds import by_file, variable
from dispatcher.config.settings import SETTINGS

HOW_MANY = 1000

WORDS = (PASSWORD, TOKEN, *SECRETS.values(), DATABASE)

# Ways in which a secret gets into a place where it is wrong.
TWISTS = (
    "{}\n{}",
    "{} {}",
    "{}\u00e4{}",
    '"{}{}',
    "postgresql://u:{}/x@{}/x",
    "postgresql://u:{}@h:{}/x",
    "postgresql://u:{}@h/x#{}",
    "https://u:{}@{}/",
    "https://h/{}?{}",
    "{}\\{} =",
    "{}\udcff{}",
)

# Texts that no TOML file may be, and none of which a parser may quote.
BROKEN = (
    "{}",
    "{} = 1 1",
    "jwt = {}",
    'jwt = "{}',
    "jwt = '{}' '{}'",
    '[{}\njwt = "x"',
    "a.{} = 1\na = 2",
    "jwt = '''{}",
    '"{}" = 1\n"{}" = 2',
    "jwt = {{ a = '{}'",
)


def wrong(chance: random.Random, folder: Path) -> tuple[Path | None, dict[str, str]]:
    """Return a configuration with secrets in up to six wrong places."""
    fault = chance.choice(WORDS)
    environ, lines = RIGHT | {"SMS_DISPATCHER_POLL_SECONDS": fault}, []
    for name in chance.sample(list(SETTINGS), chance.randint(1, 5)):
        value = chance.choice(TWISTS).format(chance.choice(WORDS), chance.choice(WORDS))
        environ.pop(variable(name), None)
        match chance.randrange(4):
            case 0:
                environ[variable(name)] = value
            case 1 if by_file(SETTINGS[name]):
                content = value.encode("utf-8", "surrogateescape")
                environ[f"{variable(name)}_FILE"] = str(file(folder, name, content))
            case 2 if by_file(SETTINGS[name]):
                environ[f"{variable(name)}_FILE"] = value
            case _:
                lines.append(f"{name} = '''{value}'''")
    if chance.random() < 0.3:
        lines.append(chance.choice(BROKEN).format(fault, fault))
    if chance.random() < 0.1:
        return Path(fault), environ
    text = "\n".join(lines).encode("utf-8", "surrogateescape")
    return (file(folder, "a.toml", text) if lines else None), environ


@pytest.mark.parametrize("tenth", range(10))
def test_no_fault_says_a_value(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tenth: int,
) -> None:
    chance = random.Random(tenth)  # noqa: S311  # the same thousand each time
    for _ in range(HOW_MANY // 10):
        path, environ = wrong(chance, tmp_path)
        with pytest.raises(ConfigError) as caught:
            config.load(path, environ)
        said = [
            str(caught.value),
            repr(caught.value),
            *traceback.format_exception(caught.value),
        ]
        with monkeypatch.context() as patch:
            # Some of it no real environment can hold.
            given = partial(config.effective, environ=environ)
            patch.setattr("dispatcher.cli.config.effective", given)
            assert main(["config", *(["--config", str(path)] if path else [])]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err == f"sms-dispatcher: {caught.value}\n"
        assert not any(secret in "".join([*said, err]) for secret in HIDDEN)
        assert all(fault[-1] in ".?" and "\n" not in fault for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        (DATABASE, "postgresql://dispatcher:********@db.example:5432/shop"),
        (f"postgres://u:{PASSWORD}@h1:1,h2:2/x", "postgres://u:********@h1:1,h2:2/x"),
        (f"postgresql://u:@{PASSWORD}@h", "********"),
        (f"postgresql://:{PASSWORD}@h", "postgresql://:********@h"),
        ("postgresql://u@h/x", "postgresql://u@h/x"),
        ("postgresql:///x?host=/run", "postgresql:///x?host=/run"),
        (
            f"postgresql:///x?user=u&password={PASSWORD}&sslmode=require",
            "postgresql:///x?user=u&password=********&sslmode=require",
        ),
        (f"postgresql://h/x?sslpassword={PASSWORD}", "postgresql://h/x?sslpassword=********"),
        (f"postgresql://h/x?passw%6frd={PASSWORD}", "postgresql://h/x?passw%6frd=********"),
        (f"postgresql://h/x?{PASSWORD}", "********"),
        (f"postgresql://u:p@h/x/{PASSWORD}", "********"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, seen: str) -> None:
    assert addresses.masked(url) == seen
