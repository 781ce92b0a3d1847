"""What stands around something: a piece of the network, nearest first, cut where it would grow too large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from kg.errors import QueryError
from kg.network import plain, results, strength
from kg.network.results import Line, Result, Walked
from kg.network.view import VOCABULARY, Edge, View
from kg.records import Entity
from kg.vocabulary import schema

if TYPE_CHECKING:
    import networkx as nx

MAXIMUM_RADIUS = 6
MAXIMUM_NODES = 10_000
MAXIMUM_EDGES = 20_000
"""How many edges a neighbourhood shows."""


@dataclass(frozen=True, kw_only=True)
class Neighbourhood(Result):
    """What stands around something.

    Attributes
    ----------
    centre : Entity
        What was asked for.
    network : networkx.MultiDiGraph
        The nodes around it and all edges between them, frozen, with plain attributes; nodes have their distance
        (`hops`). Denied facts between these nodes are edges of polarity "denied"; none of them led to a node.
    """

    columns: ClassVar[tuple[str, ...]] = ("kind", "level", "subject", "object", "polarity", "qualifiers", "documents")
    centre: Entity
    network: nx.MultiDiGraph[str] = field(repr=False, compare=False)
    edges: tuple[Edge, ...] = field(repr=False)

    @property
    def title(self) -> str:
        """What was asked."""
        return f"What stands around {self.centre.label}?"

    def lines(self) -> Iterator[Line]:
        """Give a row for each edge, by kind."""
        for edge in sorted(self.edges, key=lambda e: (not e.is_said, e.kind, -results.rank(e.level), e.iri)):
            labels = (str(self.network.nodes[node]["label"]) for node in (edge.subject, edge.object))
            documents = results.cell(edge.documents)
            cells = (edge.kind, edge.level or "", *labels, edge.polarity, results.narrowed(edge), documents)
            yield Line(cells, (edge,))


def neighbourhood(
    graph: Walked, entity: str, radius: int = 1, kinds: Iterable[str] | None = None, limit: int = 500
) -> Neighbourhood:
    """Cut out what stands around something.

    Parameters
    ----------
    graph : Graph
        The graph to walk.
    entity : str
        A drug, class, condition or anything else by name in any spelling, or its IRI.
    radius : int
        How many hops away.
    kinds : iterable of str, optional
        The kinds of edges to walk along and to show; "vocabulary" is the kind of the vocabulary's own.
    limit : int
        The most nodes; those that are nearest and reached by the strongest edge are kept.

    Raises
    ------
    UnknownNameError
        When nothing is called so.
    OntologyError
        When there is no such kind.
    QueryError
        When a number is out of range, or `kinds` is one name instead of several.
    """
    import networkx as nx

    results.in_range("radius", radius, MAXIMUM_RADIUS)
    results.in_range("limit", limit, MAXIMUM_NODES)
    wanted = _kinds(kinds)
    view = graph.view
    centres = results.entities(graph, entity)
    far, cut = _around(view, centres, radius, wanted, limit)
    edges = [edge for node in far for edge in view.out(node) if edge.object in far and edge.kind in wanted]
    edges.sort(key=lambda edge: (max(far[edge.subject], far[edge.object]), not edge.is_said, edge.iri))
    truncated = cut or len(edges) > MAXIMUM_EDGES
    network = plain.of(view, far, edges[:MAXIMUM_EDGES])
    nx.set_node_attributes(network, far, "hops")
    documents = view.documents(*centres)
    facts = sum(edge.is_said for edge in edges)
    found = f"{results.count(facts, 'fact')} between {results.count(len(far), 'node')}" if facts else ""
    return Neighbourhood(
        centre=view.entity(centres[0]),
        network=nx.freeze(network),
        edges=tuple(edges[:MAXIMUM_EDGES]),
        truncated=truncated,
        summary=results.conclude(found, edges, documents, view.label(centres[0])),
        documents=documents,
        open=graph.fact,
    )


def _kinds(kinds: Iterable[str] | None) -> frozenset[str]:
    known = frozenset(schema.load().kinds) | {VOCABULARY}
    if kinds is None:
        return known
    if isinstance(kinds, str):
        raise QueryError("kinds", "is one name", f'give several, for instance ["{kinds}"]')
    wanted = frozenset(kinds)
    for kind in sorted(wanted - known):
        schema.load().kind(kind)
    return wanted


def _around(
    view: View, centres: Iterable[str], radius: int, kinds: frozenset[str], limit: int
) -> tuple[dict[str, int], bool]:
    """Give the nodes within so many hops and their distance, and whether some were left out."""
    far = {node: 0 for node in centres if node in view}
    edge = list(far)
    for distance in range(1, radius + 1):
        reached: dict[str, float] = {}
        for node in edge:
            for side in (view.out, view.into):
                for step in side(node):
                    other = step.object if step.subject == node else step.subject
                    if step.carries and step.kind in kinds and other not in far:
                        reached[other] = max(strength.of_hop(step), reached.get(other, 0.0))
        edge = sorted(reached, key=lambda node: (-reached[node], node))
        room = max(0, limit - len(far))
        far.update(dict.fromkeys(edge[:room], distance))
        if len(edge) > room:
            return far, True
    return far, False
