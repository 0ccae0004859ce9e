import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from support.books import sound
from support.command import PROGRAM, run
from support.write_people import TARGET, people

from dispatcher.cli.demo import command, picture
from dispatcher.cli.demo.campaign import Commands
from dispatcher.cli.demo.daemon import Standing
from dispatcher.cli.demo.moment import Moment
from dispatcher.cli.demo.result import Course, Result
from dispatcher.cli.demo.screen import Lines
from dispatcher.cli.main import main
from dispatcher.core import areas
from dispatcher.core.books import Check
from dispatcher.edge.clock import wait_until
from dispatcher.store.aftermath import Aftermath
from dispatcher.store.database import Connection
from dispatcher.store.progress import Failure, Figures

PATIENCE_SECONDS = 60

# Whoever tries the demo has perhaps configured the real thing already.
CONFIGURED = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/real",
    "PGHOST": "127.0.0.9",
    "RINGCENTRAL_SERVER_URL": "https://127.0.0.1:9",
    "RINGCENTRAL_JWT_FILE": "/dev/null",
    "SMS_DISPATCHER_HOURS": "federal",
    "SMS_DISPATCHER_NO_SUCH_SETTING": "1",
    "http_proxy": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}

FIGURES = Figures(
    pending=200,
    sending=8,
    sent=280,
    unknown=2,
    held=1,
    failed=10,
    cancelled=0,
    budget_cents=600,
    spent=Decimal("333.2"),
    reserved=Decimal("11.9"),
    exceeded=False,
    blocked_seconds=0.0,
    needs_probe=False,
    tokens_idle=False,
    throttled=1,
    found=3,
)
DONE = replace(FIGURES, pending=0, sending=0, sent=489, unknown=1)
AFTER = Aftermath(
    delivered=270,
    failed=3,
    awaited=6,
    open=1,
    spared=2,
    texts_in=12,
    replied=11,
    to_read=1,
    undone=0,
    stop_seconds=0.15,
    opted_out=5,
    answers_left=0,
)

DEAD = {"code": "SMS-CAR-411", "sentence": "The number does not exist or can't take texts."}
OFF = {"code": "SMS-CAR-412", "sentence": "The phone was off or out of reach."}
SILENT = {"code": "SMS-CAR-104", "sentence": "The carrier has not said what became of it."}
LANDLINE = {"code": "SMS-RC-410", "sentence": "The number can't take texts, as a landline."}


@pytest.mark.parametrize("webhooks", [True, False])
async def test_it_plays_whole_whatever_is_configured(tmp_path: Path, *, webhooks: bool) -> None:
    how = [] if webhooks else ["--no-webhooks"]
    kept = ["--keep", str(tmp_path / "kept")]
    ran = await run("demo", "--json", "--people", "40", *how, *kept, **CONFIGURED)
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert told["webhooks"] is webhooks
    assert (told["balanced"], told["verified"], told["counted"]) == (True, True, True)
    assert all(check["holds"] for check in told["checks"])
    assert told["people"] == 40
    assert (told["sent"], told["cancelled"], told["cancelled_by_stop"]) == (27, 3, 3)
    assert told["failures"] == [
        {"code": "MSG-243", "sentence": "RingCentral blocks this number.", "texts": 10},
        {"code": "opted_out", "sentence": "", "texts": 3},
    ]
    assert (told["delivered"], told["failed_later"], told["unconfirmed"]) == (23, 3, 1)
    assert told["failures_later"] == [
        each | {"texts": 1} for each in (SILENT, DEAD, OFF, LANDLINE)
    ]
    assert (told["texts_in"], told["replied"], told["opted_out"]) == (12, 11, 5)
    assert (told["to_read"], told["answered"]) == (1, 1)
    assert told["slowest_stop_seconds"] < PATIENCE_SECONDS
    assert (told["unknown"], told["found_in_record"]) == (0, 2)
    assert (told["throttled"], told["restarts"]) == (1, 0)
    assert told["accepted_by_simulator"] == told["sent"]
    assert told["most_in_a_window"] <= 40
    # RingCentral passed on all but one, to a landline.
    assert Decimal(told["spent_cents"]) == Decimal("1.19") * (told["sent"] - 1)
    log = (tmp_path / "kept" / "daemon.log").read_text("utf-8")
    assert "daemon.stopped" in log
    assert "hours.disabled" in log
    assert ("subscription.created" in log) is webhooks


SENDS = r"  sent +[1-9]"
BEGINS = "simulator, whose minute"


@contextmanager
def playing(
    *args: str, until: str = SENDS
) -> Iterator[tuple["subprocess.Popen[str]", dict[int, str]]]:
    """A demo that has come so far, and the processes that it has started, by their ids."""
    process = subprocess.Popen(
        [PROGRAM, "demo", *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = next((line for line in process.stdout if re.search(until, line)), "")
        assert said, process.stderr and process.stderr.read()
        yield process, children_of(process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def children_of(parent: int) -> dict[int, str]:
    """Each child's command by its id."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "ppid=,pid=,command="],
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return {
        int(row[1]): row[2] for row in rows if int(row[0]) == parent and "ps -A" not in row[2]
    }


def alive(pid: int) -> bool:
    """Say whether it runs: one that has ended may wait for a while until init takes note."""
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


def one(started: dict[int, str], wanted: str) -> int:
    (pid,) = (pid for pid, words in started.items() if wanted in words)
    return pid


def folder_of(started: dict[int, str]) -> Path:
    found = re.search(r"-D (\S+)/data", started[one(started, "/postgres -D")])
    assert found
    return Path(found[1])


def test_ctrl_c_leaves_nothing_running_and_nothing_on_disk() -> None:
    with playing() as (process, started):
        folder = folder_of(started)
        assert alive(one(started, "dispatcher run"))
        assert folder.is_dir()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)  # who is impatient does not break the clearing up
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert [pid for pid in started if alive(pid)] == []
    assert not folder.exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_end_it_too_whatever_it_does(how: signal.Signals) -> None:
    with playing(until=BEGINS) as (process, started):
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert [pid for pid in started if alive(pid)] == []


def test_a_demo_that_is_killed_takes_everything_with_it() -> None:
    with playing() as (process, started):
        folder = folder_of(started)
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
    assert wait_until(lambda: not any(map(alive, started)), PATIENCE_SECONDS)
    assert wait_until(lambda: not folder.exists(), PATIENCE_SECONDS)


def test_a_daemon_that_ends_by_itself_is_told_of_in_a_sentence() -> None:
    """It had its reason, and would have it again."""
    with playing() as (process, started):
        os.kill(one(started, "dispatcher run"), signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2
    assert re.fullmatch(
        r"sms-dispatcher: The daemon ended with exit code 0 before the campaign did; its last "
        r"words: daemon\.stopped\. --keep DIR keeps its log\.\n",
        err,
    )
    assert [pid for pid in started if alive(pid)] == []
    assert not folder_of(started).exists()


RUNS = r"  pid (\d+): kill -9 \1, and it is started again"
AGAIN = r"  (SIG[A-Z]+) killed the daemon: started again, pid (\d+)"


def pid_told(process: "subprocess.Popen[str]", said: str) -> int:
    """The daemon's pid in the first line that looks like *said*."""
    assert process.stdout
    found = next(filter(None, (re.match(said, line) for line in process.stdout)), None)
    assert found, process.stderr and process.stderr.read()
    return int(found[found.lastindex or 0])


def figure(out: str, row: str) -> int:
    """What the summary says in this row; 0 if it has none."""
    found = re.search(rf"^{row} +(\d+) ", out, re.MULTILINE)
    return int(found[1]) if found else 0


def test_a_daemon_that_is_killed_is_started_again_and_finishes(tmp_path: Path) -> None:
    """What it had in flight stands in RingCentral's record, or was not accepted and is held."""
    log = tmp_path / "daemon.log"
    with playing("--people", "60", "--keep", str(tmp_path), until=BEGINS) as (process, _):
        pid = pid_told(process, RUNS)
        assert wait_until(
            lambda: log.read_text("utf-8").count('"attempt.settled"') >= 20, PATIENCE_SECONDS
        )
        os.kill(pid, signal.SIGKILL)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, err) == (0, "")
    assert [how for how, _ in re.findall(AGAIN, out)] == ["SIGKILL"]
    assert figure(out, "killed") == 1
    assert re.search(
        r"^\$ sms-dispatcher verify\n  61 texts, .*\n  Everything agrees\.$", out, re.MULTILINE
    )
    assert "ok  nobody was texted twice" in out
    sent = figure(out, "sent")
    ends = ("failed", "cancelled", "unknown")
    assert sent + sum(figure(out, end) for end in ends) == 60
    assert figure(out, "replied") == 12
    assert f"against the {sent} texts that the simulator accepted" in out
    assert figure(out, "found") >= 2
    events = log.read_text("utf-8")
    assert events.count('"daemon.started"') == 2
    assert events.count('"subscription.created"') == 1
    assert '"subscription.reused"' in events
    assert re.search(r'"foreign": [1-9]', events) is None


def test_a_daemon_that_is_killed_too_often_is_told_of_in_a_sentence() -> None:
    with playing(until=BEGINS) as (process, _):
        pids = [pid_told(process, RUNS)]
        for _ in range(5):
            os.kill(pids[-1], signal.SIGKILL)
            pids.append(pid_told(process, AGAIN))
        os.kill(pids[-1], signal.SIGKILL)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2
    assert re.fullmatch(
        r"sms-dispatcher: The daemon was killed 6 times, the last time by SIGKILL: it is not "
        r"started again; its last words: [a-z.]+\. --keep DIR keeps its log\.\n",
        err,
    )
    assert len(set(pids)) == 6


def test_a_demo_that_is_killed_takes_the_new_daemon_with_it() -> None:
    with playing(until=BEGINS) as (process, _):
        os.kill(pid_told(process, RUNS), signal.SIGABRT)
        again = pid_told(process, AGAIN)
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
    assert wait_until(lambda: not alive(again), PATIENCE_SECONDS)


async def test_what_verify_finds_is_shown(
    database: str, owner: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = Commands(Lines(), database, tmp_path)
    await sound(owner)
    assert await commands.verify()
    await owner.execute("UPDATE newsletter.account_days SET spent_exact = 2.3801")
    assert not await commands.verify()
    agreed, differed = capsys.readouterr().out.split("$ sms-dispatcher verify\n")[1:]
    assert agreed.endswith("  Everything agrees.\n")
    assert "day_differs" in differed
    assert differed.endswith("  1 thing does not agree.\n")


async def test_figures_that_differ_are_shown(
    database: str, owner: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = Commands(Lines(), database, tmp_path)
    await sound(owner)
    assert await commands.count()
    await owner.execute("UPDATE newsletter.campaign_metrics_daily SET sent = sent + 1")
    assert not await commands.count()
    assert capsys.readouterr().out.count("$ sms-dispatcher rollup --verify\n") == 2


def test_a_folder_that_cannot_be_written_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["demo", "--keep", str(tmp_path / "file")]) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"sms-dispatcher: --keep {tmp_path}/file cannot be written to: ")
    assert (told.out, told.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("number", ["0", "501", "-1", "many", "٣"])
def test_only_so_many_people_are_there(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--people", number])
    assert ended.value.code == 2
    assert "must be a number from 1 to 500" in capsys.readouterr().err


WORKS = Standing(pid=4711, restarts=0, works=True)

AGAIN_WORKS = Standing(pid=4711, restarts=1, works=True)

SETTLED = replace(AFTER, awaited=0)

LIMITS = [
    (DONE, "receipts"),
    (replace(DONE, unknown=2), "RingCentral's record"),
    (replace(FIGURES, pending=500, sending=0, sent=0, unknown=0, failed=0), "the start"),
    (replace(FIGURES, exceeded=True), "the campaign's budget"),
    (replace(FIGURES, needs_probe=True, blocked_seconds=2.0), "RingCentral is out of reach"),
    (replace(FIGURES, blocked_seconds=1.24), "a 429 of RingCentral's"),
    (replace(FIGURES, sending=16), "the answers"),
    (replace(FIGURES, tokens_idle=True), "this machine"),
    (FIGURES, "the rate"),
]


@pytest.mark.parametrize(("figures", "limit"), LIMITS)
def test_the_picture_says_what_limits_the_speed(figures: Figures, limit: str) -> None:
    assert_limited(Moment(figures, AFTER, 500, 12.3, 29.6, WORKS), limit)


def assert_limited(now: Moment, limit: str) -> None:
    shown = drawn(picture.frame(now, 80))
    assert limit in shown
    assert limit in picture.plain(now)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_picture_says_when_nothing_is_awaited_any_more() -> None:
    now = Moment(DONE, SETTLED, 500, 12.3, 29.6, WORKS)
    assert_limited(now, "replies")
    assert_limited(replace(now, done=True), "nothing")


def test_the_picture_shows_the_figures() -> None:
    shown = drawn(picture.frame(Moment(FIGURES, AFTER, 500, 12.3, 29.6, WORKS), 80))
    for words in (
        "sent        280   failed 10 · cancelled 0 · waiting 208 · 429s 1",
        "delivered   270   undelivered 3 · unconfirmed 7",
        "replied      11   opted out 5 · for you to read 1",
        "30   texts",
    ):
        assert words in shown
    assert "unknown       2   RingCentral's record: 3 found, 1 held for you" in shown
    assert "$3.33  of $6.00, $0.12 reserved" in shown
    assert "daemon     4711   its pid  " in shown


@pytest.mark.parametrize(
    ("daemon", "words"),
    [
        (Standing(4_194_304, 1, works=False), "started again 1 time  "),
        (Standing(4_194_304, 5, works=True), "started again 5 times  "),
    ],
)
def test_the_picture_shows_a_daemon_that_was_killed(daemon: Standing, words: str) -> None:
    figures = replace(FIGURES, unknown=80, held=80, found=80)
    shown = drawn(picture.frame(Moment(figures, AFTER, 500, 12.3, 29.6, daemon), 80))
    assert words in shown
    assert ("a daemon takes up the campaign" in shown) is not daemon.works
    assert len(shown.splitlines()) == 11  # no row is too long for its line


def test_the_picture_says_what_a_dead_daemon_leaves() -> None:
    left = Moment(replace(FIGURES, pending=0), AFTER, 500, 12.3, 29.6, AGAIN_WORKS)
    assert "the dead daemon's claims" in drawn(picture.frame(left, 80))


def test_lines_hold_the_same_in_eighty_columns_or_little_more() -> None:
    first, second = picture.plain(Moment(FIGURES, AFTER, 500, 12.3, 29.6, WORKS)).split("\n")
    assert first == (
        "  12 s  sent 280  delivered 270  undelivered 3  unconfirmed 7  replied 11  opted out 5"
    )
    assert second == (
        "        waiting 208  failed 10  cancelled 0  unknown 2   30/s  $3.33  limit: the rate"
    )


@pytest.mark.parametrize(
    ("course", "fault", "code", "words"),
    [
        (
            Course(19.2, 3, verified=True, counted=True, webhooks=True),
            "",
            0,
            "The books balance.",
        ),
        (
            Course(19.2, 3, verified=True, counted=True, webhooks=True),
            "3 cents, not 4",
            1,
            "THE BOOKS DO NOT BALANCE.",
        ),
        (
            Course(19.2, 3, verified=False, counted=True, webhooks=True),
            "",
            1,
            "VERIFY FOUND SOMETHING.",
        ),
        (
            Course(19.2, 3, verified=True, counted=False, webhooks=True),
            "",
            1,
            "VERIFY FOUND SOMETHING.",
        ),
    ],
)
def test_the_books_and_verify_decide_the_exit_code(
    course: Course, fault: str, code: int, words: str
) -> None:
    failures = [Failure("MSG-243", "RingCentral blocks this number.", 10)]
    later = [
        Failure("SMS-CAR-412", "The phone was off.", 3),
        Failure("SMS-CAR-104", "Well.", 1),
    ]
    claims = [Check("a claim", fault)]
    result = Result(DONE, SETTLED, failures, later, claims, 490, 1, 31, course)
    assert command.exit_code(result) == code
    assert result.plain()["balanced"] is (not fault)
    assert result.plain()["verified"] is course.verified
    assert result.plain()["counted"] is course.counted
    assert result.plain()["restarts"] == 3
    shown = drawn(picture.summary(result))
    assert words in shown
    assert fault in shown
    assert "killed       3 " in shown
    assert max(map(len, shown.splitlines())) <= 80


def drawn(what: object) -> str:
    out = StringIO()
    Console(file=out, width=80, highlight=False).print(what)
    return out.getvalue()


def test_the_people_are_invented_and_five_hundred() -> None:
    text = TARGET.read_text("utf-8")
    assert text == people()
    numbers = [line.partition(",")[0] for line in text.splitlines()[1:]]
    assert len(set(numbers)) == len(numbers) == command.PEOPLE
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d", number) for number in numbers)
    found = [areas.of(number) for number in numbers]
    assert all(area and area.region == "US" for area in found)
