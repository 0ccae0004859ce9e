"""Nothing that happens to the log's end of the line stops the daemon, and no line is torn."""

import errno
import io
import os
import pty
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.watch import watched

from dispatcher.core.privacy import Sentence
from dispatcher.telemetry import CollectorRegistry, Telemetry
from dispatcher.telemetry.output import Output

LINE = "x" * 300


def losing() -> tuple[list[int], Callable[[int], None]]:
    lost: list[int] = []
    return lost, lost.append


def telemetry_to(descriptor: int, form: str = "json") -> Telemetry:
    stream = io.open(descriptor, "w", encoding="utf-8", closefd=False)  # noqa: SIM115, UP020
    return Telemetry(CollectorRegistry(), stream, now=lambda: 0.0, form=form)


def lines_lost(telemetry: Telemetry) -> float:
    text = telemetry.exposition().decode()
    (line,) = [
        each for each in text.splitlines() if "log_lines_lost_total " in each and each[0] != "#"
    ]
    return float(line.split()[1])


def test_a_closed_pipe_is_counted() -> None:
    reader, writer = os.pipe()
    telemetry = telemetry_to(writer)
    os.close(reader)
    for _ in range(3):
        telemetry.hours_off()
    os.close(writer)
    telemetry.hours_off()
    assert lines_lost(telemetry) == 4


@contextmanager
def files_may_not_grow() -> Iterator[None]:
    """What a full disk does to a log, on every system: each write fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_counted(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as full:
        telemetry = Telemetry(CollectorRegistry(), full, now=lambda: 0.0, form="json")
        with files_may_not_grow():
            for _ in range(3):
                telemetry.hours_off()
    assert lines_lost(telemetry) == 3
    assert (tmp_path / "log").stat().st_size == 0


def test_a_line_torn_by_a_full_disk_ends_before_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room = [150]

    def write(descriptor: int, some: bytes) -> int:
        if room[0] == 0:
            raise OSError(errno.ENOSPC, "full")
        some = some[: room[0]]
        room[0] -= len(some)
        return real(descriptor, some)

    real = os.write
    monkeypatch.setattr(os, "write", write)
    lost, tell = losing()
    with (tmp_path / "log").open("w") as log:
        output = Output(log.fileno(), tell)
        output.write("first")
        output.write(LINE)
        output.write(LINE)
        room[0] = 1000
        output.write("last")
    assert (tmp_path / "log").read_text().splitlines() == ["first", "x" * 144, "last"]
    assert sum(lost) == 2


@pytest.mark.parametrize("kind", ["pipe", "socket", "terminal"])
def test_a_reader_that_sleeps_does_not_stop_us(kind: str) -> None:
    """It gets what it missed when it wakes up, in order; what is too much is counted."""
    ends = {"pipe": os.pipe, "socket": stream_socket, "terminal": terminal}
    reader, writer = ends[kind]()
    lost, tell = losing()
    output = Output(writer, tell)
    for number in range(15_000):
        output.write(f"{number} {LINE}")
    assert sum(lost) > 0
    got = b""
    os.set_blocking(reader, False)
    while got.count(b"\n") < 15_000 - sum(lost):
        try:
            got += os.read(reader, 1 << 20)
        except BlockingIOError:
            output.flush()
    lines = got.decode().splitlines()
    assert lines == [f"{number} {LINE}" for number in range(15_000 - sum(lost))]
    output.close(0)
    for descriptor in (reader, writer):
        os.close(descriptor)


def stream_socket() -> tuple[int, int]:
    """What journald gives a service as its output."""
    reader, writer = socket.socketpair()
    return reader.detach(), writer.detach()


def terminal() -> tuple[int, int]:
    return pty.openpty()


def test_close_gives_a_slow_reader_up_in_time() -> None:
    reader, writer = os.pipe()
    lost, tell = losing()
    output = Output(writer, tell)
    for _ in range(1000):
        output.write(LINE)
    assert lost == []
    output.flush(0.1)
    assert sum(lost) == 1000 - len(os.read(reader, 1 << 20)) // (len(LINE) + 1)


def test_colours_are_for_terminals_only(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    telemetry_to(theirs, "auto").hours_off()
    assert b"\x1b[" in os.read(ours, 4096)
    with watched(tmp_path / "log", "auto") as seen:
        seen.telemetry.hours_off()
    assert seen.events() == ["hours.disabled"]


def test_the_longest_sentence_is_cut(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        seen.telemetry.warning_raised(Sentence("long " * 10_000))
    assert len(seen.text()) < 4096
