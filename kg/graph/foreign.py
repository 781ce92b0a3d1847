"""The graph for others: rdflib graphs with the types and prefixes of our files, and names for blank nodes."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.graph import lines, terms, written
from kg.graph import store as stores
from kg.graph.readable import Readable
from kg.graph.store import DEFAULT

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Identifier

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph

_STRING = terms.XSD + "string"


def to_rdflib(store: Readable, *, vocabulary: bool = True) -> rdflib.Graph:
    """Copy the union of all graphs, each triple once; without the vocabulary, what is said and its concepts."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    bind(graph)
    copied: dict[Node, Identifier] = {}
    if vocabulary:
        for quad in stores.restored(store, DEFAULT):
            graph.add((_copy(quad.subject, copied), _copy(quad.predicate, copied), _copy(quad.object, copied)))
    else:
        read = _Read()
        for _, subject, predicate, value in lines.names(store):
            graph.add((read[subject], read[predicate], read[value]))
    return graph


def to_dataset(store: Readable) -> rdflib.Dataset:
    """Copy the named graphs, which tell who says what, and the concepts that are referred to."""
    import rdflib

    dataset = rdflib.Dataset()
    bind(dataset)
    read = _Read()
    for name, said in groupby(lines.names(store), lambda found: found[0]):
        graph = dataset.graph(read[name])
        for _, subject, predicate, value in said:
            graph.add((read[subject], read[predicate], read[value]))
    return dataset


def bind(graph: rdflib.Graph) -> None:
    """Bind the one prefix map, so that no invented prefix appears."""
    for prefix, namespace in terms.PREFIXES.items():
        graph.bind(prefix, namespace, override=True, replace=True)


def _copy(term: Node, copied: dict[Node, Identifier]) -> Identifier:
    found = copied.get(term)
    if found is None:
        found = copied[term] = _rdflib_term(term)
    return found


class _Read(dict[str, "Identifier"]):
    """Terms by their names in N-Quads, each made once."""

    def __missing__(self, name: str) -> Identifier:
        found = self[name] = _rdflib_term(written.term(name))
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
