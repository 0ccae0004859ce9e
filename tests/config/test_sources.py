"""Where settings come from, and which source goes before which."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from support.settings import DATABASE, PASSWORD, RIGHT, SECRETS, file, without

from dispatcher import config
from dispatcher.config import Config, ConfigError, Origin

ALL = ("DATABASE_URL", "RINGCENTRAL_CLIENT_ID", "RINGCENTRAL_CLIENT_SECRET", "RINGCENTRAL_JWT")


def faults(path: Path | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        config.load(path, environ)
    return caught.value.faults


def test_the_defaults() -> None:
    loaded = config.load(None, RIGHT)
    chosen = loaded.model_dump(exclude={name.lower() for name in RIGHT})
    assert chosen == {
        "ringcentral_server_url": "https://platform.ringcentral.com",
        "login_name": "client-948fe603f61d",
        "allowed_countries": ("US",),
        "transactional_needs_consent": False,
        "segment_price": Decimal("1.19"),
        "daily_budget_cents": 10_000,
        "daily_budget_zone": "America/New_York",
        "hours": "federal+state",
        "rules_file": "",
        "hours_reminders": True,
        "hours_transactional": False,
        "cap_promotions": 3,
        "cap_hours": 24.0,
        "tier_segments_per_day": 0,
        "rate_per_minute": 40,
        "rate_burst": 1,
        "per_number_per_minute": 50,
        "per_number_per_day": 500,
        "batch_size": 100,
        "lanes": 8,
        "poll_seconds": 5,
        "lease_seconds": 60.0,
        "heartbeat_seconds": 5.0,
        "dead_after_seconds": 20.0,
        "lead_seconds": 10.0,
        "light_per_minute": 30,
        "send_by_seconds": 5.0,
        "connect_timeout_seconds": 5.0,
        "read_timeout_seconds": 20.0,
        "hours_margin_minutes": 5.0,
        "settle_after_ms": 50,
        "backoff_base_seconds": 30.0,
        "backoff_cap_seconds": 3600.0,
        "max_attempts": 5,
        "expire_promotion_hours": 24.0,
        "expire_reminder_hours": 4.0,
        "expire_transactional_hours": 1.0,
        "expire_compliance_minutes": 5.0,
        "campaign_done_after_minutes": 10.0,
        "first_look_seconds": 30.0,
        "second_look_seconds": 300.0,
        "unknown_promotion": "hold",
        "unknown_reminder": "drop",
        "unknown_transactional": "resend",
        "presume_sent_hours": 72.0,
        "sync_seconds": 30.0,
        "unconfirmed_hours": 72.0,
        "receipts_kept_days": 30.0,
        "dead_number_days": 180.0,
        "spam_share_percent": 2.0,
        "spam_least_texts": 50,
        "confirm_opt_out": False,
        "opt_out_text": "You are unsubscribed and get no more texts from us. Reply START to"
        " subscribe again.",
        "help_text": "",
        "webhook_url": "",
        "webhook_token": SecretStr(""),
        "webhook_host": "127.0.0.1",
        "webhook_port": 9465,
        "webhook_silence_minutes": 30.0,
        "metrics_seconds": 60.0,
        "metrics_zone": "America/New_York",
        "drain_seconds": 30.0,
        "pool_size": 5,
        "statement_cache_size": 100,
        "database_timeout_seconds": 10.0,
        "http_host": "127.0.0.1",
        "http_port": 9464,
        "log_format": "auto",
        "log_level": "info",
    }
    assert loaded.database_url.get_secret_value() == DATABASE


def test_a_config_is_frozen_and_shows_no_secret() -> None:
    loaded = config.load(None, RIGHT)
    with pytest.raises(ValueError, match="frozen"):
        loaded.lanes = 9
    for text in (str(loaded), repr(loaded), loaded.model_dump_json()):
        assert not any(secret in text for secret in (PASSWORD, *SECRETS.values()))


def test_a_config_made_by_hand_asks_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_DISPATCHER_LANES", "3")
    monkeypatch.setenv("LANES", "3")
    made = Config.model_validate({name.lower(): value for name, value in RIGHT.items()})
    assert made.lanes == 8


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**RIGHT, "SMS_DISPATCHER_LANES": "3"}.items():
        monkeypatch.setenv(name, value)
    assert config.load().lanes == 3


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("LANES", " 3 ", 3),
        ("POLL_SECONDS", "0.25", 0.25),
        ("SEGMENT_PRICE", "0.8500", Decimal("0.85")),
        ("HOURS", "OFF", "off"),
        ("ALLOWED_COUNTRIES", "us, CA,US", ("US", "CA")),
        ("TRANSACTIONAL_NEEDS_CONSENT", "True", True),
        ("DAILY_BUDGET_ZONE", "Pacific/Honolulu", "Pacific/Honolulu"),
        ("HTTP_HOST", "::1", "::1"),
        ("LOG_LEVEL", "WARNING", "warning"),
        ("LOGIN_NAME", "shop.main", "shop.main"),
        ("LANES", "", 8),
    ],
)
def test_the_environment(name: str, given: str, taken: object) -> None:
    loaded = config.load(None, {**RIGHT, f"SMS_DISPATCHER_{name}": given})
    assert getattr(loaded, name.lower()) == taken


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.devtest.ringcentral.com/",
        "http://127.0.0.1:8080",
        "http://[::1]:80",
        "http://localhost:1",
    ],
)
def test_servers(url: str) -> None:
    assert config.load(
        None, {**RIGHT, "RINGCENTRAL_SERVER_URL": url}
    ).ringcentral_server_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@h1:5432,h2:5433,[::1]:5434/x?target_session_attrs=read-write",
        "postgres://h",
        "postgresql:///x?host=/run/postgresql",
        "postgresql://u@/x",
        "postgresql://u:p%40ss:w0rd@h/x",
    ],
)
def test_databases(url: str) -> None:
    assert (
        config.load(None, {**RIGHT, "DATABASE_URL": url}).database_url.get_secret_value() == url
    )


def test_the_file(tmp_path: Path) -> None:
    lines = [f'{name.lower()} = "{value}"' for name, value in RIGHT.items()]
    more = 'lanes = 3\nsegment_price = 1.19\npoll_seconds = 2\nallowed_countries = ["US", "CA"]\ntransactional_needs_consent = true'
    path = file(tmp_path, "a.toml", "\ufeff" + "\n".join([*lines, more]))
    found = config.effective(path, {})
    assert (found.config.lanes, found.config.segment_price) == (3, Decimal("1.19"))
    assert found.config.allowed_countries == ("US", "CA")
    assert found.config.transactional_needs_consent
    assert found.config.ringcentral_jwt.get_secret_value() == SECRETS["RINGCENTRAL_JWT"]
    assert found.origins["lanes"] is found.origins["database_url"] is Origin.FILE
    assert found.origins["batch_size"] is Origin.DEFAULT


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("how", ["credential", "file"])
def test_secrets_from_files(tmp_path: Path, name: str, how: str) -> None:
    path = file(tmp_path, name.lower(), f"{RIGHT[name]}\n")
    where = (
        {f"{name}_FILE": str(path)}
        if how == "file"
        else {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    )
    found = config.effective(None, without(name, **where))
    assert found.config == config.load(None, RIGHT)
    assert found.origins[name.lower()] is Origin.CREDENTIALS


def test_the_environment_goes_before_the_file_and_credentials_too(tmp_path: Path) -> None:
    path = file(tmp_path, "a.toml", 'lanes = 3\nbatch_size = 7\nringcentral_jwt = "old"')
    file(tmp_path, "ringcentral_jwt", "new")
    environ = without(
        "RINGCENTRAL_JWT", SMS_DISPATCHER_LANES="4", CREDENTIALS_DIRECTORY=str(tmp_path)
    )
    loaded = config.load(path, environ)
    assert (loaded.lanes, loaded.batch_size) == (4, 7)
    assert loaded.ringcentral_jwt.get_secret_value() == "new"


def test_a_secret_that_is_given_twice(tmp_path: Path) -> None:
    path = str(file(tmp_path, "ringcentral_jwt", "other"))
    environ = {**RIGHT, "RINGCENTRAL_JWT_FILE": path}
    said = "RINGCENTRAL_JWT is given more than once: keep one of RINGCENTRAL_JWT"
    assert faults(None, environ) == (f"{said} and RINGCENTRAL_JWT_FILE.",)
    environ["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    assert faults(None, environ) == (
        f"{said}, RINGCENTRAL_JWT_FILE and the credential ringcentral_jwt.",
    )
