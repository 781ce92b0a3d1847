"""Precision, recall and F1, and when the words of two mentions meet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

Words = tuple[str, ...]
"""A mention for comparing: its words and numbers, case folded; nothing that stands between them."""

_WORD = re.compile(r"[a-z0-9]+")


class Counted(NamedTuple):
    """Words that were missed or invented, and in how many documents."""

    words: str
    documents: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How many were predicted and how many of these are right; how many there are and how many of these were found.

    >>> figures = Figures(predicted=4, right=3, gold=6, found=3)
    >>> (figures.precision, figures.recall, figures.f1)
    (0.75, 0.5, 0.6)
    """

    predicted: int = 0
    right: int = 0
    gold: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        """The share of the predicted that is right; 0 where nothing is predicted."""
        return ratio(self.right, self.predicted)

    @property
    def recall(self) -> float:
        """The share of the gold that was found; 0 where there is none."""
        return ratio(self.found, self.gold)

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return ratio(2 * self.precision * self.recall, self.precision + self.recall)

    def __add__(self, other: Figures) -> Figures:
        """Count the documents of both."""
        return Figures(
            self.predicted + other.predicted, self.right + other.right, self.gold + other.gold, self.found + other.found
        )


def ratio(part: float, whole: float) -> float:
    """Return a share, 0 of nothing."""
    return part / whole if whole else 0.0


def words(text: str) -> Words:
    """Return the words of a mention.

    >>> words("Stevens-Johnson  syndrome (SJS)")
    ('stevens', 'johnson', 'syndrome', 'sjs')
    """
    return tuple(_WORD.findall(text.lower()))


def near(one: Words, others: Iterable[Words]) -> list[Words]:
    """Return the mentions of which all words are among those of `one`, or the other way round.

    >>> near(("liver", "disease"), [("severe", "liver", "disease"), ("liver", "failure"), ("disease",)])
    [('severe', 'liver', 'disease'), ('disease',)]
    """
    inside = frozenset(one)
    return [other for other in others if inside.issubset(other) or inside.issuperset(other)]


def most(found: Counter[Words]) -> tuple[Counted, ...]:
    """Return what was counted, the most frequent first."""
    return tuple(Counted(" ".join(key), n) for key, n in sorted(found.items(), key=lambda item: (-item[1], item[0])))
