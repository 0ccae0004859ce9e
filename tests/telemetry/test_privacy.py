"""Whatever is passed by mistake, no text, token or number of anybody reaches log or metrics."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.events import BEFORE, SAMPLES
from support.watch import watched

from dispatcher.core.privacy import Sentence, mask, scrub

NUMBERS = [
    "+12125550123",
    "12125550123",
    "2125550123",
    "(212) 555-0123",
    "212.555.0123",
    "212\u2011555\u20110123",
    "+1 (212) 555\u00a00123",
    "tel:+1-212-555-0123",
]
TOKENS = [
    "Bearer U0pDMDFQMDFQQVMwMHxBQURlWXhhb",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI2MjQ0In0.c2lnbmF0dXJl",
    "U0pDMDFQMDFQQVMwMHxBQURlWXhhbUp2RzRhRkE0",
    "postgresql://daemon:hunter2@db/app",
]
TEXTS = [
    "Hi Anna, your table is free at 8.\nReply STOP to end",
    "Anna, deine Bestellung ist da \N{WAVING HAND SIGN}",
]
TRACES = [
    "5550123",
    "555-0123",
    "555.0123",
    "555\\u20110123",
    "555\\u00a00123",
    "Anna",
    "STOP",
    "hunter2",
    "U0pDMDF",
    "eyJ",
    "c2lnbmF0dXJl",
]


def assert_private(shown: str) -> None:
    assert [trace for trace in TRACES if trace in shown] == []
    # Nor the number with its separators, if they are others than above.
    assert not re.search(r"555\D{0,8}0123", shown)


def with_mistakes(sample: dict[str, Any], mistake: Any) -> list[dict[str, Any]]:
    return [
        sample | {name: [mistake] if isinstance(value, list) else mistake}
        for name, value in sample.items()
        if isinstance(value, str | list)
        or value is None
        or name.endswith("_id")
        or name == "until"
    ]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("method", SAMPLES)
def test_what_is_passed_by_mistake_stays_here(method: str, form: str, tmp_path: Path) -> None:
    for mistake in [*NUMBERS[:4], TOKENS[2], TEXTS[0], 12125550123]:
        for arguments in with_mistakes(SAMPLES[method], mistake):
            with watched(tmp_path / "log", form) as seen:
                if first := BEFORE.get(method):
                    getattr(seen.telemetry, first)(**SAMPLES[first])
                getattr(seen.telemetry, method)(**arguments)
            assert_private(seen.text() + seen.telemetry.exposition().decode())
            assert len(seen.text().splitlines()) <= 2


@pytest.mark.parametrize("private", [*NUMBERS, *TOKENS])
def test_a_sentence_loses_what_looks_private(private: str, tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.telemetry.login_refused(Sentence(f"Refused {private}: mend it."))
    assert_private(seen.text())
    assert seen.lines()[0]["sentence"].startswith("Refused ")
    assert seen.lines()[0]["sentence"].endswith(": mend it.")


def test_a_field_that_nobody_declared_is_withheld(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.telemetry._voice.say("hours_off", text="Hi Anna", event_id=7)  # noqa: SLF001  # nothing else can
    assert seen.lines()[0]["text"] == "(withheld)"
    assert_private(seen.text())


@given(
    st.integers(2_000_000_000, 9_999_999_999).map(str),
    st.sampled_from(["", "-", ". ", "\u2013"]),
)
def test_no_number_survives_in_a_sentence(number: str, between: str) -> None:
    typed = between.join([number[:3], number[3:6], number[6:]])
    assert scrub(f"to {typed} now") == f"to +1{number[:3]}***{number[6:]} now"


@pytest.mark.parametrize(
    "harmless",
    [
        "At 2026-02-03 09:30:00 after 12.5 s: 10,000 cents of 10,000.",
        "Row 0c3f8f6e-0000-4000-8000-abcdefabcdef, file /etc/sms-dispatcher/config.toml:12.",
        "MSG-240, SMS_DISPATCHER_ACCOUNT_BUDGET_CENTS_A_DAY is not set.",
    ],
)
def test_what_is_harmless_stays(harmless: str) -> None:
    assert scrub(harmless) == harmless


def test_mask() -> None:
    assert mask("+12125550123") == mask("(212) 555-0123") == "+1212***0123"
    assert mask("911") == mask("") == mask("Anna") == "***"
