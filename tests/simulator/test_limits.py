"""Sliding windows per user, application and group; the penalty; what the headers say."""

from collections.abc import Mapping

import pytest
from support.simulated import Client, Simulate

from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.limits import Window
from dispatcher.simulator.settings import App, Number, Settings, User

SECOND_USER = User(256440016, "second-jwt", (Number("+16505550102"),), "102")
SECOND_APP = App("second-app", "simulated-secret")
FEW = Settings(limits={"medium": 2}, more_users=(SECOND_USER,), more_apps=(SECOND_APP,))


def rates(headers: Mapping[str, str]) -> list[str | None]:
    names = ("Group", "Limit", "Remaining", "Window")
    return [headers.get(f"X-Rate-Limit-{name}") for name in names]


def test_a_window_slides() -> None:
    window = Window(60, 60)
    arrivals = [window.arrive(at, allowed=2).retry_after for at in (0, 30, 60, 90)]
    assert arrivals == [None, None, None, None]


def test_a_window_judges_by_arrival_not_by_the_clock_of_the_minute() -> None:
    window = Window(60, 60)
    arrivals = [window.arrive(at, allowed=2).retry_after for at in (50, 59, 61)]
    assert arrivals == [None, None, 60]


def test_a_request_in_the_penalty_restarts_it() -> None:
    window = Window(60, 60)
    verdicts = [window.arrive(at, allowed=1) for at in (0, 10, 69, 128, 188)]
    assert [verdict.retry_after for verdict in verdicts] == [None, 60, 60, 60, None]


async def test_every_reply_counts_down(client: Client) -> None:
    first, second = await client.send(), await client.send()
    assert rates(first.headers) == ["medium", "40", "39", "60"]
    assert rates(second.headers) == ["medium", "40", "38", "60"]
    assert rates((await client.get("/message-store")).headers) == ["light", "50", "49", "60"]


async def test_a_refused_text_counts_too(client: Client) -> None:
    refused = await client.send("12125550100")
    assert rates(refused.headers) == ["medium", "40", "39", "60"]
    assert rates((await client.send()).headers) == ["medium", "40", "38", "60"]


async def test_a_request_for_another_account_counts_too(client: Client) -> None:
    answer = await client.request("POST", "/restapi/v1.0/account/1/extension/~/sms")
    assert (answer.status, rates(answer.headers)) == (404, ["medium", "40", "39", "60"])


async def test_the_forty_first_text_of_a_minute_is_refused(client: Client) -> None:
    answers = [await client.send() for _ in range(41)]
    assert [answer.status for answer in answers] == [200] * 40 + [429]
    refused = answers[-1]
    assert refused.code == "CMN-301"
    assert refused.headers["Retry-After"] == "60"
    assert rates(refused.headers) == ["medium", "40", "0", "60"]
    assert len(client.simulator.ledger.texts) == 40


async def test_the_penalty_lasts_until_nobody_asks_for_its_length(logged_in: Simulate) -> None:
    client = await logged_in(FEW)
    statuses = []
    for seconds in (0, 0, 0, 59, 59, 60):
        client.clock.advance(seconds)
        statuses.append((await client.send()).status)
    assert statuses == [200, 200, 429, 429, 429, 200]


async def test_a_full_window_stops_only_its_own_group(logged_in: Simulate) -> None:
    client = await logged_in(FEW)
    for _ in range(3):
        await client.send()
    assert (await client.get("/message-store")).status == 200


@pytest.mark.parametrize(
    ("jwt", "app", "status"),
    [
        ("simulated-jwt", "simulated-client", 429),
        ("second-jwt", "simulated-client", 403),  # it got as far as: that is not your number
        ("simulated-jwt", "second-app", 200),
    ],
)
async def test_each_user_of_each_application_has_a_window(
    logged_in: Simulate, jwt: str, app: str, status: int
) -> None:
    client = await logged_in(FEW)
    for _ in range(3):
        await client.send()
    await client.login(jwt, app)
    assert (await client.send()).status == status


@pytest.mark.parametrize("code", ["CMN-310", "MSG-305"])
async def test_a_limit_beside_the_users_own_says_nothing_of_the_rate(
    logged_in: Simulate, code: str
) -> None:
    settings = Settings(limits={"medium": 1}, limit_code=code, limit_retry_after=False)
    client = await logged_in(settings)
    await client.send()
    refused = await client.send()
    assert (refused.status, refused.code) == (429, code)
    assert rates(refused.headers) == [None] * 4
    assert "Retry-After" not in refused.headers


@pytest.mark.parametrize(
    ("fault", "retry_after", "group"),
    [
        (Fault(Kind.THROTTLE, retry_after=30), "30", "medium"),
        (Fault(Kind.THROTTLE), None, "medium"),
        (Fault(Kind.THROTTLE, code="CMN-310"), None, None),
        (Fault(Kind.THROTTLE, code="MSG-305", retry_after=5), "5", None),
        (Fault(Kind.THROTTLE, code="MSG-305", rate_headers=True), None, "medium"),
        (Fault(Kind.THROTTLE, rate_headers=False), None, None),
    ],
)
async def test_a_429_on_purpose(
    client: Client, fault: Fault, retry_after: str | None, group: str | None
) -> None:
    client.simulator.add_fault(fault)
    answer = await client.send()
    assert (answer.status, answer.code) == (429, fault.code or "CMN-301")
    assert answer.headers.get("Retry-After") == retry_after
    assert rates(answer.headers)[0] == group
    assert not client.simulator.ledger.texts


async def test_one_scale_shrinks_window_and_penalty(logged_in: Simulate) -> None:
    client = await logged_in(Settings(scale=0.01, limits={"medium": 1}))
    await client.send()
    refused = await client.send()
    assert refused.headers["Retry-After"] == "1"  # whole seconds, rounded up
    assert rates(refused.headers) == ["medium", "1", "0", "1"]
    client.clock.advance(0.59)
    assert (await client.send()).status == 429
    client.clock.advance(0.61)
    assert (await client.send()).status == 200
