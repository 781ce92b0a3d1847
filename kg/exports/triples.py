"""Turtle: the union of what documents say, and the concepts it refers to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.graph import foreign
from kg.graph import turtle as canonical

if TYPE_CHECKING:
    from kg.api import Graph

COMMENT = "Exported by `kg export`. Information about documents, not medical advice. CC0 1.0."


def turtle(graph: Graph) -> bytes:
    """Write canonical Turtle."""
    return canonical.write(plain(foreign.leaving(graph.store)), COMMENT)


def plain(quads: Iterable[ox.Quad]) -> list[canonical.Triple]:
    """Drop the graphs of quads; blank nodes have names by now."""
    return [
        (quad.subject, quad.predicate, quad.object)
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal)
    ]
