"""Gradient-boosted decision trees, read: all trees of a forest at once, over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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

    def probabilities(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return the probability of each row, rounded to a millionth, so that machines agree."""
        import numpy as np

        if not rows:
            return []
        feature, threshold, children, value = self._arrays
        table = np.asarray(rows, dtype=np.float64)
        place = np.tile(np.asarray(self.roots, dtype=np.int64), (len(rows), 1))
        own = np.arange(len(rows))[:, None] * table.shape[1]  # where each row begins, all of them laid end to end
        for _ in range(self.depth):
            goes_left = table.take(own + feature.take(place)) <= threshold.take(place)
            place = children.take(place + goes_left * len(feature))
        score = value.take(place).sum(axis=1)
        found: list[float] = np.round(1 / (1 + np.exp(-score)), 6).tolist()
        return found
