"""An attempt is opened for a claim that stands, and for no other."""

from dataclasses import replace

from support.claiming import allow, claim, share, terms
from support.queue import campaign, person, text

from dispatcher.store.database import Connection
from dispatcher.store.opening import open_attempts


async def test_a_claim_that_was_taken_back_is_lost_though_its_row_is_ours_again(
    owner: Connection, daemon: Connection
) -> None:
    """A process that froze wakes with old claims, and may have claimed the same rows anew."""
    await text(owner, campaign=await campaign(owner, budget=100), person=await person(owner))
    await share(owner)
    (fresh,) = (await claim(daemon, 1)).claims
    stale = replace(fresh, fence=fresh.fence - 1)
    opened = await open_attempts(daemon, [stale, fresh], allow, terms())
    assert [a.claim for a in opened.attempts] == [fresh]
    assert opened.lost == [stale]
    reserved = await owner.fetchval("SELECT reserved_exact FROM newsletter.campaign_budgets")
    assert reserved == terms().price
