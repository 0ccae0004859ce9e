"""Everything that can be set. All durations are RingCentral's seconds; *scale* shrinks them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dispatcher.simulator.faults import Fault
from dispatcher.simulator.limits import GROUPS
from dispatcher.simulator.notification_faults import NotificationFault

LIMITS: Mapping[str, int] = dict(zip(GROUPS, (50, 40, 10, 5), strict=True))
SCOPES = ("ReadAccounts", "ReadMessages", "SMS", "SubscriptionWebhook")
PERMISSIONS = ("OutboundSMS", "ReadMessages")

_DURATIONS = (
    "window",
    "penalty",
    "access_ttl",
    "refresh_ttl",
    "grace",
    "unused_grace",
    "sent_after",
    "final_after",
    "lag",
    "latency",
    "latency_spread",
    "overlap",
    "sync_token_ttl",
    "subscription_ttl",
    "webhook_timeout",
)


@dataclass(frozen=True)
class Number:
    """A number of the account. Without a *campaign* it is not registered and can't send."""

    phone: str
    features: tuple[str, ...] = ("CallerId", "SmsSender")
    type: str = "VoiceFax"
    usage: str = "DirectNumber"
    status: str = "Normal"
    campaign: str | None = "Confirmed"


@dataclass(frozen=True)
class App:
    """An application as the developer console knows it."""

    client_id: str
    client_secret: str
    scopes: tuple[str, ...] = SCOPES
    refresh_tokens: bool = False
    jwt_grant: bool = True


@dataclass(frozen=True)
class User:
    """An extension: who logs in with *jwt* and owns *numbers*."""

    extension_id: int
    jwt: str
    numbers: tuple[Number, ...]
    extension_number: str = "101"
    permissions: tuple[str, ...] = PERMISSIONS
    kind: str = "User"


@dataclass(frozen=True)
class Settings:
    """One user and one application; *more_users* and *more_apps* stand beside them."""

    host: str = "127.0.0.1"
    port: int = 0
    allow_remote: bool = False
    scale: float = 1.0
    seed: int = 0

    client_id: str = "simulated-client"
    client_secret: str = "simulated-secret"  # noqa: S105 - it opens nothing but this stand-in
    jwt: str = "simulated-jwt"
    scopes: tuple[str, ...] = SCOPES
    permissions: tuple[str, ...] = PERMISSIONS
    refresh_tokens: bool = False
    numbers: tuple[Number, ...] = (Number("+16505550100"), Number("+16505550101"))
    more_apps: tuple[App, ...] = ()
    more_users: tuple[User, ...] = ()
    account_id: int = 1696121004

    limits: Mapping[str, int] = field(default_factory=dict)
    window: float = 60
    penalty: float = 60
    limit_code: str = "CMN-301"
    limit_retry_after: bool = True

    access_ttl: float = 3600
    refresh_ttl: float = 604800
    sessions: int = 5
    grace: float = 10
    unused_grace: float = 3600

    sent_after: float = 1
    final_after: float = 4
    receipts: bool = True
    lag: float = 1
    latency: float = 0
    latency_spread: float = 0
    overlap: float = 5
    sync_token_ttl: float = 86400
    subscription_ttl: float = 604800
    max_subscriptions: int = 30
    webhook_timeout: float = 3
    blacklist_after: int = 10

    max_text: int = 1000
    long_text_code: str = "MSG-338"
    bulk_limit: int = 50
    international: bool = False
    mms: bool = True
    toll_free: bool = True
    faults: tuple[Fault, ...] = ()
    notification_faults: tuple[NotificationFault, ...] = ()

    @property
    def apps(self) -> tuple[App, ...]:
        app = App(self.client_id, self.client_secret, self.scopes, self.refresh_tokens)
        return (app, *self.more_apps)

    @property
    def users(self) -> tuple[User, ...]:
        user = User(self.account_id, self.jwt, self.numbers, permissions=self.permissions)
        return (user, *self.more_users)

    def limit(self, group: str) -> int:
        return self.limits.get(group, LIMITS[group])

    def scaled(self) -> "Settings":
        """Return these settings with every duration in seconds of the clock."""
        durations = {name: getattr(self, name) * self.scale for name in _DURATIONS}
        faults = tuple(fault.scaled(self.scale) for fault in self.faults)
        notification_faults = tuple(one.scaled(self.scale) for one in self.notification_faults)
        return replace(
            self, **durations, faults=faults, notification_faults=notification_faults
        )
