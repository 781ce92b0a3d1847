"""Where the nodes of a neighbourhood stand in a picture: its centre in the middle, what is around it in columns.

Every node has a row of its own, and what is said stands in the row beside the line that it belongs to: no text lies on
another. Nothing is random, and nothing is measured but texts, so that the same neighbourhood has the same places.
All figures are points; `y` grows upwards.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from kg.care import scale, words
from kg.network.near import Neighbourhood
from kg.network.view import Edge
from kg.vocabulary import schema

Measure = Callable[[str, float], float]
"""Gives the width of a text in a size of letters."""

NODE_SIZE, LABEL_SIZE = 10.0, 8.0
NODE_LINE, LABEL_LINE = 13.0, 11.0
PADDING = 6.0
CURVE = 54.0
ARROW = 9.0
ROW_GAP = 9.0
COLUMN_GAP = 12.0
_NODE_WIDTH, _NODE_LINES = 30, 3
_LIMITS_WIDTH, _LABEL_LINES = 40, 3
_CARE = ("contraindication", "caution")


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its lines of text, and the middle and size of its box; `side` is 1 right of the centre, -1 left, or 0."""

    node: str
    lines: tuple[str, ...]
    type: str
    x: float
    y: float
    width: float
    height: float
    side: int


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a label: what is said between two nodes, its level, and whether it is denied."""

    text: str
    level: str | None
    is_denied: bool


@dataclass(frozen=True, slots=True)
class Bond:
    """All that is said between two nodes, drawn as one line.

    Attributes
    ----------
    start, end : str
        The nodes: the one nearer to the centre first.
    edges : tuple of Edge
        Everything that is said between them.
    label : tuple of Said
        What is written beside it; empty for a bond between two nodes that hang on others.
    width : float
        How wide the label is.
    """

    start: str
    end: str
    edges: tuple[Edge, ...]
    label: tuple[Said, ...] = ()
    width: float = 0.0

    @property
    def is_main(self) -> bool:
        """Whether `end` hangs on `start`, so that the label has its place in the row of `end`."""
        return bool(self.label)

    @property
    def leads_out(self) -> bool:
        """Whether anything is said of `start`."""
        return any(edge.subject == self.start for edge in self.edges)

    @property
    def leads_in(self) -> bool:
        """Whether anything is said of `end`."""
        return any(edge.subject == self.end for edge in self.edges)


@dataclass(frozen=True, slots=True)
class Map:
    """A neighbourhood with places: `boxes` by node, bonds, and the rectangle around them (left, bottom, right, top)."""

    boxes: Mapping[str, Box]
    bonds: tuple[Bond, ...]
    bounds: tuple[float, float, float, float]


def laid_out(found: Neighbourhood, types: Callable[[str], str], measure: Measure) -> Map:
    """Give everything in a neighbourhood its place.

    Parameters
    ----------
    found : Neighbourhood
        The nodes and edges.
    types : callable
        Gives the type of a node that colours it.
    measure : callable
        Gives the width of a text.
    """
    hops = {node: int(told["hops"]) for node, told in found.network.nodes(data=True)}
    labels = {node: str(told["label"]) for node, told in found.network.nodes(data=True)}
    bonds = _bonds(found.edges, hops, labels, measure)
    main = {bond.end: bond for bond in bonds if bond.is_main}
    texts = {node: tuple(_wrapped(labels[node])) for node in hops}
    sizes = {node: (_width(lines, measure), len(lines) * NODE_LINE + PADDING) for node, lines in texts.items()}
    rows = {
        node: max(sizes[node][1], len(main[node].label) * LABEL_LINE if node in main else 0.0) + ROW_GAP
        for node in hops
    }
    order = sorted(main.values(), key=lambda bond: _order(bond, labels))
    below: dict[str, list[str]] = {}
    for bond in order:
        below.setdefault(bond.start, []).append(bond.end)
    tall = _heights(below, rows, hops)
    centres = sorted((node for node in hops if hops[node] == 0), key=lambda node: (labels[node], node))
    firsts = [bond.end for bond in order if hops[bond.start] == 0]
    places: dict[str, tuple[float, float, int]] = {}
    stack = sum(sizes[node][1] + ROW_GAP for node in centres) / 2
    for node in centres:
        places[node] = (0.0, stack - sizes[node][1] / 2, 0)
        stack -= sizes[node][1] + ROW_GAP
    half = max((sizes[node][0] for node in centres), default=0.0) / 2
    right = _first_half(firsts, tall)
    for side, nodes in ((1, firsts[:right]), (-1, firsts[right:])):
        _place(nodes, side, half, sum(tall[node] for node in nodes) / 2, _Sizes(below, tall, sizes, main), places)
    boxes = {
        node: Box(node, texts[node], types(node), *places[node][:2], *sizes[node], places[node][2]) for node in hops
    }
    return Map(boxes, bonds, _bounds(boxes.values(), rows))


@dataclass(frozen=True, slots=True)
class _Sizes:
    below: Mapping[str, list[str]]
    tall: Mapping[str, float]
    boxes: Mapping[str, tuple[float, float]]
    main: Mapping[str, Bond]


def _place(
    nodes: list[str], side: int, inner: float, top: float, sizes: _Sizes, places: dict[str, tuple[float, float, int]]
) -> None:
    """Give nodes that stand in one column their places from the top down, then what hangs on them, column by column."""
    column = [(node, top - sum(sizes.tall[n] for n in nodes[:at])) for at, node in enumerate(nodes)]
    while column:
        label = max(sizes.main[node].width for node, _ in column)
        start = inner + CURVE + label + 2 * ARROW
        after: list[tuple[str, float]] = []
        for node, above in column:
            width = sizes.boxes[node][0]
            places[node] = (side * (start + width / 2), above - sizes.tall[node] / 2, side)
            own = sizes.below.get(node, ())
            place = above - (sizes.tall[node] - sum(sizes.tall[n] for n in own)) / 2
            for child in own:
                after.append((child, place))
                place -= sizes.tall[child]
        inner = start + max(sizes.boxes[node][0] for node, _ in column) + COLUMN_GAP
        column = after


def _bonds(
    edges: Iterable[Edge], hops: Mapping[str, int], labels: Mapping[str, str], measure: Measure
) -> tuple[Bond, ...]:
    """Put the edges between two nodes together; each node hangs on the one that most is said with nearer to the centre.

    What is only denied between two nodes led to neither, yet a node can hang on it where nothing else is drawn.
    """
    between: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        near, far = sorted((edge.subject, edge.object), key=lambda node: (hops[node], labels[node], node))
        between.setdefault((near, far), []).append(edge)
    hangs: dict[str, tuple[tuple[float, str], str]] = {}
    for (near, far), said in between.items():
        if hops[near] == hops[far] - 1 and any(edge.carries for edge in said):
            weight = (-max(_weight(edge) for edge in said if edge.carries), near)
            if far not in hangs or weight < hangs[far][0]:
                hangs[far] = (weight, near)
    bonds = []
    for (near, far), said in sorted(between.items()):
        ordered = tuple(sorted(said, key=lambda edge: (*_rank(edge), edge.iri)))
        label = tuple(_label(ordered)) if far in hangs and hangs[far][1] == near else ()
        width = max((measure(line.text, LABEL_SIZE) for line in label), default=0.0)
        bonds.append(Bond(near, far, ordered, label, width))
    return tuple(bonds)


def _weight(edge: Edge) -> float:
    return len(edge.documents) + scale.rank(edge.level) / 10


def _rank(edge: Edge) -> tuple[bool, int, int]:
    kinds = list(schema.load().kinds)
    return not edge.carries, -scale.rank(edge.level), kinds.index(edge.kind) if edge.kind in kinds else len(kinds)


def _label(edges: Iterable[Edge]) -> Iterable[Said]:
    """Say what stands between two nodes, most care first, in a few lines; no line leaves out what limits it."""
    documents: dict[Said, set[str]] = {}
    for edge in edges:
        documents.setdefault(Said(_words(edge), edge.level, not edge.carries), set()).update(edge.documents)
    lines = [
        replace(said, text=f"{said.text} ({len(names)})" if names else said.text) for said, names in documents.items()
    ]
    yield from lines if len(lines) <= _LABEL_LINES else lines[: _LABEL_LINES - 1]
    if len(lines) > _LABEL_LINES:
        yield Said(f"and {len(lines) - _LABEL_LINES + 1} more", None, is_denied=False)


def _words(edge: Edge) -> str:
    """Say one edge: the level where the kind says no more, else both; then what limits it, cut short if it is long."""
    kind = schema.load().kinds.get(edge.kind)
    named = kind.label if kind else edge.kind
    level = words.level(edge.level) if edge.level else ""
    said = level if level and edge.kind in _CARE else ": ".join(filter(None, (named, level)))
    limits = textwrap.shorten(scale.when(edge.qualifiers), _LIMITS_WIDTH, placeholder=" …")
    return f"{'' if edge.carries else 'denied: '}{said}{f', {limits}' if limits else ''}"


def _order(bond: Bond, labels: Mapping[str, str]) -> tuple[object, ...]:
    return (*_rank(bond.edges[0]), labels[bond.end].casefold(), bond.end)


def _heights(below: Mapping[str, list[str]], rows: Mapping[str, float], hops: Mapping[str, int]) -> dict[str, float]:
    """Return how much height each node takes with all that hangs on it."""
    tall: dict[str, float] = {}
    for node in sorted(hops, key=lambda node: -hops[node]):
        tall[node] = max(rows[node], sum(tall[child] for child in below.get(node, ())))
    return tall


def _first_half(nodes: list[str], tall: Mapping[str, float]) -> int:
    """Return how many of some nodes make the first half of their height."""
    whole, so_far = sum(tall[node] for node in nodes), 0.0
    for at, node in enumerate(nodes):
        if so_far + tall[node] / 2 > whole / 2:
            return at
        so_far += tall[node]
    return len(nodes)


def _wrapped(label: str) -> list[str]:
    return textwrap.wrap(label, _NODE_WIDTH, max_lines=_NODE_LINES, placeholder=" …") or [""]


def _width(lines: Iterable[str], measure: Measure) -> float:
    return max(measure(line, NODE_SIZE) for line in lines) + 2 * PADDING


def _bounds(boxes: Iterable[Box], rows: Mapping[str, float]) -> tuple[float, float, float, float]:
    placed = list(boxes)
    return (
        min((box.x - box.width / 2 for box in placed), default=0.0),
        min((box.y - rows[box.node] / 2 for box in placed), default=0.0),
        max((box.x + box.width / 2 for box in placed), default=0.0),
        max((box.y + rows[box.node] / 2 for box in placed), default=0.0),
    )
