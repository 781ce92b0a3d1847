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
from kg.graph.store import DATASET, DEFAULT, DERIVED
from kg.graph.united import United
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
    """What belongs into which file of a folder of facts; what graphs say stays in the store until it is asked for.

    `placed` are the triples that stood in no graph, by the graph where `kg build` would have written them.
    """

    store: ox.Store
    names: tuple[str, ...]
    concepts: Triples = field(default_factory=set)
    placed: dict[ox.NamedNode, Triples] = field(default_factory=dict)

    def said_by(self, name: str) -> Triples:
        """Return what the document of a name says."""
        return self._of(ox.NamedNode(terms.graph(name)))

    def whole(self) -> Iterator[tuple[str, Triples]]:
        """Give the triples of each file that is about all documents, by its name; those of concepts are apart."""
        for name, graph in stores.GRAPH_OF_FILE.items():
            yield name, self._of(graph)

    def put(self, graph: ox.NamedNode, triples: Iterable[turtle.Triple]) -> None:
        """Place triples."""
        self.placed.setdefault(graph, set()).update(triples)

    def _of(self, graph: ox.NamedNode) -> Triples:
        return {_triple(quad) for quad in stores.restored(self.store, graph)} | self.placed.get(graph, set())


def place(store: ox.Store) -> Folder:
    """Give every triple its place; in `store`, as `kg.graph.store.from_quads` fills it, graphs are apart.

    Raises
    ------
    GraphError
        When a triple has no place in a folder of facts.
    """
    names = tuple(source.name for source in decode.sources(United(store)))
    homes = {ox.NamedNode(terms.graph(name)) for name in names} | {DERIVED, DATASET, _DOCUMENTS}
    for graph in sorted(store.named_graphs(), key=str):
        if graph not in homes and graph != stores.UNNAMED:
            raise GraphError(str(graph), "is the graph of no document", "describe the document it is of")
    folder = Folder(store, names)
    described = {_triple(q) for q in stores.restored(store, DEFAULT) if not is_packaged(q)}
    homeless = {_triple(quad) for quad in stores.restored(store, stores.UNNAMED)}
    if homeless:
        _walk(homeless, store, folder)
    # What an export tells of concepts: those of the package are here already, and short edges are in their documents.
    placed = set().union(*folder.placed.values())
    left = {t for t in (described | homeless) - placed if not _is_packaged(t) and not _is_told(t, store)}
    folder.concepts |= {t for t in left if _is_of_concept(t, store)}
    for subject, predicate, value in sorted(left - folder.concepts, key=str):
        problem = f"{predicate} {str(value)[:80]} has no place in a folder of facts"
        raise GraphError(str(subject), problem, "leave out what is no fact, evidence, document or concept")
    return folder


def _is_told(triple: turtle.Triple, store: ox.Store) -> bool:
    """Tell whether a graph of the folder says it."""
    found = store.quads_for_pattern(*triple, None)
    return any(quad.graph_name not in (DEFAULT, stores.UNNAMED) for quad in found)


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
    is_concept = next(store.quads_for_pattern(subject, ox.NamedNode(_TYPE), concept, None), None) is not None
    return is_concept and terms.is_entity(subject.value)


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
            folder.put(_DOCUMENTS, about)
            for term in said.values(iri, terms.DRUGS + "about"):
                folder.put(_DOCUMENTS, _term(said, term, whole=True))
        elif dataset.is_description(iri):
            folder.put(DATASET, about)
            for document in said.values(iri, terms.PROV + "used"):
                folder.put(DATASET, (t for t in said.about(document) if t[1].value == terms.DRUGS + "sha256"))
        elif iri.startswith(_OF_RULES):
            folder.put(DERIVED, about)
    reader = decode.Reader(United(store))
    known = set(folder.names)
    for iri in [iri for iri in said.subjects if said.values(iri, _EVIDENCE)]:
        for evidence in said.values(iri, _EVIDENCE):
            for source in said.values(evidence, _SOURCE):
                name = terms.document_name(source)
                if name in known:
                    folder.put(ox.NamedNode(terms.graph(name)), _of_document(said, reader, iri, evidence))


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
