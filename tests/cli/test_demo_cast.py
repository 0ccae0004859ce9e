"""Who does what in the demo, and when it happens."""

from collections.abc import AsyncIterator

import pytest

from dispatcher.cli.demo import cast, script
from dispatcher.cli.demo.cast import Cast
from dispatcher.core import replies
from dispatcher.core.aftermath import Wish
from dispatcher.core.replies import Verdict
from dispatcher.simulator import app
from dispatcher.simulator.ledger import Text
from dispatcher.simulator.server import Simulator
from dispatcher.simulator.settings import Settings

NUMBER = "+16505550100"

LINE = [f"+1212555{n:04}" for n in range(100, 200)]


def test_everybody_has_one_part_at_most() -> None:
    for people in range(len(LINE) + 1):
        parts = cast.of(LINE[:people])
        named = [*parts.fails, *parts.replies, *parts.stops]
        assert len(set(named)) == len(named)
        assert set(named) <= set(LINE[:people])
        assert parts.expected == people - len(parts.stops)


def test_the_last_in_the_line_opt_out_before_their_turn() -> None:
    parts = cast.of(LINE)
    assert list(parts.stops) == LINE[-3:]
    assert list(parts.stops.values()) == ["STOP", "No más", "Unsubscribe"]
    assert cast.of(LINE[: cast.FEWEST - 1]).stops == {}


def test_each_part_is_given_to_somebody() -> None:
    parts = cast.of(LINE)
    assert tuple(parts.fails.values()) == cast.FAILURES
    assert tuple(cues[0].text for cues in parts.replies.values()) == cast.REPLIES
    (twice,) = (cues for cues in parts.replies.values() if len(cues) > 1)
    assert [cue.text for cue in twice] == ["STOP", "START"]
    assert max(cue.accepted for cues in parts.replies.values() for cue in cues) < 80


VERDICTS = {
    Wish.STOP: Verdict.OPT_OUT,
    Wish.START: Verdict.OPT_IN,
    Wish.HELP: Verdict.HELP,
}


@pytest.mark.parametrize("text", [*cast.REPLIES, *cast.BEFORE_THEIR_TURN, cast.AFTERTHOUGHT])
def test_what_they_mean_is_what_we_read(text: str) -> None:
    """But for one, which is a question: it is for a person."""
    verdict = VERDICTS.get(cast.WISHES.get(text, Wish.NOTHING), Verdict.NONE)
    unclear = text == "stop by at 5?"
    assert replies.read(text).verdict is (Verdict.UNCLEAR if unclear else verdict)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    running = await app.start(Settings())
    yield running
    await running.stop()


def accept(simulator: Simulator, phones: list[str]) -> None:
    """Put texts to *phones* into the ledger, as accepted."""
    ledger, clock = simulator.ledger, simulator.world.clock
    ledger.accepted(
        [Text(n, NUMBER, to, "Hi", clock.now(), 0.0, "") for n, to in enumerate(phones)]
    )


def written(simulator: Simulator) -> list[tuple[str, str]]:
    return [(text.sender, text.text) for text in simulator.ledger.inbound]


async def test_people_write_once_they_have_their_text(simulator: Simulator) -> None:
    me, other, late = LINE[:3]
    cues = {
        me: [cast.Cue(1, "STOP"), cast.Cue(4, "START")],
        other: [cast.Cue(1, "Thanks"), cast.Cue(2, "Bye")],
    }
    parts = Cast({}, cues, {late: "No"}, 6)
    async with script.running(simulator, parts) as played:
        for texts in range(1, 3):
            accept(simulator, [other])
            await simulator.ledger.reached(inbound=texts)
        assert written(simulator) == [(other, "Thanks"), (other, "Bye")]
        accept(simulator, [me])
        await simulator.ledger.reached(inbound=4)
        assert set(written(simulator)[2:]) == {(me, "STOP"), (late, "No")}
        assert not played.over.is_set()
        accept(simulator, [other])
        await played.over.wait()
    assert written(simulator)[4:] == [(me, "START")]
    assert played.written == 5


async def test_what_is_left_happens_at_the_end(simulator: Simulator) -> None:
    """But nothing goes wrong any more, when there is nothing that it could befall."""
    me = LINE[0]
    async with script.running(
        simulator, Cast({}, {me: [cast.Cue(9, "STOP")]}, {}, 9)
    ) as played:
        played.hurry()
        await played.over.wait()
    assert written(simulator) == [(me, "STOP")]
    assert list(simulator.world.faults) == []
