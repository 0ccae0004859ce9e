"""One process of each login leads."""

from datetime import timedelta

import pytest

from dispatcher.store import leases
from dispatcher.store.database import Connection
from dispatcher.store.leases import DeposedError

LASTS = timedelta(minutes=1)


async def test_each_login_has_a_leader_of_its_own(daemon: Connection) -> None:
    # What only the leader asks RingCentral for, it asks for with its own login.
    first = await leases.lead(daemon, "shop", 1, LASTS)
    second = await leases.lead(daemon, "clinic", 2, LASTS)
    assert first
    assert second
    assert await leases.lead(daemon, "shop", 2, LASTS) is None
    await leases.must_lead(daemon, first)
    await leases.must_lead(daemon, second)


async def test_a_fence_leads_until_another_takes_over(daemon: Connection) -> None:
    first = await leases.lead(daemon, "shop", 1, LASTS)
    assert first
    assert await leases.lead(daemon, "shop", 1, LASTS) == first
    await leases.resign(daemon, 1, first)
    second = await leases.lead(daemon, "shop", 2, LASTS)
    assert second
    assert second.fence > first.fence
    with pytest.raises(DeposedError):
        await leases.must_lead(daemon, first)
