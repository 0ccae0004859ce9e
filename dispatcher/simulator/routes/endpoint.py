"""What the gate has to know of an address before it asks the route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dispatcher.simulator.exchange import Call, Reply
from dispatcher.simulator.settings import User
from dispatcher.simulator.world import World

ACCOUNT = "/restapi/v1.0/account/{account}"
EXTENSION = ACCOUNT + "/extension/{extension}"


@dataclass(frozen=True)
class Endpoint:
    """An address of a signed-in user. Any one of *scopes* opens it to an application."""

    method: str
    path: str
    group: str
    answer: Callable[[World, User, Call], Reply | Awaitable[Reply]]
    scopes: tuple[str, ...]
    permission: str | None = None


@dataclass(frozen=True)
class OpenEndpoint:
    """An address that a token is fetched from: it answers to an application alone."""

    method: str
    path: str
    answer: Callable[[World, Call], Reply]
    group: str = "auth"
