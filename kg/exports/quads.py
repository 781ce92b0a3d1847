"""TriG and N-Quads: who says what, in named graphs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kg.exports import triples
from kg.graph import foreign, turtle
from kg.graph.store import DEFAULT

if TYPE_CHECKING:
    from kg.api import Graph

_PREFIX = "@prefix "


def nquads(graph: Graph) -> bytes:
    """Write N-Quads, one line a statement, sorted."""
    lines = []
    for quad in foreign.leaving(graph.store):
        name = "" if quad.graph_name == DEFAULT else f" {quad.graph_name}"
        lines.append(f"{quad.subject} {quad.predicate} {quad.object}{name} .\n")
    return "".join(sorted(lines)).encode()


def trig(graph: Graph) -> bytes:
    """Write TriG: a block for each graph, sorted, each block as canonical as our Turtle."""
    prefixes: set[str] = set()
    blocks = []
    for name, quads in groupby(foreign.leaving(graph.store), key=lambda quad: quad.graph_name):
        lines = turtle.write(triples.plain(quads)).decode().splitlines()
        head = [line for line in lines if line.startswith(_PREFIX)]
        prefixes.update(head)
        body = "\n".join(lines[len(head) :]).strip("\n")
        blocks.append(f"{body}\n" if name == DEFAULT else f"{name} {{\n{body}\n}}\n")
    comment = f"# {triples.COMMENT}\n"
    return (comment + "\n".join(["\n".join(sorted(prefixes)) + "\n", *blocks])).encode()
