"""Which subscription is ours, and whether it will do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatcher.core.subscription import (
    FILTERS,
    LASTS,
    Plan,
    Subscription,
    mark,
    plan,
    shown,
    spoken,
)

HERE = "https://texts.example/hook"
IDS = (
    ("account/~", "account/1"),
    ("accounts/~", "accounts/1"),
    ("extension/~", "extension/62983"),
    ("subscription/~", "subscription/one"),
)


def resolved(text: str) -> str:
    for tilde, named in IDS:
        text = text.replace(tilde, named)
    return text


GOOD = Subscription("one", HERE, "WebHook", "Active", tuple(map(resolved, FILTERS)), (), LASTS)


def planned(*listed: Subscription, known: str | None = "one", same_token: bool = True) -> Plan:
    return plan(listed, HERE, known, same_token=same_token)


def test_a_good_one_goes_on() -> None:
    assert planned(GOOD) == Plan(GOOD, old=False, others=())
    assert GOOD.owner == "62983"


def test_without_ids_it_is_as_good() -> None:
    tilde = replace(GOOD, filters=FILTERS)
    assert (planned(tilde).good, tilde.owner) == (tilde, None)


def test_more_than_we_ask_for_is_good_too() -> None:
    more = replace(GOOD, filters=(*GOOD.filters, "/restapi/v1.0/account/1/presence"))
    assert planned(more).good == more


def test_what_is_left_out_would_be_left_out_again() -> None:
    some = replace(GOOD, filters=GOOD.filters[1:], disabled=GOOD.filters[:1])
    assert planned(some).good == some


def test_what_ringcentral_writes_in_its_own_way_it_would_write_so_again() -> None:
    made = replace(GOOD, filters=tuple(each.partition("?")[0] for each in GOOD.filters))
    assert planned(made).others == ((made, "filters"),)
    assert plan([made], HERE, "one", same_token=True, wanted=shown(made)).good == made


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (replace(GOOD, status="Blacklisted"), "stopped"),
        (replace(GOOD, status="Blocked"), "stopped"),
        (replace(GOOD, filters=GOOD.filters[:3]), "filters"),
        (
            replace(GOOD, filters=tuple(f.replace("SMS", "Fax") for f in GOOD.filters)),
            "filters",
        ),
        (replace(GOOD, address="https://texts.example/old"), "address"),
        (replace(GOOD, id="two"), "double"),
    ],
)
def test_one_that_will_not_do(bad: Subscription, why: str) -> None:
    assert planned(bad) == Plan(None, old=False, others=((bad, why),))


def test_with_another_token_it_will_not_do() -> None:
    assert planned(GOOD, same_token=False).others == ((GOOD, "token"),)


def test_none_is_good_without_an_address() -> None:
    assert plan([GOOD], "", "one", same_token=True).others == ((GOOD, "off"),)


@pytest.mark.parametrize(
    "theirs",
    [
        replace(GOOD, id="two", address="https://other.example/hook"),
        replace(GOOD, id="two", address=f"{HERE}/more"),
        replace(GOOD, id="two", transport="WebSocket"),
    ],
)
def test_others_are_not_touched(theirs: Subscription) -> None:
    assert planned(theirs, GOOD) == Plan(GOOD, old=False, others=())
    assert planned(theirs, known=None) == Plan(None, old=False, others=())


@pytest.mark.parametrize(
    ("left", "old"), [(LASTS / 2, False), (LASTS / 2 - timedelta(seconds=1), True)]
)
def test_it_is_renewed_with_half_of_its_life_left(left: timedelta, old: bool) -> None:  # noqa: FBT001
    assert planned(replace(GOOD, lasts=left)).old is old


def test_a_mark_tells_tokens_apart() -> None:
    assert mark("a") == mark("a") != mark("b")


def test_a_filter_is_spoken_of_by_its_end() -> None:
    assert spoken(resolved(FILTERS[0])) == "message-store/instant"


def test_its_address_is_in_no_picture_of_it() -> None:
    assert HERE not in repr(GOOD)
