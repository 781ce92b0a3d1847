"""Turtle: the union of what documents say, and the concepts it refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.graph import lines
from kg.graph import turtle as canonical

if TYPE_CHECKING:
    from kg.api import Graph

COMMENT = "Exported by `kg export`. Information about documents, not medical advice. CC0 1.0."


def turtle(graph: Graph) -> bytes:
    """Write canonical Turtle."""
    return canonical.rewrite(lines.triples(graph.store), COMMENT)
