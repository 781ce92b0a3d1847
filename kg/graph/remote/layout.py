"""What a server holds, so that every question gives the same rows on every server.

Servers differ in what their default graph is: nothing, the union of all graphs, or a graph of its own, and some give
a triple of the union once for each graph that holds it. So nothing is ever asked of a server's default graph:

* `…/union` holds what the embedded store's default graph holds, each triple once; it is named as the default graph of
  every request (`default-graph-uri` of the SPARQL protocol),
* each named graph (`graph:<document>`, `graph:documents`, `graph:derived`) is a named graph,
* `…/pushed` tells what was pushed: the graphs, how many triples each has, and a hash over them. It says that it is
  complete last of all; a graph whose push was interrupted is not opened.

The hash of a graph is that of a set: the sum of the SHA-256 of its triples, each written as canonical N-Triples. It
does not depend on the order in which a server gives them, and needs no memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph import terms

UNION = ox.NamedNode(terms.BASE + "union")
PUSHED = ox.NamedNode(terms.BASE + "pushed")
RESERVED = frozenset({UNION.value, PUSHED.value})

_VOID = "http://rdfs.org/ns/void#"
_TRIPLES = ox.NamedNode(_VOID + "triples")
_SUBSET = ox.NamedNode(_VOID + "subset")
_SHA256 = ox.NamedNode(terms.DRUGS + "sha256")
_PART = PUSHED.value + "#part="
_MODULUS = 1 << 256

Resource = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class Sum:
    """The number and the hash of a set of triples, whatever their order."""

    def __init__(self) -> None:
        """Begin with none."""
        self.triples = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """Add a triple as it is written in canonical N-Triples."""
        self.add_all((line,))

    def add_all(self, lines: Collection[bytes]) -> None:
        """Add triples, each a line of canonical N-Triples."""
        self.triples += len(lines)
        sha256, number = hashlib.sha256, int.from_bytes
        self._sum = (self._sum + sum([number(sha256(line).digest(), "big") for line in lines])) % _MODULUS

    def held(self) -> Held:
        """Return the number and the hash."""
        return Held(self.triples, f"{self._sum:064x}")


@dataclass(frozen=True, slots=True)
class Held:
    """How many triples a graph has, and their hash."""

    triples: int
    sha256: str


EMPTY = Sum().held()


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a server says was pushed to it: its graphs, what arrived of them, and whether all did."""

    graphs: MappingProxyType[str, Held]
    parts: frozenset[str] = frozenset()
    complete: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """The named graphs, sorted; the union is none of them."""
        return tuple(sorted(set(self.graphs) - RESERVED))

    def triples(self) -> list[ox.Triple]:
        """Return it as it is written on the server."""
        found = []
        for name, held in sorted(self.graphs.items()):
            graph = ox.NamedNode(name)
            found.append(ox.Triple(PUSHED, _SUBSET, graph))
            found.append(ox.Triple(graph, _TRIPLES, ox.Literal(str(held.triples))))
            found.append(ox.Triple(graph, _SHA256, ox.Literal(held.sha256)))
        found += [done(part) for part in sorted(self.parts)]
        if self.complete:
            found.append(ox.Triple(PUSHED, _SHA256, ox.Literal(self.seal())))
        return found

    def seal(self) -> str:
        """Return the hash over all that the graphs are said to hold."""
        said = "\n".join(f"{name} {held.triples} {held.sha256}" for name, held in sorted(self.graphs.items()))
        return hashlib.sha256(said.encode()).hexdigest()


def done(part: str) -> ox.Triple:
    """Return the triple that says that a part has arrived."""
    return ox.Triple(ox.NamedNode(_PART + part), _SHA256, ox.Literal(part))


def pushed(triples: Iterable[tuple[Resource, Resource, Resource]], place: str) -> Pushed:
    """Read what a server says of itself.

    Raises
    ------
    GraphError
        When that contradicts itself.
    """
    graphs: set[str] = set()
    counts: dict[str, str] = {}
    hashes: dict[str, str] = {}
    for subject, predicate, value in triples:
        said = str(getattr(value, "value", ""))
        about = str(getattr(subject, "value", ""))
        if predicate == _SUBSET:
            graphs.add(said)
        elif predicate == _TRIPLES:
            counts[about] = said
        elif predicate == _SHA256:
            hashes[about] = said
    try:
        known = {name: Held(int(counts[name]), hashes[name]) for name in sorted(graphs)}
    except (KeyError, ValueError):
        raise GraphError(place, f"<{PUSHED.value}> is damaged", "push the graph again") from None
    parts = frozenset(value for name, value in hashes.items() if name.startswith(_PART))
    found = Pushed(MappingProxyType(known), parts)
    seal = hashes.get(PUSHED.value)
    if seal is not None and seal != found.seal():
        raise GraphError(place, f"<{PUSHED.value}> does not fit its own hash", "push the graph again")
    return Pushed(found.graphs, parts, seal is not None)


def line(triple: ox.Triple | ox.Quad) -> bytes:
    """Write a triple as canonical N-Triples.

    >>> line(ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c", language="en")))
    b'<urn:a> <urn:b> "c"@en .\\n'
    """
    return f"{triple.subject} {triple.predicate} {triple.object} .\n".encode()


def graph_address(address: str, graph: str) -> str:
    """Return the address of a graph under that of the graph store (Graph Store Protocol, section 4.2)."""
    return f"{address}{'&' if '?' in address else '?'}graph={quote(graph, safe='')}"
