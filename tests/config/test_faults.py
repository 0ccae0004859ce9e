"""What a wrong configuration is told: our own words, all at once, and never a value."""

from pathlib import Path
from typing import Any

import pytest
from support.settings import HIDDEN, RIGHT, file, without

from dispatcher import config
from dispatcher.config import ConfigError
from dispatcher.config.kinds import variable
from dispatcher.config.pacing import Pacing
from dispatcher.config.settings import SETTINGS, Config


def refused(environ: dict[str, str], path: Path | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        config.load(path, environ)
    error = caught.value
    assert error.__cause__ is error.__context__ is None
    assert not any(secret in f"{error}{error!r}{error.faults}" for secret in HIDDEN)
    return error


ADDRESS = (
    "DATABASE_URL must be an address like postgresql://user:password@host:5432/name (several hosts "
    "with commas, each with its port; @ / ? # and spaces in a password percent-encoded)."
)
SERVER = "RINGCENTRAL_SERVER_URL must be an https address without a path (http only for this machine itself)."
WORD = "must be one word of printable ASCII characters."
LANES = "SMS_DISPATCHER_LANES must be a whole number of at least 1 and at most 1000."
PRICE = "SMS_DISPATCHER_SEGMENT_PRICE must be a number with at most 4 decimals, of at least 0.0001 and at most 100."
POLL = "SMS_DISPATCHER_POLL_SECONDS must be a number of at least 0.01 and at most 60."
REGIONS = (
    "SMS_DISPATCHER_ALLOWED_COUNTRIES must be two-letter region codes with commas, like US,CA."
)
ZONE = "SMS_DISPATCHER_DAILY_BUDGET_ZONE must be an IANA time zone like America/New_York."
LOGIN = (
    "SMS_DISPATCHER_LOGIN_NAME must be at most 64 letters, digits, dots, dashes or underscores."
)
HOST = "SMS_DISPATCHER_HTTP_HOST must be an IP address or a host name."
MISSING = (
    "{variable} is missing: set {variable} or {variable}_FILE, give the credential {name}, "
    "or put {name} into the TOML file."
)
NO_SETTING = "a variable of the environment, is no setting"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *(("DATABASE_URL", f"postgresql://{rest}", ADDRESS) for rest in (
            "h1,h2/x?port=1,2", "h/x?a=b&port=6432",
            "u:p/w@h/x", "u:p@w@h/x", "u:p?w@h/x", "u:p#w@h/x", "u:p w@h/x", "u:p@[h/x", "u:p@h:0/x", "u:p@h:99999/x",
            "u:p@h1,h2:x/x", "u:p@h1,/x", "u:p@:5432/x", "u:p@h/x?", "u:p@h/x?a", "u:p@h/x?a=b&", "u:p@h/x/y", "u:p@h/x#y", "u:p@h/x?a=b@c", "u:pä@h/x", "u:p@h/\udcff",
        )),
        *(("DATABASE_URL", url, ADDRESS) for url in ("garbage", "mysql://u:p@h/x", "POSTGRESQL://h", "postgresql:h")),
        *(("RINGCENTRAL_SERVER_URL", url, SERVER) for url in (
            "http://platform.ringcentral.com", "https://", "https://u:p@h", "https://h/path", "https://h?x", "ftp://h",
            "https://h:99999", "http://127.0.0.1.example", "http://localhost.example", "platform.ringcentral.com",
        )),
        *(("RINGCENTRAL_JWT", value, f"RINGCENTRAL_JWT {WORD}") for value in ("a b", "a\nb", "ä", "\udcff", "x" * 20_000)),
        ("RINGCENTRAL_CLIENT_SECRET", "a b", f"RINGCENTRAL_CLIENT_SECRET {WORD}"),
        ("RINGCENTRAL_CLIENT_ID", "a b", f"RINGCENTRAL_CLIENT_ID {WORD}"),
        *(("SMS_DISPATCHER_LANES", value, LANES) for value in (
            "0", "-1", "1001", "1.5", "x", "1_0", "٣", "1e1", "0x8", "true", "9" * 5000, "\udcff",
        )),
        *(("SMS_DISPATCHER_POLL_SECONDS", value, POLL) for value in ("nan", "inf", "0", "61", "1 2", "1,5")),
        *(("SMS_DISPATCHER_SEGMENT_PRICE", value, PRICE) for value in ("0", "-1", "1.19001", "NaN", "1e1", "101")),
        *(("SMS_DISPATCHER_ALLOWED_COUNTRIES", value, REGIONS) for value in ("USA", "US,", "+1", "U S", "ÄÖ")),
        *(("SMS_DISPATCHER_DAILY_BUDGET_ZONE", value, ZONE) for value in (
            "America/Nowhere", "America", "../etc/passwd", "/etc/passwd", "EST5EDT4,M3", "a\0b", "\udcff",
        )),
        *(("SMS_DISPATCHER_LOGIN_NAME", value, LOGIN) for value in ("a b", "-a", "x" * 65, "ä")),
        *(("SMS_DISPATCHER_HTTP_HOST", value, HOST) for value in ("a b", "http://h", "h/", "ä")),
        ("SMS_DISPATCHER_HOURS", "on", "SMS_DISPATCHER_HOURS must be federal, federal+state, strictest-us or off."),
        ("SMS_DISPATCHER_LOG_FORMAT", "xml", "SMS_DISPATCHER_LOG_FORMAT must be json, console or auto."),
        ("SMS_DISPATCHER_LOG_LEVEL", "all", "SMS_DISPATCHER_LOG_LEVEL must be debug, info, warning or error."),
        ("SMS_DISPATCHER_TRANSACTIONAL_NEEDS_CONSENT", "perhaps", "SMS_DISPATCHER_TRANSACTIONAL_NEEDS_CONSENT must be true or false."),
        ("SMS_DISPATCHER_LANE", "3", f"SMS_DISPATCHER_LANE, {NO_SETTING}; did you mean SMS_DISPATCHER_LANES?"),
        ("sms_dispatcher_lanes", "3", f"sms_dispatcher_lanes, {NO_SETTING}; did you mean SMS_DISPATCHER_LANES?"),
        ("SMS_DISPATCHER_RINGCENTRAL_JWT", "x", f"SMS_DISPATCHER_RINGCENTRAL_JWT, {NO_SETTING}; did you mean RINGCENTRAL_JWT?"),
        ("SMS_DISPATCHER_POOL_SIZE_FILE", "/x", f"SMS_DISPATCHER_POOL_SIZE_FILE, {NO_SETTING}; did you mean SMS_DISPATCHER_POOL_SIZE?"),
        ("SMS_DISPATCHER_XYZZY", "x", f"SMS_DISPATCHER_XYZZY, {NO_SETTING}."),
        ("SMS_DISPATCHER_\udcff", "x", "The name of a variable of the environment is none of a setting."),
        ("SMS_DISPATCHER_HEARTBEAT_SECONDS", "7", "SMS_DISPATCHER_HEARTBEAT_SECONDS must be less than a third of SMS_DISPATCHER_DEAD_AFTER_SECONDS."),
        ("SMS_DISPATCHER_RATE_BURST", "41", "SMS_DISPATCHER_RATE_BURST must be at most SMS_DISPATCHER_RATE_PER_MINUTE."),
        ("SMS_DISPATCHER_PER_NUMBER_PER_MINUTE", "501", "SMS_DISPATCHER_PER_NUMBER_PER_MINUTE must be at most SMS_DISPATCHER_PER_NUMBER_PER_DAY."),
        ("SMS_DISPATCHER_BACKOFF_CAP_SECONDS", "29", "SMS_DISPATCHER_BACKOFF_BASE_SECONDS must be at most SMS_DISPATCHER_BACKOFF_CAP_SECONDS."),
    ],
)  # fmt: skip
def test_one_fault(name: str, value: str, said: str) -> None:
    assert str(refused({**RIGHT, name: value})) == said


@pytest.mark.parametrize("name", [name for name in SETTINGS if SETTINGS[name].is_required()])
def test_a_setting_that_is_missing(name: str) -> None:
    said = MISSING.format(variable=variable(name), name=name)
    assert str(refused(without(variable(name)))) == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lanes = true", LANES),
        ("lanes = 1.5", LANES),
        ("lanes = []", LANES),
        ("lanes = 2026-01-01", LANES),
        ("[lanes]", LANES),
        ("segment_price = inf", PRICE),
        ("allowed_countries = [1]", REGIONS),
        ("login_name = 5", LOGIN),
        (
            "hours = false",
            "SMS_DISPATCHER_HOURS must be federal, federal+state, strictest-us or off.",
        ),
        ("lane = 3", "lane, a key of the TOML file, is no setting; did you mean lanes?"),
        ("LANES = 3", "LANES, a key of the TOML file, is no setting; did you mean lanes?"),
        ('"Sesame open!" = 3', "The name of a key of the TOML file is none of a setting."),
    ],
)
def test_one_fault_of_the_file(tmp_path: Path, line: str, said: str) -> None:
    path = file(tmp_path, "a.toml", line)
    name = said.split(" ", maxsplit=1)[0].removeprefix("SMS_DISPATCHER_").lower()
    said = said.replace(" must be", f" ({name} in the TOML file) must be", 1)
    assert str(refused(RIGHT, path)) == said


def test_the_lease_outlives_the_longest_way() -> None:
    numbers: dict[str, Any] = {"rate_burst": 10, "rate_per_minute": 20, "batch_size": 500}
    assert Pacing(**numbers, lanes=4).longest_pace == 12
    assert Pacing(**numbers, lanes=9).longest_way == 27 + 5 + 5 + 20 + 0.05
    assert Pacing(**numbers, lanes=9, lease_seconds=57.06).lanes == 9
    environ = {variable(name): str(value) for name, value in numbers.items()}
    more = {"SMS_DISPATCHER_LANES": "9", "SMS_DISPATCHER_LEASE_SECONDS": "57.05"}
    assert str(refused({**RIGHT, **environ, **more})) == (
        "SMS_DISPATCHER_LEASE_SECONDS must be more than 57.05, the longest way of a claimed text "
        "(the smaller of SMS_DISPATCHER_LANES and SMS_DISPATCHER_RATE_BURST * 60 / "
        "SMS_DISPATCHER_RATE_PER_MINUTE + SMS_DISPATCHER_SEND_BY_SECONDS + "
        "SMS_DISPATCHER_CONNECT_TIMEOUT_SECONDS + SMS_DISPATCHER_READ_TIMEOUT_SECONDS + "
        "SMS_DISPATCHER_SETTLE_AFTER_MS): raise it or lower one of those."
    )


def test_a_text_arrives_before_the_hours_end() -> None:
    """Five seconds until it begins, five to connect and twenty for the answer: half a minute."""
    enough: dict[str, Any] = {"hours_margin_minutes": 0.5}
    assert Pacing(**enough).hours_margin_minutes == 0.5
    assert str(refused({**RIGHT, "SMS_DISPATCHER_HOURS_MARGIN_MINUTES": "0.49"})) == (
        "SMS_DISPATCHER_HOURS_MARGIN_MINUTES must be at least 0.5, what a request may take "
        "(SMS_DISPATCHER_SEND_BY_SECONDS + SMS_DISPATCHER_CONNECT_TIMEOUT_SECONDS + "
        "SMS_DISPATCHER_READ_TIMEOUT_SECONDS)."
    )


def test_a_config_made_by_hand_is_judged_too() -> None:
    values: dict[str, Any] = {name.lower(): value for name, value in RIGHT.items()}
    with pytest.raises(ValueError, match="less than a third"):
        Config(**values, heartbeat_seconds=20)


@pytest.mark.parametrize("name", ["ringcentral_jwt", "database_url", "lanes"])
def test_a_config_made_by_hand_says_no_value(name: str) -> None:
    values: dict[str, Any] = {name.lower(): value for name, value in RIGHT.items()}
    with pytest.raises(ValueError, match=name) as caught:
        Config(**values | {name: f"{HIDDEN[0]} x"})
    assert HIDDEN[0] not in str(caught.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Rules between settings too, but for those that a wrong value makes unsure."""
    environ = without(
        "RINGCENTRAL_JWT",
        SMS_DISPATCHER_LANES="0",
        SMS_DISPATCHER_RATE_BURST="41",
        SMS_DISPATCHER_LEASE_SECONDS="10",
        SMS_DISPATCHER_HEARTBEAT="1",
        RINGCENTRAL_CLIENT_ID_FILE=str(tmp_path),
    )
    error = refused(environ, file(tmp_path, "a.toml", "batchsize = 3\nhttp_port = -1"))
    assert str(error).splitlines() == [
        "The configuration has 8 faults:",
        "The file that RINGCENTRAL_CLIENT_ID_FILE names is a directory, not a file.",
        f"SMS_DISPATCHER_HEARTBEAT, {NO_SETTING}; did you mean SMS_DISPATCHER_HEARTBEAT_SECONDS?",
        "batchsize, a key of the TOML file, is no setting; did you mean batch_size?",
        MISSING.format(variable="RINGCENTRAL_JWT", name="ringcentral_jwt"),
        LANES,
        "SMS_DISPATCHER_HTTP_PORT (http_port in the TOML file) must be a whole number of at least 0 and at most 65535.",
        "SMS_DISPATCHER_HEARTBEAT_SECONDS must be less than a third of SMS_DISPATCHER_LEASE_SECONDS.",
        "SMS_DISPATCHER_RATE_BURST must be at most SMS_DISPATCHER_RATE_PER_MINUTE.",
    ]
