"""How a demo ended, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from dispatcher.core.books import Check
from dispatcher.store.progress import Failure, Figures


@dataclass(frozen=True)
class Course:
    """How it went: the *seconds* it took, how often the daemon was killed and started again.

    *verified*: `sms-dispatcher verify` found nothing.
    """

    seconds: float
    restarts: int
    verified: bool


@dataclass(frozen=True)
class Result:
    """The last *figures*, and what the *checks* against the simulator's ledger say.

    *accepted* counts the ledger's texts, *busiest* the most requests in any of its windows.
    """

    figures: Figures
    failures: Sequence[Failure]
    checks: Sequence[Check]
    accepted: int
    busiest: int
    course: Course

    @property
    def balanced(self) -> bool:
        return all(check.holds for check in self.checks)

    @property
    def sound(self) -> bool:
        """Whether nothing was found, neither by the simulator's ledger nor by `verify`."""
        return self.balanced and self.course.verified

    def plain(self) -> dict[str, object]:
        """Return all of it for JSON: amounts as text, so that nothing rounds them."""
        f = self.figures
        return {
            "balanced": self.balanced,
            "verified": self.course.verified,
            "people": f.all,
            "sent": f.sent,
            "failed": f.failed,
            "cancelled": f.cancelled,
            "unknown": f.unknown,
            "held": f.held,
            "found_in_record": f.found,
            "accepted_by_simulator": self.accepted,
            "throttled": f.throttled,
            "most_in_a_window": self.busiest,
            "seconds": round(self.course.seconds, 1),
            "restarts": self.course.restarts,
            "budget_cents": f.budget_cents,
            "spent_cents": _amount(f.spent),
            "reserved_cents": _amount(f.reserved),
            "failures": [asdict(failure) for failure in self.failures],
            "checks": [asdict(check) | {"holds": check.holds} for check in self.checks],
        }


def _amount(cents: Decimal) -> str:
    return f"{cents.normalize():f}"
