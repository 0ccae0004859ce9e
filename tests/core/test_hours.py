"""A promotion leaves from 8:00 to 20:55 in every zone of its number, and at no other time."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core import areas
from dispatcher.core.hours import MARGIN, Hours, next_allowed, spread, zones_of

NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
PHOENIX, HONOLULU, GUAM = "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam"
LONDON, TOKYO, KATHMANDU = "Europe/London", "Asia/Tokyo", "Asia/Kathmandu"
TOLL_FREE = areas.of("+18005550123")

patient = settings(deadline=None)  # a busy machine fails no test


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


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
    assert next_allowed([zone], local(zone, now), Hours.FEDERAL) == local(zone, allowed)


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
    assert next_allowed(zones, utc(now), Hours.FEDERAL) == utc(allowed)


def test_a_toll_free_number_waits_for_hawaii_and_stops_with_new_york() -> None:
    assert TOLL_FREE is not None
    for now, allowed in [("12:00", "18:00"), ("18:00", "18:00"), ("23:59", "23:59")]:
        found = next_allowed(TOLL_FREE.zones, utc(f"2026-07-15 {now}"), Hours.FEDERAL)
        assert found == utc(f"2026-07-15 {allowed}")


def test_now_itself_is_returned() -> None:
    now = datetime(2026, 7, 15, 12, tzinfo=ZoneInfo(CHICAGO))
    assert next_allowed([CHICAGO], now, Hours.FEDERAL) is now


@pytest.mark.parametrize("zones", [{NEW_YORK, LONDON, TOKYO}, {*available_timezones()}])
def test_no_hour_in_common(zones: Collection[str]) -> None:
    assert next_allowed(zones, utc("2026-07-15 12:00"), Hours.FEDERAL) is None


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
    found = next_allowed(
        [CHICAGO],
        local(CHICAGO, f"2026-07-15 {now}"),
        Hours.FEDERAL,
        timedelta(minutes=minutes),
    )
    today = f"2026-07-15 {allowed}"
    assert found == local(CHICAGO, today if allowed else "2026-07-16 08:00")


@pytest.mark.parametrize("hours", [13, 14, 24, 48])
def test_a_margin_that_leaves_no_hour(hours: int) -> None:
    now = utc("2026-07-15 12:00")
    assert next_allowed([CHICAGO], now, Hours.FEDERAL, timedelta(hours=hours)) is None


def test_off_allows_everything() -> None:
    night = local(NEW_YORK, "2026-07-15 03:00")
    assert next_allowed([NEW_YORK], night, Hours.OFF) is night
    assert next_allowed([], night, Hours.OFF) is night


@pytest.mark.parametrize(
    ("zones", "now", "margin"),
    [
        pytest.param([], utc("2026-07-15 12:00"), MARGIN, id="no place is not any place"),
        pytest.param(
            [CHICAGO], utc("2026-07-15 12:00").replace(tzinfo=None), MARGIN, id="naive"
        ),
        pytest.param([CHICAGO], utc("2026-07-15 12:00"), -MARGIN, id="beyond 21:00"),
    ],
)
def test_it_refuses_to_guess(zones: list[str], now: datetime, margin: timedelta) -> None:
    with pytest.raises(ValueError, match="needs zones"):
        next_allowed(zones, now, Hours.FEDERAL, margin)


def test_a_zone_that_this_machine_lacks_is_not_passed_over() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        next_allowed([CHICAGO, "America/Atlantis"], utc("2026-07-15 12:00"), Hours.FEDERAL)


@pytest.mark.parametrize("stored", [NEW_YORK, f" {NEW_YORK}\n"])
def test_the_stored_zone_is_added(stored: str) -> None:
    assert zones_of([CHICAGO], stored) == {CHICAGO, NEW_YORK}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        " ",
        "Eastern Time",
        "America",
        "America/",
        "America/Atlantis",
        "GMT+5",
        "-05:00",
        "../../etc/passwd",
        "/etc/passwd",
        "tzdata.zi",
        "zone.tab",
        "localtime",
        "posixrules",
        "Factory",
        "a" * 5000,
        "\x00",
        "é",
        "\ud800",
        ".",
    ],
)
def test_a_stored_zone_that_is_none_is_ignored(stored: str | None) -> None:
    assert zones_of((CHICAGO,), stored) == {CHICAGO}


@patient
@given(st.text())
def test_whatever_is_stored_never_widens_the_hours(stored: str) -> None:
    zones = zones_of([CHICAGO], stored)
    assert CHICAGO in zones
    assert {ZoneInfo(zone).key for zone in zones} == zones


YEARS = timedelta(days=365 * 13)
NIGHTS = ["2026-11-01", "2027-03-14", "2026-10-25", "2027-03-28", "2027-01-01"]

any_time = st.timedeltas(timedelta(0), YEARS).map(utc("2024-01-01").__add__)
around_a_night = st.builds(
    lambda night, minutes: utc(night) + timedelta(minutes=minutes),
    st.sampled_from(NIGHTS),
    st.integers(-2000, 4000),
)
instants = any_time | around_a_night
some_zones = st.sets(
    st.sampled_from([NEW_YORK, CHICAGO, DENVER, PHOENIX, "America/Adak", HONOLULU, GUAM])
    | st.sampled_from(sorted(available_timezones())),
    min_size=1,
    max_size=4,
)


def open_in_all(zones: Collection[str], instant: datetime) -> bool:
    clocks = (instant.astimezone(ZoneInfo(zone)).time() for zone in zones)
    return all(time(8) <= clock < time(20, 55) for clock in clocks)


@patient
@given(some_zones, instants)
def test_the_first_allowed_minute_is_found(zones: Collection[str], now: datetime) -> None:
    found = next_allowed(zones, now, Hours.FEDERAL)
    assert found is None or (found >= now and open_in_all(zones, found))
    end = found or now + timedelta(days=8)
    minute = now
    while minute < end:
        assert not open_in_all(zones, minute)
        minute = (minute + timedelta(minutes=1)).replace(second=0, microsecond=0)
    assert found in {None, now} or not open_in_all(zones, end - timedelta(microseconds=1))


@patient
@given(some_zones, instants)
def test_what_is_allowed_stays_allowed(zones: Collection[str], now: datetime) -> None:
    found = next_allowed(zones, now, Hours.FEDERAL)
    if found is not None:
        assert next_allowed(zones, found, Hours.FEDERAL) == found


@patient
@given(instants, st.integers(0, 100_000), st.binary())
def test_spread_stays_within_the_window(first: datetime, seconds: int, key: bytes) -> None:
    woken = spread(first, seconds, key)
    assert woken == spread(first, seconds, key)
    assert first <= woken
    assert woken < first + timedelta(seconds=seconds) or (seconds == 0 and woken == first)


def test_spread_wakes_few_at_once() -> None:
    first = utc("2026-07-15 12:00")
    seconds = Counter(
        spread(first, 600, str(n).encode()).replace(microsecond=0) for n in range(60_000)
    )
    assert len(seconds) == 600
    assert max(seconds.values()) < 150  # 100 on average


def test_spread_across_a_night_that_changes_the_clocks() -> None:
    first = datetime(2026, 11, 1, 0, tzinfo=ZoneInfo(NEW_YORK))
    latest = max(spread(first, 4 * 3600, str(n).encode()) for n in range(1000))
    assert timedelta(hours=3.9) < latest - first.astimezone(UTC) < timedelta(hours=4)
