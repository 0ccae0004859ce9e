"""What a storm was and what it left, for people."""

from collections import Counter
from collections.abc import Sequence

from support.chaos.reckoning import Reckoning
from support.chaos.storm import Storm, faults_met

SHOWN = 5


def report(storm: Storm, found: Reckoning, seed: int, seconds: float) -> str:
    doubts = found.decided.total()
    lines = [
        ("seed", f"{seed}  (SEED={seed} deals the same fates)"),
        ("took", f"{seconds:.0f} s"),
        ("rows", f"{found.rows.total():,}: {_counted(found.rows)}"),
        ("accepted", f"{len(storm.simulator.ledger.texts):,} texts by the simulator"),
        ("kills", f"{storm.fates.struck.total()}: {_counted(storm.fates.struck)}"),
        ("freezes", f"{storm.fates.froze.total()}: {_counted(storm.fates.froze)}"),
        ("faults", ", ".join(f"{kind} {times}" for kind, times in faults_met(storm.simulator))),
        ("lost", _listed(found.lost)),
        ("twice", _listed(found.twice)),
        ("overspent", f"{found.overspent} cents"),
        ("STOPs", f"{len(storm.stops.stopped)}; ignored {_listed(found.ignored)}"),
        ("law", f"outside hours {_listed(found.outside)}; over cap {_listed(found.over)}"),
        ("held", _counted(found.held)),
        ("receipts", f"misread {_listed(found.misread)}"),
        (
            "unknown",
            f"resolved {doubts} of {doubts + found.undecided}: {_counted(found.decided)}",
        ),
        ("books", _listed(found.books) if found.books else "agree with the simulator's ledger"),
        (
            "daemons",
            _listed(storm.broken) if storm.broken else "ended as they were told, or killed",
        ),
        (
            "recovered",
            ", ".join(f"{what} {took:.1f} s" for what, took in storm.recovered.items()),
        ),
    ]
    table = [f"{name:<10} {text}" for name, text in lines]
    return "\n".join([*table, *found.evidence])


def _counted(counts: "Counter[str]") -> str:
    return ", ".join(
        f"{name} {times}" for name, times in sorted(counts.items(), key=lambda c: -c[1])
    )


def _listed(found: Sequence[str]) -> str:
    return "\n           ".join([str(len(found)), *found[:SHOWN]])
