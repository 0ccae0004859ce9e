"""A table of rules: what is in ours, and how a wrong one is refused, with the line and the reason."""

from datetime import timedelta

import pytest

from dispatcher.core import law_table, law_text
from dispatcher.core.law import Hours, Window, law
from dispatcher.core.law_table import COLUMNS, LawTableError, own, own_text, parse

HEAD = "# version: 2027-01-15\n" + ",".join(COLUMNS) + "\n"
US = "US,8-21,8-21,8-21,-,-,-,-,47 CFR 64.1200,2026-11-30,primary,\n"
KY = {
    "place": "US-KY", "weekdays": "10-21", "saturday": "10-21", "sunday": "10-21", "holidays": "-",
    "also": "-", "clock": "-", "cap": "-", "citation": "KRS 367.46955", "checked": "2026-11-30",
    "confidence": "agree", "note": "",
}  # fmt: skip


def line(**changed: str) -> str:
    return ",".join((KY | changed).values()) + "\n"


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(LawTableError) as refused:
        parse(text, "rules.csv")
    return refused.value.faults


def hours(opens: float, closes: float) -> Window:
    return Window(timedelta(hours=opens), timedelta(hours=closes))


def test_a_line_is_read() -> None:
    text = line(
        weekdays="8:30-20", saturday="none", holidays="9-12", also="good-friday|06-14",
        clock="America/Chicago", cap="3 per 24 h|1 per 0.5 h", note="Read twice",
    )  # fmt: skip
    table = parse(HEAD + US + text, "rules.csv")
    assert table.version == "2027-01-15"
    rule = table.rules[1]
    assert (rule.name, rule.place) == ("hours US-KY", "US-KY")
    assert (rule.weekdays, rule.saturday, rule.sunday) == (hours(8.5, 20), None, hours(10, 21))
    assert (rule.keeps_holidays, rule.holidays) == (True, hours(9, 12))
    assert (set(rule.calendars), rule.also) == ({"US", "KY"}, ("good-friday", "06-14"))
    assert rule.clock == "America/Chicago"
    assert [(c.most, c.within / timedelta(hours=1)) for c in rule.caps] == [(3, 24), (1, 0.5)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"place": "KY"}, '"KY" is no place: US, or a state like US-KY'),
        ({"place": "US-XX"}, '"US-XX" is no place'),
        ({"place": ""}, '"" is no place'),
        ({"weekdays": "8"}, 'weekdays is "8": it must be like 8-20, 8:30-20 or none'),
        ({"weekdays": "20-Aug"}, 'weekdays is "20-Aug": it must be like'),
        ({"saturday": "8-20:60"}, 'saturday is "8-20:60": it must be like'),
        ({"sunday": "-"}, 'sunday is "-": it must be like 8-20, 8:30-20 or none'),
        ({"sunday": "20-8"}, 'sunday is "20-8": it must end after it begins'),
        ({"sunday": "8-8"}, 'sunday is "8-8": it must end after it begins'),
        ({"weekdays": "8-24:01"}, "at 24 at the latest"),
        ({"weekdays": "٨-٢٠"}, "it must be like 8-20"),
        ({"holidays": ""}, 'holidays is "": it must be like'),
        ({"also": "good-friday"}, "also names days, but holidays is -"),
        ({"also": "easter", "holidays": "none"}, 'also names "easter": it must be good-friday'),
        ({"also": "02-30", "holidays": "none"}, 'also names "02-30"'),
        ({"also": "6-14", "holidays": "none"}, 'also names "6-14"'),
        ({"clock": "Central"}, 'clock is "Central": it must be - or a time zone like'),
        ({"clock": ""}, 'clock is "": it must be - or a time zone'),
        ({"cap": "3 per day"}, 'cap is "3 per day": it must be like 3 per 24 h'),
        ({"cap": "0 per 24 h"}, 'cap is "0 per 24 h"'),
        ({"cap": "3 per 0 h"}, 'cap is "3 per 0 h"'),
        ({"cap": "3 per 745 h"}, "of at most 744 hours"),
        ({"citation": "-"}, "citation is empty: say where the rule stands"),
        ({"citation": " "}, "citation is empty"),
        ({"checked": "30/11/2026"}, 'checked is "30/11/2026": it must be a day like 2026-11-30'),
        ({"confidence": "sure"}, 'confidence is "sure": it must be primary, agree'),
        ({"note": "one, two"}, "it has 13 cells instead of 12; a cell with a comma stands in"),
        ({"note": "nul\0"}, "it holds what is no text"),
        ({"place": "US"}, "US has a line before this one"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_its_line_and_the_reason(
    changed: dict[str, str], said: str
) -> None:
    (fault,) = faults(HEAD + US + "\n# a remark\n" + line(**changed))
    assert fault.startswith("rules.csv, line 6: ")
    assert said in fault
    assert fault.endswith(".")


def test_all_faults_are_told_at_once() -> None:
    found = faults(HEAD.replace("version", "Version") + line(weekdays="x") + line(cap="x"))
    assert [each.split(":")[0] for each in found] == [
        "rules.csv, line 1", "rules.csv, line 3", "rules.csv, line 4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: it must say which version this is, like # version: 2026-11-30"),
        (HEAD.replace("2027-01-15", "two words") + US, "line 1: it must say which version"),
        (HEAD.replace(",", ";") + US, "line 2: the columns must be place,weekdays,"),
        (HEAD.replace(",", ";") + US, "with commas between them, not semicolons"),
        (HEAD.replace(",", "\t") + US, "with commas between them, not tabs"),
        (HEAD.replace("note", "remark") + US, "line 2: the columns must be place,weekdays,"),
        (HEAD + line(), "no line says what holds in all the country (its place is US)"),
        (HEAD, "no line says what holds in all the country"),
    ],
)
def test_a_file_that_is_no_table(text: str, said: str) -> None:
    assert any(said in fault for fault in faults(text))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_editors_and_spreadsheets_leave_behind(end: str, mark: str) -> None:
    text = '"# version: 2027-01-15",,,\n\n"# a, remark",,\n' + HEAD.split("\n")[1] + "\n"
    text += US + ",,,,,,,,,,,\n" + line(note='"one, two"')
    table = parse(mark + text.replace("\n", end), "rules.csv")
    assert (table.version, [rule.note for rule in table.rules]) == (
        "2027-01-15",
        ["", "one, two"],
    )
    (fault,) = faults(mark + (text + line(cap="x")).replace("\n", end))
    assert fault.startswith("rules.csv, line 8: ")


def test_our_own_table_reads_as_it_is_written() -> None:
    again = HEAD + "".join(
        ",".join(f'"{cell}"' for cell in law_text.cells(rule).values()) + "\n"
        for rule in own().rules
    )
    assert law_text.changes(own(), parse(again, "again")) == []
    assert parse(own_text(), "own").version == own().version


def test_what_another_table_changes_is_told() -> None:
    old = parse(HEAD + US + line() + line(place="US-TX"), "old")
    new = parse(HEAD + US + line(weekdays="9-20", note="New") + line(place="US-WY"), "new")
    assert law_text.changes(old, new) == [
        "US-KY: weekdays was 10-21, and is 9-20",
        "US-KY: note was empty, and is New",
        "US-TX: its line is gone",
        "US-WY: it is new, weekdays 10-21, saturday 10-21, sunday 10-21, holidays -, cap -",
    ]


def test_the_strictest_is_what_the_page_says() -> None:
    rule = law("1", own().rules, Hours.STRICTEST).nation
    assert rule
    assert (rule.weekdays, rule.saturday) == (hours(10, 18), hours(10, 12))
    assert (rule.sunday, rule.holidays, rule.keeps_holidays) == (None, None, True)


def test_the_name_of_a_rule_fits_the_log() -> None:
    from dispatcher.telemetry.fields import Kind, shower  # noqa: PLC0415  # of a floor above

    names = [rule.name for rule in own().rules] + [
        "cap person",
        "hours strictest-us",
        "opt-out",
    ]
    assert [shower(Kind.RULE)(name) for name in names] == names
    assert law_table.own() is own()
