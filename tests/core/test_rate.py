import pytest

from dispatcher.core.rate import RateSeen, rate_seen

SEEN = {
    "X-Rate-Limit-Group": "Medium",
    "X-Rate-Limit-Limit": "40",
    "X-Rate-Limit-Remaining": "39",
    "X-Rate-Limit-Window": "60",
}


def test_the_four_headers_in_any_case() -> None:
    seen = RateSeen("medium", 40, 39, 60)
    assert rate_seen(SEEN) == seen
    assert rate_seen({name.lower(): value for name, value in SEEN.items()}) == seen


@pytest.mark.parametrize("missing", SEEN)
def test_three_of_four_headers_say_nothing(missing: str) -> None:
    assert rate_seen({name: value for name, value in SEEN.items() if name != missing}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Limit", "0"),
        ("Limit", "-40"),
        ("Limit", "many"),
        ("Limit", "38"),  # less than what is left of it
        ("Limit", "9999999"),
        ("Limit", "٤٠"),
        ("Remaining", "-1"),
        ("Remaining", "3.5"),
        ("Window", "0"),
        ("Window", ""),
        ("Group", "a b"),
        ("Group", ""),
    ],
)
def test_nonsense_is_not_believed(name: str, value: str) -> None:
    assert rate_seen({**SEEN, f"X-Rate-Limit-{name}": value}) is None
