"""A text is known again, whatever was done to its edges and line ends."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core import texthash

TEXT = "Your table is ready.\nSee you soon"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        f" {TEXT}",
        f"{TEXT}\r\n",
        f"\n\t {TEXT}\u00a0\n\n",
    ],
)
def test_the_same(text: str) -> None:
    assert texthash.of(text) == hashlib.sha256(TEXT.encode()).digest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.upper(),
        TEXT + ".",
        TEXT.replace("\n", "\n\n"),
        TEXT.replace("\n", " "),
        TEXT.replace(" ", "  "),
    ],
)
def test_another(text: str) -> None:
    assert texthash.of(text) != texthash.of(TEXT)


def test_half_a_surrogate_pair_is_no_error() -> None:
    assert texthash.of("\ud83d") != texthash.of("\ud83e")


@settings(deadline=None)
@given(st.text())
def test_any_text_has_one(text: str) -> None:
    assert len(texthash.of(text)) == 32
    assert texthash.of(f" {text}\r\n") == texthash.of(text)
