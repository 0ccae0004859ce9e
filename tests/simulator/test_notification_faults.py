"""What goes wrong with notifications, and who gets none any more."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from support.simulated import CONSENTS, INSTANT, OURS, SUBSCRIPTION, THEIRS, Client, Simulate
from support.webhook import Reply, Webhook, echo

from dispatcher.simulator.faults import FaultError
from dispatcher.simulator.notification_faults import Mishap, NotificationFault
from dispatcher.simulator.settings import Settings


def says(client: Client, *texts: str) -> None:
    for text in texts:
        client.simulator.receive(THEIRS, OURS, text)


def befall(client: Client, kind: Mishap, times: int | None = 1, **more: Any) -> int:
    fault = NotificationFault(kind, times=times, **more)
    return client.simulator.add_notification_fault(fault)


def subjects(told: list[dict[str, Any]]) -> list[str]:
    return [one["body"]["subject"] for one in told]


async def test_one_is_dropped(client: Client, hook: Webhook) -> None:
    made = (await client.subscribe(hook.url)).json
    befall(client, Mishap.DROP)
    says(client, "lost", "heard")
    assert subjects(await hook.heard(1)) == ["heard"]
    assert (await client.subscription(made["id"]))["status"] == "Active"


async def test_one_comes_twice(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    befall(client, Mishap.DOUBLE)
    says(client, "twice", "once")
    told = await hook.heard(3)
    assert subjects(told) == ["twice", "twice", "once"]
    assert len({one["uuid"] for one in told}) == 2
    assert hook.told[0].body == hook.told[1].body


async def test_one_is_overtaken_by_the_next(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    befall(client, Mishap.REORDER)
    says(client, "first", "second", "third")
    assert subjects(await hook.heard(3)) == ["second", "first", "third"]


async def test_all_are_swapped_in_pairs(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    befall(client, Mishap.REORDER, times=None)
    says(client, "1", "2", "3", "4")
    assert subjects(await hook.heard(4)) == ["2", "1", "4", "3"]


@pytest.mark.parametrize("way", ["settings", "control", "process"])
async def test_one_is_late(simulate: Simulate, hook: Webhook, way: str) -> None:
    late = {"kind": "delay", "seconds": 60, "times": 1}
    fault = NotificationFault.parse(late)
    faults = (fault,) if way == "settings" else ()
    client = await simulate(Settings(scale=0.5, notification_faults=faults))
    await client.login()
    await client.subscribe(hook.url)
    if way == "control":
        await client.request("POST", "/control/notification-faults", json=late)
    if way == "process":
        client.simulator.add_notification_fault(fault)
    says(client, "late", "in time")
    assert subjects(await hook.heard(1)) == ["in time"]
    client.clock.advance(30)
    told = await hook.heard(2)
    assert subjects(told) == ["in time", "late"]
    assert told[1]["timestamp"] == "2026-01-05T15:00:00.000Z"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Mishap.WRONG_TOKEN, "token"),
        (Mishap.WRONG_SUBSCRIPTION, "subscriptionId"),
        (Mishap.WRONG_OWNER, "ownerId"),
    ],
)
async def test_one_bears_what_is_not_ours(
    client: Client, hook: Webhook, kind: Mishap, wrong: str
) -> None:
    await client.subscribe(hook.url)
    befall(client, kind)
    says(client, "of somebody else", "ours")
    await hook.heard(2)
    seen = [{"token": told.headers["Verification-Token"], **told.json} for told in hook.told]
    names = ("token", "subscriptionId", "ownerId")
    assert [name for name in names if seen[0][name] != seen[1][name]] == [wrong]


async def test_several_things_befall_one(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    for kind in (Mishap.DOUBLE, Mishap.REORDER, Mishap.WRONG_OWNER):
        befall(client, kind)
    says(client, "first", "second")
    told = await hook.heard(3)
    assert subjects(told) == ["second", "first", "first"]
    assert told[1]["ownerId"] == told[2]["ownerId"] == "1"


async def test_what_is_lost_meets_nothing_more(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    for kind in (Mishap.DOUBLE, Mishap.DROP):
        befall(client, kind)
    says(client, "lost", "twice")
    assert subjects(await hook.heard(2)) == ["twice", "twice"]


async def test_a_fault_meets_the_event_that_it_names(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url, INSTANT, CONSENTS)
    befall(client, Mishap.DROP, times=None, event="instant")
    says(client, "STOP")
    (told,) = await hook.heard(1)
    assert told["event"].endswith("/sms/consents")


async def test_chance_can_be_repeated(simulate: Simulate, hook: Webhook) -> None:
    heard = []
    for _ in range(2):
        client = await simulate(Settings(seed=7))
        await client.login()
        await client.subscribe(hook.url)
        befall(client, Mishap.DROP, times=None, probability=0.5)
        says(client, *[str(number) for number in range(20)])
        client.simulator.world.notification_faults.clear()
        says(client, "end")
        count = 20 - client.simulator.world.notification_faults.befell[Mishap.DROP] + 1
        heard.append(subjects(await hook.heard(count)))
        hook.told.clear()
    assert heard[0] == heard[1]
    assert 1 < len(heard[0]) < 20


async def test_one_is_blacklisted_at_once(client: Client, hook: Webhook) -> None:
    made = (await client.subscribe(hook.url)).json
    befall(client, Mishap.BLACKLIST)
    says(client, "lost", "lost too")
    shown = await client.subscription(made["id"])
    assert shown["status"] == "Blacklisted"
    assert shown["blacklistedData"]["blacklistedAt"] == "2026-01-05T15:00:00.000Z"
    await client.subscribe(hook.url)
    says(client, "heard")
    assert subjects(await hook.heard(1)) == ["heard"]


async def answers_404(_: web.Request) -> web.StreamResponse:
    return web.Response(status=404)


async def redirects(request: web.Request) -> web.StreamResponse:
    return web.Response(status=307, headers={"Location": str(request.url)})


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        (answers_404, "Webhook responses with code: [404], reason: [Not Found]"),
        (redirects, "Webhook responses with code: [307], reason: [Temporary Redirect]"),
        (hangs_up, "I/O operation is failed. Details: [Connection reset]"),
    ],
)
async def test_failures_in_a_row_blacklist(
    simulate: Simulate,
    hook: Webhook,
    replies: Reply,
    reason: str,
) -> None:
    client = await simulate(Settings(blacklist_after=3))
    await client.login()
    made = (await client.subscribe(hook.url)).json
    hook.replies = replies
    says(client, "1", "2", "3", "4")
    await client.simulator.all_told()
    shown = await client.subscription(made["id"])
    assert (shown["status"], shown["blacklistedData"]["reason"]) == ("Blacklisted", reason)
    assert [told.json["body"]["subject"] for told in hook.told] == ["1", "2", "3"]  # once each


async def test_a_success_between_failures(simulate: Simulate, hook: Webhook) -> None:
    client = await simulate(Settings(blacklist_after=2))
    await client.login()
    made = (await client.subscribe(hook.url)).json

    async def replies(request: web.Request) -> web.StreamResponse:
        return echo(request, 200 if len(hook.told) % 2 else 503)

    hook.replies = replies
    says(client, *"123456")
    await client.simulator.all_told()
    assert len(hook.told) == 6
    assert (await client.subscription(made["id"]))["status"] == "Active"


async def test_a_blacklisted_one_gets_nothing_until_it_is_made_anew(
    client: Client, hook: Webhook
) -> None:
    made = (await client.subscribe(hook.url)).json
    path = f"/control/subscriptions/{made['id']}/blacklist"
    assert (await client.request("POST", path, json={"reason": "Why not"})).status == 204
    says(client, "lost")
    renewed = await client.request("POST", f"{SUBSCRIPTION}/{made['id']}/renew")
    assert renewed.json["status"] == "Blacklisted"
    assert renewed.json["blacklistedData"]["reason"] == "Why not"
    says(client, "lost too")
    await client.request("DELETE", f"{SUBSCRIPTION}/{made['id']}")
    await client.subscribe(hook.url)
    says(client, "heard")
    assert subjects(await hook.heard(1)) == ["heard"]


async def test_an_answer_that_takes_too_long(simulate: Simulate, hook: Webhook) -> None:
    client = await simulate(Settings(scale=0.5, blacklist_after=1))
    await client.login()
    made = (await client.subscribe(hook.url)).json
    may_answer = asyncio.Event()

    async def replies(request: web.Request) -> web.StreamResponse:
        client.clock.advance(1.5)
        await may_answer.wait()
        return echo(request)

    hook.replies = replies
    says(client, "Hello")
    await client.simulator.all_told()
    shown = await client.subscription(made["id"])
    assert shown["blacklistedData"]["reason"] == (
        "I/O operation is failed. Details: [Read timed out]"
    )
    may_answer.set()


async def test_nothing_outlives_the_simulator(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    may_answer = asyncio.Event()

    async def hesitates(request: web.Request) -> web.StreamResponse:
        await may_answer.wait()
        return echo(request)

    hook.replies = hook.shakes = hesitates
    says(client, "waits for its answer")
    befall(client, Mishap.DELAY, seconds=60)
    says(client, "waits for its time")
    await hook.heard(1)
    shaking = asyncio.ensure_future(client.subscribe(hook.url))
    await hook.shaken(2)
    async with asyncio.timeout(5):
        await client.simulator.stop()
        assert (await shaking).code == "SUB-521"
    assert [task for task in asyncio.all_tasks() if _is_ours(task)] == []
    may_answer.set()


def _is_ours(task: asyncio.Task[Any]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "dispatcher/simulator" in code.co_filename


@pytest.mark.parametrize(
    "given",
    [
        {},
        7,
        {"kind": "explode"},
        {"kind": "drop", "to": "x"},
        {"kind": "drop", "times": 0},
        {"kind": "drop", "times": 1.5},
        {"kind": "drop", "probability": 2},
        {"kind": "drop", "probability": "x"},
        {"kind": "drop", "event": "("},
        {"kind": "drop", "event": 7},
        {"kind": "delay"},
        {"kind": "delay", "seconds": -1},
    ],
)
def test_faults_that_make_no_sense(given: object) -> None:
    with pytest.raises(FaultError):
        NotificationFault.parse(given)


async def test_faults_come_and_go(client: Client) -> None:
    path = "/control/notification-faults"
    many = [{"kind": "drop", "times": 2}, {"kind": "delay", "seconds": 5}]
    added = await client.request("POST", path, json=many)
    assert added.status == 201
    first, second = added.json["ids"]
    assert [one["id"] for one in (await client.request("GET", path)).json] == [first, second]
    assert (await client.request("DELETE", f"{path}/{first}")).status == 204
    assert (await client.request("DELETE", f"{path}/{first}")).status == 404
    assert (await client.request("DELETE", path)).status == 204
    assert (await client.request("GET", path)).json == []
    assert (await client.request("POST", path, json={"kind": "explode"})).status == 400
    fault_id = befall(client, Mishap.DROP)
    assert client.simulator.remove_notification_fault(fault_id)
