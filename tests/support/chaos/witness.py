"""What the simulator knows once the storm is over: the witness of all that was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatcher.simulator.ledger import Text
from dispatcher.simulator.server import Simulator
from support.chaos.curfew import Curfew, Sent
from support.chaos.population import category_of
from support.chaos.stops import Stops

NEVER_LEFT = "SendingFailed"


@dataclass(frozen=True)
class Witness:
    """The texts that were *accepted*, what became of each by its id, and who wrote STOP.

    *law* judges when and how many; without one there is none.
    """

    accepted: Sequence[Text]
    ends: Mapping[str, str] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()
    law: Curfew | None = None

    @classmethod
    def of(cls, simulator: Simulator, stops: Stops, law: Curfew) -> "Witness":
        world, now = simulator.world, simulator.world.clock.now()
        user = world.settings.users[0].extension_id
        texts = tuple(simulator.ledger.texts)
        records = [world.store.get(user, text.id) for text in texts]
        ends = {str(r.id): r.step(now).status for r in records if r}
        return cls(texts, ends, frozenset(stops.stopped), law)

    def billed(self, text: Text) -> bool:
        """Tell whether RingCentral handed *text* over: else it costs nothing."""
        return self.ends.get(str(text.id)) != NEVER_LEFT

    @property
    def arrived(self) -> list[Sent]:
        return [Sent(category_of(t.text), t.to, t.at) for t in self.accepted]
