"""RingCentral's record of what became of texts, over real HTTP."""

import json
from datetime import datetime, timedelta

import pytest
from support.ringcentral import Connect, Line

from dispatcher.edge.ringcentral.archive import ArchiveUnreadableError
from dispatcher.ports import LimitedError, LoginUnreachableError, TokenRefusedError
from dispatcher.simulator.faults import Kind
from dispatcher.simulator.settings import Settings

DAY = timedelta(days=1)


async def since(line: Line) -> datetime:
    return line.theirs.now() - DAY


async def test_changes_are_told_by_a_token(connect: Connect) -> None:
    line = await connect(Settings(sent_after=10, final_after=60, lag=0))
    await line.send()  # before the token was given out: what changes of it is told all the same
    line.theirs.advance(7)
    token = await line.gateway.new_token(await since(line))
    assert token.at == line.theirs.now()
    line.theirs.advance(60)
    found = await line.gateway.changes(token.token)
    (one,) = found.raws
    assert json.loads(one.body)["messageStatus"] == "Delivered"
    assert found.then.token != token.token
    assert found.then.at == line.theirs.now()
    line.theirs.advance(60)
    assert (await line.gateway.changes(found.then.token)).raws == []


async def test_the_list_shows_all_of_a_time_page_by_page(connect: Connect) -> None:
    line = await connect(Settings(lag=0))
    for _ in range(3):
        await line.send()
    line.simulator.world.store.delete(int(line.simulator.ledger.texts[0].id), line.theirs.now())
    page = await line.gateway.history(await since(line), line.theirs.now(), 1)
    assert (len(page.raws), page.pages) == (3, 1)


async def test_a_token_that_is_not_known_is_refused(connect: Connect) -> None:
    line = await connect()
    with pytest.raises(TokenRefusedError):
        await line.gateway.changes("nonsense")


async def test_changes_that_break_off_are_read_from_the_list(connect: Connect) -> None:
    line = await connect()
    token = await line.gateway.new_token(await since(line))
    line.fault(Kind.GARBLE, path="message-sync", times=1)
    with pytest.raises(TokenRefusedError):
        await line.gateway.changes(token.token)


async def test_a_list_that_breaks_off_is_unreadable(connect: Connect) -> None:
    line = await connect()
    line.fault(Kind.GARBLE, path="message-store", times=1)
    with pytest.raises(ArchiveUnreadableError):
        await line.gateway.history(await since(line), line.theirs.now(), 1)


async def test_what_goes_wrong_is_told_apart(connect: Connect) -> None:
    line = await connect()
    line.fault(Kind.THROTTLE, path="message-sync", times=1, retry_after=7)
    with pytest.raises(LimitedError) as limit:
        await line.gateway.new_token(await since(line))
    assert limit.value.seconds == 7
    line.fault(Kind.REFUSE, path="message-sync", times=1, code="CMN-408")
    with pytest.raises(ArchiveUnreadableError, match="OutboundSMS"):
        await line.gateway.changes("any")
    line.fault(Kind.DROP, path="message-sync", times=9)
    with pytest.raises(LoginUnreachableError):
        await line.gateway.changes("any")
