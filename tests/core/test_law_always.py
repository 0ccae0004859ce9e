"""Whatever the number, the zone, the moment and the profile: nothing leaves outside of any window."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from support import walls
from support.verdicts import judged, under

from dispatcher.core.guard import Allow, Cancel, Defer
from dispatcher.core.law import Hours

PROFILES = [Hours.FEDERAL, Hours.FEDERAL_AND_STATE, Hours.STRICTEST]
SPREAD = timedelta(minutes=10)

CODES = sorted(
    code for code, row in walls.areas().items() if row["region"] in {"US", "PR", "GU"}
)
SPLIT = [code for code in CODES if "|" in walls.areas()[code]["zones"]]
STORED = [
    None, "", " America/Denver ", "junk", "posixrules", "/etc/localtime", "US/Eastern", "US/Pacific", "Europe/Berlin",
    "Asia/Tokyo", "Asia/Kathmandu", "America/Chicago", "America/New_York", "America/Phoenix", "Pacific/Honolulu",
    "America/Winnipeg", "America/Indiana/Tell_City", "America/Indiana/Vincennes", "America/Kentucky/Louisville",
    "America/Kentucky/Monticello", "US/Michigan", "America/Menominee", "America/Puerto_Rico", "Pacific/Guam",
]  # fmt: skip
ZONES = {name: name.strip() for name in STORED if name and "/" in name and name[0] != "/"}

# Days on which something happens, and one on which nothing does.
DAYS = [
    "2026-11-01", "2027-03-14", "2026-10-31", "2027-03-13", "2026-11-26", "2026-12-25", "2026-12-31", "2027-01-01",
    "2026-07-03", "2026-07-04", "2027-07-05", "2026-07-24", "2026-08-10", "2026-02-17", "2027-03-26", "2027-06-14",
    "2026-11-03", "2026-04-27", "2026-08-12", "2026-08-15", "2026-08-16", "2028-02-29", "2027-12-31", "2028-11-10",
]  # fmt: skip
NEAR = [timedelta(0), timedelta(microseconds=-1), timedelta(seconds=1), timedelta(seconds=-1)]


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Draw an instant, mostly at an edge of some zone's hour on a day that matters."""
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
        )
    day = datetime.fromisoformat(draw(st.sampled_from(DAYS))).replace(tzinfo=UTC)
    hour = timedelta(hours=draw(st.integers(-2, 38)))
    return day + hour + draw(st.sampled_from(NEAR)) - draw(MARGINS)


MARGINS = st.sampled_from([0, 0, 1, 5, 5, 17, 60, 120]).map(lambda n: timedelta(minutes=n))
NUMBERS = st.sampled_from(CODES) | st.sampled_from(SPLIT)


@pytest.mark.parametrize("profile", PROFILES)
@settings(deadline=None, max_examples=100)
@given(st.tuples(NUMBERS, st.sampled_from(STORED)), moments(), MARGINS, st.uuids())
def test_no_promotion_leaves_outside_of_any_window_and_each_waits_for_the_first(
    profile: Hours, person: tuple[str, str | None], now: datetime, margin: timedelta, id_: UUID
) -> None:
    code, stored = person
    seen = list(walls.sights(code, ZONES.get(stored or ""), profile))
    first = walls.first_allowed(seen, now, margin)
    verdict = judged(f"+1{code}5550100", now, under(profile, margin), zone=stored, id=id_)
    event(type(verdict).__name__)
    match verdict:
        case Allow():
            assert first == now, [each for each in seen if not walls.allows(each, now, margin)]
        case Defer():
            assert first
            assert now < first <= verdict.until < first + SPREAD
            assert all(walls.allows(each, verdict.until, margin) for each in seen)
        case Cancel():
            assert first is None
