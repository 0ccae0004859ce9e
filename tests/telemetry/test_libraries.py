"""What libraries log comes out as lines of ours, once, and without what they filled in."""

import asyncio
import logging
from pathlib import Path

import pytest
from support.watch import Watched, watched

SECRET = "eyJhbGciOiJSUzI1NiJ9.c2VjcmV0"  # noqa: S105  # what must not come out


def explode() -> None:
    raise ValueError(SECRET)


@pytest.mark.parametrize("name", ["asyncio", "aiohttp.server", "requests.sessions"])
def test_a_warning_comes_out_as_a_line_of_ours(name: str, tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen, seen.telemetry.libraries_routed():
        logging.getLogger(name).debug("Sent %s", SECRET)
        logging.getLogger(name).info("Sent %s", SECRET)
        logging.getLogger(name).warning("Odd answer of %s\nbody: %s", SECRET, SECRET)
    (line,) = seen.lines()
    assert line["event"] == "library.warned"
    assert line["library"] == name
    assert line["sentence"] == "Odd answer of %s"
    assert SECRET not in seen.text()


def test_an_exception_is_its_type_and_place(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen, seen.telemetry.libraries_routed():
        try:
            explode()
        except ValueError:
            logging.getLogger("aiohttp.server").exception("Error handling request")
    (line,) = seen.lines()
    assert line["exception"] == "ValueError"
    assert line["where"].startswith("test_libraries.py:")
    assert SECRET not in seen.text()
    assert "Traceback" not in seen.text()


async def test_asyncio_does_not_show_what_an_exception_says(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen, seen.telemetry.libraries_routed():
        asyncio.get_running_loop().call_exception_handler(
            {
                "message": "A task was never asked",
                "exception": ValueError(SECRET),
                "future": SECRET,
            }
        )
    assert seen.lines()[0]["sentence"] == "A task was never asked"
    assert SECRET not in seen.text()


def test_the_same_words_come_once_a_minute(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen, seen.telemetry.libraries_routed():
        repeat(seen, 1000)
        seen.now += 61
        repeat(seen, 1000)
    assert seen.events() == ["library.warned"] * 2
    assert seen.samples()["library_warnings_total"] == "2000.0"


def repeat(seen: Watched, times: int) -> None:
    for number in range(times):
        logging.getLogger("requests").warning("Pool of %s is full", f"{seen.now} {number}")


@pytest.mark.parametrize("name", ["urllib3", "requests", "ringcentral"])
def test_the_talkative_stay_quiet_and_all_is_put_back(name: str, tmp_path: Path) -> None:
    logger, root = logging.getLogger(name), logging.getLogger()
    before = logger.level, root.level, root.handlers[:]
    with watched(tmp_path / "log") as seen, seen.telemetry.libraries_routed():
        root.setLevel(logging.DEBUG)
        logger.debug("Authorization: Bearer %s", SECRET)
    assert seen.text() == ""
    assert (logger.level, root.level, root.handlers) == before
