"""What a claim is made with, by one of several processes, limits out of the way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from dispatcher.core.guard import Allow, Cancel, Defer, Memory, Verdict
from dispatcher.core.lane import in_line
from dispatcher.core.message import Facts
from dispatcher.core.reason import Reason
from dispatcher.store import claims, login
from dispatcher.store.claims import Claimed, Limits
from dispatcher.store.database import Connection
from dispatcher.store.paying import Terms
from dispatcher.store.verdicts import Judge

LOGIN, GROUP, OURS = "login", "medium", "+16505550100"
TODAY = date(2026, 1, 5)
PLENTY = 1_000_000
SEND_BY = timedelta(seconds=30)
PRICE = Decimal("1.19")

# Each write of a row by anybody, counted where it happens.
WITNESS = """
CREATE TABLE public.writes (id uuid);
CREATE FUNCTION public.witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
  $$ BEGIN INSERT INTO public.writes SELECT id FROM new_rows; RETURN NULL; END $$;
CREATE TRIGGER witness AFTER UPDATE ON newsletter.sms_send_queue REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public.witness();
"""

NO_MEMORY = Memory(timedelta(0), 0)


@dataclass(frozen=True)
class Judged:
    """A judge made of a function, which remembers nothing."""

    judge: Callable[[Facts, datetime], Verdict]
    memory: Memory = NO_MEMORY

    def __call__(self, facts: Facts, now: datetime) -> Verdict:
        return self.judge(facts, now)

    def put_off(self, _: Facts, until: datetime, reason: Reason) -> Defer | Cancel:
        return Defer(until, reason)

    def record(self, _: Facts, __: datetime, verdict: Verdict) -> str:
        return json.dumps({"verdict": type(verdict).__name__})


allow = Judged(lambda _facts, _now: Allow())


def limits(process: int = 1, look: int = claims.LOOKED_AT_MOST) -> Limits:
    tomorrow, lease = datetime(2026, 1, 6, tzinfo=UTC), timedelta(seconds=90)
    return Limits(
        process, LOGIN, GROUP, PLENTY, PLENTY, TODAY, tomorrow, lease, idle=True, look=look
    )


def terms(process: int = 1, day_budget: int = 0) -> Terms:
    return Terms(process, SEND_BY, PRICE, TODAY, day_budget)


async def share(owner: Connection, tokens: float = PLENTY, per_second: float = PLENTY) -> None:
    """Make the login's bucket with so many *tokens*, and one number of ours."""
    await login.make_bucket(owner, LOGIN, GROUP, capacity=PLENTY, per_second=per_second)
    await owner.execute("UPDATE newsletter.sms_buckets SET tokens = $1", tokens)
    await login.know_senders(owner, LOGIN, {OURS: True}, TODAY)
    await owner.execute("UPDATE newsletter.sms_senders SET minute_tokens = $1", PLENTY)


async def claim(conn: Connection, most: int, judge: Judge = allow, process: int = 1) -> Claimed:
    """Claim once from every lane in line, as a process does that has served none yet."""
    lanes, now = await claims.lanes(conn, TODAY)
    line = in_line(lanes, {}, now, 16) if now else []
    return await claims.claim(conn, line, most, judge, limits(process))
