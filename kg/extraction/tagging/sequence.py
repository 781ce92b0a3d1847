"""A linear-chain conditional random field, read: the probability of every label of every token.

The weights are learned by a library (see `training/`); reading them needs sums and products only. Weights are whole
numbers of thousandths, so that every machine adds up the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from kg.extraction.tagging import features
from kg.extraction.tagging.tokens import EDGE, Tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

UNIT = 1000
"""Weights are stored as thousandths."""
_REMEMBERED = 40_000
"""Words, contexts or pairs whose weights are kept summed up; beyond that a memory starts anew."""
_GROUP = 64
"""Sentences of like length are read together, this many at a time."""
_OFFSETS = range(-features.WINDOW, features.WINDOW + 1)
_NO_TAGS = ("", "")

Key = TypeVar("Key", bound=Hashable)


class Memory(Generic[Key]):
    """Sums of weights for keys that come again and again, each worked out once; new ones are worked out together."""

    def __init__(self, model: SequenceModel, features_of: Callable[[Key], Sequence[Sequence[str]]]) -> None:
        self._model, self._features_of = model, features_of
        self._places: dict[Key, int] = {}
        self._table: Array | None = None

    def of(self, keys: Sequence[Key]) -> Array:
        """Return the sums of each key: keys × lists of features × labels."""
        import numpy as np

        if len(self._places) > _REMEMBERED:
            self._places.clear()
            self._table = None
        places = self._places
        wanted, unknown = [], []
        for key in keys:
            place = places.get(key)
            if place is None:
                place = places[key] = len(places)
                unknown.append(key)
            wanted.append(place)
        if unknown:
            fresh = self._model.sums([self._features_of(key) for key in unknown])
            self._table = fresh if self._table is None else np.concatenate([self._table, fresh])
        assert self._table is not None  # noqa: S101
        found: Array = self._table[wanted]
        return found


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

    @cached_property
    def _matrix(self) -> Array:
        import numpy as np

        rows = [[0] * len(self.labels), *self.weights.values()]
        return np.asarray(rows, dtype=np.float64) / UNIT

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.weights, 1)}

    def sums(self, lists: Sequence[Sequence[Sequence[str]]]) -> Array:
        """Add up the weights of lists of features: entries × lists × labels."""
        import numpy as np

        index = self._index
        numbers = [[index.get(name, 0) for name in names] for entry in lists for names in entry]
        width = max(map(len, numbers))
        padded = np.array([own + [0] * (width - len(own)) for own in numbers], dtype=np.int64)
        added: Array = self._matrix[padded].sum(axis=1)
        return added.reshape(len(lists), -1, len(self.labels))

    @cached_property
    def _words(self) -> Memory[tuple[str, str]]:
        return Memory(self, lambda key: [features.of_word(*key, offset) for offset in _OFFSETS])

    @cached_property
    def _tags(self) -> Memory[tuple[str, str]]:
        return Memory(self, lambda key: [features.of_tags(*key, offset) for offset in _OFFSETS])

    @cached_property
    def _contexts(
        self,
    ) -> tuple[Memory[tuple[str, str, int, int]], Memory[tuple[str, str, str]], Memory[tuple[str, str]]]:
        return (
            Memory(self, lambda key: [features.of_earlier(key)]),
            Memory(self, lambda key: [features.of_reported(key)]),
            Memory(self, lambda key: [features.of_ahead(key)]),
        )

    @cached_property
    def _pairs(self) -> Memory[tuple[str, str]]:
        return Memory(self, lambda key: [[name] for name in features.of_pair(*key)])

    def scores(self, sentences: Sequence[Tokens]) -> list[Array]:
        """Return the score of each label of each token by its features alone: for every sentence, tokens × labels.

        All sentences are laid end to end, with enough edges between them that none sees another.
        """
        import numpy as np

        reach = features.WINDOW
        gap = [(EDGE, EDGE)] * reach
        words, tags, bounds = list(gap), [_NO_TAGS] * reach, []
        for tokens in sentences:
            bounds.append((len(words), len(words) + len(tokens.words)))
            words += zip(tokens.words, tokens.shapes, strict=True)
            tags += zip(tokens.names, tokens.readings, strict=True)
            words += gap
            tags += [_NO_TAGS] * reach
        size = len(words)
        lent = self._words.of(words)
        total = np.zeros((size + 2 * reach, len(self.labels)))
        for place in range(2 * reach + 1):  # a word lends to the token that sees it at this offset
            total[2 * reach - place : 2 * reach - place + size] += lent[:, place]
        told = np.array([number for number, tag in enumerate(tags) if tag is not _NO_TAGS])
        if len(told):
            lent = self._tags.of([tags[number] for number in told])
            for place in range(2 * reach + 1):
                total[told + 2 * reach - place] += lent[:, place]
        result: Array = total[reach : reach + size]
        inside = np.concatenate([np.arange(start, end) for start, end in bounds])
        around = [features.contexts(tokens.words) for tokens in sentences]
        earlier, reported, ahead = self._contexts
        result[inside] += earlier.of(list(itertools.chain.from_iterable(own.earlier for own in around)))[:, 0]
        result[inside] += reported.of(list(itertools.chain.from_iterable(own.reported for own in around)))[:, 0]
        result[inside] += ahead.of(list(itertools.chain.from_iterable(own.ahead for own in around)))[:, 0]
        common = self.sums([[features.of_sentence(tokens)] for tokens in sentences])[:, 0]
        result[inside] += np.repeat(common, [end - start for start, end in bounds], axis=0)
        pairs = self._pairs.of([pair for tokens in sentences for pair in itertools.pairwise(("", *tokens.words))])
        result[inside] += pairs[:, 1]
        result[inside - 1] += pairs[:, 0]  # what the first word's empty neighbour gets stands in the gap
        return [result[start:end] for start, end in bounds]

    def probabilities(self, sentences: Sequence[Tokens]) -> list[Array]:
        """Return the marginal probability of each label of each token, for every sentence."""
        scored = self.scores(sentences)
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
