"""What stands in front of a text does not hold it up, and what is claimed together is shared fairly."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from support.claiming import Judged, allow, claim, share
from support.queue import campaign

from dispatcher.core.guard import Allow, Cancel, Defer, Verdict
from dispatcher.core.message import Facts
from dispatcher.core.reason import Reason
from dispatcher.store.database import Connection

TOKENS = "SELECT tokens FROM newsletter.sms_buckets"
NEVER = 1e-9  # a second brings no token worth the name

# Each write of a row by anybody, counted where it happens.
WITNESS = """
CREATE TABLE public.writes (id uuid);
CREATE FUNCTION public.witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
  $$ BEGIN INSERT INTO public.writes SELECT id FROM new_rows; RETURN NULL; END $$;
CREATE TRIGGER witness AFTER UPDATE ON newsletter.sms_send_queue REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public.witness();
"""


async def fill(
    owner: Connection,
    content: str,
    count: int,
    *,
    campaign: UUID | None = None,
    category: str | None = None,
    ago: int = 10,
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content, category, scheduled_at)"
        " SELECT $1, '+19165550100', $2, $3, now() - make_interval(secs => $4) FROM generate_series(1, $5::int)",
        campaign,
        content,
        category,
        ago,
        count,
    )


@Judged
def by_text(facts: Facts, now: datetime) -> Verdict:
    match facts.text:
        case "cancel":
            return Cancel(Reason.OPTED_OUT)
        case "defer":
            return Defer(now + timedelta(hours=8), Reason.QUIET_HOURS)
        case _:
            return Allow()


async def test_what_must_not_go_costs_one_write_each_and_no_token(
    owner: Connection, daemon: Connection
) -> None:
    """Twenty thousand of them stand in front of one that may go, and there is one token."""
    await share(owner, tokens=1, per_second=NEVER)
    spring = await campaign(owner, budget=0)
    await fill(owner, "cancel", 10_000, campaign=spring, ago=30)
    await fill(owner, "defer", 10_000, campaign=spring, ago=20)
    await fill(owner, "go", 1, campaign=spring, ago=10)
    await owner.execute(WITNESS)
    rounds = 0
    while not (done := await claim(daemon, 20, by_text)).claims:
        rounds += 1
        assert done.cancelled or done.deferred, "nothing moved and nothing was claimed"
        assert await owner.fetchval(TOKENS) == 1, "a cancel or a deferral took a token"
    assert [c.facts.text for c in done.claims] == ["go"]
    assert rounds <= 40
    assert await owner.fetchval(TOKENS) < 0.001
    writes = await owner.fetch("SELECT count(*) AS n FROM public.writes GROUP BY id")
    assert Counter(r["n"] for r in writes) == {1: 20_001}
    rows = await owner.fetch(
        "SELECT message_content, status::text, reason, count(*) FROM newsletter.sms_send_queue GROUP BY 1, 2, 3"
    )
    assert set(map(tuple, rows)) == {
        ("cancel", "failed", "opted_out", 10_000),
        ("defer", "pending", "quiet_hours", 10_000),
        ("go", "sending", None, 1),
    }


async def test_a_transactional_text_is_next_behind_a_hundred_thousand(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner, tokens=1, per_second=NEVER)
    spring = await campaign(owner, budget=0)
    await fill(owner, "promotion", 100_000, campaign=spring, ago=3600)
    await fill(owner, "reminder", 1, campaign=spring, category="reminder", ago=60)
    await fill(owner, "in it", 1, campaign=spring, category="transactional", ago=0)
    await fill(owner, "without", 1, category="transactional", ago=0)
    order = []
    for _ in range(4):
        (one,) = (await claim(daemon, 20)).claims
        order.append(one.facts.text)
        await owner.execute("UPDATE newsletter.sms_buckets SET tokens = 1")
    assert set(order[:2]) == {"in it", "without"}
    assert order[2:] == ["reminder", "promotion"]


async def test_two_campaigns_share_the_rate_however_long_one_is(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner, tokens=100, per_second=NEVER)
    long, short = await campaign(owner, budget=0), await campaign(owner, budget=0)
    await fill(owner, "long", 10_000, campaign=long, ago=3600)
    await fill(owner, "short", 200, campaign=short, ago=1)
    served: Counter[str] = Counter()
    while claims := (await claim(daemon, 10, allow)).claims:
        served += Counter(c.facts.text for c in claims)
    assert served == {"long": 50, "short": 50}
