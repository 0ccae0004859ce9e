import pytest

from dispatcher.core.codes import DELIVERIES, FATES, Fate, sentence

ROWS = {
    Fate.NUMBER: "RC-410 UP-410 CAR-400 CAR-411",
    Fate.ABSENT: "CAR-412",
    Fate.OPTED_OUT: "RC-413 UP-413 CAR-413",
    Fate.SPAM: "RC-430 UP-430 CAR-430",
    Fate.TEXT: "UP-432 UP-433 CAR-432 CAR-433 CAR-434 CAR-435",
    Fate.SENDER: "RC-503 RC-504 UP-414 UP-431 CAR-414 CAR-460 CAR-461",
    Fate.LIMIT: "RC-403 CAR-450 CAR-451 CAR-452",
    Fate.BROKEN: "RC-500 RC-501 UP-500 CAR-410 CAR-431 CAR-500",
    Fate.UNKNOWN: "CAR-104 CAR-199",
}
CASES = [(f"SMS-{row}", fate) for fate, rows in ROWS.items() for row in rows.split()]


@pytest.mark.parametrize(("code", "fate"), CASES)
def test_each_row_of_the_table(code: str, fate: Fate) -> None:
    assert FATES[code] is fate
    assert sentence(code).endswith(".")


def test_every_row_of_the_table_is_tested_and_stands_there_once() -> None:
    assert sorted(row.code for row in DELIVERIES) == sorted(code for code, _ in CASES)
