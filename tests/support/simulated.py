"""A client of the simulator for tests: plain requests, and what came back."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.server import Simulator
from dispatcher.simulator.settings import Settings

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXTENSION = "/restapi/v1.0/account/~/extension/~"
OURS, OTHER = "+16505550100", "+16505550101"
THEIRS = "+12125550100"
SUBSCRIPTION = "/restapi/v1.0/subscription"
INSTANT = f"{EXTENSION}/message-store/instant?type=SMS"
STORE = f"{EXTENSION}/message-store"
CONSENTS = "/restapi/v2/accounts/~/sms/consents"
VERIFIED = "a-token-of-the-webhook"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str | None:
        """The precise code of a refusal, None if it is none."""
        code: str | None = self.json["errors"][0]["errorCode"] if self.status >= 400 else None
        return code

    @property
    def ids(self) -> list[int]:
        return [record["id"] for record in self.json["records"]]


@dataclass
class Client:
    """One application's client; its *token* goes with every request once it has one."""

    simulator: Simulator
    clock: ManualClock
    http: aiohttp.ClientSession
    token: str = ""

    async def request(self, method: str, path: str, **more: Any) -> Answer:
        """Send the path as it stands: nothing is encoded on the way."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= more.pop("headers", {})
        url = URL(f"{self.simulator.url}{path}", encoded=True)
        async with self.http.request(method, url, headers=headers, **more) as response:
            return Answer(response.status, dict(response.headers), await response.text())

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.request("GET", f"{EXTENSION}{path}", **more)

    async def post(self, body: object, **more: Any) -> Answer:
        return await self.request("POST", f"{EXTENSION}/sms", json=body, **more)

    async def send(self, to: str = THEIRS, text: str = "Hello", **more: Any) -> Answer:
        return await self.post(message(to=[{"phoneNumber": to}], text=text, **more))

    async def subscribe(self, address: str, *filters: str, **more: object) -> Answer:
        """Ask to be told of *filters*, of texts that come in if there are none."""
        mode = {"transportType": "WebHook", "address": address, "verificationToken": VERIFIED}
        body = {"eventFilters": filters or (INSTANT,), "deliveryMode": mode, **more}
        return await self.request("POST", SUBSCRIPTION, json=body)

    async def subscription(self, subscription_id: str) -> Any:
        return (await self.request("GET", f"{SUBSCRIPTION}/{subscription_id}")).json

    async def fetch(self, form: dict[str, str], client: str = "simulated-client") -> Answer:
        """Ask for a token."""
        auth = aiohttp.encode_basic_auth(client, "simulated-secret")
        return await self.request(
            "POST", "/restapi/oauth/token", data=form, headers={"Authorization": auth}
        )

    async def login(
        self, jwt: str = "simulated-jwt", client: str = "simulated-client"
    ) -> Answer:
        answer = await self.fetch({"grant_type": JWT_GRANT, "assertion": jwt}, client)
        self.token = answer.json["access_token"]
        return answer


Simulate = Callable[[Settings], Awaitable[Client]]


def message(**changed: object) -> dict[str, object]:
    """Return a body that is accepted, but for what is *changed*; None takes it away."""
    body = {"from": {"phoneNumber": OURS}, "to": [{"phoneNumber": THEIRS}], "text": "Hello"}
    renamed = {"from" if name == "sender" else name: value for name, value in changed.items()}
    return {name: value for name, value in {**body, **renamed}.items() if value is not None}
