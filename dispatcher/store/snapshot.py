"""What the database holds, for the gauges."""

from datetime import date
from decimal import Decimal

from dispatcher.core.snapshot import Budget, Depth, Rate, Snapshot
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("snapshot.sql")


async def take(conn: Connection, day: date) -> Snapshot:
    """Count what is live; the budget is that of the account's *day*."""
    rows = await conn.fetch(SQL["snapshot"], day)
    figure = {(r["family"], r["first"]): r["figure"] for r in rows if r["family"] != "depth"}
    return Snapshot(
        depths=[
            Depth(r["first"], r["second"], int(r["figure"]), r["age"])
            for r in rows
            if r["family"] == "depth"
        ],
        due=int(figure["due", ""]),
        in_flight=int(figure["in_flight", ""]),
        rates=[
            Rate(group, capacity, figure["used", group])
            for (family, group), capacity in figure.items()
            if family == "capacity"
        ],
        budget=Budget(
            *(
                Decimal(str(figure.get(("budget", x), 0)))
                for x in ("limit", "spent", "reserved")
            )
        ),
        unmatched=int(figure["unmatched", ""]),
        unclear=int(figure["unclear", ""]),
        adopted=int(figure["adopted", ""]),
        only_ours=int(figure["only_ours", ""]),
        untold=int(figure["untold", ""]),
        alerts={kind: int(n) for (family, kind), n in figure.items() if family == "alert"},
        subscriptions=int(figure["subscriptions", ""]),
        rollup_stale=int(figure["rollup_stale", ""]),
    )
