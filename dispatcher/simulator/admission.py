"""Who is calling, and may they: all that is judged before the body is read."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from dispatcher.simulator.errors import refused
from dispatcher.simulator.exchange import Call, RefusedError, Reply
from dispatcher.simulator.limits import Key
from dispatcher.simulator.routes.endpoint import Endpoint, OpenEndpoint
from dispatcher.simulator.routes.oauth import basic_credentials
from dispatcher.simulator.settings import User
from dispatcher.simulator.throttling import over_limit, rate_headers
from dispatcher.simulator.tokens import Session
from dispatcher.simulator.world import World


@dataclass(frozen=True)
class Admission:
    """Whoever was let in: what answers them, and what the reply says of their rate."""

    answer: Callable[[Call], Reply | Awaitable[Reply]]
    rates: Mapping[str, str]
    client: str


def admit_client(world: World, endpoint: OpenEndpoint, authorization: str) -> Admission:
    """Count a request for tokens, which has no user yet, by its application."""
    client_id, _ = basic_credentials(authorization) or ("", "")
    rates = _count(world, Key("", client_id, endpoint.group))
    return Admission(partial(endpoint.answer, world), rates, client_id)


def admit_user(
    world: World, endpoint: Endpoint, authorization: str, params: Mapping[str, str]
) -> Admission:
    """Count a request of a signed-in user. One that nobody signed falls into no window."""
    session = _session(world, authorization)
    user, client_id = session.user, session.app.client_id
    rates = _count(world, Key(str(user.extension_id), client_id, endpoint.group))
    try:
        _require_own(world, user, params, endpoint.permission)
        _require_permission(session, endpoint)
    except RefusedError as refusing:
        raise RefusedError(refusing.reply.plus(rates)) from None
    return Admission(partial(endpoint.answer, world, user), rates, client_id)


def _session(world: World, authorization: str) -> Session:
    scheme, _, token = authorization.partition(" ")
    if not token:
        raise refused("AGW-402")
    if scheme.lower() != "bearer":
        raise refused("OAU-151")
    return world.sessions.authenticate(token, world.clock.monotonic())


def _count(world: World, key: Key) -> Mapping[str, str]:
    verdict = world.limits.arrive(key, world.clock.monotonic())
    if verdict.retry_after is not None:
        raise RefusedError(over_limit(world.settings, key.group, verdict))
    return rate_headers(key.group, verdict, world.settings.window)


def _require_own(
    world: World, user: User, params: Mapping[str, str], permission: str | None
) -> None:
    if params.get("account", "~") not in ("~", str(world.settings.account_id)):
        raise refused("CMN-102", parameter="accountId")
    extension = params.get("extension", "~")
    if extension in ("~", str(user.extension_id)):
        return
    if extension in {str(one.extension_id) for one in world.settings.users}:
        raise refused("CMN-419", value=permission or "ReadExtensions")
    raise refused("CMN-102", parameter="extensionId")


def _require_permission(session: Session, endpoint: Endpoint) -> None:
    if not set(endpoint.scopes) & set(session.app.scopes):
        raise refused("CMN-401", value=endpoint.scopes[0])
    if endpoint.permission and endpoint.permission not in session.user.permissions:
        raise refused("CMN-408", value=endpoint.permission)
