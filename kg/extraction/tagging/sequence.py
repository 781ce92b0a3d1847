"""A linear-chain conditional random field, read: how likely every token, and every span, is a name.

The weights are learned by a library (see `training/`); reading them needs sums and products only. Weights are whole
numbers of thousandths, so that every machine adds up the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kg.extraction.tagging import features
from kg.extraction.tagging.columns import Column, Laid, lay
from kg.extraction.tagging.contexts import contexts
from kg.extraction.tagging.tokens import EDGE, Tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Sums = NDArray[np.int64]

UNIT = 1000
"""Weights are stored as thousandths."""
_REMEMBERED = 12_000
"""Words whose weights are kept summed up, tags and names as many: some megabytes; beyond that a memory starts anew."""
_GROUP = 64
"""Sentences of like length are read together, this many at a time."""
_OFFSETS = range(-features.WINDOW, features.WINDOW + 1)

Key = TypeVar("Key", bound=Hashable)


class Memory(Generic[Key]):
    """Sums of weights for keys that come again and again, each worked out once; new ones are worked out together."""

    def __init__(self, model: SequenceModel, features_of: Callable[[Key], Sequence[Sequence[str]]]) -> None:
        self._model, self._features_of = model, features_of
        self._places: dict[Key, int] = {}
        self._table: Sums | None = None

    def of(self, keys: Sequence[Key]) -> Sums:
        """Return the sums of each key: keys × lists of features × labels."""
        import numpy as np

        if len(self._places) > _REMEMBERED:
            self._places.clear()
            self._table = None
        places, start = self._places, len(self._places)
        wanted = list(map(places.get, keys))
        if self._table is None or None in wanted:
            unknown = list(dict.fromkeys(itertools.filterfalse(places.__contains__, keys)))
            places.update(zip(unknown, range(start, start + len(unknown)), strict=True))
            fresh = self._model.sums([self._features_of(key) for key in unknown])
            if self._table is None or len(places) > len(self._table):  # larger than it has to be: seldom copied
                larger = np.zeros((2 * len(places), *fresh.shape[1:]), dtype=np.int32)
                if self._table is not None:
                    larger[:start] = self._table[:start]
                self._table = larger
            self._table[start : len(places)] = fresh
            wanted = list(map(places.get, keys))
        return self._table.take(np.array(wanted, dtype=np.int64), axis=0)


class Pairs:
    """The pairs of neighbouring words that a model has weights for; so few of all pairs that none is looked up."""

    def __init__(self, index: Mapping[str, int]) -> None:
        import numpy as np

        self._words: dict[str, int] = {"": 0}
        rows: dict[tuple[int, int], list[int]] = {}
        for name, row in index.items():
            for place, words in features.pairs_of(name) if name.startswith(features.PAIRS) else ():
                first, second = (self._words.setdefault(word, len(self._words)) for word in words)
                rows.setdefault((first, second), [0, 0])[place] = row
        self._size = len(self._words) + 1
        coded = sorted((first * self._size + second, *both) for (first, second), both in rows.items())
        self._codes, self._to_first, self._to_second = np.array([*coded, (2**62, 0, 0)], dtype=np.int64).T.copy()

    def of(self, laid: Laid) -> tuple[Sums, Sums, Sums]:
        """Return the tokens that are known with the one before, and the rows of weights for that one and for them."""
        import numpy as np

        unknown = self._size - 1
        numbers = np.array([self._words.get(word, unknown) for word in (*laid.words.values, "")], dtype=np.int64)
        codes = numbers[laid.previous] * self._size + numbers[laid.words.numbers]
        places = np.searchsorted(self._codes, codes)
        where = np.flatnonzero((self._codes[places] == codes) & (laid.previous < len(laid.words.values)))
        return where, self._to_first[places[where]], self._to_second[places[where]]


@dataclass(frozen=True, eq=False)
class Lattice:
    """What a model holds possible in one sentence.

    Attributes
    ----------
    table : array
        A row a token: the probability that a name begins there, and that one goes on there; then the factors of a
        span's probability: of beginning there; of going on there after its first token, and after a later one; of
        having ended before it after its first token, and after a later one.
    """

    table: Array

    @cached_property
    def _columns(self) -> list[list[float]]:
        columns: list[list[float]] = self.table.T.tolist()
        return columns

    @property
    def first(self) -> list[float]:
        """The probability that a name begins at each token."""
        return self._columns[0]

    @property
    def inside(self) -> list[float]:
        """The probability that a name goes on at each token."""
        return self._columns[1]

    def is_empty(self, floor: float) -> bool:
        """Tell whether no name begins anywhere with that probability."""
        return not len(self.table) or float(self.table[:, 0].max()) < floor

    def span(self, start: int, end: int) -> float:
        """Return the probability that a name stands just from `start` to before `end`."""
        _, _, begins, second, later, *closing = self._columns
        within = begins[start]
        for place in range(start + 1, end):
            within *= (later if place > start + 1 else second)[place]
        return within * closing[end > start + 1][end] if end < len(begins) else within

    def likely(self, floor: float, longest: int) -> dict[tuple[int, int], float]:
        """Return every span of at most `longest` tokens that is likelier than `floor`."""
        first, inside, begins, second, later, after_first, after_later = self._columns
        found, size = {}, len(first)
        for start in [place for place, chance in enumerate(first) if chance >= floor]:
            within, going_on, closing = begins[start], second, after_first
            for end in range(start + 1, min(size, start + longest) + 1):
                chance = within * closing[end] if end < size else within
                if chance >= floor:
                    found[start, end] = chance
                if end == size or inside[end] < floor:
                    break
                within *= going_on[end]
                going_on, closing = later, after_later
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
    def _matrix(self) -> Sums:
        import numpy as np

        size = len(self.labels)
        each = itertools.chain([0] * size, *self.weights.values())
        return np.fromiter(each, dtype=np.int64, count=(1 + len(self.weights)) * size).reshape(-1, size)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.weights, 1)}

    def sums(self, lists: Sequence[Sequence[Sequence[str]]]) -> Sums:
        """Add up the weights of lists of features, in thousandths: entries × lists × labels."""
        import numpy as np

        number = self._index.get
        flat, starts = list[int](), list[int]()
        for entry in lists:
            for names in entry:
                starts.append(len(flat))
                flat.append(0)  # a list may be empty
                flat += [number(name, 0) for name in names]
        added = np.add.reduceat(self._matrix.take(flat, axis=0), starts, axis=0, dtype=np.int64)
        return added.reshape(len(lists), -1, len(self.labels))

    @cached_property
    def _words(self) -> Memory[tuple[str, str]]:
        return Memory(self, lambda key: [features.of_word(*key, offset) for offset in _OFFSETS])

    @cached_property
    def _tags(self) -> Memory[tuple[str, str]]:
        return Memory(self, lambda key: [features.of_tags(*key, offset) for offset in _OFFSETS])

    @cached_property
    def _known(self) -> Memory[tuple[str, str, str]]:
        return Memory(self, lambda key: [features.of_known(*key)])

    def _around(self, own: Column[Any], of: Callable[[Any], list[str]]) -> Sums:
        """Add up the weights of what stands around tokens: it seldom comes again, so that no sum is kept."""
        import numpy as np

        number = self._index.get
        rows = np.array([number(name, 0) for value in own.values for name in of(value)], dtype=np.int64)
        found: Sums = self._matrix.take(rows.reshape(len(own.values), -1), axis=0).sum(axis=1)
        return found.take(own.numbers, axis=0)

    @cached_property
    def _pairs(self) -> Pairs:
        return Pairs(self._index)

    def scores(self, sentences: Sequence[Tokens]) -> list[Array]:
        """Return the score of each label of each token by its features alone: for every sentence, tokens × labels."""
        laid = lay(sentences)
        return laid.cut(self._scores(laid)) if sentences else []

    def lattices(self, sentences: Sequence[Tokens]) -> list[Lattice]:
        """Return what is possible in every sentence."""
        import numpy as np

        if not sentences:
            return []
        laid = lay(sentences)
        scores = self._scores(laid)
        result = np.empty((len(scores), 7))
        order = np.argsort(-laid.sizes, kind="stable")
        for first in range(0, len(order), _GROUP):
            group = order[first : first + _GROUP]
            self._forward_backward(scores, laid.starts[group], laid.sizes[group], result)
        return [Lattice(own) for own in laid.cut(result)]

    def _scores(self, laid: Laid) -> Array:
        """Return the scores of all tokens, in their order; sums are of whole numbers, so that no order matters."""
        import numpy as np

        reach, tags, written = features.WINDOW, laid.tags(), laid.written()
        # between two sentences, before and behind them stand edges, so that none sees another
        size = len(laid.words.numbers)
        inside = np.arange(size) + reach * (1 + np.repeat(np.arange(len(laid.sizes)), laid.sizes))
        words, tagged = (np.full(inside[-1] + reach + 1, len(own.values)) for own in (written, tags))
        words[inside], tagged[inside] = written.numbers, tags.numbers
        by_words, by_tags = self._words.of([*written.values, (EDGE, EDGE)]), self._tags.of(tags.values)
        by_tags = np.concatenate([by_tags, np.zeros_like(by_tags[:1])])  # an edge has no tag
        total = np.zeros((len(words) + 2 * reach, len(self.labels)), dtype=np.int64)
        for place in range(2 * reach + 1):  # a word lends to the token that sees it at this offset
            seen = total[2 * reach - place : 2 * reach - place + len(words)]
            seen += by_words[:, place].take(words, axis=0)
            seen += by_tags[:, place].take(tagged, axis=0)
        result: Sums = total.take(inside + reach, axis=0)
        where, to_first, to_second = self._pairs.of(laid)
        result[where - 1] += self._matrix.take(to_first, axis=0)
        result[where] += self._matrix.take(to_second, axis=0)
        around: Iterable[Column[Any]] = contexts(laid)
        for own, of in zip(around, features.OF_CONTEXTS, strict=True):
            result += self._around(own, of)
        told = laid.known()
        result += self._known.of(told.values)[:, 0].take(told.numbers, axis=0)
        common = self.sums([[features.of_sentence(tokens)] for tokens in laid.sentences])[:, 0]
        result += np.repeat(common, laid.sizes, axis=0)
        return result / UNIT

    def _forward_backward(self, scores: Array, starts: Sums, sizes: Sums, result: Array) -> None:
        """Put the rows of some sentences' lattices, the longest first, in their places.

        `state` holds what stands before and at a token, and at and behind it, each scaled to a sum of one; `scale` has
        the sums, so that the chance of a span can be put together from its own stretch.
        """
        import numpy as np

        steps = np.exp(np.asarray(self.transitions, dtype=np.float64) / UNIT)
        both_ways = np.stack([steps, steps.T])
        count, longest = len(sizes), int(sizes[0])
        sentence = np.repeat(np.arange(count), sizes)
        after = np.arange(len(sentence)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        before = sizes[sentence] - 1 - after
        rows = starts[sentence] + after
        own = np.exp(scores[rows] - scores[rows].max(axis=1, keepdims=True))
        local = np.ones((longest, 2, count, len(self.labels)))
        local[after, 0, sentence] = local[before, 1, sentence] = own
        going_on = np.searchsorted(-sizes, -np.arange(longest), side="left")
        ones = np.ones((len(self.labels), 1))
        state, scale = np.empty_like(local), np.ones((longest, 2, count, 1))
        scale[0] = local[0] @ ones
        state[0] = local[0] / scale[0]
        for place in range(1, longest):  # from the first word on, and from the last one back
            active = going_on[place]
            ahead = (state[place - 1, :, :active] @ both_ways) * local[place, :, :active]
            scale[place, :, :active] = ahead @ ones
            state[place, :, :active] = ahead / scale[place, :, :active]
        forward, backward = state[after, 0, sentence], state[before, 1, sentence]
        found = forward * backward / own
        found /= found.sum(axis=1, keepdims=True)
        both = np.ones(len(rows))
        has_next = np.flatnonzero(before > 0)
        both[has_next] = ((forward[has_next] @ steps) * backward[has_next + 1]).sum(axis=1)
        begins, inside = self.labels.index("B"), self.labels.index("I")
        others = [number for number in range(len(self.labels)) if number != inside]
        entering = steps[[begins, inside]]
        going = own[:, [inside]] / scale[before, 1, sentence] * entering[:, inside]
        ending = backward[:, others] @ entering[:, others].T
        result[rows] = np.column_stack([found[:, begins], found[:, inside], forward[:, begins] / both, going, ending])
