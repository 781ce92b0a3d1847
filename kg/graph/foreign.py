"""The graph for others: the quads that leave the house, and rdflib graphs with the types and prefixes of our files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph import store as stores
from kg.graph import terms
from kg.graph.readable import Readable
from kg.graph.store import DATASET, DEFAULT, VOCABULARY
from kg.vocabulary import schema

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Identifier

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph

_TYPE = ox.NamedNode(terms.RDF_TYPE)
_STRING = terms.XSD + "string"
_GENID = terms.BASE + ".well-known/genid/"
_FOLLOWED = frozenset((terms.SKOS + "broader", terms.DRUGS + "brandOf"))
_OWN = (terms.DRUGS, terms.SCHEME)


def said(store: Readable) -> Iterator[ox.Quad]:
    """Give the quads of the named graphs: all but the ontology and the vocabulary."""
    yield from (quad for quad in stores.restored(store) if quad.graph_name != DEFAULT)


def leaving(store: Readable) -> list[ox.Quad]:
    """Give what an export holds, sorted: all that is said, and the concepts that it refers to (`graph:vocabulary`).

    Blank nodes of foreign files get names, since not every format keeps them apart.

    Raises
    ------
    GraphError
        When a file brought in a triple about a triple, which RDF 1.1 has not.
    """
    found = {named(quad) for quad in said(store)}
    # What only has short edges is not described.
    known = {quad.subject for quad in found if quad.predicate == _TYPE or quad.graph_name == DATASET}
    found.update(_concepts(store, {quad.object for quad in found} - known))
    return sorted(found, key=_order)


def to_rdflib(store: Readable, *, vocabulary: bool = True) -> rdflib.Graph:
    """Copy the union of all graphs, each triple once; without the vocabulary, what is said and its concepts."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    bind(graph)
    copied: dict[Node, Identifier] = {}
    for quad in stores.restored(store, DEFAULT) if vocabulary else leaving(store):
        graph.add((_copy(quad.subject, copied), _copy(quad.predicate, copied), _copy(quad.object, copied)))
    return graph


def to_dataset(store: Readable) -> rdflib.Dataset:
    """Copy the named graphs, which tell who says what, and the concepts that are referred to."""
    import rdflib

    dataset = rdflib.Dataset()
    bind(dataset)
    copied: dict[Node, Identifier] = {}
    for quad in leaving(store):
        graph = dataset if quad.graph_name == DEFAULT else dataset.graph(_copy(quad.graph_name, copied))
        graph.add((_copy(quad.subject, copied), _copy(quad.predicate, copied), _copy(quad.object, copied)))
    return dataset


def bind(graph: rdflib.Graph) -> None:
    """Bind the one prefix map, so that no invented prefix appears."""
    for prefix, namespace in terms.PREFIXES.items():
        graph.bind(prefix, namespace, override=True, replace=True)


def _concepts(store: Readable, referred: Iterable[Node]) -> Iterator[ox.Quad]:
    """Describe concepts and what they are narrower than or brands of; the ontology's own terms are left out."""
    kinds = schema.load().kinds.values()
    said_by_documents = {edge for kind in kinds for edge in (kind.short_edge, kind.off_label_short_edge)}
    waiting = [node for node in referred if isinstance(node, ox.NamedNode)]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        if node.value.startswith(_OWN) or not _is_described(store, node):
            continue
        for quad in stores.restored_of(store, node):
            if quad.predicate.value in said_by_documents:
                continue
            yield ox.Quad(quad.subject, quad.predicate, quad.object, VOCABULARY)
            value = quad.object
            if quad.predicate.value in _FOLLOWED and isinstance(value, ox.NamedNode) and value not in seen:
                seen.add(value)
                waiting.append(value)


def _is_described(store: Readable, node: ox.NamedNode) -> bool:
    """Tell whether a node is ours or a concept of others, not a class or document that somebody else describes."""
    concept = ox.NamedNode(terms.SKOS + "Concept")
    return node.value.startswith(terms.BASE) or ox.Quad(node, _TYPE, concept, DEFAULT) in store


def named(quad: ox.Quad) -> ox.Quad:
    """Give blank nodes a name."""
    if isinstance(quad.subject, ox.Triple) or isinstance(quad.object, ox.Triple):
        raise GraphError("export", "the graph has a triple about a triple", "write it as a node with properties")
    if not any(isinstance(term, ox.BlankNode) for term in quad):
        return quad
    subject, value, graph = quad.subject, quad.object, quad.graph_name
    return ox.Quad(
        ox.NamedNode(_GENID + subject.value) if isinstance(subject, ox.BlankNode) else subject,
        quad.predicate,
        ox.NamedNode(_GENID + value.value) if isinstance(value, ox.BlankNode) else value,
        ox.NamedNode(_GENID + graph.value) if isinstance(graph, ox.BlankNode) else graph,
    )


def _order(quad: ox.Quad) -> tuple[str, str, str, str]:
    return str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)


def _copy(term: Node, copied: dict[Node, Identifier]) -> Identifier:
    found = copied.get(term)
    if found is None:
        found = copied[term] = _rdflib_term(term)
    return found


def _rdflib_term(term: Node) -> Identifier:
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if not isinstance(term, ox.Literal):
        return BNode(str(getattr(term, "value", term)))
    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == _STRING:
        return Literal(term.value)  # as rdflib's own readers have it: to rdflib, "a" and "a"^^xsd:string are two things
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)
