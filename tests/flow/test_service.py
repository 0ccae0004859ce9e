"""The daemon as a service of systemd's: what it tells, whatever is away."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.daemon import daemon
from support.host import connected
from support.migrate import migrate
from support.systemd import Listening, notify_socket

from dispatcher.edge import postgres
from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

NOWHERE = "postgresql://owner@127.0.0.1:1/nothing"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral."""
    running = await start(Settings())
    yield running
    await running.stop()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    """A systemd that wants to hear of the daemon ten times a second."""
    with notify_socket(tmp_path) as listening:
        monkeypatch.setenv("NOTIFY_SOCKET", listening.name)
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        yield listening


async def test_it_tells_that_it_is_ready_alive_and_stopping(
    database: str, simulator: Simulator, systemd: Listening
) -> None:
    async with daemon(database, simulator) as running:
        assert "STATUS=waiting for the database" in await systemd.until("READY=1")
        await systemd.until("STATUS=idle")
        await systemd.until("WATCHDOG=1")
        assert await running.stop() == 0
        assert "READY=1" not in await systemd.until("STOPPING=1")


async def test_it_is_alive_while_the_database_is_away(
    binaries: Binaries, simulator: Simulator, systemd: Listening
) -> None:
    with postgres.start(binaries) as server:
        async with connected(server.dsn()) as conn:
            await conn.execute("CREATE ROLE app_daemon LOGIN; CREATE ROLE app_host")
            await migrate(server.dsn(), "grant_daemon")
        dsn = server.dsn().replace("postgres@", "owner@")
        async with daemon(dsn, simulator) as running:
            await systemd.until("STATUS=idle")
            server.stop()
            await running.said("database.lost")
            await systemd.until("STATUS=waiting for the database")
            assert [await systemd.heard() for _ in range(5)] == ["WATCHDOG=1"] * 5
            assert await running.stop() == 0


async def test_a_start_without_a_database_is_a_start(
    simulator: Simulator, systemd: Listening
) -> None:
    """Or systemd would end it for taking long, and start it in vain, again and again."""
    async with daemon(NOWHERE, simulator, first="database.lost") as running:
        await systemd.until("READY=1")
        assert [await systemd.heard() for _ in range(5)] == ["WATCHDOG=1"] * 5
        assert await running.stop() == 0
        await systemd.until("STOPPING=1")
    assert [e["event"] for e in running.events] == ["database.lost", "daemon.stopped"]


async def test_a_database_that_goes_in_the_middle_of_the_start_is_waited_for(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """It is no error of a person's, which would leave the service stopped for good."""
    await owner.execute(
        "CREATE SEQUENCE times; GRANT USAGE ON SEQUENCE times TO app_daemon;"
        " CREATE FUNCTION go_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('times') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
        " RETURN NEW; END $$;"
        " CREATE TRIGGER go_once BEFORE INSERT ON newsletter.processes"
        " FOR EACH ROW EXECUTE FUNCTION go_once()"
    )
    async with daemon(database, simulator) as running:
        await running.said("daemon.started")
        said = [e["event"] for e in running.events]
        assert (said.count("database.lost"), said.count("database.regained")) == (1, 1)


async def test_a_start_without_a_login_is_a_start(
    database: str, simulator: Simulator, systemd: Listening
) -> None:
    await simulator.stop()
    async with daemon(database, simulator, first="login.unreached") as running:
        lines = await systemd.until("READY=1") + await systemd.until("WATCHDOG=1")
        assert "STATUS=waiting for RingCentral to let us in" in lines
        assert await running.stop() == 0


async def test_what_a_person_must_mend_is_no_start(
    empty_database: str, simulator: Simulator, systemd: Listening
) -> None:
    """The exit code 2 is what the unit does not start again."""
    async with daemon(empty_database, simulator) as running:
        assert "run sms-dispatcher migrate" in await running.complaint()
        assert await running.process.wait() == 2
    assert "READY=1" not in systemd.rest()


async def test_a_systemd_that_is_not_there_is_not_needed(
    database: str, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    monkeypatch.setenv("WATCHDOG_USEC", "10000")
    async with daemon(database, simulator) as running:
        assert await running.stop() == 0
        assert [e["event"] for e in running.events][-1] == "daemon.stopped"
