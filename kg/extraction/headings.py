"""What a heading announces whose wording no table has: "The lesser nuisances", "The doctor should know about".

A log-linear model over the words of a heading, learned from headings worded for it (`training/headings.py`). It is
asked where the table of sections is silent, nothing above says what the section is, and no source's codes do.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg import resources
from kg.errors import OntologyError
from kg.vocabulary.lexicon import normalise

FORMAT = 1
UNIT = 1000
"""Weights are whole thousandths, so that every machine reads the same."""
OTHER = "other"
"""What a heading announces that announces none of the sections looked for."""
LIKELY = 0.6
"""The chance from which on a section counts as announced."""
LONGEST = 9
"""Words of a heading that is looked at."""
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[?…]")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ies|ing|ed|es|s|e|y)$")


@dataclass(frozen=True)
class Model:
    """Weights in thousandths: for each feature, those of the sections that it speaks for or against."""

    sections: tuple[str, ...]
    weights: Mapping[str, tuple[int, ...]]


def features(heading: str) -> Iterator[str]:
    """Give what a heading looks like: its words, without endings, each with its neighbour, and how it begins and ends.

    >>> list(features("Watch for"))
    ['always', 'word=watch', 'word=for', 'pair=watch for', 'first=watch', 'first=watch for', 'last=for', 'short']
    """
    words = [_ENDING.sub("", word) for word in _WORD.findall(normalise(heading).replace("\u2019", "'"))]
    yield "always"
    yield from (f"word={word}" for word in words)
    yield from (f"pair={first} {second}" for first, second in itertools.pairwise(words))
    if words:
        yield f"first={words[0]}"
        yield f"first={' '.join(words[:2])}"
        yield f"last={words[-1]}"
    if len(words) <= 2:
        yield "short"


def chances(heading: str, model: Model) -> dict[str, float]:
    """Return how likely a heading announces each section."""
    sums = [0] * len(model.sections)
    for name in set(features(heading)):
        for number, weight in enumerate(model.weights.get(name, ())):
            sums[number] += weight
    powers = [math.exp((own - max(sums)) / UNIT) for own in sums]
    return {name: own / sum(powers) for name, own in zip(model.sections, powers, strict=True)}


def _is_worded(heading: str, model: Model) -> bool:
    """Tell whether the model has met most words of a heading: names of houses and diseases announce nothing to it."""
    words = [name for name in features(heading) if name.startswith("word=")]
    return 4 * sum(name in model.weights for name in words) >= 3 * len(words)


@functools.lru_cache(4_096)
def announced(heading: str) -> frozenset[str]:
    """Return the section that a heading announces most likely; none where that is not likely enough.

    >>> announced("What the doctor should know about"), announced("Opening hours")
    (frozenset({'warnings'}), frozenset())
    """
    if not 0 < len(heading.split()) <= LONGEST:
        return frozenset()
    if not _is_worded(heading, load()):
        return frozenset()
    found = chances(heading, load())
    best = max(found, key=lambda name: found[name])
    return frozenset({best}) if best != OTHER and round(found[best], 6) >= LIKELY else frozenset()


def encode(model: Model, provenance: Mapping[str, object]) -> bytes:
    """Write a model as canonical gzipped JSON: the same model, the same bytes."""
    content = {
        "format": FORMAT,
        "provenance": provenance,
        "sections": model.sections,
        "weights": {name: list(model.weights[name]) for name in sorted(model.weights)},
    }
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


@functools.cache
def load(path: Path | None = None) -> Model:
    """Load the model of the package, or another one.

    Raises
    ------
    OntologyError
        When the file is missing or no model.
    """
    path = path or resources.folder("ontology") / "models" / "headings" / "headings.json.gz"
    try:
        found = json.loads(gzip.decompress(path.read_bytes()))
        if found["format"] != FORMAT:
            raise OntologyError(str(path), f"a model of format {found['format']}", f"train one of format {FORMAT}")
        return Model(tuple(found["sections"]), {name: tuple(own) for name, own in found["weights"].items()})
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OntologyError(str(path), f"not a model ({error})", "train it again: training/headings.py") from None
