"""Answers that an open graph remembers: a question of the package that is asked again is not worked out again.

Only of a store that nobody can change, as the one on disk is that `kg.open` reads: whatever may be written to, and a
server, of which others are the masters, are asked each time. Only questions of the package are remembered: they are
few, and the same whenever they are asked, while a stranger's SPARQL may tell the time or draw lots. What an answer is
kept under holds all that it depends on. The store itself is part of that, so that answers of one graph are never
taken for those of another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING

from kg.questions import header

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.graph.readable import Readable
    from kg.questions.header import Question
    from kg.questions.run import Rows

LIMIT = 32_000_000
"""Bytes, roughly, of all the answers of a graph together."""

_CELL = 64
"""What a cell takes beside its characters."""


class Remembered:
    """The answers of one store, as many as there is room for; what has not been asked for longest leaves first.

    Parameters
    ----------
    store : Readable
        A store that cannot change.
    limit : int, optional
        How much is kept, in bytes.
    """

    def __init__(self, store: Readable, limit: int = LIMIT) -> None:
        """Remember nothing yet."""
        self.size = 0
        self._store = store
        self._limit = limit
        self._kept: OrderedDict[Hashable, tuple[Rows, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self._kept)

    def rows(
        self,
        store: Readable,
        question: Question,
        bindings: Mapping[str, ox.NamedNode | ox.Literal],
        answer: Callable[[], Rows],
    ) -> Rows:
        """Return what a question gives with some values: what is remembered, or what `answer` finds, and keep that.

        Two who ask the same at the same time both wait for an answer of their own, and get the same.
        """
        if store is not self._store or not _is_ours(question):
            return answer()
        key = (question.sparql, question.columns, question.limit, frozenset(bindings.items()))
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found[0]
        rows = answer()
        self._keep(key, rows)
        return rows

    def _keep(self, key: Hashable, rows: Rows) -> None:
        size = _CELL + sum(_CELL + len(cell) for row in rows.rows for cell in row)
        if size > self._limit:
            return
        with self._lock:
            self.size += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (rows, size)
            while self.size > self._limit:
                self.size -= self._kept.popitem(last=False)[1][1]


def _is_ours(question: Question) -> bool:
    """Tell whether a question is one of the package, word for word."""
    return question.name in header.catalogue() and header.question(question.name).sparql == question.sparql
