"""The tokens of many sentences, end to end, as columns of numbers: what comes again is worked out once.

Most words, pairs of words and contexts come again within a document. A column numbers what its tokens have; arrays put
columns together and find what differs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from kg.extraction.tagging.known import Numbers
from kg.extraction.tagging.tokens import EDGE, Tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """What tokens have: for each the number of one of some distinct `values`."""

    values: Sequence[T]
    numbers: Integers

    def each(self) -> list[T]:
        """Return what each token has."""
        return [self.values[number] for number in self.numbers.tolist()]


def column(each: Sequence[str]) -> Column[str]:
    """Number what tokens have.

    >>> column(["rash", "or", "rash"]).numbers.tolist()
    [0, 1, 0]
    """
    import numpy as np

    known = Numbers()
    numbers = np.array(list(map(known.__getitem__, each)), dtype=np.int64)
    return Column(list(known), numbers)


def joined(parts: Sequence[tuple[Integers, int]], value: Callable[..., T]) -> Column[T]:
    """Put columns together: numbers below a size each, and what the numbers that one token has stand for."""
    import numpy as np

    code = parts[0][0]
    for numbers, size in parts[1:]:
        code = code * size + numbers
    codes, inverse = np.unique(code, return_inverse=True)
    apart = []
    for _, size in reversed(parts[1:]):
        apart.append((codes % size).tolist())
        codes //= size
    apart.append(codes.tolist())
    return Column(list(map(value, *reversed(apart))), inverse)


@dataclass(frozen=True)
class Laid:
    """Sentences, laid end to end.

    Attributes
    ----------
    sentences : sequence of Tokens
        The sentences.
    sizes, starts : array
        How many tokens each has, and where it begins.
    words : Column
        The words of all tokens.
    """

    sentences: Sequence[Tokens]
    sizes: Integers
    starts: Integers
    words: Column[str]

    @cached_property
    def own_start(self) -> Integers:
        """Where each token's own sentence begins."""
        import numpy as np

        found: Integers = np.repeat(self.starts, self.sizes)
        return found

    @cached_property
    def previous(self) -> Integers:
        """The number of the word before each token; behind all words' numbers where there is none."""
        import numpy as np

        found = np.concatenate([[0], self.words.numbers[:-1]])
        found[self.starts] = len(self.words.values)
        return found

    @cached_property
    def following(self) -> Integers:
        """The number of the word behind each token; behind all words' numbers where there is none."""
        import numpy as np

        found = np.concatenate([self.words.numbers[1:], [0]])
        found[self.starts + self.sizes - 1] = len(self.words.values)
        return found

    def written(self) -> Column[tuple[str, str]]:
        """Return each token's word and shape."""
        return self._both(self.words, column(self._all([tokens.shapes for tokens in self.sentences])))

    def tags(self) -> Column[tuple[str, str]]:
        """Return each token's name and reading."""
        names = column(self._all([tokens.names for tokens in self.sentences]))
        return self._both(names, column(self._all([tokens.readings for tokens in self.sentences])))

    def known(self) -> Column[tuple[str, str, str]]:
        """Return which public vocabularies know the name that each token belongs to, between its two neighbours'."""
        import numpy as np

        own = column(self._all([tokens.known for tokens in self.sentences]))
        edge, size = len(own.values), len(own.values) + 1
        before, after = np.roll(own.numbers, 1), np.roll(own.numbers, -1)
        before[self.starts] = after[self.starts + self.sizes - 1] = edge
        values = [*own.values, EDGE]
        return joined(
            [(before, size), (own.numbers, size), (after, size)], lambda a, b, c: (values[a], values[b], values[c])
        )

    def cut(self, table: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Cut a table of all tokens into those of the sentences."""
        ends = (self.starts + self.sizes).tolist()
        return [table[start:end] for start, end in zip(self.starts.tolist(), ends, strict=True)]

    @staticmethod
    def _all(each: Sequence[Sequence[str]]) -> list[str]:
        return list(itertools.chain.from_iterable(each))

    @staticmethod
    def _both(one: Column[str], other: Column[str]) -> Column[tuple[str, str]]:
        first, second = one.values, other.values
        parts = [(one.numbers, len(first)), (other.numbers, len(second))]
        return joined(parts, lambda a, b: (first[a], second[b]))


def lay(sentences: Sequence[Tokens]) -> Laid:
    """Lay sentences end to end; each has a token."""
    import numpy as np

    sizes = np.array([len(tokens.words) for tokens in sentences], dtype=np.int64)
    words = column(list(itertools.chain.from_iterable(tokens.words for tokens in sentences)))
    return Laid(sentences, sizes, np.cumsum(sizes) - sizes, words)
