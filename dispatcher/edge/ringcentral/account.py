"""Who logs in where, and how patient we are."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """One login. All times are seconds; *longest* bounds a request from its first byte on.

    *lanes* is how many texts may be under way at once. A connection that was idle for longer
    than *idle* is not used again: the other side may have closed it, and what is written into a
    closing connection may have been read or not. *environment* lets proxies and certificates
    come from the environment, as other programs do.
    """

    server_url: str
    client_id: str
    client_secret: str = field(repr=False)
    jwt: str = field(repr=False)
    lanes: int = 20
    connect: float = 5.0
    read: float = 30.0
    longest: float = 40.0
    idle: float = 15.0
    environment: bool = False
