"""HTTP connections that tell the journey when a request begins."""

import logging
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from dispatcher.edge.ringcentral.journey import current
from dispatcher.ports import Clock


class _Watched(HTTPConnection):
    """Opens itself first, then asks whether there is still time, then writes all at once.

    A process that froze between two writes would finish its request when it wakes, long after
    RingCentral's record was asked.
    """

    clock: Clock
    idle: float
    _used_at: float | None = None
    _gathered: list[bytes] | None = None

    def connect(self) -> None:
        journey = current.get()
        journey.connecting()
        journey.reached("connecting")
        super().connect()
        journey.reached("connected")

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        if self.sock is not None and self._is_stale():
            self.close()
        if self.sock is None:
            self.connect()
        whole = self._gather(*args, **kwargs)
        journey = current.get()
        journey.reached("ready")
        journey.begin(self.sock)
        for part in journey.split(whole):
            self.send(part)
        journey.reached("sent")

    def _gather(self, *args: Any, **kwargs: Any) -> bytes:  # noqa: ANN401 - passed on
        self._gathered = []
        try:
            super().request(*args, **kwargs)
            return b"".join(self._gathered)
        finally:
            self._gathered = None

    def send(self, data: Any) -> None:  # noqa: ANN401 - passed on
        if self._gathered is None:
            super().send(data)
        else:
            self._gathered.append(bytes(data))

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself
        response = super().getresponse()
        self._used_at = self.clock.monotonic()
        return response

    def _is_stale(self) -> bool:
        used_at = self._used_at
        return used_at is not None and self.clock.monotonic() - used_at > self.idle


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class WatchedAdapter(HTTPAdapter):
    """Never more than *size* connections, and nothing is ever sent a second time."""

    def __init__(self, clock: Clock, idle: float, size: int) -> None:
        watch = {"clock": clock, "idle": idle}
        plain = type("_Plain", (_Watched,), watch)
        tls = type("_TLS", (_WatchedTLS,), watch)
        self._pools = {
            "http": type("_Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_TLSPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }
        super().__init__(pool_connections=1, pool_maxsize=size, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def silence() -> None:
    """Keep urllib3 from logging: its lines hold whole addresses, and a query holds a number."""
    for name in ("connection", "connectionpool", "poolmanager", "util.retry"):
        logging.getLogger(f"urllib3.{name}").disabled = True
