"""Where RingCentral may call us: all of it, or nothing."""

from pathlib import Path

import pytest
from support.settings import RIGHT, TOKEN, file

from dispatcher import config
from dispatcher.config import ConfigError, addresses

URL = "https://texts.example/hooks/ringcentral"
WANTED = (
    "SMS_DISPATCHER_WEBHOOK_URL must be an https address with a path of letters, digits and - . _ ~ / "
    "(http only for this machine itself)."
)
TOO_SHORT = "SMS_DISPATCHER_WEBHOOK_TOKEN must be one word of at least 32 and at most 256 printable ASCII characters."


def refused(**environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(
            None, RIGHT | {f"SMS_DISPATCHER_WEBHOOK_{k}": v for k, v in environ.items()}
        )
    return str(caught.value)


def test_they_are_off_unless_there_is_an_address() -> None:
    assert config.load(None, RIGHT).webhook_url == ""


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (URL, "/hooks/ringcentral"),
        ("https://texts.example:8443/h/", "/h/"),
        ("http://127.0.0.1:9465/hook", "/hook"),
        ("http://localhost/a-b_c.~1", "/a-b_c.~1"),
    ],
)
def test_an_address_has_a_path(url: str, path: str) -> None:
    environ = {"SMS_DISPATCHER_WEBHOOK_URL": url, "SMS_DISPATCHER_WEBHOOK_TOKEN": TOKEN}
    loaded = config.load(None, RIGHT | environ)
    assert (loaded.webhook_url, addresses.hook_path(loaded.webhook_url)) == (url, path)
    assert TOKEN not in repr(loaded)


@pytest.mark.parametrize(
    "url",
    [
        "https://texts.example", "https://texts.example/", "http://texts.example/hook", "https://u:p@texts.example/hook",
        "https://texts.example/hook?a=b", "https://texts.example/hook#a", "https://texts.example/{hook}", "https://texts.example//hook",
        "https://texts.example/ho%20ok", "https://texts.example:99999/hook", "texts.example/hook", "https://texts.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    assert refused(URL=url, TOKEN=TOKEN) == WANTED


def test_no_address_without_a_token() -> None:
    assert refused(URL=URL) == (
        "SMS_DISPATCHER_WEBHOOK_TOKEN is missing: set SMS_DISPATCHER_WEBHOOK_TOKEN or "
        "SMS_DISPATCHER_WEBHOOK_TOKEN_FILE, give the credential webhook_token, or put "
        "webhook_token into the TOML file."
    )


@pytest.mark.parametrize("token", ["x" * 31, "x" * 257, "x" * 40 + " y", "ä" * 40])
def test_what_is_no_token(token: str) -> None:
    assert refused(URL=URL, TOKEN=token) == TOO_SHORT
    assert refused(TOKEN=token) == TOO_SHORT


@pytest.mark.parametrize("how", ["credential", "file"])
def test_a_token_may_lie_in_a_file(tmp_path: Path, how: str) -> None:
    path = file(tmp_path, "webhook_token", f"{TOKEN}\n")
    named = {"SMS_DISPATCHER_WEBHOOK_TOKEN_FILE": str(path)}
    where = named if how == "file" else {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    loaded = config.load(None, RIGHT | where | {"SMS_DISPATCHER_WEBHOOK_URL": URL})
    assert loaded.webhook_token.get_secret_value() == TOKEN
