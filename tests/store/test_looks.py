"""A look into RingCentral's record counts once, and is no answer of RingCentral's."""

from datetime import timedelta

from support.claiming import LOGIN, OURS, TODAY
from support.queue import open_attempt, person, text

from dispatcher.core.message import Category
from dispatcher.core.reconcile import IfAbsent, Seen, Waits
from dispatcher.core.unknown import Choice, Ruling
from dispatcher.store import leases, login, reconciling, unknown
from dispatcher.store.database import Connection
from dispatcher.store.reconciling import Due

NOW = timedelta(0)
RULES = dict.fromkeys(Category, IfAbsent.RESEND)


async def doubt(owner: Connection, phone: str, opened: str) -> int:
    """An attempt of unknown fate that was opened so long ago."""
    message = await text(owner, person=await person(owner, phone=phone), status="sending")
    attempt = await open_attempt(owner, message, phone=phone, outcome="ambiguous")
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET sender = $1, opened_at = now() - $3::text::interval,"
        " send_by = now() - $3::text::interval + interval '1 s' WHERE id = $2",
        OURS, attempt, opened,
    )  # fmt: skip
    return attempt


async def test_a_doubt_whose_look_is_to_come_is_in_flight_and_not_foreign(
    owner: Connection,
) -> None:
    """Its text stands in the record that is read for an earlier one, and is ours all the same."""
    await login.know_senders(owner, LOGIN, {OURS: True}, TODAY)
    early = await doubt(owner, "+19165550100", "1 h")
    await doubt(owner, "+19165550101", "1 min")
    ended = await doubt(owner, "+19165550102", "1 h")
    await owner.execute("UPDATE newsletter.sms_attempts SET looks = 2 WHERE id = $1", ended)
    waits = Waits(timedelta(minutes=30), NOW, NOW, NOW)
    due = await reconciling.due(owner, LOGIN, waits)
    assert [d.doubt.attempt for d in due] == [early]
    _, in_flight = await reconciling.known(owner, [], due)
    assert in_flight == {(OURS, "+19165550101")}


async def in_doubt(owner: Connection, looks: int) -> tuple[int, list[Due]]:
    """Return an attempt of unknown fate whose next look is due."""
    await login.know_senders(owner, LOGIN, {OURS: True}, TODAY)
    message = await text(owner, person=await person(owner), status="sending")
    attempt = await open_attempt(owner, message, outcome="ambiguous")
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET sender = $1, looks = $2, looked_at = now(), opened_at = now() - interval '1 h',"
        " send_by = now() - interval '1 h' + interval '1 s'",
        OURS,
        looks,
    )
    return attempt, await reconciling.due(owner, LOGIN, Waits(NOW, NOW, NOW, NOW))


async def test_a_look_that_is_written_twice_is_one_look(owner: Connection) -> None:
    attempt, due = await in_doubt(owner, 0)
    lead = await leases.lead(owner, LOGIN, 1, timedelta(minutes=1))
    assert lead
    for _ in range(2):
        await reconciling.write(owner, lead, due, Seen(absent={attempt}), RULES)
    assert await owner.fetchval("SELECT looks FROM newsletter.sms_attempts") == 1


async def test_a_look_that_is_written_after_a_person_decided_is_no_late_answer(
    owner: Connection,
) -> None:
    attempt, due = await in_doubt(owner, 1)
    lead = await leases.lead(owner, LOGIN, 1, timedelta(minutes=1))
    assert lead
    (doubt,) = await unknown.look(owner)
    assert await unknown.resolve(owner, doubt, Ruling(Choice.SENT, "a person", "They have it."))
    await reconciling.write(owner, lead, due, Seen(absent={attempt}), RULES)
    row = await owner.fetchrow("SELECT decision, late_outcome FROM newsletter.sms_attempts")
    assert row
    assert tuple(row) == ("sent", None)
