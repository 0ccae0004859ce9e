"""`make docs`: writes dispatcher/core/areas.csv, the area codes as phonenumbers knows them."""

from collections.abc import Iterator
from pathlib import Path

from phonenumbers import PhoneNumber, region_code_for_number
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

FILE = Path(__file__).parents[2] / "dispatcher/core/areas.csv"

# Codes laid over one another lie in the same zones, but phonenumbers often gives the newer ones
# only the zone of the largest town. These are the groups with more than one zone among them.
SAME_GROUND = (
    {208, 986},  # Idaho
    {236, 250, 257, 672, 778},  # British Columbia
    {270, 364},  # western Kentucky
    {306, 474, 639},  # Saskatchewan
    {367, 418, 581},  # eastern Quebec
    {423, 729},  # eastern Tennessee
    {448, 850},  # the Florida panhandle
    {458, 541},  # Oregon
    {709, 879},  # Newfoundland and Labrador
    {812, 930},  # southern Indiana
)

# The states as phonenumbers names them: `Boise, ID`, or by these names.
STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA",
    "Colorado": "CO", "Connecticut": "CT", "Delaware": "DE", "Washington D.C.": "DC",
    "Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID", "Illinois": "IL",
    "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA",
    "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN",
    "Mississippi": "MS", "Missouri": "MO", "Montana": "MT", "Nebraska": "NE", "Nevada": "NV",
    "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY",
    "North Carolina": "NC", "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK",
    "Oregon": "OR", "Pennsylvania": "PA", "Rhode Island": "RI", "South Carolina": "SC",
    "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX", "Utah": "UT", "Vermont": "VT",
    "Virginia": "VA", "Washington State": "WA", "West Virginia": "WV", "Wisconsin": "WI",
    "Wyoming": "WY",
}  # fmt: skip

# Some codes have numbers in a part of their exchanges only.
EXCHANGES = range(200, 1000, 37)


def table() -> str:
    """Return the file: a line for each assigned area code, its zones separated by `|`.

    A code that is bound to no place has all zones that the other codes of its country have.
    """
    regions = {code: region for code in range(200, 1000) if (region := _region(code))}
    zones = {code: _zones(code) for code in regions}
    for group in SAME_GROUND:
        assigned = group & regions.keys()
        zones |= dict.fromkeys(assigned, set().union(*(zones[code] for code in assigned)))
    everywhere = {
        region: set().union(*(zones[code] for code in regions if regions[code] == region))
        for region in regions.values()
    }
    lines = (
        f"{code},{region},{_state(code) if region == 'US' else ''},"
        f"{'|'.join(sorted(zones[code] or everywhere[region]))}\n"
        for code, region in regions.items()
    )
    return "area_code,region,state,zones\n" + "".join(lines)


def _region(code: int) -> str | None:
    for exchange in EXCHANGES:
        number = (code * 1000 + exchange) * 10_000 + 1234
        if region := region_code_for_number(PhoneNumber(1, number)):
            return region
    return None


def _state(code: int) -> str:
    """Return the state of *code*, nothing if it is bound to no place."""
    whole = GEOCODE_DATA.get(f"1{code}")
    names = {whole["en"]} if whole else _names_by_prefix(f"1{code}")
    found = {STATES.get(name, name.rpartition(", ")[2]) for name in names}
    if not found:
        return ""
    (state,) = found
    return state


def _names_by_prefix(prefix: str) -> set[str]:
    return {names["en"] for known, names in GEOCODE_DATA.items() if known.startswith(prefix)}


def _zones(code: int) -> set[str]:
    """Return every zone that some number of *code* is in: a mobile's exchange is no place."""
    return set(_zones_by_prefix(f"1{code}")) - {"Etc/Unknown"}


def _zones_by_prefix(prefix: str) -> Iterator[str]:
    for known, zones in TIMEZONE_DATA.items():
        if known.startswith(prefix):
            yield from zones


if __name__ == "__main__":
    FILE.write_text(table(), "utf-8")
