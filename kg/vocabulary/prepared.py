"""The package's vocabulary worked out beforehand: `ontology/concepts/prepared.json.gz`.

To read the concepts from Turtle, and to spell each of their names in every way, took a third of what a short run takes.
So it is done once and kept beside the concepts, with the hash of what it was made of: where that has changed, the
vocabulary is worked out anew as it is loaded. `python -m kg.vocabulary.format` writes the file.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kg import resources
from kg.records import Concept


@dataclass(frozen=True, slots=True)
class Spellings:
    """All spellings of a vocabulary.

    Attributes
    ----------
    surfaces : sequence of str
        The spellings, folded, sorted.
    meanings : sequence
        For each the number of the concept that it means, or the numbers of several, in the vocabulary's order.
    turned : frozenset of str
        Those that only a list of terms uses ("hepatic failure, acute").
    capitals : frozenset of str
        Those that are no name in small letters ("aids").
    """

    surfaces: Sequence[str]
    meanings: Sequence[int | Sequence[int]]
    turned: frozenset[str]
    capitals: frozenset[str]


class Prepared(NamedTuple):
    """Concepts, in the order of their IRIs, and their spellings."""

    concepts: list[Concept]
    spellings: Spellings


def place() -> Path:
    """Return where the file is."""
    return resources.folder("ontology") / "concepts" / "prepared.json.gz"


def load() -> Prepared | None:
    """Read the file; None where there is none, or where the concepts or the rules for names have changed since."""
    if not place().is_file():
        return None
    content: dict[str, Any] = json.loads(gzip.decompress(place().read_bytes()))
    if content["made_of"] != made_of():
        return None
    types = [frozenset(names) for names in content["types"]]
    concepts = [
        Concept(iri, label, tuple(labels), types[number], tuple(broader), drug, topic, tuple(matches))
        for iri, label, labels, number, broader, drug, topic, matches in content["concepts"]
    ]
    surfaces = content["surfaces"].split("\n")
    turned, capitals = (frozenset(surfaces[number] for number in content[name]) for name in ("turned", "capitals"))
    return Prepared(concepts, Spellings(surfaces, content["meanings"], turned, capitals))


def encode(concepts: Iterable[Concept], spellings: Spellings) -> bytes:
    """Write concepts and their spellings: the same vocabulary, the same bytes."""
    concepts = list(concepts)
    types = sorted({tuple(sorted(concept.types)) for concept in concepts})
    numbers = {names: number for number, names in enumerate(types)}
    content = {
        "made_of": made_of(),
        "types": types,
        "concepts": [
            (c.iri, c.label, c.labels, numbers[tuple(sorted(c.types))], c.broader, c.drug, c.topic, c.matches)
            for c in concepts
        ],
        "surfaces": "\n".join(spellings.surfaces),
        "meanings": spellings.meanings,
        "turned": [number for number, own in enumerate(spellings.surfaces) if own in spellings.turned],
        "capitals": [number for number, own in enumerate(spellings.surfaces) if own in spellings.capitals],
    }
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def made_of() -> str:
    """Return the hash of what the file is made of: the concepts, and the rules for names."""
    digest = hashlib.sha256()
    for path in (*resources.files("ontology", "concepts/*.ttl"), resources.folder("ontology") / "names.toml"):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
