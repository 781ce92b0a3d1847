"""TriG and N-Quads: who says what, in named graphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from kg.exports import triples
from kg.graph import foreign, terms, turtle
from kg.graph.store import DEFAULT

if TYPE_CHECKING:
    from kg.api import Graph

Name: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

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
    return blocks((name, triples.plain(q)) for name, q in groupby(foreign.leaving(graph.store), lambda q: q.graph_name))


def blocks(
    graphs: Iterable[tuple[Name, Iterable[turtle.Triple]]], namespaces: Mapping[str, str] = terms.PREFIXES
) -> bytes:
    """Write named graphs in the order in which they come, with the prefixes that they use."""
    prefixes: set[str] = set()
    found = []
    for name, said in graphs:
        lines = turtle.write(said, prefixes=namespaces).decode().rstrip("\n").split("\n")  # a text may hold U+2028
        head = [line for line in lines if line.startswith(_PREFIX)]
        prefixes.update(head)
        body = "\n".join(lines[len(head) :]).strip("\n")
        found.append(f"{body}\n" if name == DEFAULT else f"{name} {{\n{body}\n}}\n")
    comment = f"# {triples.COMMENT}\n"
    return (comment + "\n".join(["\n".join(sorted(prefixes)) + "\n", *found])).encode()
