"""The watch at the doors finds what it is there for."""

import pytest
from support.private import leaks, secrets

TOLD = {"RINGCENTRAL_JWT": "simulated-jwt", "DATABASE_URL": "postgresql://u:p/4@ssword@h/x"}


@pytest.mark.parametrize(
    "said",
    [
        "refused simulated-jwt",
        "at postgresql://u:p/4@ssword@h/x",
        '"phone": "+19165550100"',
        "to 916-555-0100.",
        "(916) 555-0100",
        "19165550100",
    ],
)
def test_it_sees_a_secret_and_a_number(said: str) -> None:
    assert leaks(said, secrets(TOLD))


@pytest.mark.parametrize(
    "said", ["+1916***0100", "3f1c2b4a-0000-4000-8000-919165550100", "12.5 s, MSG-555", "u@h"]
)
def test_it_passes_what_is_masked_and_an_id(said: str) -> None:
    assert leaks(said, secrets(TOLD)) == []
