"""People who write STOP in the middle of a storm, and whether they were heeded.

When a transaction was committed, only PostgreSQL knows: triggers of the storm note which one made
each opt-out and opened each attempt, and the server tells the time of their commits.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatcher.simulator.ledger import Text
from dispatcher.simulator.server import Simulator
from dispatcher.store.database import Connection

SETTINGS = {"track_commit_timestamp": "on"}
WORDS = ("STOP", "stop please", "Unsubscribe", "Opt out", "no más", "QUIT", "remove me")
GRACE = timedelta(seconds=1)

NOTED = """
CREATE TABLE storm_commits (what text, key text, xid xid8);
CREATE FUNCTION note_opt_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN INSERT INTO public.storm_commits VALUES ('opt-out', NEW.phone, pg_current_xact_id()); RETURN NULL; END $$;
CREATE FUNCTION note_opening() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN INSERT INTO public.storm_commits VALUES ('opening', NEW.phone, pg_current_xact_id()); RETURN NULL; END $$;
CREATE TRIGGER note_opt_out AFTER INSERT ON newsletter.sms_suppressions FOR EACH ROW EXECUTE FUNCTION note_opt_out();
CREATE TRIGGER note_opening AFTER INSERT ON newsletter.sms_attempts FOR EACH ROW EXECUTE FUNCTION note_opening();
"""
COMMITS = """
SELECT key AS phone, min(pg_xact_commit_timestamp(xid::xid)) FILTER (WHERE what = 'opt-out') AS out,
       max(pg_xact_commit_timestamp(xid::xid)) FILTER (WHERE what = 'opening') AS opened
  FROM storm_commits GROUP BY key
"""
UNHEARD = """
SELECT count(*) FROM unnest($1::text[]) AS phone
 WHERE NOT EXISTS (SELECT FROM newsletter.sms_suppressions s WHERE s.phone = phone AND s.reason = 'opted_out')
"""


@dataclass
class Stops:
    """Who wrote STOP, of all who get texts; *chance* is that somebody does at a tick."""

    random: random.Random
    chance: float
    stopped: dict[str, str] = field(default_factory=dict)

    def tick(self, simulator: Simulator, numbers: Sequence[str], sender: str) -> None:
        """Perhaps let somebody write: most often one of those whose text is about to leave."""
        if not numbers or self.random.random() >= self.chance:
            return
        late = numbers[-min(len(numbers), 60) :]
        person = self.random.choice(late if self.random.random() < 0.8 else numbers)
        if person not in self.stopped:
            self.stopped[person] = self.random.choice(WORDS)
            simulator.receive(person, sender, self.stopped[person])


async def unheard(conn: Connection, stops: Stops) -> int:
    """Return how many who wrote STOP are not yet opted out."""
    return int(await conn.fetchval(UNHEARD, list(stops.stopped)))


async def ignored(conn: Connection, accepted: Sequence[Text]) -> list[str]:
    """Return each time that a STOP was not heeded.

    No attempt is opened once the opt-out is committed, and no request arrives later than GRACE
    after that.
    """
    latest: dict[str, datetime] = {}
    for text in accepted:
        latest[text.to] = max(text.at, latest.get(text.to, text.at))
    found = []
    for row in await conn.fetch(COMMITS):
        out, opened, phone = row["out"], row["opened"], row["phone"]
        if out is None:
            continue
        if opened and opened > out:
            found.append(f"{phone}: opened {opened - out} after the opt-out")
        if phone in latest and latest[phone] > out + GRACE:
            found.append(f"{phone}: a request {latest[phone] - out} after the opt-out")
    return found
