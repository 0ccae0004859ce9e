"""One token for all processes, through PostgreSQL."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from support.daemon import PATIENCE_SECONDS, daemon
from support.office import NAME, Office, renewed
from support.ringcentral import CLIENT_SECRET, JWT

from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.edge.ringcentral.login import Login, LoginRefusedError
from dispatcher.ports import LoginUnreachableError
from dispatcher.simulator.faults import Kind
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"auth": 1000, "light": 1000}
LEASE = 30.0


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    """A simulator that lets everything through and whose tokens live for 1000 seconds."""
    async with AsyncExitStack() as stack:
        office = Office(database, stack)
        await office.open(Settings(access_ttl=1000, limits=WIDE))
        yield office


async def probes(gateways: list[RingCentralGateway]) -> list[bool]:
    return await asyncio.gather(*(each.probe() for each in gateways))


async def tokens(logins: list[Login]) -> set[str]:
    return {token.value for token in await asyncio.gather(*(one.token() for one in logins))}


async def test_ten_processes_log_in_as_often_as_one(office: Office) -> None:
    ten = await office.gateways(10)
    assert await probes(ten) == [True] * 10
    assert office.logins == [200]
    office.simulator.world.sessions.forget()
    assert await probes(ten) == [True] * 10
    assert office.logins == [200, 200], "a token that was killed is replaced by one of them"


async def test_two_daemons_log_in_once(office: Office, owner: Connection) -> None:
    simulator = office.simulator
    async with daemon(office.dsn, simulator) as one, daemon(office.dsn, simulator) as other:
        await one.said("daemon.started")
        await other.said("daemon.started")
    assert office.logins == [200]
    assert await owner.fetchval("SELECT generation FROM newsletter.sms_logins") == 1


async def test_one_renews_and_all_use_the_old_one_until_it_has(office: Office) -> None:
    ten = [await office.login() for _ in range(10)]
    (old,) = await tokens(ten)
    await office.later(790)
    assert await tokens(ten) == {old}
    assert office.logins == [200]
    await office.later(20)
    office.fault(Kind.LATENCY, group="auth", seconds=1)
    assert await tokens(ten) == {old}
    await office.theirs.waiters()
    office.clock.ahead += 2
    assert await tokens(ten) == {old}
    office.theirs.advance(1)
    await renewed()
    office.clock.ahead += 2
    await tokens(ten)
    await renewed()
    (new,) = await tokens(ten)
    assert new != old
    assert office.logins == [200, 200]


async def test_refused_by_ten_again_and_again_it_is_five_a_minute(office: Office) -> None:
    ten = await office.gateways(10)
    office.fault(Kind.REFUSE, group="light", code="OAU-213")
    for minute in (1, 2):
        for _ in range(6):
            assert await probes(ten) == [False] * 10
        assert office.logins == [200] * 5 * minute
        await office.later(61)


async def test_logins_that_never_ended_count_too(office: Office) -> None:
    """Each may have gone out until its lease was over, so the minute begins there."""
    shelf, login = await office.shelf(), await office.login()
    for _ in range(5):
        assert (await shelf.look(0, 10.0, b"mark")).turn
        await office.later(10)
    await office.later(15)  # the first began 65 seconds ago, and was over 55 ago
    with pytest.raises(LoginUnreachableError, match="due in"):
        await login.token()
    assert office.logins == []
    await office.later(6)
    await login.token()


async def test_nothing_lies_there_in_clear(office: Office, owner: Connection) -> None:
    token = (await (await office.login()).token()).value
    row = await owner.fetchrow("SELECT l.*, l::text AS shown FROM newsletter.sms_logins l")
    assert row
    seen = row["shown"].encode() + row["token"] + base64.urlsafe_b64decode(row["token"])
    for secret in (token, JWT, CLIENT_SECRET):
        assert secret.encode() not in seen
        assert secret.encode().hex().encode() not in seen


@pytest.mark.parametrize(
    "garbage",
    [b"", b"garbage", b"\xff" * 100, os.urandom(99)],
    ids=["empty", "short", "no base64", "random"],
)
async def test_garbage_is_ignored_and_replaced(
    office: Office, owner: Connection, garbage: bytes
) -> None:
    first, second = await office.login(), await office.login()
    good = await first.token()
    await owner.execute("UPDATE newsletter.sms_logins SET token = $1", garbage)
    assert await first.token() is good
    assert (await second.token()).generation == 2
    assert (await (await office.login()).token()).generation == 2
    assert office.logins == [200, 200]


async def test_a_database_that_was_set_back_costs_one_login(
    office: Office, owner: Connection
) -> None:
    login = await office.login()
    for _ in range(2):
        await login.instead_of(await login.token())
    await owner.execute("UPDATE newsletter.sms_logins SET generation = 0, token = NULL")
    await office.later(1001)
    assert (await login.token()).generation == 1
    assert office.logins == [200] * 4


async def test_another_secret_does_not_open_it(office: Office) -> None:
    login, thief = await office.login(), await office.login(client_secret="guessed")  # noqa: S106
    good = await login.token()
    with pytest.raises(LoginRefusedError, match="OAU-146"):
        await thief.token()
    assert await login.token() is good
    assert office.logins == [200, 401]


async def test_a_refusal_holds_for_all_who_have_the_same_credentials(office: Office) -> None:
    wrong = [await office.login(jwt="revoked") for _ in range(5)]
    right = await office.login()
    refusals = await asyncio.gather(*(each.token() for each in wrong), return_exceptions=True)
    assert [getattr(refusal, "code", None) for refusal in refusals] == ["OAU-140"] * 5
    assert office.logins == [400]
    async with asyncio.timeout(PATIENCE_SECONDS):
        await right.token()
    assert office.logins == [400, 200]


async def test_a_penalty_holds_for_all(office: Office) -> None:
    office.fault(Kind.THROTTLE, group="auth", retry_after=90, times=1)
    one, other = await office.login(), await office.login(jwt="revoked")
    with pytest.raises(LoginUnreachableError, match="less often"):
        await one.token()
    await office.later(85)
    for each in (one, other):
        with pytest.raises(LoginUnreachableError, match="due in"):
            await each.token()
    assert office.logins == [429]
    await office.later(6)
    await one.token()


async def test_a_process_that_died_at_it_blocks_nobody_for_longer(office: Office) -> None:
    dead, login = await office.shelf(), await office.login()
    assert (await dead.look(0, LEASE, b"mark")).turn
    waiting = asyncio.create_task(login.token())
    await office.clock.waiting.wait()
    await office.later(LEASE - 5)
    office.clock.waiting.clear()
    await office.clock.waiting.wait()
    assert office.logins == []
    await office.later(5)
    assert (await waiting).generation == 1
    assert office.logins == [200]


async def test_who_comes_back_too_late_takes_what_the_next_one_brought(office: Office) -> None:
    frozen, next_one = await office.login(), await office.login()
    office.fault(Kind.LATENCY, group="auth", seconds=1, times=1)
    late = asyncio.create_task(frozen.token())
    await office.theirs.waiters()
    await office.later(60)
    good = await next_one.token()
    office.theirs.advance(1)
    assert (await late).value == good.value
    assert office.logins == [200, 200]


async def test_without_the_database_a_good_token_is_still_good(office: Office) -> None:
    held, empty = await office.database(), await office.database()
    login, without = await office.login(held), await office.login(empty)
    good = await login.token()
    await held.close()
    await empty.close()
    office.clock.ahead += 900
    for _ in range(2):
        assert await login.token() is good
        await renewed()
    with pytest.raises(LoginUnreachableError, match="database"):
        await without.token()
    office.clock.ahead += 101
    with pytest.raises(LoginUnreachableError, match="database"):
        await login.token()
    assert office.logins == [200]


async def test_a_stop_waits_for_nobody_elses_login(office: Office) -> None:
    shelf, login = await office.shelf(), await office.login()
    assert (await shelf.look(0, LEASE, b"mark")).turn
    waiting = asyncio.create_task(login.token())
    await office.clock.waiting.wait()
    await login.close()
    with pytest.raises(LoginUnreachableError, match="stopping"):
        await waiting


async def test_the_host_application_cannot_read_it(office: Office, app: Connection) -> None:
    await (await office.login()).token()
    rights = "has_table_privilege('newsletter.sms_logins', 'SELECT')"
    assert await app.fetchval(f"SELECT {rights}") is False


async def test_each_login_has_its_own_row(office: Office, owner: Connection) -> None:
    await (await office.login()).token()
    assert await owner.fetchval("SELECT login FROM newsletter.sms_logins") == NAME
