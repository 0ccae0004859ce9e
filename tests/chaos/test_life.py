"""The life of a row and of a budget, in any order, doubled and late, against PostgreSQL."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    initialize,
    rule,
    run_state_machine_as_test,
)
from support.life import laws, world
from support.life.ending import end
from support.life.events import EVENTS, LUCKS, PROCESSES, STORIES, TEXTS, Act, Lucks
from support.life.stories import Stories

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "40"))
LIVES = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Life(Stories):
    """What happens, one event after the other; after each step the laws must hold."""

    @initialize(texts=TEXTS)
    def begin(self, texts: list[int]) -> None:
        self.queue(texts)

    @rule(event=EVENTS, lucks=LUCKS)
    def happen(self, event: tuple[Any, ...], lucks: Lucks) -> None:
        """Let something happen, and then everybody goes on with their work."""
        seen, (name, *values) = self.actors.picture, event
        getattr(self, name)(*values)
        for who, luck in enumerate(lucks):
            if process := self.awake(who):
                self.go_on(process, luck)
        if self.actors.picture is not seen:
            self.broken = True
            self.world.wait(
                laws.agreed(self.world.watcher, self.actors.picture, self.actors.app)
            )
            self.broken = False

    def arrive(self, n: int) -> None:
        self.actors.arrive(n)

    def overlap(self, pairs: list[tuple[Act, Act]]) -> None:
        """Two do something at once: the second while the first has not committed."""
        for first, second in pairs:
            one, two = self.step(*first), self.step(*second)
            if one and two and one.conn is not two.conn:
                self.play({first[0], second[0]}, one, two, at_once=True)
            else:
                for (kind, *_), step in ((first, one), (second, two)):
                    self.play({kind}, step)

    def freeze_or_wake(self, who: int) -> None:
        process = self.actors.processes[who]
        process.frozen = not process.frozen

    def die(self, who: int) -> None:
        self.actors.start(self.actors.processes[who])

    def teardown(self) -> None:
        if not self.broken:
            end(self.actors)


@pytest.fixture
def life(database: str) -> Iterator[type[Life]]:
    """A life in a database of its own."""
    with world.opened(database, PROCESSES) as made:

        class Here(Life):
            on = made

        yield Here


def test_every_story_keeps_the_laws(life: type[Life]) -> None:
    for story in STORIES:
        young = life()
        young.queue([16, 17, 20, 21])
        young.happen(event=story, lucks=[])
        young.teardown()


def test_every_life_keeps_the_laws(life: type[Life]) -> None:
    run_state_machine_as_test(life, settings=LIVES)
