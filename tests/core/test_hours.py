"""Promotions leave when every rule allows it, in every zone of the number, and at no other time."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rules import law

from dispatcher.core import areas, places
from dispatcher.core.hours import length, next_open, spread
from dispatcher.core.law import Applied, Hours, Rule, Window

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
PHOENIX, HONOLULU, GUAM = "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam"
LONDON, TOKYO, KATHMANDU = "Europe/London", "Asia/Tokyo", "Asia/Kathmandu"
MARGIN = timedelta(minutes=5)
FEDERAL = law(Hours.FEDERAL).nation

patient = settings(deadline=None)  # a busy machine fails no test


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def federal(zones: Collection[str]) -> tuple[Applied, ...]:
    assert FEDERAL is not None
    return tuple((FEDERAL, zone) for zone in sorted(zones))


def opens(zones: Collection[str], now: datetime, margin: timedelta = MARGIN) -> datetime | None:
    found = next_open(federal(zones), now, margin)
    return found and found.opens


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("2026-07-15 00:00", "2026-07-15 08:00"),
        ("2026-07-15 07:59:59.999999", "2026-07-15 08:00"),
        ("2026-07-15 08:00", "2026-07-15 08:00"),
        ("2026-07-15 12:34:56.789", "2026-07-15 12:34:56.789"),
        ("2026-07-15 20:54:59.999999", "2026-07-15 20:54:59.999999"),
        ("2026-07-15 20:55", "2026-07-16 08:00"),
        ("2026-07-15 21:00", "2026-07-16 08:00"),
        ("2026-07-15 23:59:59", "2026-07-16 08:00"),
        ("2026-12-31 22:00", "2027-01-01 08:00"),
        ("2028-02-28 22:00", "2028-02-29 08:00"),
    ],
)
@pytest.mark.parametrize("zone", [NEW_YORK, PHOENIX, HONOLULU, GUAM, KATHMANDU])
def test_one_zone(zone: str, now: str, allowed: str) -> None:
    assert opens([zone], local(zone, now)) == local(zone, allowed)


@pytest.mark.parametrize(
    ("zones", "now", "allowed"),
    [
        pytest.param({NEW_YORK}, "2027-03-14 02:00", "2027-03-14 12:00", id="short night"),
        pytest.param({NEW_YORK}, "2027-03-14 06:59", "2027-03-14 12:00", id="before the gap"),
        pytest.param({NEW_YORK}, "2026-11-01 01:00", "2026-11-01 13:00", id="long night"),
        pytest.param({NEW_YORK}, "2026-11-01 05:30", "2026-11-01 13:00", id="first 1:30"),
        pytest.param({NEW_YORK}, "2026-11-01 06:30", "2026-11-01 13:00", id="second 1:30"),
        pytest.param({NEW_YORK}, "2026-11-02 01:55", "2026-11-02 13:00", id="day after"),
        pytest.param({PHOENIX}, "2026-07-15 14:59", "2026-07-15 15:00", id="Arizona in July"),
        pytest.param({PHOENIX}, "2026-12-15 14:59", "2026-12-15 15:00", id="in December"),
        pytest.param({PHOENIX, DENVER}, "2026-07-15 14:00", "2026-07-15 15:00", id="Navajo"),
        pytest.param(
            {PHOENIX, DENVER}, "2026-07-15 02:54", "2026-07-15 02:54", id="till 20:55"
        ),
        pytest.param({PHOENIX, DENVER}, "2026-07-15 02:55", "2026-07-15 15:00", id="in Denver"),
        pytest.param({PHOENIX, DENVER}, "2026-12-15 03:54", "2026-12-15 03:54", id="together"),
        pytest.param(
            {NEW_YORK, CHICAGO}, "2026-07-15 12:00", "2026-07-15 13:00", id="Kentucky"
        ),
        pytest.param({NEW_YORK, CHICAGO}, "2026-07-15 01:00", "2026-07-15 13:00", id="evening"),
        pytest.param({NEW_YORK, HONOLULU}, "2026-07-15 12:00", "2026-07-15 18:00", id="14 EDT"),
        pytest.param({NEW_YORK, HONOLULU}, "2026-07-16 00:54", "2026-07-16 00:54", id="20:54"),
        pytest.param({NEW_YORK, HONOLULU}, "2026-07-16 00:55", "2026-07-16 18:00", id="20:55"),
        pytest.param({NEW_YORK, HONOLULU}, "2026-12-15 13:00", "2026-12-15 18:00", id="13 EST"),
        pytest.param({NEW_YORK, HONOLULU}, "2026-12-16 01:55", "2026-12-16 18:00", id="winter"),
        pytest.param({NEW_YORK, GUAM}, "2026-07-15 12:00", "2026-07-15 22:00", id="Guam"),
        pytest.param({NEW_YORK, GUAM}, "2026-07-16 00:55", "2026-07-16 22:00", id="Guam later"),
    ],
)
def test_all_zones_agree(zones: Collection[str], now: str, allowed: str) -> None:
    assert opens(zones, utc(now)) == utc(allowed)


def test_a_toll_free_number_waits_for_hawaii_and_stops_with_new_york() -> None:
    area = areas.of("+18005550123")
    assert area is not None
    rules = law(Hours.FEDERAL).rules(places.of(area, None))
    for now, allowed in [("12:00", "18:00"), ("18:00", "18:00"), ("23:59", "23:59")]:
        found = next_open(rules, utc(f"2026-07-15 {now}"), MARGIN)
        assert found is not None
        assert found.opens == utc(f"2026-07-15 {allowed}")
    assert length(rules, utc("2026-07-15 12:00"), MARGIN) == timedelta(hours=6, minutes=55)
    assert length(rules, utc("2026-12-15 12:00"), MARGIN) == timedelta(hours=7, minutes=55)


@pytest.mark.parametrize("zones", [{NEW_YORK, LONDON, TOKYO}, {*available_timezones()}])
def test_no_hour_in_common(zones: Collection[str]) -> None:
    assert opens(zones, utc("2026-07-15 12:00")) is None
    assert length(federal(zones), utc("2026-07-15 12:00"), MARGIN) == timedelta(0)


@pytest.mark.parametrize(
    ("minutes", "now", "allowed"),
    [
        (0, "20:59:59.999999", "20:59:59.999999"),
        (1, "20:58:59", "20:58:59"),
        (1, "20:59", None),
        (60, "19:59", "19:59"),
        (60, "20:00", None),
    ],
)
def test_margin(minutes: int, now: str, allowed: str | None) -> None:
    start = local(CHICAGO, f"2026-07-15 {now}")
    today = f"2026-07-15 {allowed}"
    found = opens([CHICAGO], start, timedelta(minutes=minutes))
    assert found == local(CHICAGO, today if allowed else "2026-07-16 08:00")


@pytest.mark.parametrize("hours", [13, 14, 24, 48])
def test_a_margin_that_leaves_no_hour(hours: int) -> None:
    now = utc("2026-07-15 12:00")
    assert opens([CHICAGO], now, timedelta(hours=hours)) is None


def test_without_a_rule_it_is_open() -> None:
    night = local(NEW_YORK, "2026-07-15 03:00")
    found = next_open((), night, MARGIN)
    assert found is not None
    assert (found.opens, found.last) == (night, None)


@pytest.mark.parametrize(
    ("now", "margin"),
    [
        pytest.param(utc("2026-07-15 12:00").replace(tzinfo=None), MARGIN, id="naive"),
        pytest.param(utc("2026-07-15 12:00"), -MARGIN, id="beyond 21:00"),
    ],
)
def test_it_refuses_to_guess(now: datetime, margin: timedelta) -> None:
    with pytest.raises(ValueError, match="aware time"):
        next_open(federal([CHICAGO]), now, margin)


def test_a_zone_that_this_machine_lacks_is_not_passed_over() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        opens([CHICAGO, "America/Atlantis"], utc("2026-07-15 12:00"))


def rule(opens_at: timedelta, closes_at: timedelta) -> Rule:
    window = Window(opens_at, closes_at)
    return Rule("hours US", "US", window, window, window)


@pytest.mark.parametrize(
    ("clock", "now", "first", "last"),
    [
        # The hour from 1 to 2 comes twice: from half past one means the second time,
        # until half past one the first.
        pytest.param(
            (1.5, 9), "2026-11-01 04:00", "06:30", "14:00", id="opens in the long night"
        ),
        pytest.param((0, 1.5), "2026-11-01 04:00", "04:00", "05:30", id="closes in it"),
        # The hour from 2 to 3 is left out: from half past two means three and a half hours
        # into the day, until half past two before the gap.
        pytest.param(
            (2.5, 9), "2027-03-14 05:00", "07:30", "13:00", id="opens in the short one"
        ),
        pytest.param((0, 2.5), "2027-03-14 05:00", "05:00", "06:30", id="closes in it"),
    ],
)
def test_a_rule_may_begin_or_end_in_a_night_that_changes_the_clocks(
    clock: tuple[float, float], now: str, first: str, last: str
) -> None:
    begins, ends = (timedelta(hours=hours) for hours in clock)
    found = next_open(((rule(begins, ends), NEW_YORK),), utc(now), timedelta(0))
    assert found is not None
    day = now[:10]
    assert (found.opens, found.closes) == (utc(f"{day} {first}"), utc(f"{day} {last}"))


@patient
@given(
    st.timedeltas(timedelta(0), timedelta(days=4000)),
    st.integers(0, 100_000),
    st.binary(),
)
def test_spread_stays_within_the_window(after: timedelta, seconds: int, key: bytes) -> None:
    first, window = utc("2024-01-01") + after, timedelta(seconds=seconds)
    woken = spread(first, window, key)
    assert woken == spread(first, window, key)
    assert first <= woken
    assert woken < first + window or (seconds == 0 and woken == first)


def test_spread_wakes_few_at_once() -> None:
    first = utc("2026-07-15 12:00")
    window = timedelta(minutes=10)
    seconds = Counter(
        spread(first, window, str(n).encode()).replace(microsecond=0) for n in range(60_000)
    )
    assert len(seconds) == 600
    assert max(seconds.values()) < 150  # 100 on average
