"""Sessions: who holds which token, and until when. Times are the clock's monotonic seconds."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from dispatcher.simulator.errors import oauth_refused, refused
from dispatcher.simulator.settings import App, Settings, User


def _token() -> str:
    return secrets.token_urlsafe(32)


@dataclass
class Session:
    """One login. *spent_refresh* is the refresh token that the current pair was bought with."""

    app: App
    user: User
    access_expires: float
    refresh_expires: float
    access: str = field(default_factory=_token)
    refresh: str = field(default_factory=_token)
    id: str = field(default_factory=_token)
    spent_refresh: str | None = None
    refreshed_at: float = 0.0
    first_used_at: float | None = None


class Sessions:
    """All logins, the oldest first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sessions: list[Session] = []

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions))

    def open(self, app: App, user: User, now: float, ttl: float) -> Session:
        """Log in; the oldest session of this user and app ends if there are too many."""
        session = Session(app, user, now + ttl, now + self._settings.refresh_ttl)
        self._sessions.append(session)
        mine = [one for one in self._sessions if (one.app, one.user) == (app, user)]
        for oldest in mine[: -self._settings.sessions]:
            self._sessions.remove(oldest)
        return session

    def refresh(self, app: App, token: str, now: float, ttl: float) -> Session:
        """Trade a refresh token for a new pair; in its grace a spent one gets that pair."""
        for session in self._sessions:
            if session.app != app:
                continue
            if session.refresh == token and now < session.refresh_expires:
                return self._rotate(session, now, ttl)
            if session.spent_refresh == token and now < self._grace_end(session):
                return session
        raise oauth_refused("invalid_grant", "OAU-210", "Token expired")

    def authenticate(self, token: str, now: float) -> Session:
        for session in self._sessions:
            if session.access == token:
                break
        else:
            raise refused("OAU-213")
        if now >= session.access_expires:
            raise refused("OAU-128")
        if session.first_used_at is None:
            session.first_used_at = now
        return session

    def revoke(self, token: str) -> None:
        """End the session that *token* belongs to, if there is one."""
        self._sessions = [
            one for one in self._sessions if token not in (one.access, one.refresh)
        ]

    def forget(self) -> None:
        self._sessions.clear()

    def _rotate(self, session: Session, now: float, ttl: float) -> Session:
        session.spent_refresh, session.refresh = session.refresh, _token()
        session.access = _token()
        session.access_expires = now + ttl
        session.refresh_expires = now + self._settings.refresh_ttl
        session.refreshed_at, session.first_used_at = now, None
        return session

    def _grace_end(self, session: Session) -> float:
        if session.first_used_at is None:
            return session.refreshed_at + self._settings.unused_grace
        return session.first_used_at + self._settings.grace
