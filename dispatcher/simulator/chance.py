"""Which of the faults in force befalls what passes: the oldest that meets it, by chance."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Drawn(Protocol):
    """What any fault says: what happens, how often, with which probability."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def kind(self) -> StrEnum: ...

    @property
    def times(self) -> int | None: ...

    @property
    def probability(self) -> float: ...


F = TypeVar("F", bound=Drawn)


class InForce(Generic[F]):
    """The faults in force, the oldest first. *befell* counts by kind how often one was met."""

    def __init__(self, faults: Sequence[F], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - chance that a test can repeat
        self._next_id = 1
        self._faults: dict[int, F] = {}
        self.befell: Counter[StrEnum] = Counter()
        for fault in faults:
            self.add(fault)

    def __iter__(self) -> Iterator[tuple[int, F]]:
        return iter(tuple(self._faults.items()))

    def add(self, fault: F) -> int:
        fault_id, self._next_id = self._next_id, self._next_id + 1
        self._faults[fault_id] = fault
        return fault_id

    def remove(self, fault_id: int) -> bool:
        return self._faults.pop(fault_id, None) is not None

    def clear(self) -> None:
        self._faults.clear()

    def first(self, meets: Callable[[F], bool]) -> F | None:
        """Return the oldest fault that meets what passes and happens, and count it; or None."""
        for fault_id, fault in self:
            if meets(fault) and self._happens(fault):
                self._count(fault_id, fault)
                return fault
        return None

    def spread(self) -> float:
        """Return a number between 0 and 1: the chance in a latency."""
        return self._random.random()

    def _happens(self, fault: F) -> bool:
        return fault.probability >= 1 or self._random.random() < fault.probability

    def _count(self, fault_id: int, fault: F) -> None:
        self.befell[fault.kind] += 1
        if fault.times == 1:
            self.remove(fault_id)
        elif fault.times is not None:
            self._faults[fault_id] = replace(fault, times=fault.times - 1)
