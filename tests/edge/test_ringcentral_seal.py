from dataclasses import replace

import pytest
from support.ringcentral import ACCOUNT

from dispatcher.edge.ringcentral.seal import Seal

TOKEN = "U1BCMDFU.a-token_~"  # noqa: S105 - nobody's


def test_what_was_sealed_is_opened_by_the_same_credentials_alone() -> None:
    sealed = Seal(ACCOUNT).close(TOKEN)
    again = replace(ACCOUNT, server_url=ACCOUNT.server_url + "/", lanes=7)
    assert Seal(again).open(sealed) == TOKEN
    assert Seal(again).mark == Seal(ACCOUNT).mark


@pytest.mark.parametrize("part", ["client_id", "client_secret", "server_url", "jwt"])
def test_it_is_bound_to_each_of_them(part: str) -> None:
    other = Seal(replace(ACCOUNT, **{part: "http://127.0.0.1:2"}))  # type: ignore[arg-type]
    assert other.open(Seal(ACCOUNT).close(TOKEN)) is None
    assert other.mark != Seal(ACCOUNT).mark


def test_parts_are_not_mistaken_for_each_other() -> None:
    one = Seal(replace(ACCOUNT, client_id="ab", jwt="c"))
    assert Seal(replace(ACCOUNT, client_id="a", jwt="bc")).open(one.close(TOKEN)) is None


def test_what_was_changed_is_not_opened() -> None:
    seal = Seal(ACCOUNT)
    sealed = bytearray(seal.close(TOKEN))
    sealed[-9] ^= 1
    assert seal.open(bytes(sealed)) is None


def test_the_mark_gives_nothing_away_and_is_not_the_key() -> None:
    mark = Seal(ACCOUNT).mark
    assert len(mark) == 32
    assert all(part.encode() not in mark for part in (ACCOUNT.client_secret, ACCOUNT.jwt))
