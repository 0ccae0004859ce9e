"""What people write back is read as a reasonable person would read it."""

import csv
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.replies import LONGEST, Verdict, Why, read
from dispatcher.core.reply_table import Kind, table

RINGCENTRAL_OUT = ["STOP", "UNSUBSCRIBE", "QUIT", "CANCEL", "END"]
RINGCENTRAL_IN = ["START", "SUBSCRIBE", "RESUME", "CONTINUE", "UNSTOP"]
FCC = ["STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE"]

patient = settings(deadline=None)  # a busy machine fails no test


class Case(NamedTuple):
    """A text, and what `read` makes of it."""

    text: str
    verdict: str
    why: str
    known_to_ringcentral: str
    note: str


def read_cases() -> list[Case]:
    with Path(__file__).with_name("replies.csv").open(encoding="utf-8", newline="") as file:
        return [Case(**row) for row in csv.DictReader(file)]


CASES = read_cases()
OPT_OUTS = [case.text for case in CASES if case.verdict == "opt_out"]
UNASKED = [text for text in OPT_OUTS if "?" not in text]
NONES = [case.text for case in CASES if case.verdict == "none"]

SENTENCES = [
    "See you tomorrow.",
    "My car is red.",
    "How much is it?",
    "We had a lovely dinner last night!",
    "The office opens at nine.",
    "Is Anna in today?",
    "Gracias por todo.",
    "Nos vemos a las cinco.",
    "I will bring my son.",
    "Call me when you can, please.",
]

POLITE = [
    "please",
    "Thanks",
    "thank you",
    "Hi,",
    "Hello!",
    "OK",
    "sorry",
    "por favor",
    "Gracias",
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case.text))
def test_each_text(case: Case) -> None:
    reply = read(case.text)
    known = {"yes": True, "no": False}[case.known_to_ringcentral]
    assert (reply.verdict, reply.why) == (case.verdict, case.why), case.note
    assert reply.known_to_ringcentral is known


def test_there_are_many_texts_and_each_stands_there_once() -> None:
    assert len(CASES) >= 180
    assert len({case.text for case in CASES}) == len(CASES)


@pytest.mark.parametrize("word", [*RINGCENTRAL_OUT, *RINGCENTRAL_IN, *FCC])
def test_every_word_of_the_lists_is_among_them(word: str) -> None:
    assert word in {case.text.strip().upper() for case in CASES}


@pytest.mark.parametrize("word", sorted({*RINGCENTRAL_OUT, *FCC}))
def test_every_word_of_the_lists_opts_out(word: str) -> None:
    reply = read(word)
    assert (reply.verdict, reply.matched) == (Verdict.OPT_OUT, word.lower())
    assert reply.known_to_ringcentral is (word in RINGCENTRAL_OUT)


def test_ringcentral_knows_its_words_and_no_other() -> None:
    words = {*RINGCENTRAL_OUT, *RINGCENTRAL_IN}
    assert table().of_ringcentral == {word.lower() for word in words}


@pytest.mark.parametrize(
    "text", ["stop.", "stop stop", "sto\u0301p", "\u017ftop", "\u200bstop"]
)
def test_ringcentral_wants_its_word_as_it_is(text: str) -> None:
    reply = read(text)
    assert reply.known_to_ringcentral is False
    assert reply.verdict is Verdict.OPT_OUT


@pytest.mark.parametrize("kind", [Kind.OPT_OUT, Kind.OPT_OUT_ALONE, Kind.OPT_OUT_ANYWHERE])
def test_every_phrase_of_the_table_opts_out(kind: Kind) -> None:
    said = [entry.said for entry in table().phrases.values() if entry.kind is kind]
    assert said
    assert [text for text in said if read(text).verdict is not Verdict.OPT_OUT] == []


def test_no_phrase_of_an_opt_out_is_ever_passed_over() -> None:
    """In the middle of other words it opts out or a person sees it; it is never nothing."""
    entries = [entry for entry in table().phrases.values() if entry.kind.startswith("opt_out")]
    missed = [e.said for e in entries if read(f"my dog {e.said} yellow").verdict == "none"]
    assert missed == []


@patient
@given(st.sampled_from(OPT_OUTS), st.data())
def test_case_changes_nothing(text: str, data: st.DataObject) -> None:
    upper = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    drawn = "".join(c.upper() if up else c.lower() for c, up in zip(text, upper, strict=True))
    assert read(drawn).verdict is Verdict.OPT_OUT


@patient
@given(st.sampled_from(OPT_OUTS), st.sampled_from("\u0301\u0308\u0303\u200b\u200d\ufe0f\u00ad"))
def test_accents_and_what_is_not_seen_change_nothing(text: str, mark: str) -> None:
    marked = "".join(c + mark if c.isalpha() else c for c in text)
    assert read(marked).verdict is Verdict.OPT_OUT
    assert read(unicodedata.normalize("NFC", marked)).verdict is Verdict.OPT_OUT


@patient
@given(st.sampled_from(UNASKED), st.text(".!,;:-*'()… \n\t😡"), st.text(".!,;:-*'()… \n\t😡"))
def test_punctuation_around_changes_nothing(text: str, before: str, behind: str) -> None:
    assert read(before + text + behind).verdict is Verdict.OPT_OUT


@patient
@given(
    st.sampled_from(UNASKED),
    st.lists(st.sampled_from(POLITE), max_size=3),
    st.lists(st.sampled_from(POLITE), max_size=3),
)
def test_politeness_changes_nothing(text: str, before: list[str], behind: list[str]) -> None:
    assert read(" ".join([*before, text, *behind])).verdict is Verdict.OPT_OUT


@patient
@given(st.sampled_from(UNASKED), st.integers(2, 9))
def test_letters_that_are_held_down_change_nothing(text: str, times: int) -> None:
    held = "".join(c * times if c.isalpha() else c for c in text)
    assert read(held).verdict is Verdict.OPT_OUT


@patient
@given(
    st.sampled_from(NONES) | st.text(max_size=30).filter(lambda t: read(t).verdict == "none"),
    st.sampled_from(SENTENCES),
    st.booleans(),
)
def test_no_other_sentence_makes_an_opt_out(text: str, sentence: str, first: bool) -> None:  # noqa: FBT001
    whole = f"{sentence} {text}" if first else f"{text} {sentence}"
    assert read(whole).verdict is not Verdict.OPT_OUT


@patient
@given(st.sampled_from(OPT_OUTS), st.sampled_from(SENTENCES))
def test_an_opt_out_beside_another_sentence_is_seen(text: str, sentence: str) -> None:
    assert read(f"{text}\n{sentence}").verdict in {Verdict.OPT_OUT, Verdict.UNCLEAR}
    assert read(f"{sentence} {text}").verdict in {Verdict.OPT_OUT, Verdict.UNCLEAR}


@patient
@given(st.text(st.characters()) | st.text(st.sampled_from("stop \u0301\ud800🛑?\n.'\"")))
def test_it_never_raises(text: str) -> None:
    reply = read(text)
    assert reply.why in Why
    assert (reply.matched is None) is (reply.verdict is Verdict.NONE or reply.why is Why.LONG)


@pytest.mark.parametrize("size", [1_000, 100_000])
@pytest.mark.parametrize(
    "part",
    ["stop ", "s t ", "\u0301\u0316", "no quiero ", "- ", "\ufdfa", "o", "🛑", "stop texting "],
)
def test_a_long_text_takes_no_longer_than_its_length(part: str, size: int) -> None:
    """An expression that tries again and again would not come to an end."""
    assert read((part * size)[:size]).verdict in Verdict


def test_the_end_of_a_text_without_end_is_for_a_person() -> None:
    assert read("a" * LONGEST).verdict is Verdict.NONE
    assert read("a" * LONGEST + " stop").why is Why.LONG
    assert read("stop. " + "a" * LONGEST).verdict is Verdict.OPT_OUT
