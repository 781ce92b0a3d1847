"""The vocabulary: the concepts of `ontology/concepts`, their labels, types and broader concepts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kg import memory, resources
from kg.errors import OntologyError
from kg.graph import terms, turtle
from kg.records import Concept

if TYPE_CHECKING:
    from kg.vocabulary.compiled import Compiled
    from kg.vocabulary.prepared import Spellings

_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Vocabulary:
    """All concepts, by IRI and by label (any case).

    `local` is the compiled lexicon that is used beside them; `spellings` are theirs, where they were worked out before.
    """

    concepts: Mapping[str, Concept]
    by_label: Mapping[str, tuple[Concept, ...]] = field(repr=False)
    local: Compiled | None = None
    spellings: Spellings | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        """Return the number of concepts."""
        return len(self.concepts)

    def find(self, label: str, types: Iterable[str] = ()) -> Concept | None:
        """Return the concept of a label, preferring the given types; None where there is none of them."""
        wanted = frozenset(types)
        found = self.by_label.get(label.casefold(), ())
        return next((c for c in found if not wanted or wanted & c.types), None)

    def drug_of(self, concept: Concept) -> Concept:
        """Return the drug of a brand, and any other concept itself."""
        return self.concepts.get(concept.drug, concept) if concept.drug else concept

    def ancestors(self, iri: str) -> frozenset[str]:
        """Return the IRIs of all broader concepts, at any distance; a cycle ends where it began."""
        seen: set[str] = set()
        waiting = [iri]
        while waiting:
            concept = self.concepts.get(waiting.pop())
            for broader in concept.broader if concept else ():
                if broader not in seen:
                    seen.add(broader)
                    waiting.append(broader)
        return frozenset(seen)


def slug(label: str) -> str:
    """Return the local name for a label.

    >>> slug("Lennox-Gastaut syndrome")
    'lennox-gastaut-syndrome'
    """
    return _NOT_SLUG.sub("-", label.casefold().replace("'", "").replace("’", "")).strip("-")


def from_concepts(concepts: Iterable[Concept], spellings: Spellings | None = None) -> Vocabulary:
    """Index concepts by IRI and label; `spellings` are known of those that come in the order of their IRIs."""
    by_iri: dict[str, Concept] = {}
    by_label: dict[str, tuple[Concept, ...]] = {}
    for concept in sorted(concepts, key=lambda c: c.iri):
        by_iri[concept.iri] = concept
        for label in (concept.label, *concept.labels):
            key = label.casefold()
            known = by_label.get(key, ())
            if concept not in known:
                by_label[key] = (*known, concept)
    return Vocabulary(by_iri, by_label, spellings=spellings)


@functools.cache
@memory.uncollected()
def load(folder: Path | None = None) -> Vocabulary:
    """Load the concepts of a folder of Turtle files, by default those of the package.

    Raises
    ------
    OntologyError
        When a file is not Turtle, or a concept has no preferred label.
    """
    from kg.vocabulary import prepared

    known = prepared.load() if folder is None else None
    return from_concepts(*known) if known else read(folder or resources.folder("ontology") / "concepts")


def read(folder: Path) -> Vocabulary:
    """Read the concepts of a folder of Turtle files.

    Raises
    ------
    OntologyError
        When a file is not Turtle, or a concept has no preferred label.
    """
    return from_concepts(_concepts(sorted(folder.glob("*.ttl"))))


def _concepts(paths: Iterable[Path]) -> Iterator[Concept]:
    for path in paths:
        for iri, values in turtle.read(path).items():
            types = values.get(terms.RDF_TYPE, [])
            if terms.SKOS + "Concept" not in types:
                continue
            labels = values.get(terms.SKOS + "prefLabel", [])
            if len(labels) != 1:
                raise OntologyError(str(path), f"{iri} has {len(labels)} preferred labels", "give it exactly one")
            yield Concept(
                iri=iri,
                label=labels[0],
                labels=tuple(sorted(values.get(terms.SKOS + "altLabel", []))),
                types=frozenset(t.removeprefix(terms.DRUGS) for t in types if t.startswith(terms.DRUGS)),
                broader=tuple(sorted(values.get(terms.SKOS + "broader", []))),
                drug=next(iter(values.get(terms.DRUGS + "brandOf", [])), None),
                topic=next((t.rsplit("/", 1)[1] for t in values.get(terms.DRUGS + "topic", [])), None),
                matches=tuple(sorted(values.get(terms.SKOS + "exactMatch", []))),
            )
