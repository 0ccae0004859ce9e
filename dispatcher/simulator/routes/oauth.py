"""Tokens: fetched with a JWT or a refresh token, revoked."""

import base64
from urllib.parse import parse_qsl

from dispatcher.simulator.errors import oauth_refused
from dispatcher.simulator.exchange import Call, Reply
from dispatcher.simulator.queries import is_count
from dispatcher.simulator.routes.endpoint import OpenEndpoint
from dispatcher.simulator.settings import App
from dispatcher.simulator.tokens import Session
from dispatcher.simulator.world import World

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TTL_BOUNDS = (600, 3600)


def basic_credentials(authorization: str) -> tuple[str, str] | None:
    """Return the client's id and secret, or None if the header holds none."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        client, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (client, secret) if scheme.lower() == "basic" and colon else None


def token(world: World, call: Call) -> Reply:
    app, form = _client(world, call), _form(call)
    monotonic = world.clock.monotonic()
    match form.get("grant_type"):
        case "refresh_token":
            session = _refreshed(world, app, form, monotonic)
        case grant if grant == JWT_GRANT:
            session = _logged_in(world, app, form, monotonic)
        case _:
            raise oauth_refused("invalid_request", "OAU-250", "Unsupported grant type")
    return Reply(200, _info(session, monotonic))


def revoke(world: World, call: Call) -> Reply:
    _client(world, call)
    form = _form(call)
    world.sessions.revoke(form.get("token", ""))
    return Reply(200)


def _client(world: World, call: Call) -> App:
    credentials = basic_credentials(call.headers.get("Authorization", ""))
    if credentials is None:
        raise oauth_refused("invalid_client", "OAU-123", "Client authentication is required")
    client_id, secret = credentials
    app = next((one for one in world.settings.apps if one.client_id == client_id), None)
    if app is None:
        raise oauth_refused("invalid_client", "OAU-153", "Invalid client: not found")
    if app.client_secret != secret:
        raise oauth_refused("invalid_client", "OAU-146", "Invalid client credentials", 401)
    return app


def _form(call: Call) -> dict[str, str]:
    kind = call.headers.get("Content-Type", "").lower()
    if not kind.startswith("application/x-www-form-urlencoded"):
        raise oauth_refused("invalid_request", "OAU-250", "Unsupported grant type")
    return dict(parse_qsl(call.body.decode("utf-8", "replace")))


def _logged_in(world: World, app: App, form: dict[str, str], now: float) -> Session:
    if not app.jwt_grant:
        raise oauth_refused(
            "unauthorized_client", "OAU-251", "Unauthorized for this grant type"
        )
    jwt = form.get("assertion")
    user = next((one for one in world.settings.users if one.jwt == jwt), None)
    if user is None:
        raise oauth_refused("invalid_grant", "OAU-140", "Invalid resource owner credentials")
    return world.sessions.open(app, user, now, _ttl(world, form))


def _refreshed(world: World, app: App, form: dict[str, str], now: float) -> Session:
    if not app.refresh_tokens:
        raise oauth_refused(
            "unauthorized_client", "OAU-251", "Unauthorized for this grant type"
        )
    return world.sessions.refresh(app, form.get("refresh_token", ""), now, _ttl(world, form))


def _ttl(world: World, form: dict[str, str]) -> float:
    """Return the seconds a token lives: what is set, or less if less is asked for."""
    asked = form.get("access_token_ttl", "3600")
    if not is_count(asked):
        raise oauth_refused("invalid_request", "OAU-250", "Invalid access_token_ttl")
    least, most = _TTL_BOUNDS
    return min(
        world.settings.access_ttl, min(max(int(asked), least), most) * world.settings.scale
    )


def _info(session: Session, now: float) -> dict[str, object]:
    info: dict[str, object] = {
        "access_token": session.access,
        "token_type": "bearer",
        "expires_in": _whole(session.access_expires - now),
        "scope": " ".join(session.app.scopes),
        "owner_id": str(session.user.extension_id),
        "endpoint_id": session.id[:22],
        "session_id": session.id,
    }
    if session.app.refresh_tokens:
        info["refresh_token"] = session.refresh
        info["refresh_token_expires_in"] = _whole(session.refresh_expires - now)
    return info


def _whole(seconds: float) -> int:
    # Rounded down: a client must not think that the token lives longer than it does. The
    # hair's breadth is what floating point loses between adding and taking away.
    return int(seconds + 1e-3)


ENDPOINTS = (
    OpenEndpoint("POST", "/restapi/oauth/token", token),
    OpenEndpoint("POST", "/restapi/oauth/revoke", revoke),
)
