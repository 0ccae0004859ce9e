"""A state that lasts is told of once; gauges show the latest snapshot and nothing older."""

from dataclasses import replace
from pathlib import Path

from support.events import NINE, SAID, SAMPLES, SNAPSHOT
from support.watch import NOON, watched

from dispatcher.telemetry.words import OTHER


def test_an_outage_is_one_event_and_its_end_another(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        for _ in range(100):
            seen.telemetry.database_lost(SAID)
            seen.telemetry.listener_lost()
        for _ in range(2):
            seen.telemetry.database_back(10)
            seen.telemetry.listener_back(10)
        seen.telemetry.database_lost(SAID)
    assert seen.events() == [
        "database.lost",
        "listener.lost",
        "database.regained",
        "listener.regained",
        "database.lost",
    ]
    assert seen.samples()['outages_total{what="database"}'] == "2.0"


def test_a_login_that_goes_on_failing_is_one_event(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        for _ in range(100):
            seen.telemetry.login_refused(SAID)
            seen.telemetry.login_unreachable()
            seen.telemetry.login_stopped("unreached", NINE)
        seen.telemetry.login_done(1)
        seen.telemetry.login_resumed()
        seen.telemetry.login_resumed()
        seen.telemetry.login_refused(SAID)
    assert seen.events() == [
        "login.refused",
        "login.unreached",
        "login.stopped",
        "login.done",
        "login.resumed",
        "login.refused",
    ]
    assert seen.samples()['logins_total{result="refused"}'] == "101.0"


def test_an_empty_claim_moves_its_time_and_writes_nothing(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.now = NOON + 5
        seen.telemetry.claim_done(0, 0, 0, looked_at=500, seconds=0.001)
    assert seen.text() == ""
    assert float(seen.samples()["worker_last_loop_timestamp_seconds"]) == NOON + 5


def test_only_what_was_accepted_counts_as_sent(tmp_path: Path) -> None:
    settled = SAMPLES["attempt_settled"] | {"outcome": "ambiguous"}
    with watched(tmp_path / "log") as seen:
        seen.telemetry.attempt_settled(**settled)
        samples = seen.samples()
    assert samples['send_attempts_total{outcome="ambiguous"}'] == "1.0"
    assert samples['segments_sent_total{encoding="gsm7"}'] == "0.0"
    assert samples['enqueue_to_send_seconds_count{category="reminder"}'] == "0.0"


def test_a_429_without_a_group_is_the_logins(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.telemetry.limit_hit(None, 60)
        samples = seen.samples()
    assert samples['provider_429_total{limiter="login"}'] == "1.0"
    until = samples['provider_penalty_until_timestamp_seconds{limiter="login"}']
    assert float(until) == NOON + 60


def test_a_snapshot_replaces_the_one_before(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.telemetry.snapshot_taken(SNAPSHOT)
        first = seen.samples()
        seen.telemetry.snapshot_taken(replace(SNAPSHOT, depths=[], alerts={}, rates=[]))
        second = seen.samples()
    reminders = '{category="reminder",state="pending"}'
    assert first[f"queue_messages{reminders}"] == "3.0"
    assert first["unknown_messages"] == "12.0"
    assert first["budget_spent_cents"] == "1.19"
    assert second[f"queue_messages{reminders}"] == second["unknown_messages"] == "0.0"
    assert second['alerts{kind="no_sender"}'] == "0.0"


def test_without_the_database_its_gauges_say_that_nobody_knows(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.telemetry.snapshot_taken(SNAPSHOT)
        seen.telemetry.database_lost(SAID)
        lost = seen.samples()["queue_due_messages"]
        seen.telemetry.snapshot_taken(SNAPSHOT)
        found = seen.samples()["queue_due_messages"]
    assert (lost, found) == ("NaN", "5.0")


def test_a_word_outside_its_set_is_counted_as_other(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.telemetry.message_cancelled(SAMPLES["claim_lost"]["message_id"], None, "whim", "x")
        samples = seen.samples()
    assert samples[f'messages_cancelled_total{{reason="{OTHER}"}}'] == "1.0"
    assert not any("whim" in name for name in samples)


def test_two_telemetries_share_nothing(tmp_path: Path) -> None:
    with watched(tmp_path / "one") as one, watched(tmp_path / "two") as two:
        one.telemetry.database_lost(SAID)
        two.telemetry.database_lost(SAID)
        one.telemetry.database_lost(SAID)
    assert one.events() == two.events() == ["database.lost"]
    assert two.samples()['outages_total{what="database"}'] == "1.0"
