"""What RingCentral's record shows of unknown texts."""

from datetime import UTC, datetime, timedelta

from dispatcher.core import reconcile, texthash
from dispatcher.core.message import Category
from dispatcher.core.reconcile import MARGIN, Doubt, Record

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
US, ADA, BOB = "+16505550100", "+19165550100", "+19165550101"


def doubt(attempt: int = 1, phone: str = ADA, text: str = "Hi", after: float = 0) -> Doubt:
    since = NOON + timedelta(seconds=after)
    until = since + timedelta(seconds=30)
    return Doubt(attempt, Category.PROMOTION, US, phone, texthash.of(text), since, until)


def record(id_: str = "a", phone: str = ADA, text: str = "Hi", after: float = 1) -> Record:
    return Record(id_, US, phone, texthash.of(text), NOON + timedelta(seconds=after))


def test_found() -> None:
    seen = reconcile.look([doubt()], [record(text=" Hi\r\n")], set(), set())
    assert (seen.found, seen.absent, seen.clouded, seen.foreign) == ({1: "a"}, set(), set(), [])


def test_an_id_that_is_ours_already_is_no_match() -> None:
    seen = reconcile.look([doubt()], [record()], {"a"}, set())
    assert (seen.found, seen.absent) == ({}, {1})


def test_a_record_serves_one_doubt_the_earliest() -> None:
    seen = reconcile.look([doubt(2, after=5), doubt(1)], [record(after=6)], set(), set())
    assert seen.found == {1: "a"}
    assert seen.absent == {2}


def test_another_text_between_the_same_numbers_clouds_it() -> None:
    seen = reconcile.look([doubt()], [record(text="Other")], set(), set())
    assert (seen.clouded, seen.absent, seen.foreign) == ({1}, set(), [])


def test_time_out_of_the_window_is_no_match() -> None:
    late = (timedelta(seconds=31) + MARGIN).total_seconds()
    for after in (late, -(MARGIN + timedelta(seconds=1)).total_seconds()):
        seen = reconcile.look([doubt()], [record(after=after)], set(), set())
        assert (seen.found, seen.absent) == ({}, {1})


def test_what_nobody_sent_is_foreign_unless_its_answer_may_be_on_its_way() -> None:
    stranger = record("b", BOB)
    assert reconcile.look([], [stranger], set(), set()).foreign == [stranger]
    assert reconcile.look([], [stranger], set(), {(US, BOB)}).foreign == []
    assert reconcile.look([], [stranger], {"b"}, set()).foreign == []


def test_windows_are_few_and_bounded() -> None:
    hour = timedelta(hours=1)
    near = [doubt(n, after=n * 60) for n in range(10)]
    far = doubt(99, after=86_400)
    spans = reconcile.windows([far, *near], hour)
    assert [[d.attempt for d in members] for *_, members in spans] == [list(range(10)), [99]]
    for since, until, members in spans:
        assert until - since <= hour
        assert all(since <= d.since - MARGIN and d.until + MARGIN <= until for d in members)
