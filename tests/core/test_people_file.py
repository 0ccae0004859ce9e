import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.people_file import Line, PeopleFileError, harmless, read


def lines(content: str) -> list[Line]:
    return list(read(io.StringIO(content, newline="")).lines)


@pytest.mark.parametrize(
    "content",
    [
        "phone,first name\n9165550101,Ada\n",
        "First-Name;PHONE\r\nAda;9165550101",
        "\n\nmobile\tFIRST_NAME\n9165550101\tAda\n",
        '"Phone Number"|"first"\n"9165550101"|"Ada"\n',
        "tel,phone,given name\n1,9165550101,Ada\n",
        "phone,city,firstname\n'+9165550101,,Ada,,\n".replace("'+", ""),
    ],
)
def test_columns_and_delimiters(content: str) -> None:
    (line,) = lines(content)
    assert (line.phone, line.first_name, line.broken) == ("9165550101", "Ada", False)


def test_empty_lines_are_nobody_and_numbers_are_those_of_the_file() -> None:
    found = lines('phone,name\n\n9165550101,"A\nB"\n , \n9165550102,\n')
    assert [(x.number, x.phone) for x in found] == [(3, "9165550101"), (6, "9165550102")]


def test_a_line_that_is_too_short_has_no_more() -> None:
    (line,) = lines("email,phone,last name\nx@y.example,9165550101\n")
    assert (line.phone, line.last_name, line.broken) == ("9165550101", "", False)


@pytest.mark.parametrize(
    "row", ["9165550101,Ada,more", '9165550101,"Ada\n9165550102,Bob"', "9165550101\0,Ada"]
)
def test_lines_whose_cells_stand_elsewhere(row: str) -> None:
    assert lines(f"phone,first name\n{row}\n")[0].broken


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("name\nAda\n", "no column of phone numbers"),
        ("cell,tel\n1,2\n", "more than one column"),
        ("phone,phone\n1,2\n", "more than one column"),
        ('phone,"na\nme\n1,2\n', "in line"),
        ('phone\n"1"2\n', "in line 2"),
        ("phone,IP\0\n1,2\n", "no text in its first line"),
    ],
)
def test_files_that_are_none(content: str, said: str) -> None:
    with pytest.raises(PeopleFileError, match=said):
        lines(content)


@given(st.text())
def test_no_cell_is_a_formula(cell: str) -> None:
    assert not harmless(cell).lstrip().startswith(tuple("=+-@＝＋－＠"))  # noqa: RUF001


@given(st.text(st.sampled_from("+'=-@0123456789 ()"), min_size=1))
def test_a_number_that_was_made_harmless_is_read_as_it_was(phone: str) -> None:
    if phone.startswith("'") or not phone.strip():
        return
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["phone"], [harmless(phone)]])
    (line,) = lines(file.getvalue())
    assert line.phone.strip() == phone.strip()
