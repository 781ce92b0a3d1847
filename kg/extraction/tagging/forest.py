"""Gradient-boosted decision trees, read: all trees of a forest at once, over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_USUAL = 4
"""Nodes that nearly every row passes in a tree."""


@dataclass(frozen=True)
class Forest:
    """Trees as flat lists, one entry a node.

    `feature` is -1 at a leaf; a row goes to `left` where its feature is at most `threshold`; `value` counts at leaves.
    `roots` are the places of the trees' first nodes, `depth` is that of the deepest tree.
    """

    roots: Sequence[int]
    feature: Sequence[int]
    threshold: Sequence[float]
    left: Sequence[int]
    right: Sequence[int]
    value: Sequence[float]
    depth: int

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        import numpy as np

        feature, nodes = np.asarray(self.feature, dtype=np.int64), np.arange(len(self.feature))
        sides = np.asarray([self.right, self.left], dtype=np.int64)
        return (
            np.maximum(feature, 0),  # a leaf asks for anything and goes to itself
            np.asarray(self.threshold, dtype=np.float64),
            np.where(feature < 0, nodes, sides).ravel(),
            np.asarray(self.value, dtype=np.float64),
        )

    def probabilities(self, rows: Sequence[Sequence[float]] | NDArray[np.float64]) -> list[float]:
        """Return the probability of each row, rounded to a millionth, so that machines agree."""
        import numpy as np

        if not len(rows):
            return []
        feature, threshold, children, value = self._arrays
        table = np.asarray(rows, dtype=np.float64)
        places = np.tile(np.asarray(self.roots, dtype=np.int64), len(rows))
        own = np.repeat(np.arange(len(rows)) * table.shape[1], len(self.roots))  # where each row begins, end to end
        going, at, table = np.arange(len(places)), places, table.ravel()
        for level in range(1, self.depth + 1):
            goes_left = table.take(own + feature.take(at)) <= threshold.take(at)
            at = children.take(at + goes_left * len(feature))
            if level >= _USUAL and not level % 2:  # most have come to a leaf, which goes to itself
                places[going] = at
                inner = np.flatnonzero(children.take(at) != at)
                going, at, own = going.take(inner), at.take(inner), own.take(inner)
        places[going] = at
        score = value.take(places).reshape(len(rows), -1).sum(axis=1)
        found: list[float] = np.round(1 / (1 + np.exp(-score)), 6).tolist()
        return found
