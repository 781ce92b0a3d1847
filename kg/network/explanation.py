"""What connects two things: paths, every hop with the facts that make it, and what is denied between the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from kg.network import paths, results, strength
from kg.network.results import Line, Result, Walked
from kg.network.view import DENIED, Edge, View
from kg.records import Entity

FORWARDS, BACKWARDS = "forwards", "backwards"
MAXIMUM_HOPS = 8
MAXIMUM_PATHS = 100
WORTH_TELLING = 0.01
"""Of the strongest paths, those that have at least this part of the strength of the first are given."""

FACTS_PER_HOP = 5
"""The facts that a hop shows, the strongest first; `Hop.count` says how many there are."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path: from one node to the next, by facts that point either way.

    `edges` are the strongest of `count` facts; an edge whose subject is `start` is walked forwards. `Explanation.rows`
    opens them to facts with their quotes, and so does `Graph.fact(edge.iri)`.
    """

    start: Entity
    end: Entity
    edges: tuple[Edge, ...]
    count: int

    def direction(self, edge: Edge) -> str:
        """Tell whether an edge is walked from its subject to its object."""
        return FORWARDS if edge.subject == self.start.iri else BACKWARDS


@dataclass(frozen=True, slots=True)
class Path:
    """A way from one thing to another; its strength is that of `kg.network.strength`, and orders paths only."""

    hops: tuple[Hop, ...]
    strength: float

    @property
    def nodes(self) -> tuple[Entity, ...]:
        """The entities on the way, both ends included."""
        return (self.hops[0].start, *(hop.end for hop in self.hops)) if self.hops else ()


@dataclass(frozen=True, kw_only=True)
class Explanation(Result):
    """How two things are connected.

    Attributes
    ----------
    shortest : tuple of Path
        The strongest of the shortest paths.
    strongest : tuple of Path
        The strongest paths of whatever length, as far as they are worth telling; a path may be in both.
    denied : tuple of Edge
        What documents deny between the two; no path leads over it.
    """

    columns: ClassVar[tuple[str, ...]] = (
        *("part", "hop", "from", "relation", "to", "level", "direction", "polarity", "qualifiers", "documents"),
    )
    start: Entity
    end: Entity
    shortest: tuple[Path, ...]
    strongest: tuple[Path, ...]
    denied: tuple[Edge, ...]
    denied_ends: tuple[tuple[Entity, Entity], ...] = ()

    @property
    def title(self) -> str:
        """What was asked."""
        return f"What connects {self.start.label} and {self.end.label}?"

    def paths(self) -> tuple[Path, ...]:
        """Return all paths, each once: the shortest, then the strongest of the others."""
        return tuple({path.nodes: path for path in (*self.shortest, *self.strongest)}.values())

    def lines(self) -> Iterator[Line]:
        """Give a row for each fact of each hop, path by path; what is denied between the two comes last."""
        for number, path in enumerate(self.paths(), 1):
            also = "shortest" if path in self.shortest else "longer, strong"
            part = f"path {number} ({results.count(len(path.hops), 'hop')}, {also}, strength {path.strength:.2g})"
            for place, hop in enumerate(path.hops, 1):
                for edge in hop.edges:
                    ends = (hop.start.label, hop.end.label)
                    yield Line(_cells(part, str(place), ends, edge, hop.direction(edge)), (edge,))
        for edge, (subject, object_) in zip(self.denied, self.denied_ends, strict=True):
            ends = (subject.label, object_.label)
            yield Line(_cells("denied between the two", "", ends, edge, FORWARDS), (edge,))


def explain(graph: Walked, a: str, b: str, *, max_hops: int = 4, limit: int = 5) -> Explanation:
    """Find the shortest and the strongest paths between two things.

    Parameters
    ----------
    graph : Graph
        The graph to walk.
    a, b : str
        Drugs, classes, conditions or anything else by name in any spelling, or by IRI.
    max_hops : int
        The longest path that is looked for.
    limit : int
        How many of the shortest and how many of the strongest paths are given.

    Raises
    ------
    UnknownNameError
        When nothing is called `a` or `b`.
    QueryError
        When a limit is out of range.
    """
    results.in_range("max_hops", max_hops, MAXIMUM_HOPS)
    results.in_range("limit", limit, MAXIMUM_PATHS)
    view = graph.view
    starts, goals = results.entities(graph, a), results.entities(graph, b)
    ends = view.entity(starts[0]), view.entity(goals[0])
    net = paths.net(view)
    short = paths.shortest(net, starts, goals, max_hops, limit)
    strong = paths.strongest(net, starts, goals, max_hops, limit) if short.paths else paths.Ways((), False)
    strongest = [_path(view, net, nodes) for nodes in strong.paths]
    denied = [e for s in starts for g in goals for e in view.between(s, g) if e.polarity == DENIED]
    documents = view.documents(*starts, *goals)
    return Explanation(
        start=ends[0],
        end=ends[1],
        shortest=tuple(_path(view, net, nodes) for nodes in short.paths if len(nodes) > 1),
        strongest=tuple(path for path in strongest if path.strength >= WORTH_TELLING * strongest[0].strength),
        denied=tuple(denied),
        denied_ends=tuple((view.entity(e.subject), view.entity(e.object)) for e in denied),
        truncated=short.truncated or strong.truncated,
        summary=_summary(view, ends, short, denied, documents, max_hops),
        documents=documents,
        open=graph.fact,
    )


def _path(view: View, net: paths.Net, nodes: Sequence[str]) -> Path:
    hops = []
    for start, end in pairwise(nodes):
        edges = [edge for edge in view.between(start, end) if edge.carries]
        edges.sort(key=lambda edge: (-strength.of_hop(edge), edge.kind, edge.iri))
        hops.append(Hop(view.entity(start), view.entity(end), tuple(edges[:FACTS_PER_HOP]), len(edges)))
    return Path(tuple(hops), net.strength(nodes))


def _cells(part: str, hop: str, ends: tuple[str, str], edge: Edge, direction: str) -> tuple[str, ...]:
    relation = edge.kind if edge.is_said else f"{edge.kind}: {edge.iri}"
    said = results.narrowed(edge)
    documents = results.cell(edge.documents)
    return (part, hop, ends[0], relation, ends[1], edge.level or "", direction, edge.polarity, said, documents)


def _summary(
    view: View,
    ends: tuple[Entity, Entity],
    short: paths.Ways,
    denied: Sequence[Edge],
    documents: Sequence[str],
    max_hops: int,
) -> str:
    names = f"{ends[0].label} and {ends[1].label}"
    no = (
        f" Between the two, {results.count(len(results.said_in(denied)), 'document')} denies something."
        if denied
        else ""
    )
    if short.paths and len(short.paths[0]) == 1:
        return f"{names} are the same."
    if not short.paths:
        why = "The search was stopped at its limit before it found any" if short.truncated else "There is no"
        return f"{why} path of at most {results.count(max_hops, 'hop')} between {names}.{no}"
    hops = len(short.paths[0]) - 1
    stated = results.said_in(
        e for path in short.paths for s, t in pairwise(path) for e in view.between(s, t) if e.carries
    )
    total = f"{len(stated)} of the {results.count(len(documents), 'document')} that speak of either"
    if hops == 1 and not stated:
        return f"{names} are connected directly by the vocabulary; no document says so.{no}"
    if hops == 1:
        return f"{names} are connected directly: {total} sa{'ys' if len(stated) == 1 else 'y'} so.{no}"
    return (
        f"No document connects {names} directly; the shortest way takes {results.count(hops, 'hop')}. "
        f"That two things are connected is no statement about their use together.{no}"
    )
