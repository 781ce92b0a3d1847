"""Assembly: statements of the same content, from any number of documents, become one fact with all their evidence.

What a fact says is expanded to IRIs first, so that "elderly" and "older adults" are one population; its own IRI is the
SHA-256 of the expanded terms, so that the same fact has the same name in every build and on every machine.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from kg import vocabulary as vocabularies
from kg.errors import OntologyError
from kg.graph import terms
from kg.records import Entity, Evidence, Fact, Span, Statement
from kg.vocabulary import Vocabulary, schema
from kg.vocabulary.schema import Kind, Qualifier, Schema

MAXIMUM_WORDS = 8
"""The most words of a document that are kept in one place without its text: longer ones are cut."""

_WORD = re.compile(r"\S+")


class Content(Protocol):
    """What a statement and a fact have in common: what is said."""

    @property
    def kind(self) -> str:
        """Its kind, as the ontology names it."""

    @property
    def subject(self) -> Entity:
        """Who it is about."""

    @property
    def object(self) -> Entity:
        """What is said of the subject."""

    @property
    def polarity(self) -> str:
        """Whether it is affirmed or denied."""

    @property
    def qualifiers(self) -> Mapping[str, str]:
        """What narrows it down."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a fact: an IRI, or a plain string where `is_text`; `term` holds the words of an unlisted term."""

    iri: str
    value: str
    is_text: bool = False
    term: Entity | None = None


def assemble(statements: Iterable[Statement], vocabulary: Vocabulary | None = None) -> list[Fact]:
    """Put statements of the same content together, sorted by subject, kind and object.

    Raises
    ------
    OntologyError
        When a statement is of an unknown kind, or has a qualifier that its kind does not allow.
    """
    known, language = vocabulary or vocabularies.load(), schema.load()
    contents: dict[str, Fact] = {}
    evidence: dict[str, dict[tuple[str, Span, Span], Evidence]] = {}
    broader: dict[str, str] = {}
    for statement in sorted(statements, key=_place):
        fact = _normal(statement, known, language)
        iri = fact_iri(expand(fact, known, language))
        contents.setdefault(iri, replace(fact, iri=iri))
        place_terms(broader, fact)
        proof = _trimmed(statement.evidence)
        evidence.setdefault(iri, {}).setdefault((proof.document, proof.span, proof.object_span), proof)
    facts = [
        replace(placed(fact, broader), evidence=tuple(proof for _, proof in sorted(evidence[iri].items())))
        for iri, fact in contents.items()
    ]
    return sorted(facts, key=order)


def order(fact: Fact) -> tuple[str, ...]:
    """Give the place of a fact among others: subject, kind, object; the IRI decides the rest."""
    return (fact.subject.label.casefold(), fact.kind, fact.object.label.casefold(), fact.polarity, fact.iri)


def expand(content: Content, vocabulary: Vocabulary | None = None, language: Schema | None = None) -> list[Property]:
    """Give what a statement or fact says as properties: class, subject, object, polarity and qualifiers.

    >>> from kg.records import Entity, Fact
    >>> fact = Fact("caution", Entity("clonazepam"), Entity("own words"), (), qualifiers={"level": "avoid"})
    >>> [p.value.removeprefix("https://w3id.org/drug-facts/") for p in expand(fact)]
    ['ontology/Caution', 'term/clonazepam', 'term/own-words', 'polarity/affirmed', 'level/avoid']
    """
    language = language or schema.load()
    kind = language.kind(content.kind)
    polarity = language.polarities.get(content.polarity)
    if polarity is None:
        raise OntologyError(content.kind, f"no polarity {content.polarity!r}", f"use {' '.join(language.polarities)}")
    found = [
        Property(terms.RDF_TYPE, kind.iri),
        _entity_property(terms.DRUGS + "subject", content.subject),
        _entity_property(terms.DRUGS + "object", content.object),
        Property(terms.DRUGS + "polarity", polarity.iri),
    ]
    known = vocabulary or vocabularies.load()
    return found + [_qualifier(kind, name, value, known) for name, value in sorted(content.qualifiers.items())]


def fact_iri(properties: Iterable[Property]) -> str:
    """Name a fact after its content: the SHA-256 over its sorted properties, evidence left out.

    A line is a property's IRI in angle brackets, a space, and the value: an IRI in angle brackets, or a JSON string.
    """
    lines = {
        f"<{p.iri}> {json.dumps(p.value, ensure_ascii=False) if p.is_text else f'<{p.value}>'}" for p in properties
    }
    return terms.FACT + hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def evidence_iri(evidence: Evidence) -> str:
    """Name a piece of evidence after its content: document, quote, object, heading, hash and rule."""
    spans = (evidence.span, evidence.object_span, evidence.heading)
    parts = [evidence.document, *spans, evidence.quote_sha256, evidence.rule]
    return terms.EVIDENCE + hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@functools.lru_cache(maxsize=4096)
def term_iri(words: str) -> str:
    """Name words that the vocabulary lacks; different words never share a name.

    >>> term_iri("own words").rsplit("/", 1)[1], term_iri("own α").rsplit("/", 1)[1]
    ('own-words', 'own-5bb3574b')

    Raises
    ------
    OntologyError
        When there are no words: a term without a name could not be shown, and all of them would be one.
    """
    if not words.strip():
        raise OntologyError("term", "no words to name it by", "name it by the words of the document")
    local = vocabularies.slug(words)
    if local.replace("-", " ") == words:
        return terms.TERM + local
    digest = hashlib.sha256(words.encode()).hexdigest()[:8]  # the slug lost something: letters, marks or case
    return terms.TERM + "-".join(filter(None, (local, digest)))


def cut(words: str) -> str:
    """Leave out what comes after the first eight words, and say so by an ellipsis.

    >>> cut("one two three four five six seven eight nine")
    'one two three four five six seven eight …'
    """
    parts = words.split()
    return " ".join(parts if len(parts) <= MAXIMUM_WORDS else [*parts[:MAXIMUM_WORDS], "…"])


def find(label: str, vocabulary: Vocabulary) -> str | None:
    """Return the IRI of the concept of a label; a preferred label outranks an alternative one."""
    found = vocabulary.by_label.get(label.casefold(), ())
    return min(((c.label.casefold() != label.casefold(), c.iri) for c in found), default=(False, None))[1]


def _place(statement: Statement) -> tuple[str, Span, Span, str]:
    evidence = statement.evidence
    return evidence.document, evidence.span, evidence.object_span, evidence.rule


def _entity_property(iri: str, entity: Entity) -> Property:
    if entity.iri:
        return Property(iri, entity.iri)
    return Property(iri, term_iri(entity.label), term=entity)


def _qualifier(kind: Kind, name: str, value: str, vocabulary: Vocabulary) -> Property:
    qualifier = _choose(kind, name, value)
    if qualifier.values is not None:
        return Property(qualifier.iri, qualifier.values[value].iri)
    if qualifier.is_text:
        return Property(qualifier.iri, value, is_text=True)
    return _entity_property(qualifier.iri, Entity(value, find(value, vocabulary)))


def _choose(kind: Kind, name: str, value: str) -> Qualifier:
    """Return the property for a qualifier's name: that of the closed list if the value is on it, else the open one."""
    named = [q for q in kind.qualifiers if q.name == name]
    fitting = [q for q in named if q.values is not None and value in q.values] or [q for q in named if q.values is None]
    if fitting:
        return fitting[0]
    if named:
        allowed = " ".join(v for q in named for v in q.values or ())
        raise OntologyError(f"{kind.name} {name}", f"{value!r} is not on the list", f"use {allowed}")
    allowed = " ".join(sorted({q.name for q in kind.qualifiers}))
    raise OntologyError(f"{kind.name} {name}", "the kind does not allow this qualifier", f"allowed: {allowed}")


def _normal(statement: Statement, vocabulary: Vocabulary, language: Schema) -> Fact:
    """Give what a statement says with the vocabulary's own labels, long words cut."""
    kind = language.kind(statement.kind)
    qualifiers = {}
    for name, value in statement.qualifiers.items():
        try:
            qualifier = _choose(kind, name, value)
        except OntologyError as error:
            place = f"rule {statement.evidence.rule} ({error.place})"
            raise OntologyError(place, error.problem, error.remedy) from None
        if qualifier.values is None:
            iri = None if qualifier.is_text else find(value, vocabulary)
            value = vocabulary.concepts[iri].label if iri else cut(value)
        qualifiers[name] = value
    return Fact(
        kind=kind.name,
        subject=_known(statement.subject, vocabulary),
        object=_listed(statement.object, kind) or _known(statement.object, vocabulary),
        evidence=(),
        polarity=statement.polarity,
        qualifiers=MappingProxyType(dict(sorted(qualifiers.items()))),
    )


def _listed(entity: Entity, kind: Kind) -> Entity | None:
    value = (kind.listed_objects or {}).get(entity.label.casefold())
    return Entity(value.label, value.iri) if value else None


def _known(entity: Entity, vocabulary: Vocabulary) -> Entity:
    if entity.iri is None:
        return Entity(cut(entity.label), None, entity.broader)
    concept = vocabulary.concepts.get(entity.iri)
    return Entity(concept.label if concept else entity.label, entity.iri)


def _trimmed(evidence: Evidence) -> Evidence:
    """Keep at most the first words of the object's mention; it stays a slice of the text."""
    words = list(_WORD.finditer(evidence.object_text))
    if len(words) <= MAXIMUM_WORDS:
        return evidence
    length = words[MAXIMUM_WORDS - 1].end()
    start = evidence.object_span.start
    return replace(evidence, object_span=Span(start, start + length), object_text=evidence.object_text[:length])


def place_terms(broader: dict[str, str], fact: Fact) -> None:
    """Note the broader concept of each unlisted term of a fact: one for a term, the same wherever it occurs."""
    for entity in (fact.subject, fact.object):
        if entity.iri is None and entity.broader:
            broader[entity.label] = min(entity.broader, broader.get(entity.label, entity.broader))


def placed(fact: Fact, broader: Mapping[str, str]) -> Fact:
    """Put the unlisted terms of a fact below the concepts that were noted for them."""
    if fact.subject.iri and fact.object.iri:
        return fact
    subject, object_ = (e if e.iri else replace(e, broader=broader.get(e.label)) for e in (fact.subject, fact.object))
    return replace(fact, subject=subject, object=object_)
