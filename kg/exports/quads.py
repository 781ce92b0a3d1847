"""TriG and N-Quads: who says what, in named graphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from kg.exports import triples
from kg.graph import lines, terms, turtle

if TYPE_CHECKING:
    from kg.api import Graph

Name: TypeAlias = ox.NamedNode

_PREFIX = "@prefix "


def nquads(graph: Graph) -> Iterator[bytes]:
    """Write N-Quads in pieces, one line a statement, sorted."""
    return lines.ordered(lines.leaving(graph.store))


def trig(graph: Graph) -> bytes:
    """Write TriG: a block for each graph, sorted, each block as canonical as our Turtle."""
    shared: dict[str, str] = {}
    return _put_together(
        (name, turtle.rewrite(lines.apart(said, shared))) for name, said in lines.by_graph(graph.store)
    )


def blocks(
    graphs: Iterable[tuple[Name, Iterable[turtle.Triple]]], namespaces: Mapping[str, str] = terms.PREFIXES
) -> bytes:
    """Write named graphs in the order in which they come, with the prefixes that they use."""
    return _put_together((str(name), turtle.write(said, prefixes=namespaces)) for name, said in graphs)


def _put_together(graphs: Iterable[tuple[str, bytes]]) -> bytes:
    prefixes: set[str] = set()
    found = []
    for name, content in graphs:
        written = content.decode().rstrip("\n").split("\n")  # a text may hold U+2028
        head = [line for line in written if line.startswith(_PREFIX)]
        prefixes.update(head)
        body = "\n".join(written[len(head) :]).strip("\n")
        found.append(f"{name} {{\n{body}\n}}\n")
    comment = f"# {triples.COMMENT}\n"
    return (comment + "\n".join(["\n".join(sorted(prefixes)) + "\n", *found])).encode()
