"""Encoding: facts and documents become quads, what a document says in the named graph of that document."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg import assembly
from kg import vocabulary as vocabularies
from kg.graph import terms
from kg.records import Concept, Document, Entity, Evidence, Fact, Span
from kg.vocabulary import Vocabulary, schema
from kg.vocabulary.schema import Schema

Triple = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]

DOCUMENTS = ox.NamedNode(terms.GRAPH + "documents")
"""The graph of what is known about the documents themselves."""

CONCEPTS = ox.NamedNode(terms.GRAPH + "vocabulary")
"""The graph of concepts that facts use and the package lacks."""

_TYPE = ox.NamedNode(terms.RDF_TYPE)
_COUNT = ox.NamedNode(terms.XSD + "nonNegativeInteger")
_OFF_LABEL = ("approval", "off_label")


@dataclass(frozen=True, slots=True)
class Source:
    """What is known about a document without its text; `same_text_as` is empty where copies were not looked for."""

    name: str
    title: str
    source_kind: str
    sha256: str
    length: int
    about: Entity | None = None
    same_text_as: str = ""


def quads(
    facts: Iterable[Fact],
    documents: Iterable[Document | Source],
    *,
    quotes: bool = False,
    vocabulary: Vocabulary | None = None,
) -> Iterator[ox.Quad]:
    """Encode facts and documents; quotes are left out unless asked for.

    `vocabulary` is the one that the facts were made with, by default that of the package.
    """
    said = list(facts)
    above = {entity.broader for fact in said for entity in (fact.subject, fact.object) if entity.broader}
    for subject, predicate, value in concepts(lacking(said, vocabulary) | above, vocabulary):
        yield ox.Quad(subject, predicate, value, CONCEPTS)
    for subject, predicate, value in sources(describe(documents, said)):
        yield ox.Quad(subject, predicate, value, DOCUMENTS)
    for name, of_document in sorted(by_document(said).items()):
        graph = ox.NamedNode(terms.graph(name))
        for subject, predicate, value in statements(of_document, name, quotes=quotes, vocabulary=vocabulary):
            yield ox.Quad(subject, predicate, value, graph)


def by_document(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Return the facts of each document that says one, in their order."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        for name in fact.documents:
            found.setdefault(name, []).append(fact)
    return found


def describe(documents: Iterable[Document | Source], facts: Iterable[Fact]) -> list[Source]:
    """Say of each document what it is and which drug most of its statements are about, sorted by name."""
    counts: dict[str, Counter[Entity]] = {}
    for fact in facts:
        for evidence in fact.evidence:
            counts.setdefault(evidence.document, Counter())[fact.subject] += 1
    found = []
    for document in sorted(documents, key=lambda d: d.name):
        if isinstance(document, Source):
            found.append(document)
            continue
        ranked = sorted(counts.get(document.name, Counter()).items(), key=lambda c: (-c[1], c[0].label))
        about = ranked[0][0] if ranked else None
        length = len(document.text)
        found.append(Source(document.name, document.title, document.source_kind, document.sha256, length, about))
    return found


def sources(documents: Iterable[Source]) -> Iterator[Triple]:
    """Encode what is known about documents."""
    for source in documents:
        node = ox.NamedNode(terms.document(source.name))
        yield node, _TYPE, _drugs("Document")
        yield node, ox.NamedNode(terms.DCTERMS + "identifier"), ox.Literal(source.name)
        yield node, ox.NamedNode(terms.DCTERMS + "title"), ox.Literal(source.title)
        yield node, _drugs("sourceKind"), ox.Literal(source.source_kind)
        yield node, _drugs("sha256"), ox.Literal(source.sha256)
        yield node, _drugs("length"), ox.Literal(str(source.length), datatype=_COUNT)
        if source.same_text_as:
            yield node, _drugs("sameTextAs"), ox.NamedNode(terms.document(source.same_text_as))
        if source.about is not None:
            yield node, _drugs("about"), node_of(source.about)
            if source.about.iri is None:
                yield from _term(source.about)


def lacking(facts: Iterable[Fact], vocabulary: Vocabulary | None = None) -> set[str]:
    """Return the concepts that facts name and the package's vocabulary lacks."""
    lexicon = vocabulary.local if vocabulary is not None else None
    if vocabulary is None or lexicon is None:
        return set()
    language, known = schema.load(), lexicon.embedded.concepts
    named = {p.value for fact in facts for p in assembly.expand(fact, vocabulary, language) if not p.is_text}
    return {iri for iri in named if iri not in known and lexicon.concept(iri) is not None}


def concepts(iris: Iterable[str], vocabulary: Vocabulary | None = None) -> Iterator[Triple]:
    """Describe concepts that the package lacks, with all above them and the drugs of brands."""
    lexicon = vocabulary.local if vocabulary is not None else None
    if lexicon is None:
        return
    language = schema.load()
    waiting = sorted(set(iris))
    seen = set(waiting)
    while waiting:
        concept = lexicon.concept(waiting.pop())
        if concept is None or concept.iri in lexicon.embedded.concepts:
            continue
        yield from concept_triples(concept, language)
        for iri in (*concept.broader, *([concept.drug] if concept.drug else [])):
            if iri not in seen:
                seen.add(iri)
                waiting.append(iri)


def concept_triples(concept: Concept, language: Schema) -> Iterator[Triple]:
    """Describe a concept that the package lacks."""
    node = ox.NamedNode(concept.iri)
    yield node, _TYPE, ox.NamedNode(terms.SKOS + "Concept")
    for name in sorted(concept.types):
        yield node, _TYPE, _drugs(name)
        yield node, _skos("inScheme"), ox.NamedNode(language.schemes[name])
    yield node, _skos("prefLabel"), ox.Literal(concept.label, language="en")
    for label in concept.labels:
        yield node, _skos("altLabel"), ox.Literal(label, language="en")
    for iri in concept.broader:
        yield node, _skos("broader"), ox.NamedNode(iri)
    for iri in concept.matches:
        yield node, _skos("exactMatch"), ox.NamedNode(iri)
    if concept.drug:
        yield node, _drugs("brandOf"), ox.NamedNode(concept.drug)


def statements(
    facts: Iterable[Fact], document: str, *, quotes: bool = False, vocabulary: Vocabulary | None = None
) -> Iterator[Triple]:
    """Encode what one document says: facts, short edges, and the evidence from this document only."""
    vocabulary, language = vocabulary or vocabularies.load(), schema.load()
    for fact in facts:
        proofs = [e for e in fact.evidence if e.document == document]
        if not proofs:
            continue
        properties = assembly.expand(fact, vocabulary, language)
        node = ox.NamedNode(fact.iri or assembly.fact_iri(properties))
        for item in properties:
            value = ox.Literal(item.value) if item.is_text else ox.NamedNode(item.value)
            yield node, ox.NamedNode(item.iri), value
            if item.term is not None:
                yield from _term(item.term)
        edge = short_edge(fact, language)
        if edge is not None:
            yield node_of(fact.subject), ox.NamedNode(edge), node_of(fact.object)
        for proof in proofs:
            evidence = ox.NamedNode(assembly.evidence_iri(proof))
            yield node, _drugs("evidence"), evidence
            yield from _evidence(evidence, proof, quotes)


def short_edge(fact: Fact, language: Schema | None = None) -> str | None:
    """Return the relation that stands beside a fact; None for denied facts and for levels that warn of nothing.

    >>> from kg.records import Entity, Fact
    >>> fact = Fact("caution", Entity("clonazepam"), Entity("glaucoma"), (), qualifiers={"level": "no_data"})
    >>> short_edge(fact) is None
    True
    """
    language = language or schema.load()
    kind = language.kind(fact.kind)
    level = language.levels.get(fact.qualifiers.get("level", ""))
    if fact.polarity != "affirmed" or (level is not None and level.iri in kind.no_short_edge_for):
        return None
    if kind.off_label_short_edge and _OFF_LABEL in fact.qualifiers.items():
        return kind.off_label_short_edge
    return kind.short_edge


def _evidence(node: ox.NamedNode, evidence: Evidence, quotes: bool) -> Iterator[Triple]:
    name = evidence.document
    yield node, _TYPE, _drugs("Evidence")
    yield node, _TYPE, _oa("SpecificResource")
    yield node, _oa("hasSource"), ox.NamedNode(terms.document(name))
    yield node, _drugs("quoteSha256"), ox.Literal(evidence.quote_sha256)
    yield node, _drugs("rule"), ox.Literal(evidence.rule)
    selectors = [
        (_oa("hasSelector"), evidence.span, evidence.quote if quotes else None),
        (_drugs("objectSelector"), evidence.object_span, evidence.object_text),
        (_drugs("headingSelector"), evidence.heading, evidence.heading_text if quotes else None),
    ]
    for predicate, span, words in selectors:
        if span is not None:
            yield node, predicate, ox.NamedNode(terms.selector(name, *span))
            yield from _selector(name, span, words)


def _selector(name: str, span: Span, words: str | None) -> Iterator[Triple]:
    node = ox.NamedNode(terms.selector(name, *span))
    yield node, _TYPE, _oa("TextPositionSelector")
    yield node, _oa("start"), ox.Literal(str(span[0]), datatype=_COUNT)
    yield node, _oa("end"), ox.Literal(str(span[1]), datatype=_COUNT)
    if words is not None:
        yield node, _TYPE, _oa("TextQuoteSelector")
        yield node, _oa("exact"), ox.Literal(words)


def _term(entity: Entity) -> Iterator[Triple]:
    node = node_of(entity)
    yield node, _TYPE, ox.NamedNode(terms.SKOS + "Concept")
    yield node, _TYPE, _drugs("UnlistedTerm")
    yield node, ox.NamedNode(terms.SKOS + "prefLabel"), ox.Literal(entity.label, language="en")
    if entity.broader:
        yield node, ox.NamedNode(terms.SKOS + "broader"), ox.NamedNode(entity.broader)


def term(words: str) -> ox.NamedNode:
    """Return the node of words that the vocabulary lacks."""
    return ox.NamedNode(assembly.term_iri(words))


def node_of(entity: Entity) -> ox.NamedNode:
    """Return the node of an entity: its concept, or that of its own words."""
    return ox.NamedNode(entity.iri or assembly.term_iri(entity.label))


@functools.cache
def _drugs(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.DRUGS + name)


@functools.cache
def _skos(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.SKOS + name)


@functools.cache
def _oa(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.OA + name)
