"""Ways between two things: the shortest paths and the strongest, whichever way their facts point.

Nothing is enumerated. The shortest paths come from a breadth-first search from both ends, which keeps for every node
only its predecessors; the strongest from a best-first search with an upper bound of what is still to come. Both count
the edges that they look at and stop at a limit that depends on the graph alone, never on the clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from kg.network import strength
from kg.network.view import View

MAXIMUM_STEPS = 200_000
"""How many edges one search may look at."""


class Ways(NamedTuple):
    """What a search found: paths as nodes, best first, and whether it stopped before it knew that these are best."""

    paths: tuple[tuple[str, ...], ...]
    truncated: bool


class Net:
    """The network without directions and parallel edges: for each node its neighbours, the strongest hop first."""

    def __init__(self, near: Mapping[str, Mapping[str, float]]) -> None:
        """Sort neighbours by strength, then by name."""
        self._near = {
            node: tuple(sorted(hops.items(), key=lambda hop: (-hop[1], hop[0]))) for node, hops in near.items()
        }
        self._hops = near

    def near(self, node: str) -> Sequence[tuple[str, float]]:
        """Return the neighbours of a node, and how strong the hop is."""
        return self._near.get(node, ())

    def hop(self, start: str, end: str) -> float:
        """Return the strength of a hop; 0 where there is none."""
        return self._hops.get(start, {}).get(end, 0.0)

    def passage(self, node: str) -> float:
        """Return what passing through a node leaves of a path's strength."""
        return strength.of_passage(len(self._near.get(node, ())))

    def strength(self, path: Sequence[str]) -> float:
        """Return the strength of a path."""
        found = 1.0
        for start, end in pairwise(path):
            found *= self.hop(start, end)
        for node in path[1:-1]:
            found *= self.passage(node)
        return found


def net(view: View) -> Net:
    """Return the net of a view, which is made once; what is denied is not in it."""
    if "net" not in view.kept:
        near: dict[str, dict[str, float]] = {}
        for edge in view.edges():
            weight = strength.of_hop(edge)
            if weight and edge.subject != edge.object:
                for start, end in ((edge.subject, edge.object), (edge.object, edge.subject)):
                    hops = near.setdefault(start, {})
                    hops[end] = max(weight, hops.get(end, 0.0))
        view.kept["net"] = Net(near)
    return view.kept["net"]  # type: ignore[return-value]


class _Side:
    """One end of the search for the shortest paths: how far each node is, and from where it is reached."""

    def __init__(self, ends: Iterable[str]) -> None:
        self.far = dict.fromkeys(sorted(ends), 0)
        self.before: dict[str, list[str]] = {}
        self.edge = list(self.far)
        self.level = 0

    def grow(self, found: Net) -> int:
        """Go one level further; return how many edges were looked at."""
        self.level += 1
        looked = 0
        edge: list[str] = []
        for node in self.edge:
            for other, _ in found.near(node):
                looked += 1
                known = self.far.get(other)
                if known is None:
                    self.far[other] = self.level
                    self.before[other] = [node]
                    edge.append(other)
                elif known == self.level:
                    self.before[other].append(node)
        self.edge = edge
        return looked

    def best(self, node: str, found: Net, limit: int, kept: dict[str, list[tuple[str, ...]]]) -> list[tuple[str, ...]]:
        """Return the strongest of the shortest paths from the end to a node; there are as many levels as hops."""
        if node not in kept:
            ways: list[tuple[str, ...]] = [(node,)] if not self.far[node] else []
            for previous in self.before.get(node, ()):
                ways += [(*way, node) for way in self.best(previous, found, limit, kept)]
            kept[node] = sorted(ways, key=lambda way: (-found.strength(way), way))[:limit]
        return kept[node]


def shortest(found: Net, starts: Iterable[str], goals: Iterable[str], max_hops: int, limit: int) -> Ways:
    """Return the strongest of the shortest paths, if one of at most `max_hops` leads from a start to a goal."""
    first, second = _Side(starts), _Side(goals)
    looked = 0
    while not (meeting := first.far.keys() & second.far.keys()):
        if first.level + second.level >= max_hops or not first.edge or not second.edge:
            return Ways((), False)
        costs = [sum(len(found.near(node)) for node in side.edge) for side in (first, second)]
        if looked + min(costs) > MAXIMUM_STEPS:
            return Ways((), True)
        looked += (first if costs[0] <= costs[1] else second).grow(found)
    kept: tuple[dict[str, list[tuple[str, ...]]], ...] = ({}, {})
    ways = [
        (*way, *reversed(back[:-1]))
        for node in meeting
        for way in first.best(node, found, limit + 1, kept[0])
        for back in second.best(node, found, limit + 1, kept[1])
    ]
    ways.sort(key=lambda way: (-found.strength(way), way))
    return Ways(tuple(ways[:limit]), len(ways) > limit)


def strongest(found: Net, starts: Iterable[str], goals: Iterable[str], max_hops: int, limit: int) -> Ways:
    """Return the strongest paths of at most `max_hops` hops, no node twice.

    `truncated` says that the search stopped before it had shown that no other path is stronger; how many paths there
    are in all is not counted.
    """
    beginnings, ends = frozenset(starts), frozenset(goals)
    ahead, looked = _ahead(found, ends, max_hops)
    waiting: list[tuple[float, tuple[str, ...], float]] = [(-1.0, (s,), 1.0) for s in sorted(beginnings - ends)]
    ways: list[tuple[str, ...]] = []
    while waiting and len(ways) < limit:
        _, way, so_far = heapq.heappop(waiting)
        node = way[-1]
        if node in ends:
            ways.append(way)
            continue
        left = max_hops - len(way)
        passed = so_far * (found.passage(node) if len(way) > 1 else 1.0)
        looked += len(found.near(node))
        if looked > MAXIMUM_STEPS:
            return Ways(tuple(ways), True)
        for other, hop in found.near(node):
            bound = passed * hop * ahead.bound(other, left)
            if bound and other not in way and other not in beginnings:
                heapq.heappush(waiting, (-bound, (*way, other), passed * hop))
    return Ways(tuple(ways), False)


class _Ahead(NamedTuple):
    """At most how much strength is left of a path on its way from a node to the goals."""

    goals: frozenset[str]
    one: Mapping[str, float]
    two: Mapping[str, float]
    rest: float
    more: float

    def bound(self, node: str, hops: int) -> float:
        """Return the bound for at most so many hops: exact for up to two."""
        if node in self.goals:
            return 1.0
        if hops <= 0:
            return 0.0
        if hops == 1:
            return self.one.get(node, 0.0)
        return max(self.two.get(node, 0.0), self.rest if hops == 2 else self.more)


def _ahead(found: Net, goals: frozenset[str], max_hops: int) -> tuple[_Ahead, int]:
    """Work the bounds out from the goals backwards; `passage` of a node is paid on leaving it towards the goals."""
    looked = 0
    one: dict[str, float] = {}
    for goal in sorted(goals):
        for node, hop in found.near(goal):
            looked += 1
            if node not in goals:
                one[node] = max(one.get(node, 0.0), hop * found.passage(node))
    two = dict(one)
    if max_hops > 2:
        for middle in sorted(one, key=lambda node: (-one[node], node)):
            near = found.near(middle)
            if looked + len(near) > MAXIMUM_STEPS // 2:
                most = max(one.values())  # what is not looked at may lead on as well as the best that is known
                return _Ahead(goals, one, two, most, most), looked
            for node, hop in near:
                looked += 1
                if node not in goals:
                    two[node] = max(two.get(node, 0.0), hop * found.passage(node) * one[middle])
    return _Ahead(goals, one, two, 0.0, max(two.values(), default=0.0)), looked
