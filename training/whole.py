"""Learning which single sentences are whole sections: a logistic regression that the models keep the weights of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kg.extraction.tagging import whole
from kg.extraction.tagging.sequence import UNIT
from training.gold import Annotated

COUNTS = 10.0
"""A section of one sentence counts so many times as much as a sentence of the other gold: there are few of them."""
STEPS = 25


def weights(documents: Iterable[Annotated], of_sentences: str) -> dict[str, int]:
    """Fit what tells sections of one sentence from the sentences of a gold, in thousandths.

    Newton's steps, with a penalty of one half of each weight's square, but for the weight that every sentence has.
    """
    chosen = [document for document in documents if document.alone]
    found = [whole.features([tokens for tokens, _ in document.sentences]) for document in chosen]
    names = sorted({name for own in found for name in own})
    table = np.asarray([[name in own for name in names] for own in map(set, found)], dtype=float)
    sought = np.asarray([document.gold != of_sentences for document in chosen], dtype=float)
    counts = np.where(sought, COUNTS, 1.0)
    penalty = np.asarray([float(name != whole.ALWAYS) for name in names])
    fitted = np.zeros(len(names))
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-table @ fitted))
        slope = table.T @ (counts * (chances - sought)) + penalty * fitted
        bend = (table.T * (counts * chances * (1 - chances))) @ table + np.diag(penalty)
        fitted = fitted - np.linalg.solve(bend, slope)
    return {name: own for name, own in zip(names, map(round, (fitted * UNIT).tolist()), strict=True) if own}
