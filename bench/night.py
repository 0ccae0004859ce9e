"""Where in +1 it is day at this moment, so that what is measured does not hang on the hour."""

from datetime import datetime, timedelta

from dispatcher.core import areas, hours, law, law_table, places
from dispatcher.core.law import Hours
from dispatcher.store.database import Connection

COUNTRIES = "US,CA,GU,PR,BM,AS"
MARGIN = timedelta(minutes=30)
SETTINGS = {
    "SMS_DISPATCHER_HOURS": "federal",
    "SMS_DISPATCHER_ALLOWED_COUNTRIES": COUNTRIES,
}


async def awake(conn: Connection) -> str:
    """Return the area of numbers, as +1916, to which a promotion may leave for half an hour."""
    now: datetime = await conn.fetchval("SELECT now()")
    table = law_table.own()
    federal = law.law(table.version, table.rules, Hours.FEDERAL)
    for code in range(201, 999):
        area = areas.of(f"+1{code}5550199")
        if area and area.region in COUNTRIES.split(","):
            found = hours.next_open(federal.rules(places.of(area, None)), now, MARGIN)
            if found and found.opens <= now:
                return f"+1{code}"
    raise LookupError("it is night in all of +1: ask again in half an hour")
