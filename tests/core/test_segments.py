"""The segments of a text, worked out by hand from GSM 03.38."""

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.clusters import clusters
from dispatcher.core.segments import (
    LONGEST_UNITS,
    Encoding,
    Segments,
    count,
    is_blank,
    utf16_units,
)

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2

QUOTE = "\u2019"  # the apostrophe that turns a text into UCS-2
SMILE = "\U0001f600"  # two units
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"  # eleven units
FLAG = "\U0001f1fa\U0001f1f8"  # four units

ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

patient = settings(deadline=None)  # a busy machine fails no test


def runs(alphabet: str) -> st.SearchStrategy[str]:
    """Texts that fill segments: a few pieces, each up to 80 times."""
    piece = st.text(st.sampled_from(alphabet), min_size=1, max_size=3)
    repeated = st.builds(lambda text, n: text * n, piece, st.integers(1, 80))
    return st.lists(repeated, max_size=6).map("".join)


gsm_texts = runs(ALPHABET + "^{}\\[~]|€\f")
ucs2_texts = runs(f"a€\r\n{QUOTE}\u0301{FAMILY}{FLAG}").map(QUOTE.__add__)
texts = gsm_texts | ucs2_texts | st.text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(GSM7, 0, 1)),
        ("a" * 160, Segments(GSM7, 160, 1)),
        ("a" * 161, Segments(GSM7, 161, 2)),
        ("a" * 306, Segments(GSM7, 306, 2)),
        ("a" * 307, Segments(GSM7, 307, 3)),
        ("€" * 80, Segments(GSM7, 160, 1)),
        ("€" * 81, Segments(GSM7, 162, 2)),
        ("€" * 152, Segments(GSM7, 304, 2)),
        ("€" * 153, Segments(GSM7, 306, 3)),  # 76 of them in each, not 76.5
        ("a" * 152 + "€" + "a" * 152, Segments(GSM7, 306, 3)),
        ("a" * 151 + "€" + "a" * 153, Segments(GSM7, 306, 2)),
        ("\r\n" * 80, Segments(GSM7, 160, 1)),
        ("a" * 152 + "\r\n" + "a" * 152, Segments(GSM7, 306, 2)),
        (QUOTE, Segments(UCS2, 1, 1)),
        (QUOTE * 70, Segments(UCS2, 70, 1)),
        (QUOTE * 71, Segments(UCS2, 71, 2)),
        (QUOTE * 134, Segments(UCS2, 134, 2)),
        (QUOTE * 135, Segments(UCS2, 135, 3)),
        (QUOTE + "€" * 69, Segments(UCS2, 70, 1)),  # no escape in UCS-2
        (SMILE * 35, Segments(UCS2, 70, 1)),
        (SMILE * 36, Segments(UCS2, 72, 2)),
        (SMILE * 66, Segments(UCS2, 132, 2)),
        (SMILE * 67, Segments(UCS2, 134, 3)),  # 33 of them in each, not 33.5
        (QUOTE + "a" * 65 + SMILE + "a" * 66, Segments(UCS2, 134, 3)),
        (FAMILY * 6, Segments(UCS2, 66, 1)),
        (FAMILY * 12, Segments(UCS2, 132, 2)),
        (QUOTE * 60 + FAMILY + QUOTE * 60, Segments(UCS2, 131, 3)),
        (QUOTE * 65 + FLAG + QUOTE * 65, Segments(UCS2, 134, 3)),
        (QUOTE * 66 + "e\u0301" + QUOTE * 66, Segments(UCS2, 134, 3)),
        (QUOTE * 66 + "\r\n" + QUOTE * 66, Segments(UCS2, 134, 3)),
        ("e" + "\u0301" * 99, Segments(UCS2, 100, 2)),  # split where it must be
        (QUOTE * 50 + "e" + "\u0301" * 99, Segments(UCS2, 150, 3)),
        ("aa" + "\U000e0067" * 66, Segments(UCS2, 134, 3)),  # 1, then 1 + 33 * 2, then 66
    ],
)
def test_count(text: str, expected: Segments) -> None:
    assert count(text) == expected


@pytest.mark.parametrize("char", sorted(ALPHABET))
def test_one_septet(char: str) -> None:
    assert count(char) == Segments(GSM7, 1, 1)


@pytest.mark.parametrize("char", "^{}\\[~]|€\f")
def test_two_septets(char: str) -> None:
    assert count(char) == Segments(GSM7, 2, 1)


@pytest.mark.parametrize(
    "char",
    [*"ç`\táêÀÈ\u00a0\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022", "\x1b", "\u0391", "中"],
)
def test_not_gsm(char: str) -> None:
    assert count(char) == Segments(UCS2, 1, 1)


@patient
@given(texts)
def test_no_less_than_any_other_way_to_count(text: str) -> None:
    """The naive quotient and a split between any two characters are never larger."""
    found = count(text)
    alone, part = (160, 153) if found.encoding is GSM7 else (70, 67)
    if found.units > alone:
        assert found.segments >= -(-found.units // part)
        assert found.segments >= fewest(list(map(utf16_units, text)), part)


@patient
@given(gsm_texts)
def test_gsm_is_exact(text: str) -> None:
    found = count(text)
    sizes = [2 if char in "^{}\\[~]|€\f" else 1 for char in text]
    assert found.units == sum(sizes)
    assert found.segments == (1 if found.units <= 160 else fewest(sizes, 153))


@patient
@given(ucs2_texts)
def test_no_more_than_whole_clusters_need(text: str) -> None:
    found = count(text)
    sizes = [utf16_units(cluster) for cluster in clusters(text)]
    if max(sizes) <= 67:
        assert found.segments == (1 if found.units <= 70 else fewest(sizes, 67))


@patient
@given(texts, texts)
def test_a_longer_text_is_never_cheaper(text: str, more: str) -> None:
    assert count(text + more).segments >= count(text).segments


@patient
@given(st.text())
def test_utf16_units(text: str) -> None:
    assert utf16_units(text) == len(text.encode("utf-16-le")) // 2


def test_the_longest_text_is_counted_in_units() -> None:
    assert utf16_units(SMILE * 500) == LONGEST_UNITS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " \r\n\t",
        "\u00a0\u3000",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u2800",
        "\u3164",
        "\ufe0f",
        "\u00ad",
        "\x00",
    ],
)
def test_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", " a ", "\u200b!\u200b", SMILE, "\u0301", "\u2764\ufe0f"])
def test_not_blank(text: str) -> None:
    assert not is_blank(text)


def fewest(sizes: list[int], room: int) -> int:
    """Try every way to cut *sizes* into segments of at most *room*; return the shortest."""
    ends = [0, *accumulate(sizes)]
    best = [0]
    for end in range(1, len(ends)):
        starts = range(max(0, end - room), end)
        best.append(min(best[s] + 1 for s in starts if ends[end] - ends[s] <= room))
    return best[-1]
