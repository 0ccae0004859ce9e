"""Every word and code of RingCentral's about a text that it had accepted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.codes import DELIVERIES, FATES, Fate
from dispatcher.core.receipts import (
    Effect,
    HoldSender,
    Meaning,
    OptOut,
    Remember,
    Status,
    StopSender,
    Unfit,
    effects,
    midnight_pacific,
    read,
)

OPT_OUT: tuple[Effect, ...] = (OptOut(),)
HOLD: tuple[Effect, ...] = (HoldSender(),)
STOP: tuple[Effect, ...] = (StopSender(),)
LANDLINE: tuple[Effect, ...] = (Remember(Unfit.LANDLINE),)
UNSUPPORTED: tuple[Effect, ...] = (Remember(Unfit.UNSUPPORTED),)
UNALLOCATED: tuple[Effect, ...] = (Remember(Unfit.UNALLOCATED),)

CODES: dict[str, tuple[Effect, ...]] = {
    "SMS-RC-403": HOLD,
    "SMS-RC-410": LANDLINE,
    "SMS-RC-413": OPT_OUT,
    "SMS-RC-430": (),
    "SMS-RC-500": (),
    "SMS-RC-501": (),
    "SMS-RC-503": STOP,
    "SMS-RC-504": STOP,
    "SMS-UP-410": UNALLOCATED,
    "SMS-UP-413": OPT_OUT,
    "SMS-UP-414": STOP,
    "SMS-UP-430": (),
    "SMS-UP-431": STOP,
    "SMS-UP-432": (),
    "SMS-UP-433": (),
    "SMS-UP-500": (),
    "SMS-CAR-104": (),
    "SMS-CAR-199": (),
    "SMS-CAR-400": UNSUPPORTED,
    "SMS-CAR-410": (),
    "SMS-CAR-411": UNALLOCATED,
    "SMS-CAR-412": (),
    "SMS-CAR-413": OPT_OUT,
    "SMS-CAR-414": STOP,
    "SMS-CAR-430": (),
    "SMS-CAR-431": (),
    "SMS-CAR-432": (),
    "SMS-CAR-433": (),
    "SMS-CAR-434": (),
    "SMS-CAR-435": (),
    "SMS-CAR-450": HOLD,
    "SMS-CAR-451": HOLD,
    "SMS-CAR-452": HOLD,
    "SMS-CAR-460": STOP,
    "SMS-CAR-461": STOP,
    "SMS-CAR-500": (),
}
"""All that RingCentral documents, and what each calls for."""

UNKNOWN = ["SMS-CAR-104", "SMS-CAR-199"]
FAILING = sorted(CODES.keys() - UNKNOWN)
FAILURES = [("SendingFailed", Status.FAILED), ("DeliveryFailed", Status.UNDELIVERED)]
GOOD = [
    ("Queued", Meaning(Status.QUEUED, 0, final=False)),
    ("Sent", Meaning(Status.SENT, 1, final=False)),
    ("Delivered", Meaning(Status.DELIVERED, 3, final=True)),
]
NOON = datetime(2026, 7, 15, 12, tzinfo=UTC)


def test_every_code_that_ringcentral_documents_is_known() -> None:
    assert sorted(CODES) == sorted(row.code for row in DELIVERIES)


@pytest.mark.parametrize("code", CODES)
def test_what_each_code_calls_for(code: str) -> None:
    assert effects(code) == CODES[code]


@pytest.mark.parametrize(("word", "meaning"), GOOD)
def test_no_failure(word: str, meaning: Meaning) -> None:
    assert read(word, None) == read(word, "") == meaning


@pytest.mark.parametrize(("word", "status"), FAILURES)
@pytest.mark.parametrize("code", FAILING)
def test_each_code_of_a_failure(word: str, status: Status, code: str) -> None:
    left = word == "DeliveryFailed" or not code.startswith("SMS-RC-")
    assert read(word, code) == Meaning(
        status, 2, final=True, failure=FATES[code], handed_over=left, effects=CODES[code]
    )


@pytest.mark.parametrize("word", ["SendingFailed", "DeliveryFailed", "Sent"])
@pytest.mark.parametrize("code", UNKNOWN)
def test_what_the_carrier_does_not_know_is_no_failure(word: str, code: str) -> None:
    assert read(word, code) == Meaning(Status.SENT, 1, final=False)


@pytest.mark.parametrize(("word", "status"), FAILURES)
@pytest.mark.parametrize("code", [None, "", "SMS-CAR-999", "SMS-", "x", "sms-rc-413"])
def test_a_failure_without_a_code_that_we_know(
    word: str, status: Status, code: str | None
) -> None:
    assert read(word, code) == Meaning(status, 2, final=True, failure=Fate.BROKEN)


def test_a_code_of_ringcentrals_that_is_new_gives_the_money_back() -> None:
    meaning = read("SendingFailed", "SMS-RC-999")
    assert meaning == Meaning(
        Status.FAILED, 2, final=True, failure=Fate.BROKEN, handed_over=False
    )


@pytest.mark.parametrize(("word", "meaning"), GOOD)
def test_an_opt_out_is_heeded_beside_any_status(word: str, meaning: Meaning) -> None:
    found = read(word, "SMS-CAR-413")
    assert found is not None
    assert (found.status, found.failure, found.effects) == (meaning.status, None, OPT_OUT)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_text_that_arrived_says_nothing_against_number_or_sender(code: str) -> None:
    found = read("Delivered", code)
    assert found is not None
    assert found.effects in {(), OPT_OUT}


@pytest.mark.parametrize(
    "word", ["Received", "", "sent", "SENT", " Sent", "Read", "Undeliverable", "\ud800"]
)
def test_words_that_are_none_of_ours(word: str) -> None:
    assert read(word, None) is None
    assert read(word, "SMS-RC-413") is None


@given(st.text(), st.none() | st.text())
def test_it_never_raises(word: str, code: str | None) -> None:
    read(word, code)
    assert read("SendingFailed", code) is not None


@pytest.mark.parametrize(
    ("after", "midnight"),
    [
        pytest.param("2026-07-15 12:00", "2026-07-16 07:00", id="summer"),
        pytest.param("2026-12-15 12:00", "2026-12-16 08:00", id="winter"),
        pytest.param("2026-07-16 06:59:59.999999", "2026-07-16 07:00", id="just before"),
        pytest.param("2026-07-16 07:00", "2026-07-17 07:00", id="midnight itself"),
        pytest.param("2027-03-14 07:59", "2027-03-14 08:00", id="before the short day"),
        pytest.param("2027-03-14 08:00", "2027-03-15 07:00", id="all of the short day"),
        pytest.param("2027-03-14 10:30", "2027-03-15 07:00", id="after its gap"),
        pytest.param("2026-11-01 07:00", "2026-11-02 08:00", id="all of the long day"),
        pytest.param("2026-11-01 08:30", "2026-11-02 08:00", id="its first 1:30"),
        pytest.param("2026-11-01 09:30", "2026-11-02 08:00", id="its second 1:30"),
        pytest.param("2026-12-31 12:00", "2027-01-01 08:00", id="the year"),
    ],
)
def test_midnight_pacific(after: str, midnight: str) -> None:
    found = midnight_pacific(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(midnight).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


def test_midnight_needs_to_know_where_the_clock_is() -> None:
    with pytest.raises(ValueError, match="aware time"):
        midnight_pacific(NOON.replace(tzinfo=None))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_midnight_comes_within_a_day(after: datetime) -> None:
    wait = midnight_pacific(after) - after
    assert timedelta(0) < wait <= timedelta(hours=25)
