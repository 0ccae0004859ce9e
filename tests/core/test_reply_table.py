"""Whoever adds a word to the table is told what is wrong with the line."""

import pytest

from dispatcher.core.reply_table import Kind, ReplyTableError, parse, table

HEAD = "# a remark\nkind,words,language,source\n"


def said(lines: str) -> list[str]:
    return [entry.said for entry in parse(HEAD + lines).phrases.values()]


def test_a_line_is_a_phrase() -> None:
    found = parse(HEAD + "\n# Spanish\nopt_out,No Más,es,fcc|common\n").phrases
    ((words, entry),) = found.items()
    assert words == ("no", "mas")
    assert (entry.kind, entry.said, entry.line) == (Kind.OPT_OUT, "No Más", 5)
    assert entry.sources == {"fcc", "common"}


def test_a_line_may_stand_for_several() -> None:
    assert said("opt_out,stop [all/the] texts/sms,en,common") == [
        "stop texts",
        "stop sms",
        "stop all texts",
        "stop all sms",
        "stop the texts",
        "stop the sms",
    ]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("opt_out,stop,en", "3 cells instead of 4"),
        ("opt_out,stop,now,en,common", "5 cells instead of 4"),
        ("optout,stop,en,common", 'no kind is called "optout"'),
        ("opt_out,stop,de,common", 'no language is called "de"'),
        ("opt_out,stop,en,somebody", 'no source is called "somebody"'),
        ("opt_out,stop,en,fcc|", 'no source is called "fcc|"'),
        ("opt_out,,en,common", "not a phrase"),
        ("opt_out,[stop],en,common", "not a phrase"),
        ("opt_out,!!,en,common", '"!!" is no word'),
        ("opt_out,stop--now,en,common", '"stop--now" is no word'),
        ("opt_out,stop [now,en,common", '"[now" is neither'),
        ("opt_out,stop now/,en,common", '"now/" is neither'),
        ("not_after,do not,en,common", "not one word"),
        ("opt_out,Halt!,en,common", '"Halt!" stands in line 3 too'),
        ("help,haaalt,en,common", '"haaalt" stands in line 3 too'),
    ],
)
def test_a_wrong_line_is_named(line: str, wrong: str) -> None:
    with pytest.raises(ReplyTableError) as refused:
        parse(f"{HEAD}opt_out,halt,en,common\n{line}\n")
    assert str(refused.value).startswith("replies.csv, line 4: ")
    assert wrong in str(refused.value)


@pytest.mark.parametrize("content", ["", "# a remark\n", "kind,words\nopt_out,stop\n"])
def test_a_table_without_its_columns(content: str) -> None:
    with pytest.raises(ReplyTableError, match="the columns must be kind, words"):
        parse(content)


def test_a_limit_may_also_be_a_phrase() -> None:
    found = parse(HEAD + "opt_out,stop,en,fcc\nnot_after,stop/not,en,common\n")
    assert list(found.phrases) == [("stop",)]
    assert found.limits[Kind.NOT_AFTER] == {"stop", "not"}


def test_the_product_has_phrases_of_every_kind() -> None:
    kinds = {entry.kind for entry in table().phrases.values()}
    assert kinds | {kind for kind, words in table().limits.items() if words} == set(Kind)
