"""Names: a derived fact is named by the SHA-256 of its content and its rule, as a fact is by its content."""

from __future__ import annotations

from dataclasses import replace

from kg import assembly
from kg.assembly import Property
from kg.graph import terms
from kg.records import Derived, Entity, Fact, Link
from kg.vocabulary import Vocabulary

RULE = terms.DRUGS + "derivedBy"
KIND = terms.DRUGS + "derivedKind"
_OWN = {
    terms.RDF_TYPE: KIND,
    terms.DRUGS + "subject": terms.DRUGS + "derivedSubject",
    terms.DRUGS + "object": terms.DRUGS + "derivedObject",
}
"""A derived fact has properties of its own for these, so that nobody takes it for what a document says."""


def content(derived: Derived, vocabulary: Vocabulary | None = None) -> list[Property]:
    """Give what a derived fact says as properties, its rule among them; what it rests on is left out."""
    fact = Fact(derived.kind, derived.subject, derived.object, (), qualifiers=derived.qualifiers)
    found = [
        replace(item, iri=_OWN.get(item.iri, item.iri))
        for item in assembly.expand(fact, vocabulary)
        if item.iri != terms.DRUGS + "polarity"
    ]
    return [*found, Property(RULE, terms.DERIVATION + derived.rule)]


def named(derived: Derived, vocabulary: Vocabulary | None = None) -> Derived:
    """Return a derived fact with its name."""
    return replace(derived, iri=iri(content(derived, vocabulary)))


def iri(properties: list[Property]) -> str:
    """Name a derived fact after its content and its rule."""
    return assembly.fact_iri(properties).replace(terms.FACT, terms.DERIVED)


def link_iri(link: Link) -> str:
    """Name a step of the vocabulary after its two ends."""
    ends = [
        Property(terms.DRUGS + name, node)
        for name, node in (("stepFrom", _node(link.narrower)), ("stepTo", _node(link.broader)))
    ]
    return assembly.fact_iri(ends).replace(terms.FACT, terms.LINK)


def _node(entity: Entity) -> str:
    return entity.iri or assembly.term_iri(entity.label)
