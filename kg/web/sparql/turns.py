"""Things that are lent to one at a time, in the order in which they were asked for."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Turns(Generic[Item]):
    """What is free, and who waits for it.

    A queue of the standard library lets whoever comes first have what was put back, so that one who has waited longer
    may wait for ever; here it goes to the one who has waited longest.
    """

    def __init__(self) -> None:
        self._free: deque[Item] = deque()
        self._waiting: deque[Future[Item]] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many are free."""
        return len(self._free)

    def give(self, item: Item) -> None:
        """Put something back, or something new in."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set_result(item)
            else:
                self._free.append(item)

    def take(self, seconds: float) -> Item | None:
        """Take what is free, or wait for it; None when nothing has become free in time."""
        with self._lock:
            if self._free:
                return self._free.pop()  # the one used last: what it has read is still at hand
            mine: Future[Item] = Future()
            self._waiting.append(mine)
        try:
            return mine.result(seconds)
        except TimeoutError:
            with self._lock:
                if mine.done():  # at the last moment
                    return mine.result()
                self._waiting.remove(mine)
                return None
