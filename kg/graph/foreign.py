"""The graph for other libraries: rdflib graphs from a store, with the types and prefixes that our files have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.graph import store as stores
from kg.graph import terms

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Identifier

_DEFAULT = ox.DefaultGraph()


def to_rdflib(store: ox.Store, *, vocabulary: bool = True) -> rdflib.Graph:
    """Copy the union of all graphs, each triple once; without the vocabulary, only what documents say.

    Without the vocabulary the graph holds what the named graphs hold: facts, evidence, documents, unlisted terms.
    """
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    bind(graph)
    quads = stores.restored(store, _DEFAULT) if vocabulary else said(store)
    for quad in quads:
        graph.add((_node(quad.subject), _node(quad.predicate), _node(quad.object)))
    return graph


def to_dataset(store: ox.Store) -> rdflib.Dataset:
    """Copy the named graphs: who says what, documents and facts without the vocabulary."""
    import rdflib

    dataset = rdflib.Dataset()
    bind(dataset)
    for quad in said(store):
        context = dataset.graph(_node(quad.graph_name))
        context.add((_node(quad.subject), _node(quad.predicate), _node(quad.object)))
    return dataset


def said(store: ox.Store) -> Iterator[ox.Quad]:
    """Give the quads of the named graphs; where there are none (a file of plain triples), those of the default graph."""
    if next(iter(store.named_graphs()), None) is None:
        yield from stores.restored(store, _DEFAULT)
        return
    yield from (quad for quad in stores.restored(store) if quad.graph_name != _DEFAULT)


def bind(graph: rdflib.Graph) -> None:
    """Bind the one prefix map, so that no invented prefix appears."""
    for prefix, namespace in terms.PREFIXES.items():
        graph.bind(prefix, namespace, override=True, replace=True)


def _node(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph) -> Identifier:
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        if term.datatype.value == terms.XSD + "string":
            return Literal(term.value, datatype=URIRef(term.datatype.value))
        return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)
    return BNode(str(getattr(term, "value", term)))
