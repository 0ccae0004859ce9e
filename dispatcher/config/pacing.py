"""How fast we send and how long everything may take: the numbers that must fit each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from pydantic import Field, model_validator

from dispatcher.config.kinds import Group, Number, Whole, variable

SECONDS_A_MINUTE = 60


class Pacing(Group):
    """Rate, lanes and time-outs.

    A lease must outlive the longest way of a claimed text, or two processes hold one text:
    `lease_seconds` > (the smaller of `lanes` and `rate_burst`) * 60 / `rate_per_minute` +
    `send_by_seconds` + `connect_timeout_seconds` + `read_timeout_seconds` + `settle_after_ms`.
    A text must have arrived before the hours end: `hours_margin_minutes` >= `send_by_seconds` +
    `connect_timeout_seconds` + `read_timeout_seconds`.
    `heartbeat_seconds` is less than a third of the lease and of `dead_after_seconds`,
    `rate_burst` at most the rate,
    `per_number_per_minute` at most `per_number_per_day`, `backoff_base_seconds` at most
    `backoff_cap_seconds`.
    """

    rate_per_minute: Whole = Field(
        40,
        ge=1,
        le=1_000_000,
        description="Texts a minute for the login, all processes together.",
    )
    rate_burst: Whole = Field(
        1,
        ge=1,
        le=1_000_000,
        description="Tokens that an idle bucket holds at most: RingCentral counts in sliding "
        "windows, so a minute may see the rate and the burst.",
    )
    per_number_per_minute: Whole = Field(
        50, ge=1, le=1_000_000, description="Texts a minute from one number of ours."
    )
    per_number_per_day: Whole = Field(
        500, ge=1, le=100_000_000, description="Texts a day from one number of ours."
    )
    batch_size: Whole = Field(
        100, ge=1, le=500, description="Texts that one claim statement allows at most."
    )
    lanes: Whole = Field(
        8,
        ge=1,
        le=1000,
        description="Texts under way at once in one process, from claim to record.",
    )
    poll_seconds: Number = Field(
        5,
        ge=0.01,
        le=60,
        description="How often an idle process looks, should no hint come; every second at the "
        "latest while it can hear none.",
    )
    lease_seconds: Number = Field(
        60, ge=1, le=3600, description="How long a claim holds without a heartbeat."
    )
    heartbeat_seconds: Number = Field(
        5, ge=0.05, le=600, description="How often a process renews what it holds."
    )
    dead_after_seconds: Number = Field(
        20,
        ge=0.2,
        le=600,
        description="How long a process may give no heartbeat until its claims are taken back.",
    )
    lead_seconds: Number = Field(
        10,
        ge=0.3,
        le=60,
        description="How long the process that reaps and reconciles leads without renewing it.",
    )
    light_per_minute: Whole = Field(
        30,
        ge=6,
        le=1_000_000,
        description="Look-ups a minute for the login, of RingCentral's group Light.",
    )
    send_by_seconds: Number = Field(
        5,
        ge=0.1,
        le=60,
        description="How long after its attempt was opened a request may begin.",
    )
    connect_timeout_seconds: Number = Field(
        5, ge=0.05, le=60, description="How long RingCentral may take to accept a connection."
    )
    read_timeout_seconds: Number = Field(
        20, ge=0.05, le=300, description="How long RingCentral may take to answer."
    )
    hours_margin_minutes: Number = Field(
        5,
        ge=0,
        le=120,
        description="How long before quiet hours begin the last text leaves, and how much "
        "later than its time a text may count for a cap.",
    )
    settle_after_ms: Whole = Field(
        50,
        ge=0,
        le=1000,
        description="How long an outcome waits for others to be recorded with.",
    )
    backoff_base_seconds: Number = Field(
        30,
        ge=0.01,
        le=3600,
        description="The first wait before a text refused for now is retried.",
    )
    backoff_cap_seconds: Number = Field(
        3600,
        ge=0.01,
        le=86_400,
        description="The longest such wait; each doubles the one before.",
    )

    @property
    def longest_pace(self) -> float:
        """Seconds that a claimed text waits for its turn at most.

        Tokens enter a process at the very rate at which its limiter lets texts leave, so no
        more than a full bucket ever waits there, and no more than there are lanes. The size
        of a batch does not matter: it only says in how many statements they were claimed.
        """
        waiting = min(self.lanes, self.rate_burst)
        return waiting * SECONDS_A_MINUTE / self.rate_per_minute

    @property
    def longest_request(self) -> float:
        """Seconds from a text's last look at the rules until it has surely arrived at most."""
        return self.send_by_seconds + self.connect_timeout_seconds + self.read_timeout_seconds

    @property
    def longest_way(self) -> float:
        """Seconds from claim to record at most: what a lease must outlive."""
        return self.longest_pace + self.longest_request + self.settle_after_ms / 1000

    @model_validator(mode="after")
    def _fits(self) -> Self:
        broken = tuple(rule for rule in RULES if not rule.holds(self))
        if broken:
            raise RulesBrokenError(broken, self)
        return self


@dataclass(frozen=True)
class Rule:
    """What must hold between *settings*; *wanted* says it, to follow the first one's name."""

    settings: tuple[str, ...]
    holds: Callable[[Pacing], bool]
    wanted: Callable[[Pacing], str]


class RulesBrokenError(ValueError):
    """Settings that are right one by one contradict each other."""

    def __init__(self, rules: tuple[Rule, ...], pacing: Pacing) -> None:
        self.faults = {
            rule: f"{variable(rule.settings[0])} {rule.wanted(pacing)}" for rule in rules
        }
        super().__init__("; ".join(self.faults.values()))


def _lease_wanted(pacing: Pacing) -> str:
    return (
        f"must be more than {pacing.longest_way:g}, the longest way of a claimed text (the "
        f"smaller of {variable('lanes')} and {variable('rate_burst')} * 60 / "
        f"{variable('rate_per_minute')} + {variable('send_by_seconds')} + "
        f"{variable('connect_timeout_seconds')} + {variable('read_timeout_seconds')} + "
        f"{variable('settle_after_ms')}): raise it or lower one of those"
    )


RULES = (
    Rule(
        (
            "lease_seconds",
            "lanes",
            "rate_burst",
            "rate_per_minute",
            "send_by_seconds",
            "connect_timeout_seconds",
            "read_timeout_seconds",
            "settle_after_ms",
        ),
        lambda pacing: pacing.lease_seconds > pacing.longest_way,
        _lease_wanted,
    ),
    Rule(
        ("heartbeat_seconds", "lease_seconds"),
        lambda pacing: pacing.heartbeat_seconds * 3 < pacing.lease_seconds,
        lambda _: f"must be less than a third of {variable('lease_seconds')}",
    ),
    Rule(
        ("heartbeat_seconds", "dead_after_seconds"),
        lambda pacing: pacing.heartbeat_seconds * 3 < pacing.dead_after_seconds,
        lambda _: f"must be less than a third of {variable('dead_after_seconds')}",
    ),
    Rule(
        (
            "hours_margin_minutes",
            "send_by_seconds",
            "connect_timeout_seconds",
            "read_timeout_seconds",
        ),
        lambda p: p.hours_margin_minutes * SECONDS_A_MINUTE >= p.longest_request,
        lambda p: (
            f"must be at least {p.longest_request / SECONDS_A_MINUTE:.4g}, what a request may "
            f"take ({variable('send_by_seconds')} + {variable('connect_timeout_seconds')} + "
            f"{variable('read_timeout_seconds')})"
        ),
    ),
    Rule(
        ("rate_burst", "rate_per_minute"),
        lambda pacing: pacing.rate_burst <= pacing.rate_per_minute,
        lambda _: f"must be at most {variable('rate_per_minute')}",
    ),
    Rule(
        ("per_number_per_minute", "per_number_per_day"),
        lambda pacing: pacing.per_number_per_minute <= pacing.per_number_per_day,
        lambda _: f"must be at most {variable('per_number_per_day')}",
    ),
    Rule(
        ("backoff_base_seconds", "backoff_cap_seconds"),
        lambda pacing: pacing.backoff_base_seconds <= pacing.backoff_cap_seconds,
        lambda _: f"must be at most {variable('backoff_cap_seconds')}",
    ),
)
