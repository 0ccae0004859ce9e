"""How a demo ended, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from dispatcher.core.books import Check
from dispatcher.store.aftermath import Aftermath
from dispatcher.store.progress import Failure, Figures


@dataclass(frozen=True)
class Course:
    """How it went: the *seconds* it took, how often the daemon was killed and started again.

    *verified*: `sms-dispatcher verify` found nothing; *counted*: nor did `rollup --verify`.
    *webhooks*: RingCentral called.
    """

    seconds: float
    restarts: int
    verified: bool
    counted: bool
    webhooks: bool


@dataclass(frozen=True)
class Result:
    """The last *figures*, and what the *checks* against the simulator's ledger say.

    *failures* are of texts that were not accepted, *later* of such as were. *accepted* counts
    the ledger's texts of the campaign, *answered* those that answered somebody, *busiest* the
    most requests in any of its windows.
    """

    figures: Figures
    after: Aftermath
    failures: Sequence[Failure]
    later: Sequence[Failure]
    checks: Sequence[Check]
    accepted: int
    answered: int
    busiest: int
    course: Course

    @property
    def balanced(self) -> bool:
        return all(check.holds for check in self.checks)

    @property
    def sound(self) -> bool:
        """Whether nothing was found, neither by the simulator's ledger nor by ourselves."""
        return self.balanced and self.course.verified and self.course.counted

    def plain(self) -> dict[str, object]:
        """Return all of it for JSON: amounts as text, so that nothing rounds them."""
        f, after = self.figures, self.after
        return {
            "webhooks": self.course.webhooks,
            "balanced": self.balanced,
            "verified": self.course.verified,
            "counted": self.course.counted,
            "people": f.all,
            "sent": f.sent,
            "failed": f.failed,
            "cancelled": f.cancelled,
            "cancelled_by_stop": after.spared,
            "delivered": after.delivered,
            "failed_later": after.failed,
            "unconfirmed": after.open,
            "texts_in": after.texts_in,
            "replied": after.replied,
            "opted_out": after.opted_out,
            "to_read": after.to_read,
            "answered": self.answered,
            "slowest_stop_seconds": _rounded(after.stop_seconds),
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
            "failures_later": [asdict(failure) for failure in self.later],
            "checks": [asdict(check) | {"holds": check.holds} for check in self.checks],
        }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _amount(cents: Decimal) -> str:
    return f"{cents.normalize():f}"
