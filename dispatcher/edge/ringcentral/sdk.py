"""RingCentral's SDK, tamed: one pool of connections, time-outs, and no exception of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlencode

import requests
from ringcentral.http.api_exception import ApiException
from ringcentral.http.api_response import ApiResponse
from ringcentral.http.client import Client
from ringcentral.platform import Platform
from urllib3.exceptions import HTTPError

from dispatcher.edge.ringcentral.account import Account
from dispatcher.edge.ringcentral.connection import WatchedAdapter, silence
from dispatcher.edge.ringcentral.failures import Failure, SdkFailedError, failure
from dispatcher.edge.ringcentral.journey import Journey, current
from dispatcher.ports import Clock

_MOST_BYTES = 8 * 1024 * 1024  # a page of a thousand texts is some megabytes
_NAME = "sms-dispatcher"


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP, whatever its status. A body that broke off is a shorter one."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Request:
    """What to ask; *query* is given as it is meant and encoded here, as the SDK does not."""

    method: str
    path: str
    body: Mapping[str, object] | None = field(default=None, repr=False)
    query: Mapping[str, str | Sequence[str]] | None = field(default=None, repr=False)
    called: str | None = None

    @property
    def name(self) -> str:
        """What is asked for, in RingCentral's word: `sms`, `message-store`.

        Where the path ends with an id, it is what the request is *called*.
        """
        return self.called or self.path.rpartition("/")[2]

    @property
    def target(self) -> str:
        query = urlencode(self.query or {}, doseq=True, quote_via=quote, safe="")
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True)
class Token:
    """An access token; *renew_at* and *expires_at* are readings of the clock.

    *generation* grows with each login of any process: it tells a token from its successor.
    """

    value: str = field(repr=False)
    renew_at: float
    expires_at: float
    generation: int


class Sdk:
    """Thread-safe: nothing of the SDK that changes is used, so one of it serves all threads."""

    def __init__(self, account: Account, clock: Clock, threads: int) -> None:
        silence()
        self._jwt = account.jwt
        self._client = _TamedClient(account, WatchedAdapter(clock, account.idle, threads))
        self._platform = Platform(
            self._client,
            account.client_id,
            account.client_secret,
            account.server_url.rstrip("/"),
            _NAME,
            version(_NAME),
        )

    def call(self, journey: Journey, request: Request, token: Token) -> Reply | Failure:
        """Make *request* in this thread."""
        # The header is ours, so each request goes with the token that its caller knows of: the
        # SDK's own would be renewed by each of the threads at once.
        headers = {"Authorization": f"Bearer {token.value}"}

        def ask() -> Any:  # noqa: ANN401 - the SDK is untyped
            if request.method == "GET":
                return self._platform.get(request.target, headers=headers, skip_auth_check=True)
            if request.method == "DELETE":
                return self._platform.delete(
                    request.target, headers=headers, skip_auth_check=True
                )
            with_body = (
                self._platform.patch if request.method == "PATCH" else self._platform.post
            )
            return with_body(
                request.target, request.body, headers=headers, skip_auth_check=True
            )

        return _made(journey, ask)

    def login(self, journey: Journey) -> Reply | Failure:
        """Ask for a token with the JWT, in this thread."""

        def ask() -> Any:  # noqa: ANN401 - the SDK is untyped
            try:
                return self._platform.login(jwt=self._jwt)
            finally:
                # Whatever it kept, a refresh token among it, is not to be used.
                self._platform.auth().reset()

        return _made(journey, ask)

    def close(self) -> None:
        self._client.close()


def _made(journey: Journey, ask: Callable[[], Any]) -> Reply | Failure:
    """Return what *ask* brought; every exception ends here, and none is chained to another."""
    token = current.set(journey)
    failed: Failure | SdkFailedError
    try:
        return _reply(ask().response())
    except ApiException as error:
        response = error.api_response().response()
        if response is not None:
            return _reply(response)
        failed = failure(error, journey)
    except Exception as error:  # noqa: BLE001 - the SDK raises plain ones, with secrets in them
        failed = failure(error, journey)
    finally:
        journey.end()
        current.reset(token)
    if isinstance(failed, SdkFailedError):
        raise failed
    return failed


def _reply(response: requests.Response) -> Reply:
    return Reply(response.status_code, dict(response.headers), response.content)


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Follow nothing: a POST that is sent on would be sent twice, and the token with it."""


class _TamedClient(Client):  # type: ignore[misc]  # the SDK is untyped
    def __init__(self, account: Account, adapter: WatchedAdapter) -> None:
        self._timeout = (account.connect, account.read)
        self._session = _Session()
        self._session.trust_env = account.environment
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def load_response(self, request: requests.PreparedRequest) -> Any:  # noqa: ANN401 - as the SDK's
        settings = self._session.merge_environment_settings(
            request.url or "", {}, stream=True, verify=None, cert=None
        )
        response = self._session.send(
            request, timeout=self._timeout, allow_redirects=False, **settings
        )
        current.get().reached("half_read")
        response._content = _bounded(response)  # noqa: SLF001 - requests reads without a bound
        response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001 - as above
        response.encoding = (
            "utf-8"  # else the SDK has it guessed, for an error text nobody sees
        )
        current.get().reached("read")
        return ApiResponse(request, response)

    def close(self) -> None:
        self._session.close()


def _bounded(response: requests.Response) -> bytes:
    try:
        content: bytes = response.raw.read(_MOST_BYTES, decode_content=True)
    except (HTTPError, OSError):
        # The status is known and may be all that matters: a 429 is one without its body too.
        content = b""
    response.close()
    return content
