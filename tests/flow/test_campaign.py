"""A campaign from a CSV file to RingCentral, by the commands that people use."""

import json
from collections import Counter
from pathlib import Path

from support.command import run
from support.daemon import daemon, until

from dispatcher.simulator.server import start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
PEOPLE = 40


async def test_everybody_of_a_file_gets_the_text_once(
    database: str, owner: Connection, tmp_path: Path
) -> None:
    """The numbers of a fictitious exchange, each twice in the file, in another spelling."""
    host = database.replace("owner@", "app_host@")
    path = tmp_path / "people.csv"
    numbers = [f"{100 + n:04}" for n in range(PEOPLE)]
    lines = [f"916555{n}" for n in numbers] + [f"(916) 555-{n}" for n in numbers]
    path.write_text("phone\n" + "\n".join(lines), "utf-8")
    made = (
        await run(
            "campaign", "create", "--name", "Spring", "--text", "Table for two?", dsn=host
        )
    ).out.strip()
    ran = await run(
        *("campaign", "import", made, str(path), "--consent", "form", "--json"), dsn=host
    )
    said = json.loads(ran.out)
    assert (said["taken"], said["duplicates"]) == (PEOPLE, PEOPLE)
    simulator = await start(Settings(limits=WIDE))
    try:
        async with daemon(database, simulator) as running:
            ran = await run("campaign", "launch", made, "--budget", "100", dsn=host)
            assert ran.code == 0, ran.err
            await until(
                owner,
                "NOT EXISTS (SELECT FROM newsletter.sms_send_queue WHERE status IN ('pending', 'sending'))",
            )
            shown = json.loads((await run("campaign", "status", made, "--json", dsn=host)).out)
            assert await running.stop() == 0
    finally:
        await simulator.stop()
    got = Counter(text.to for text in simulator.ledger.texts)
    assert got == Counter(f"+1916555{n}" for n in numbers)
    assert {text.text for text in simulator.ledger.texts} == {"Table for two?"}
    assert (shown["status"], shown["texts"]["sent"]) == ("SENDING", PEOPLE)
    assert (shown["spent_cents"], shown["waits"]) == ("47.6000", [])
