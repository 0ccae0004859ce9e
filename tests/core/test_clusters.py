"""A cluster is at least what Unicode's UAX 29 takes for one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.clusters import clusters

# What joins, in ways that meet each other.
TROUBLE = (
    "ab \r\n\u0301\u200c\u200d\ufe0f\u20e3\U0001f600\U0001f3fd\U0001f468\u2764"
    "\U0001f1e9\U0001f1ea\U0001f3f4\U000e0067\U000e007f\u0915\u094d\u093e"
    "\u1100\u1161\u11a8\uac00\uac01\u0600\u0e01\u0e33\uff9e\x00\u00ad"
)


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param("a", id="letter"),
        pytest.param("\r\n", id="line end"),
        pytest.param("e\u0301", id="accent"),
        pytest.param("a\u0300\u0316\u0301\u0302", id="four marks"),
        pytest.param("1\ufe0f\u20e3", id="keycap"),
        pytest.param("\u2764\ufe0f", id="red heart"),
        pytest.param("\U0001f44d\U0001f3fd", id="skin tone"),
        pytest.param("\U0001f1fa\U0001f1f8", id="flag"),
        pytest.param("\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e007f", id="flag of tags"),
        pytest.param("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", id="family"),
        pytest.param("\U0001f3f3\ufe0f\u200d\U0001f308", id="rainbow flag"),
        pytest.param("\U0001f469\U0001f3fd\u200d\U0001f680", id="astronaut"),
        pytest.param("\u0928\u093f", id="Devanagari vowel"),
        pytest.param("\u0915\u094d\u0937", id="Devanagari conjunct"),
        pytest.param("\u0915\u094d\u200d\u0937", id="conjunct with a joiner"),
        pytest.param("\u0915\u094d\u093c\u0937", id="mark behind the virama"),
        pytest.param("\u1112\u1161\u11ab", id="Hangul letters"),
        pytest.param("\u1100\uac01", id="Hangul initial and syllable"),
        pytest.param("\uac00\u11a8", id="Hangul syllable and final"),
        pytest.param("\u0e01\u0e33", id="Thai sara am"),
        pytest.param("\uff76\uff9e", id="half-width kana"),
        pytest.param("\u0600\u0661", id="Arabic number sign"),
    ],
)
def test_it_stays_whole(whole: str) -> None:
    assert list(clusters(whole)) == [whole]
    assert list(clusters(f"x{whole}")) == ["x", whole]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("abc", ["a", "b", "c"]),
        ("\n\r", ["\n", "\r"]),
        ("\U0001f600\U0001f600", ["\U0001f600", "\U0001f600"]),
        (
            "\U0001f1fa\U0001f1f8\U0001f1ec\U0001f1e7\U0001f1eb",
            ["\U0001f1fa\U0001f1f8", "\U0001f1ec\U0001f1e7", "\U0001f1eb"],
        ),
        ("\uac00\uac01", ["\uac00", "\uac01"]),
        ("\u0915\u094d \u0937", ["\u0915\u094d", " ", "\u0937"]),
        ("\u0915\u094d1", ["\u0915\u094d", "1"]),
        ("e\u0301e\u0301", ["e\u0301", "e\u0301"]),
    ],
)
def test_it_is_cut(text: str, pieces: list[str]) -> None:
    assert list(clusters(text)) == pieces


@settings(deadline=None)
@given(st.text(st.sampled_from(TROUBLE) | st.characters()))
def test_nothing_is_lost_or_empty(text: str) -> None:
    pieces = list(clusters(text))
    assert "".join(pieces) == text
    assert all(pieces)
