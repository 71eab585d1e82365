"""What was written once and may be wanted again, in a room of a fixed size."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """
    Values by key, as many as there is room for; what was not asked for the longest goes first.

    A value larger than the whole room is not kept.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value that takes `size` bytes, in place of the one that was there."""
        self.drop(key)
        self._values[key] = (value, size)
        self._taken += size
        while self._taken > self._room:
            self.drop(next(iter(self._values)))

    def drop(self, key: K) -> None:
        _, size = self._values.pop(key, (None, 0))
        self._taken -= size

    def __len__(self) -> int:
        return len(self._values)
