"""Who belongs to which class: as documents say, and as the vocabulary says; and what lies above a concept."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg import assembly
from kg import vocabulary as vocabularies
from kg.derivation import table
from kg.derivation.table import Table
from kg.records import Concept, Entity, Fact, Link
from kg.vocabulary import Vocabulary

CLASS, DRUG, BRAND = "DrugClass", "Drug", "Brand"


@dataclass(frozen=True, slots=True)
class Membership:
    """Why a medicine belongs to a class: facts of documents, steps of the vocabulary, or both."""

    member: Entity
    of: Entity
    facts: tuple[Fact, ...] = ()
    links: tuple[Link, ...] = ()


def node(entity: Entity) -> str:
    """Return the IRI of an entity: its concept, or that of its own words."""
    return entity.iri or assembly.term_iri(entity.label)


class Hierarchy:
    """The concepts above each concept, looked up once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Look into a vocabulary."""
        self._vocabulary = vocabulary
        self._above: dict[str, frozenset[str]] = {}
        self._concepts: dict[str, Concept | None] = {}

    def above(self, iri: str) -> frozenset[str]:
        """Return the IRIs of a concept and of all broader ones."""
        found = self._above.get(iri)
        if found is None:
            found = self._above[iri] = self._vocabulary.ancestors(iri) | {iri}
        return found

    def above_entity(self, entity: Entity) -> frozenset[str]:
        """Return the same for an entity; own words have what the document's reader placed them under."""
        if entity.iri:
            return self.above(entity.iri)
        own = frozenset({node(entity)})
        return own | self.above(entity.broader) if entity.broader else own

    def entity(self, iri: str) -> Entity:
        """Return a concept as an entity."""
        concept = self._concept(iri)
        return Entity(concept.label if concept else iri.rsplit("/", 1)[-1], iri)

    def is_a(self, iri: str, kind: str) -> bool:
        """Tell whether a concept is of a type."""
        concept = self._concept(iri)
        return concept is not None and kind in concept.types

    def _concept(self, iri: str) -> Concept | None:
        if iri not in self._concepts:
            self._concepts[iri] = self._vocabulary.concepts.get(iri)
        return self._concepts[iri]


def memberships(
    facts: Iterable[Fact], subjects: Mapping[str, Entity], hierarchy: Hierarchy, limits: Table
) -> dict[str, list[Membership]]:
    """Return the members of each class among all subjects of facts, by their nodes; a class that is a heading has none.

    What a document denies ("is not a ...") outranks the vocabulary and other documents: such a member is left out. Of
    a medicine whose classes the vocabulary knows, another class is believed where enough documents say it.
    """
    denied: set[tuple[str, str]] = set()
    stated: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        if fact.kind != table.MEMBERSHIP or not fact.object.iri:
            continue
        if fact.polarity != "affirmed":
            denied.add((node(fact.subject), fact.object.iri))
        elif not fact.qualifiers:
            for iri in hierarchy.above(fact.object.iri):
                stated.setdefault((node(fact.subject), iri), []).append(fact)
    known = {(member, iri) for member in subjects for iri in hierarchy.above_entity(subjects[member]) - {member}}
    classed = {member for member, of in known if hierarchy.is_a(of, CLASS)}
    members: dict[str, list[Membership]] = {}
    for member, of in sorted(known | stated.keys()):
        if member == of or (member, of) in denied or not hierarchy.is_a(of, CLASS) or width(of) > limits.widest_class:
            continue
        said = tuple(stated.get((member, of), ()))
        documents = {document for fact in said for document in fact.documents}
        if (member, of) not in known and member in classed and len(documents) < limits.enough_documents:
            continue
        links = {Link(fact.object, hierarchy.entity(of)) for fact in said if fact.object.iri != of}
        if (member, of) in known:
            links.add(Link(subjects[member], hierarchy.entity(of)))
        found = Membership(subjects[member], hierarchy.entity(of), said, tuple(sorted(links, key=_labels)))
        members.setdefault(of, []).append(found)
    return {iri: found for iri, found in members.items() if len(found) <= limits.most_members}


def width(iri: str) -> int:
    """Return how many drugs the vocabulary of the package has below a class."""
    return _widths().get(iri, 0)


@functools.cache
def _widths() -> Mapping[str, int]:
    known = vocabularies.load()
    widths: dict[str, int] = {}
    for concept in known.concepts.values():
        if DRUG in concept.types:
            for iri in known.ancestors(concept.iri):
                widths[iri] = widths.get(iri, 0) + 1
    return widths


def _labels(link: Link) -> tuple[str, str, str, str]:
    return link.narrower.label, node(link.narrower), link.broader.label, node(link.broader)
