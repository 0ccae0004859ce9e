"""newsletter.e164 spells a North American number however it was typed, or gives NULL."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatcher.store.database import Connection

SPELLED = "+19165550123"
# Generated examples share one connection: nothing is written, so nothing carries over.
reading_only = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize(
    "typed",
    [
        "+19165550123",
        "19165550123",
        "9165550123",
        "(916) 555-0123",
        "916-555-0123",
        "916.555.0123",
        "916/555/0123",
        "1 (916) 555 0123",
        "+1 916 555 0123",
        "(+1) 916 555 0123",
        " 916 555 0123\n",
        "916\u00a0555\u00a00123",
        "916\u2011555\u20110123",
        "916\u2013555\u20130123",
        "\u202a+1 (916) 555-0123\u202c",
        "\ufeff9165550123",
        "9 1 6 5 5 5 0 1 2 3",
    ],
)
async def test_it_is_spelled(owner: Connection, typed: str) -> None:
    assert await owner.fetchval("SELECT newsletter.e164($1)", typed) == SPELLED


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "call me",
        "555-0123",
        "916555012",
        "91655501234",
        "29165550123",
        "+9165550123",
        "++19165550123",
        "1+9165550123",
        "0165550123",
        "1165550123",
        "9160550123",
        "9161550123",
        "9965550123",
        "+44 20 7946 0958",
        "+52 55 5555 0123",
        "011 1 916 555 0123",
        "9165550123 x12",
        "916555O123",
        "+1916555012\uff13",
        "916,555,0123",
        "9165550123/9165550124",
        "anonymous",
        "+1",
        "+",
    ],
)
async def test_it_has_no_spelling(owner: Connection, typed: str) -> None:
    assert await owner.fetchval("SELECT newsletter.e164($1)", typed) is None


async def test_null_stays_null(owner: Connection) -> None:
    assert await owner.fetchval("SELECT newsletter.e164(NULL)") is None


@reading_only
@given(st.text(alphabet=string.digits + "+()-. x\u00a0\u2011", max_size=20))
async def test_whatever_is_typed_the_spelling_is_one_or_none(
    owner: Connection, typed: str
) -> None:
    spelled = await owner.fetchval("SELECT newsletter.e164($1)", typed)
    digits = "".join(c for c in typed if c.isdigit())
    assert spelled is None or (len(spelled) == 12 and spelled == "+1" + digits[-10:])
    assert spelled == await owner.fetchval("SELECT newsletter.e164($1)", spelled)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT FROM newsletter.subscribers WHERE newsletter.e164(phone) = $1",
            "subscribers_e164",
        ),
        (
            "SELECT FROM newsletter.sms_send_queue WHERE newsletter.e164(phone_number) = $1 AND status IN ('pending', 'sending')",
            "sms_send_queue_live_number",
        ),
    ],
)
async def test_a_number_is_looked_up_through_its_index(
    owner: Connection, query: str, index: str
) -> None:
    await owner.execute("SET enable_seqscan = off")
    plan = "\n".join(
        r[0] for r in await owner.fetch(f"EXPLAIN {query.replace('$1', repr(SPELLED))}")
    )
    assert index in plan
