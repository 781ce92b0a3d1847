"""The view: all facts and the vocabulary as one directed multigraph, read from the store in a few passes.

Nodes are IRIs; edges are tuples, so that whoever walks it cannot spoil it for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from kg.graph import decode, edges, terms
from kg.graph.edges import AFFIRMED, VOCABULARY, Edge
from kg.graph.readable import Readable
from kg.graph.whole import Whole
from kg.records import NO_QUALIFIERS, Entity

__all__ = ["AFFIRMED", "DENIED", "VOCABULARY", "Edge", "View", "build", "of", "whole"]

DENIED = "denied"
CLASS_KIND = "drug_class"
CLASS_TYPE = "DrugClass"
BROADER, BRAND_OF = "broader", "brandOf"

Types = Mapping[str, tuple[str, ...]]
_RELATIONS = ((BROADER, terms.SKOS + "broader"), (BRAND_OF, terms.DRUGS + "brandOf"))


class View:
    """The network of one graph, with what walking asks of it again and again.

    Nodes are IRIs. The same edge is there once, whoever gives it twice.
    """

    def __init__(
        self, edges: Iterable[Edge], labels: Mapping[str, str] = NO_QUALIFIERS, types: Types = MappingProxyType({})
    ) -> None:
        """Look at edges; `labels` also name concepts that have none. What is worked out on the way is kept."""
        self._labels, self._types = labels, types
        self._out: dict[str, dict[str, dict[str, Edge]]] = {}
        self._into: dict[str, dict[str, dict[str, Edge]]] = {}
        for edge in edges:
            ends = self._out.setdefault(edge.subject, {})
            if edge.object not in ends:
                ends[edge.object] = self._into.setdefault(edge.object, {})[edge.subject] = {}
            ends[edge.object][edge.iri] = edge
        self._up: dict[str, list[Edge]] | None = None
        self._down: dict[str, list[str]] = {}
        self._above: dict[str, Mapping[str, tuple[Edge, ...]]] = {}
        self.kept: dict[str, object] = {}

    def __contains__(self, node: object) -> bool:
        """Tell whether the network has a node."""
        return node in self._out or node in self._into

    def entity(self, node: str) -> Entity:
        """Return a node as an entity; words that are in no vocabulary keep their IRI as well."""
        return Entity(self.label(node), node)

    def label(self, node: str) -> str:
        """Return what a node is called."""
        return self._labels.get(node) or edges.words(node)

    def types(self, node: str) -> tuple[str, ...]:
        """Return the types of a node ("Condition"), sorted."""
        return self._types.get(node, ()) if node in self else ()

    def edges(self) -> Iterator[Edge]:
        """Give all edges."""
        for node in sorted(self._out):
            yield from self.out(node)

    def out(self, node: str) -> Iterator[Edge]:
        """Give the edges that leave a node: what is said of it, and the steps to broader concepts."""
        for said in self._out.get(node, {}).values():
            yield from said.values()

    def into(self, node: str) -> Iterator[Edge]:
        """Give the edges that lead to a node."""
        for said in self._into.get(node, {}).values():
            yield from said.values()

    def between(self, start: str, end: str) -> Iterator[Edge]:
        """Give the edges between two nodes, those that leave `start` first."""
        for subject, object_ in dict.fromkeys(((start, end), (end, start))):
            yield from self._out.get(subject, {}).get(object_, {}).values()

    def facts(self, node: str, kinds: Iterable[str] | None = None, polarity: str = AFFIRMED) -> Iterator[Edge]:
        """Give what documents say of a node, of some kinds and a polarity."""
        wanted = None if kinds is None else frozenset(kinds)
        for edge in self.out(node):
            if edge.is_said and edge.polarity == polarity and (wanted is None or edge.kind in wanted):
                yield edge

    def is_subject(self, node: str) -> bool:
        """Tell whether a document says anything of a node."""
        return node in self._subjects()

    def subjects(self) -> tuple[str, ...]:
        """Return all nodes that documents say something of, sorted."""
        return tuple(self._subjects())

    def _subjects(self) -> dict[str, None]:
        if "subjects" not in self.kept:
            self.kept["subjects"] = dict.fromkeys(sorted({edge.subject for edge in self.edges() if edge.is_said}))
        return self.kept["subjects"]  # type: ignore[return-value]

    def _steps(self) -> dict[str, list[Edge]]:
        """Return the edges that lead from each node to what it is a kind of; those of the vocabulary first."""
        if self._up is None:
            self._up = {}
            for edge in sorted(filter(self._leads_up, self.edges()), key=lambda e: (e.is_said, e.object, e.iri)):
                self._up.setdefault(edge.subject, []).append(edge)
            for lower in sorted(self._up):
                for upper in sorted({edge.object for edge in self._up[lower]}):
                    self._down.setdefault(upper, []).append(lower)
        return self._up

    def _leads_up(self, edge: Edge) -> bool:
        """Tell whether an edge leads to what something is a kind of.

        What a document calls a class is often an example of one ("drugs for the heart, for instance diuretics"): a
        document may put a drug into a class, but how classes are nested is for the vocabulary to say.
        """
        if edge.is_said:
            return edge.kind == CLASS_KIND and edge.carries and CLASS_TYPE not in self.types(edge.subject)
        return True

    def documents(self, *nodes: str) -> tuple[str, ...]:
        """Return the documents that speak of a node in whatever role, sorted."""
        edges = (e for node in nodes for side in (self.out, self.into) for e in side(node))
        return tuple(sorted({name for edge in edges for name in edge.documents}))

    def above(self, node: str) -> Mapping[str, tuple[Edge, ...]]:
        """Return what a node is a kind of, nearest first, each with the steps that lead there; itself not included.

        The steps are those of the vocabulary, and the classes that documents put a drug in.
        """
        if node not in self._above:
            found: dict[str, tuple[Edge, ...]] = {node: ()}
            waiting = [node]
            for place in waiting:
                for edge in self._steps().get(place, ()):
                    if edge.object not in found:
                        found[edge.object] = (*found[place], edge)
                        waiting.append(edge.object)
            del found[node]
            self._above[node] = MappingProxyType(found)
        return self._above[node]

    def below(self, node: str) -> tuple[str, ...]:
        """Return all that is a kind of a node, however many steps down, nearest first; itself not included."""
        self._steps()
        found = dict.fromkeys([node])
        waiting = [node]
        for place in waiting:
            for lower in self._down.get(place, ()):
                if lower not in found:
                    found[lower] = None
                    waiting.append(lower)
        return tuple(found)[1:]

    def members(self, node: str) -> tuple[str, ...]:
        """Return the drugs of a class of which documents say something, sorted; classes below it are not drugs."""
        lower = (n for n in self.below(node) if CLASS_TYPE not in self.types(n) and self.is_subject(n))
        return tuple(sorted(lower))


def build(store: Readable) -> View:
    """Read all facts and the vocabulary of a store.

    Raises
    ------
    GraphError
        When a fact lacks what every fact has.
    """
    return whole(store, Whole(store))


def whole(store: Readable, read: Whole) -> View:
    """Make the view of facts that were read already, with the vocabulary of their store."""
    found = [*read.facts.values(), *_vocabulary(store)]
    nodes = {node for edge in found for node in (edge.subject, edge.object)}
    return of(found, read.labels, edges.types(store, nodes))


def of(
    edges: Iterable[Edge],
    labels: Mapping[str, str] = NO_QUALIFIERS,
    types: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> View:
    """Make a view of edges, in an order that does not depend on theirs."""
    ordered = sorted(edges, key=lambda edge: (edge.kind == VOCABULARY, edge.iri, edge.subject, edge.object))
    return View(ordered, labels, {node: tuple(sorted(said)) for node, said in types.items()})


def _vocabulary(store: Readable) -> Iterator[Edge]:
    for name, predicate in _RELATIONS:
        for lower, upper in decode.pairs(store, predicate):
            if lower != upper and terms.is_entity(lower) and terms.is_entity(upper):
                yield Edge(name, VOCABULARY, lower, upper)
