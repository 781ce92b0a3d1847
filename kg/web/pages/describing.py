"""An IRI as RDF: what the graph says of it, and the facts about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.graph import store as stores
from kg.graph import terms
from kg.graph.readable import Readable

if TYPE_CHECKING:
    from kg.api import Graph

_SUBJECT = ox.NamedNode(terms.DRUGS + "subject")
_EVIDENCE = ox.NamedNode(terms.DRUGS + "evidence")
_OF_EVIDENCE = (
    ox.NamedNode(terms.OA + "hasSelector"),
    ox.NamedNode(terms.DRUGS + "objectSelector"),
    ox.NamedNode(terms.DRUGS + "headingSelector"),
)
_ALL = ox.DefaultGraph()


def triples(graph: Graph, iri: str) -> Callable[[], list[ox.Triple]]:
    """Return what gives the triples of an IRI: its own, and those of the facts about it, without their evidence."""

    def made() -> list[ox.Triple]:
        node = ox.NamedNode(iri)
        facts = {quad.subject for quad in graph.store.quads_for_pattern(None, _SUBJECT, node, _ALL)}
        return _sorted(_of(graph.store, [node, *(one for one in facts if isinstance(one, ox.NamedNode))]))

    return made


def with_evidence(graph: Graph, iri: str) -> Callable[[], list[ox.Triple]]:
    """Return what gives the triples of a fact with its evidence and the places that this points to."""

    def made() -> list[ox.Triple]:
        store, node = graph.store, ox.NamedNode(iri)
        proofs = _objects(store, node, _EVIDENCE) or [node]
        places = [place for proof in proofs for of in _OF_EVIDENCE for place in _objects(store, proof, of)]
        return _sorted(_of(store, [node, *proofs, *places]))

    return made


def of_graph(graph: Graph, iri: str, name: str) -> Callable[[], list[ox.Triple]]:
    """Return what gives the triples of an IRI and all that is said in a named graph."""

    def made() -> list[ox.Triple]:
        said = stores.restored(graph.store, ox.NamedNode(name))
        return _sorted([*(quad.triple for quad in said), *_of(graph.store, [ox.NamedNode(iri)])])

    return made


def is_known(graph: Graph, iri: str) -> bool:
    """Tell whether a graph says anything of an IRI."""
    return next(iter(graph.store.quads_for_pattern(ox.NamedNode(iri), None, None, _ALL)), None) is not None


def _of(store: Readable, nodes: list[ox.NamedNode]) -> Iterator[ox.Triple]:
    for node in nodes:
        for quad in stores.restored_of(store, node):
            yield quad.triple


def _objects(store: Readable, node: ox.NamedNode, predicate: ox.NamedNode) -> list[ox.NamedNode]:
    found = (quad.object for quad in store.quads_for_pattern(node, predicate, None, _ALL))
    return [one for one in found if isinstance(one, ox.NamedNode)]


def _sorted(found: Iterator[ox.Triple] | list[ox.Triple]) -> list[ox.Triple]:
    """Sort, so that the same graph gives the same bytes; each triple once."""
    return sorted(set(found), key=str)
