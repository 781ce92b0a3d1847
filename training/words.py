"""Classes of words that stand in the same company, for the fallback for prose: "soothes" beside "relieves".

Nobody marks anything for them: words are counted with those that stand one and two before and behind them in the
texts of labels and of our own pages that may be looked at. Words of like company get like numbers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import svds

from kg.extraction.prose.features import WORD

WORDS, SEEN, COMPANY = 12_000, 8, 800
"""Words that get a class, how often they are seen at least, and the most frequent ones, which are the company."""
SIZES = (200, 60)
"""How many classes there are: fine ones, and coarse ones."""
_PLACES = (-2, -1, 1, 2)
_DIMENSIONS, _ROUNDS, _SHORTEST = 50, 12, 20
_FULL_STOP = re.compile(r"(?<=[.!?])\s+")


def of_labels(folder: Path) -> Iterator[str]:
    """Give the texts of openFDA labels, but for their tables."""
    for path in sorted(folder.glob("*.json")):
        for label in json.loads(path.read_text("utf-8"))["results"]:
            for name, texts in label.items():
                if isinstance(texts, list) and not name.endswith("_table"):
                    yield from (text for text in texts if isinstance(text, str))


def classes(texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return the classes of each word, a fine and a coarse one."""
    folded = (part.lower() for text in texts for part in _FULL_STOP.split(text))
    sentences = [WORD.findall(part) for part in dict.fromkeys(part for part in folded if len(part) >= _SHORTEST)]
    counts = Counter(word for sentence in sentences for word in sentence)
    words = [word for word, count in counts.most_common(WORDS) if count >= SEEN]
    vectors = _vectors(sentences, words)
    columns = [_nearest(vectors, size).tolist() for size in SIZES]
    return dict(zip(words, zip(*columns, strict=True), strict=True))


def _vectors(sentences: Iterable[Sequence[str]], words: Sequence[str]) -> Any:
    """Put words with like company near each other."""
    place = {word: number for number, word in enumerate(words)}
    rows, columns = [], []
    for sentence in sentences:
        known = [place.get(word, -1) for word in sentence]
        for side, gap in enumerate(_PLACES):
            for at in range(max(0, -gap), len(known) - max(0, gap)):
                if known[at] >= 0 and 0 <= known[at + gap] < COMPANY:
                    rows.append(known[at])
                    columns.append(side * COMPANY + known[at + gap])
    shape = len(words), len(_PLACES) * COMPANY
    found = scipy.sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    found.sum_duplicates()
    total, share = np.asarray(found.sum(1)).ravel(), np.asarray(found.sum(0)).ravel() ** 0.75
    share /= share.sum()
    cells = found.tocoo()
    weight = np.log(cells.data / (np.maximum(total[cells.row], 1) * np.maximum(share[cells.col], 1e-12)))
    kept = weight > 0
    above = scipy.sparse.csr_matrix((weight[kept], (cells.row[kept], cells.col[kept])), shape=shape)
    left, strength, _ = svds(above, k=_DIMENSIONS, random_state=0)
    vectors = left * np.sqrt(strength)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _nearest(vectors: Any, size: int) -> Any:
    """Part words into classes, beginning with the most frequent ones: k-means of directions."""
    centres = vectors[:size].copy()
    own = np.zeros(len(vectors), dtype=int)
    for _ in range(_ROUNDS):
        own = (vectors @ centres.T).argmax(1)
        for number in range(size):
            members = vectors[own == number]
            if len(members):
                centre = members.mean(0)
                centres[number] = centre / (np.linalg.norm(centre) + 1e-9)
    return own
