"""Which file of a folder of facts a triple belongs to.

Where a file has named graphs, these tell. A file of plain triples has lost them, and then each triple goes where
`kg build` would have written it: what is said of a fact to every document that has evidence for it. A triple that has
no place is never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.errors import GraphError, KgError
from kg.graph import dataset, decode, encode, terms, turtle
from kg.graph import store as stores
from kg.graph.store import DATASET, DEFAULT, DERIVED, VOCABULARY
from kg.validation.data import packaged

Triples = set[turtle.Triple]

_TYPE = terms.RDF_TYPE
_DOCUMENTS = encode.DOCUMENTS
_EVIDENCE = terms.DRUGS + "evidence"
_SOURCE = terms.OA + "hasSource"
_BROADER = terms.SKOS + "broader"
_ENTITIES = frozenset((terms.DRUGS + "subject", terms.DRUGS + "object"))
_SELECTORS = frozenset((terms.OA + "hasSelector", terms.DRUGS + "objectSelector", terms.DRUGS + "headingSelector"))
_OF_RULES = (terms.DERIVED, terms.DERIVATION, terms.LINK)


@dataclass
class Folder:
    """The triples of a folder of facts, by the file that they belong to; `statements` by the document's name."""

    documents: Triples = field(default_factory=set)
    concepts: Triples = field(default_factory=set)
    derived: Triples = field(default_factory=set)
    dataset: Triples = field(default_factory=set)
    statements: dict[str, Triples] = field(default_factory=dict)

    def everything(self) -> Iterator[Triples]:
        """Give the triples of each file."""
        yield from (self.documents, self.concepts, self.derived, self.dataset, *self.statements.values())


def place(quads: Iterable[ox.Quad], store: ox.Store) -> Folder:
    """Give every triple its place; `store` holds the same quads as `kg.graph.store.from_quads` keeps them.

    Raises
    ------
    GraphError
        When a triple has no place in a folder of facts.
    """
    folder = Folder(statements={source.name: set() for source in decode.sources(store)})
    graphs: dict[object, Triples] = {DERIVED: folder.derived, DATASET: folder.dataset, _DOCUMENTS: folder.documents}
    graphs |= {ox.NamedNode(terms.graph(name)): said for name, said in folder.statements.items()}
    homeless: Triples = set()
    described: Triples = set()
    for quad in quads:
        triple = _triple(quad)
        if quad.graph_name == VOCABULARY:
            described.add(triple)
        elif quad.graph_name == DEFAULT or quad.graph_name == stores.UNNAMED:
            homeless.add(triple)
        elif quad.graph_name in graphs:
            graphs[quad.graph_name].add(triple)
        else:
            raise GraphError(str(quad.graph_name), "is the graph of no document", "describe the document it is of")
    if homeless:
        _walk(homeless, store, folder)
    # What an export tells of concepts: those of the package are here already, and short edges are in their documents.
    told = set().union(*folder.everything())
    folder.concepts |= {t for t in (described | homeless) - told if not _is_packaged(t) and _is_of_concept(t, store)}
    for subject, predicate, value in sorted((described | homeless) - told - folder.concepts, key=str):
        if not _is_packaged((subject, predicate, value)):
            problem = f"{predicate} {str(value)[:80]} has no place in a folder of facts"
            raise GraphError(str(subject), problem, "leave out what is no fact, evidence, document or concept")
    return folder


def _triple(quad: ox.Quad) -> turtle.Triple:
    subject, value = quad.subject, quad.object
    if not isinstance(subject, ox.NamedNode) or not isinstance(value, ox.NamedNode | ox.Literal):
        raise GraphError(str(subject), "is a blank node or a triple about a triple", "name it by an IRI")
    return subject, quad.predicate, value


def is_packaged(quad: ox.Quad) -> bool:
    """Tell whether the ontology or the vocabulary of the package says it."""
    return ox.Quad(quad.subject, quad.predicate, quad.object, DEFAULT) in packaged()


def _is_packaged(triple: turtle.Triple) -> bool:
    return is_packaged(ox.Quad(*triple, DEFAULT))


def _is_of_concept(triple: turtle.Triple, store: ox.Store) -> bool:
    subject, concept = triple[0], ox.NamedNode(terms.SKOS + "Concept")
    return terms.is_entity(subject.value) and ox.Quad(subject, ox.NamedNode(_TYPE), concept, DEFAULT) in store


class _Said:
    """Triples by their subject."""

    def __init__(self, triples: Iterable[turtle.Triple]) -> None:
        self.subjects: dict[str, list[turtle.Triple]] = {}
        for triple in triples:
            self.subjects.setdefault(triple[0].value, []).append(triple)

    def about(self, iri: str) -> list[turtle.Triple]:
        return self.subjects.get(iri, [])

    def values(self, iri: str, predicate: str) -> list[str]:
        return [value.value for _, p, value in self.about(iri) if p.value == predicate]


def _walk(triples: Triples, store: ox.Store, folder: Folder) -> None:
    """Put plain triples where `kg build` would have written them."""
    said = _Said(triples)
    for iri, about in said.subjects.items():
        if terms.DRUGS + "Document" in said.values(iri, _TYPE):
            folder.documents.update(about)
            for term in said.values(iri, terms.DRUGS + "about"):
                folder.documents.update(_term(said, term, whole=True))
        elif dataset.is_description(iri):
            folder.dataset.update(about)
            for document in said.values(iri, terms.PROV + "used"):
                folder.dataset.update(t for t in said.about(document) if t[1].value == terms.DRUGS + "sha256")
        elif iri.startswith(_OF_RULES):
            folder.derived.update(about)
    reader = decode.Reader(store)
    for iri in [iri for iri in said.subjects if said.values(iri, _EVIDENCE)]:
        for evidence in said.values(iri, _EVIDENCE):
            for source in said.values(evidence, _SOURCE):
                target = folder.statements.get(terms.document_name(source))
                if target is not None:
                    target.update(_of_document(said, reader, iri, evidence))


def _of_document(said: _Said, reader: decode.Reader, iri: str, evidence: str) -> Iterator[turtle.Triple]:
    """Give what a document says that has one piece of evidence for a fact."""
    for subject, predicate, value in said.about(iri):
        if predicate.value != _EVIDENCE or value.value == evidence:
            yield subject, predicate, value
        if isinstance(value, ox.NamedNode):
            yield from _term(said, value.value, whole=predicate.value in _ENTITIES)
    try:
        fact = reader.fact(ox.NamedNode(iri))
    except KgError:  # the check says what it lacks
        return
    edge = encode.short_edge(fact)
    if edge is not None:
        yield encode.node_of(fact.subject), ox.NamedNode(edge), encode.node_of(fact.object)
    yield from said.about(evidence)
    for selector in (v for p in _SELECTORS for v in said.values(evidence, p)):
        yield from said.about(selector)


def _term(said: _Said, iri: str, *, whole: bool) -> Iterator[turtle.Triple]:
    """Give what is said of an unlisted term; a qualifier's words have no broader concept of their own."""
    if iri.startswith(terms.TERM):
        yield from (t for t in said.about(iri) if whole or t[1].value != _BROADER)
