"""Writes examples/people.csv: 500 invented people with numbers that belong to nobody."""

import csv
import io
from itertools import product
from pathlib import Path

TARGET = Path(__file__).parents[2] / "examples" / "people.csv"

# 555-0100 to 555-0199 of every area code are kept free for fiction.
AREA_CODES = (202, 206, 212, 214, 303, 305, 312, 404, 503, 617)
LINES_EACH = 50

FIRST = (
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Dora", "Eli", "Emma", "Farid",
    "Grace", "Hugo", "Ines", "Ivan", "Jade", "Kofi", "Lena", "Luis", "Mara", "Nia",
    "Omar", "Paula", "Ravi", "Rosa", "Sven",
)  # fmt: skip
LAST = (
    "Abbott", "Brook", "Castro", "Dale", "Engel", "Field", "Grant", "Haas", "Ito", "Jensen",
    "Kaya", "Lane", "Moss", "Novak", "Okoro", "Park", "Quinn", "Reyes", "Silva", "Tran",
)  # fmt: skip


def people() -> str:
    """Return the file: each name once, neighbours in the file in different places."""
    numbers = [
        f"+1{area}55501{line:02}" for line, area in product(range(LINES_EACH), AREA_CODES)
    ]
    names = product(LAST, FIRST)
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(("phone", "first_name", "last_name"))
    for phone, (last, first) in zip(numbers, names, strict=True):
        write((phone, first, last))
    return out.getvalue()


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(people(), "utf-8")
