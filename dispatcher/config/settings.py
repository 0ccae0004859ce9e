"""Every setting: its kind, its bounds, its default and what it is for."""

from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.fields import FieldInfo

from dispatcher.config.kinds import (
    Cents,
    ClientId,
    DatabaseUrl,
    Group,
    Host,
    Lower,
    Name,
    Number,
    Regions,
    Secret,
    ServerUrl,
    Whole,
    Zone,
)
from dispatcher.config.law import Law
from dispatcher.config.pacing import Pacing
from dispatcher.config.receipts import Receipts
from dispatcher.config.replies import Replies
from dispatcher.config.rollups import Rollups
from dispatcher.config.webhooks import Webhooks


def login_of(client_id: str) -> str:
    """Return the default name of a login: it appears in tables and logs, the id should not."""
    return f"client-{sha256(client_id.encode()).hexdigest()[:12]}"


def _login(found: dict[str, Any]) -> str:
    return login_of(found["ringcentral_client_id"])


class Database(Group):
    """The database."""

    database_url: DatabaseUrl = Field(
        description="The PostgreSQL database with the queue; of several hosts the daemon uses "
        "the one that takes writes."
    )


class RingCentral(Group):
    """RingCentral.

    One login. Processes with the same `login_name` share its rate: two clients of one user
    are two logins to RingCentral, two users of one client too.
    """

    ringcentral_server_url: ServerUrl = Field(
        "https://platform.ringcentral.com", description="RingCentral, or the simulator."
    )
    ringcentral_client_id: ClientId = Field(description="The application's client id.")
    ringcentral_client_secret: Secret = Field(description="The application's client secret.")
    ringcentral_jwt: Secret = Field(description="The JWT credential of the user who sends.")
    login_name: Name = Field(
        default_factory=_login,
        description="The name of the login's shared rate and token in the database.",
    )


class Policy(Group):
    """What may be sent, and for how much."""

    allowed_countries: Regions = Field(
        ("US",), description="Regions whose numbers may be texted (US is not all of +1)."
    )
    transactional_needs_consent: bool = Field(
        default=False,
        description="Whether a transactional text needs a subscription, as a promotion does.",
    )
    segment_price: Cents = Field(
        Decimal("1.19"),
        ge=Decimal("0.0001"),
        le=100,
        decimal_places=4,
        description="Cents reserved for a segment.",
    )
    daily_budget_cents: Whole = Field(
        10_000,
        ge=0,
        le=1_000_000_000,
        description="What all texts of a day may cost; 0: no limit.",
    )
    daily_budget_zone: Zone = Field(
        "America/New_York", description="The zone in which that day begins and ends."
    )


class Lifetimes(Group):
    """Retries and ends."""

    max_attempts: Whole = Field(
        5, ge=1, le=100, description="Requests for a text that RingCentral refuses for now."
    )
    expire_promotion_hours: Number = Field(
        24, ge=0.01, le=720, description="How long after its time a promotion may still leave."
    )
    expire_reminder_hours: Number = Field(
        4, ge=0.01, le=720, description="The same for a reminder."
    )
    expire_transactional_hours: Number = Field(
        1, ge=0.01, le=720, description="The same for a transactional text."
    )
    expire_compliance_minutes: Number = Field(
        5, ge=0.1, le=1440, description="The same for an answer to HELP or STOP."
    )
    campaign_done_after_minutes: Number = Field(
        10,
        ge=0,
        le=1440,
        description="How long all texts must be at their end before a campaign is.",
    )


class Unknowns(Group):
    """What becomes of a text of which nobody knows whether it went out.

    RingCentral's record is searched twice. `hold` waits for a person, `drop` leaves it unsent
    once its time is over, `resend` sends it once more.
    """

    first_look_seconds: Number = Field(
        30,
        ge=0.1,
        le=3600,
        description="How long after its last possible moment RingCentral's record is searched.",
    )
    second_look_seconds: Number = Field(
        300, ge=0.1, le=86_400, description="How long after that it is searched again."
    )
    unknown_promotion: Annotated[Literal["hold", "drop", "resend"], Lower] = Field(
        "hold", description="What becomes of a promotion that the record does not show."
    )
    unknown_reminder: Annotated[Literal["hold", "drop", "resend"], Lower] = Field(
        "drop", description="The same for a reminder."
    )
    unknown_transactional: Annotated[Literal["hold", "drop", "resend"], Lower] = Field(
        "resend", description="The same for a transactional text."
    )
    presume_sent_hours: Number = Field(
        72,
        ge=0.001,
        le=8760,
        description="After that a text that nobody decided on counts as sent.",
    )


class Process(Group):
    """The process."""

    drain_seconds: Number = Field(
        30,
        ge=0,
        le=600,
        description="How long sends in flight may take to finish after SIGTERM.",
    )
    pool_size: Whole = Field(
        5, ge=1, le=100, description="Connections to the database at most."
    )
    statement_cache_size: Whole = Field(
        100,
        ge=0,
        le=10_000,
        description="Prepared statements that a connection keeps; 0 behind a pooler in "
        "transaction mode.",
    )
    database_timeout_seconds: Number = Field(
        10, ge=0.1, le=300, description="How long the database may take for one statement."
    )
    http_host: Host = Field(
        "127.0.0.1", description="Where metrics and health are served; they have no password."
    )
    http_port: Whole = Field(
        9464, ge=0, le=65_535, description="The port for that; 0: any free one."
    )
    log_format: Annotated[Literal["json", "console", "auto"], Lower] = Field(
        "auto", description="auto: colours on a terminal, JSON lines elsewhere."
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Lower] = Field(
        "info", description="The least important events that are logged."
    )


class Config(
    Process,
    Rollups,
    Webhooks,
    Replies,
    Receipts,
    Unknowns,
    Lifetimes,
    Pacing,
    Law,
    Policy,
    RingCentral,
    Database,
):
    """The whole configuration; frozen, and never one that is wrong."""


GROUPS: tuple[type[Group], ...] = (
    Database,
    RingCentral,
    Policy,
    Law,
    Pacing,
    Lifetimes,
    Unknowns,
    Receipts,
    Replies,
    Webhooks,
    Rollups,
    Process,
)

# In the order in which people read them.
SETTINGS: dict[str, FieldInfo] = {
    name: field for group in GROUPS for name, field in group.model_fields.items()
}
