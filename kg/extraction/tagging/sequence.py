"""A linear-chain conditional random field, read: the probability of every label of every token.

The weights are learned by a library (see `training/`); reading them needs sums and products only. Weights are whole
numbers of thousandths, so that every machine adds up the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kg.extraction.tagging import features
from kg.extraction.tagging.tokens import EDGE, Tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

UNIT = 1000
"""Weights are stored as thousandths."""
_CACHED = 60_000
"""Words whose weights are kept summed up; beyond that the cache starts anew."""
_GROUP = 64
"""Sentences of like length are read together, this many at a time."""


@dataclass(frozen=True)
class SequenceModel:
    """Weights of features and transitions.

    Attributes
    ----------
    labels : tuple of str
        "O", "B" and "I", and the same with a suffix for other kinds that are told apart but not wanted.
    weights : mapping
        Feature → one weight a label, in thousandths.
    transitions : sequence
        From label, to label: the weight, in thousandths.
    """

    labels: tuple[str, ...]
    weights: Mapping[str, Sequence[int]]
    transitions: Sequence[Sequence[int]]
    _words: dict[tuple[str, str], Array] = field(default_factory=dict, repr=False, compare=False)
    _tags: dict[tuple[str, str], Array] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _matrix(self) -> Array:
        import numpy as np

        rows = [[0] * len(self.labels), *self.weights.values()]
        return np.asarray(rows, dtype=np.float64) / UNIT

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.weights, 1)}

    def _sum(self, names: Iterable[str]) -> Array:
        index = self._index
        total: Array = self._matrix[[index.get(name, 0) for name in names]].sum(axis=0)
        return total

    def _of_word(self, word: str, shape: str) -> Array:
        import numpy as np

        found = self._words.get((word, shape))
        if found is None:
            if len(self._words) >= _CACHED:
                self._words.clear()
            offsets = range(-features.WINDOW, features.WINDOW + 1)
            found = np.stack([self._sum(features.of_word(word, shape, offset)) for offset in offsets])
            self._words[word, shape] = found
        return found

    def _of_tags(self, name: str, reading: str) -> Array:
        import numpy as np

        found = self._tags.get((name, reading))
        if found is None:
            if len(self._tags) >= _CACHED:
                self._tags.clear()
            offsets = range(-features.WINDOW, features.WINDOW + 1)
            found = np.stack([self._sum(features.of_tags(name, reading, offset)) for offset in offsets])
            self._tags[name, reading] = found
        return found

    def scores(self, tokens: Tokens) -> Array:
        """Return the score of each label of each token by its features alone, tokens × labels."""
        import numpy as np

        size, reach = len(tokens.words), features.WINDOW
        lent = np.stack(
            [
                self._of_word(word, shape) + self._of_tags(name, reading)
                for word, shape, name, reading in zip(
                    tokens.words, tokens.shapes, tokens.names, tokens.readings, strict=True
                )
            ]
        )
        padded = np.zeros((size + 2 * reach, len(self.labels)))
        for place in range(2 * reach + 1):  # a word lends to the token that sees it at this offset
            padded[2 * reach - place : 2 * reach - place + size] += lent[:, place]
        result = padded[reach : reach + size]
        edge = self._of_word(EDGE, EDGE)
        for distance in range(1, reach + 1):
            result[:distance] += edge[reach - distance]
            result[max(0, size - distance) :] += edge[reach + distance]
        index = self._index
        context = [[index.get(name, 0) for name in names] for names in features.of_context(tokens)]
        width = max(map(len, context))
        rows = np.array([ids + [0] * (width - len(ids)) for ids in context])
        total: Array = result + self._matrix[rows].sum(axis=1) + self._sum(features.of_sentence(tokens))
        return total

    def probabilities(self, sentences: Sequence[Tokens]) -> list[Array]:
        """Return the marginal probability of each label of each token, for every sentence."""
        scored = [self.scores(tokens) for tokens in sentences]
        result: list[Array] = [scored[0][:0]] * len(scored) if scored else []
        order = sorted(range(len(scored)), key=lambda number: len(scored[number]))
        for start in range(0, len(order), _GROUP):
            group = order[start : start + _GROUP]
            for number, found in zip(group, self._forward_backward([scored[n] for n in group]), strict=True):
                result[number] = found
        return result

    def _forward_backward(self, scored: Sequence[Array]) -> list[Array]:
        import numpy as np

        steps = np.exp(np.asarray(self.transitions, dtype=np.float64) / UNIT)
        sizes = np.array([len(s) for s in scored])
        longest, labels = int(sizes.max()), len(self.labels)
        local = np.ones((longest, len(scored), labels))
        for number, own in enumerate(scored):
            local[: len(own), number] = np.exp(own - own.max(axis=1, keepdims=True))
        forward, backward = np.ones_like(local), np.ones_like(local)
        forward[0] = local[0] / local[0].sum(axis=1, keepdims=True)
        for t in range(1, longest):
            ahead = (forward[t - 1] @ steps) * local[t]
            forward[t] = ahead / ahead.sum(axis=1, keepdims=True)
        for t in range(longest - 2, -1, -1):
            behind = (local[t + 1] * backward[t + 1]) @ steps.T
            behind /= behind.sum(axis=1, keepdims=True)
            backward[t] = np.where((t + 1 < sizes)[:, None], behind, 1.0)
        both = forward * backward
        both /= both.sum(axis=2, keepdims=True)
        return [both[:size, number] for number, size in enumerate(sizes)]
