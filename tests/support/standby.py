"""A primary and its synchronous standby, on disk: what a failover needs."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from dispatcher.edge import postgres
from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import Binaries

# A standby that lost its primary looks for it again at once.
BOTH = {"fsync": "on", "synchronous_commit": "on", "wal_retrieve_retry_interval": "100ms"}
# On the command line of the first primary alone: the promoted one has nobody to wait for.
WAITS_FOR_ITS_STANDBY = {"synchronous_standby_names": "standby"}


@dataclass
class Pair:
    """*primary* takes the writes, and commits once *standby*, if there is one, has them too."""

    primary: PrivateServer
    standby: PrivateServer | None
    ports: tuple[int, int]

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return an address that names both, whoever of them is the primary."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://{user}@{hosts}/{database}?target_session_attrs=read-write"

    def admin_dsn(self, database: str = "postgres") -> str:
        return self.dsn(database)

    def restart(self) -> None:
        self.primary.restart()

    def fail_over(self) -> None:
        """End the primary as a power cut would; return once the standby takes writes."""
        assert self.standby
        self.primary.stop(signal.SIGQUIT)
        self.standby.promote()
        self.primary, self.standby = self.standby, None


@contextmanager
def pair(binaries: Binaries, settings: Mapping[str, str] | None = None) -> Iterator[Pair]:
    """Run both with *settings*; nothing of them is left. The first commit waits for the standby."""
    both = BOTH | dict(settings or {})
    with (
        postgres.start(binaries, both | WAITS_FOR_ITS_STANDBY) as primary,
        postgres.start(binaries, both, standby_of=primary) as standby,
    ):
        yield Pair(primary, standby, (primary.port, standby.port))
