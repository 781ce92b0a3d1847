"""What leaves the house as lines of N-Quads, which the store writes by itself: the fastest way out of it.

A line of what is said in a graph is never taken apart by this program before it must be. Lines are sorted in runs that
fit into memory, and the runs are merged, so that a graph of any size can be written.
"""

from __future__ import annotations

import re
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from typing import IO

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph import store as stores
from kg.graph import terms
from kg.graph.readable import Readable
from kg.graph.store import DATASET, DEFAULT, VOCABULARY
from kg.vocabulary import schema

RUN = 48_000_000
"""Bytes of lines that are sorted in memory."""

Name = tuple[str, str, str, str]
"""Graph, subject, predicate and object of a quad, as N-Quads has them; the graph is "" where there is none."""

_END = b" .\n"
GENID = terms.BASE + ".well-known/genid/"
"""What blank nodes of foreign files are named by."""

_FOLLOWED = frozenset((terms.SKOS + "broader", terms.DRUGS + "brandOf"))
_OWN = (terms.DRUGS, terms.SCHEME)
_TYPE = ox.NamedNode(terms.RDF_TYPE)
# A quotation mark inside a literal is escaped, so these stand where they seem to stand.
_COUNTS = tuple(
    re.compile(rb' <%s> "(?:[^"\\]|\\.)*"\^\^<%sinteger> ' % (re.escape(iri.encode()), re.escape(terms.XSD.encode())))
    for iri in sorted(stores.COUNTS)
)
_OBJECT = re.compile(rb"> (<[^<>\n]*>) \.$", re.MULTILINE)
_TYPED = f" <{terms.RDF_TYPE}> ".encode()
_SUBJECT = re.compile(rb"^(<[^>]*>) ", re.MULTILINE)


def leaving(store: Readable) -> Iterator[bytes]:
    """Give what an export holds, in pieces of whole lines: all that is said, and the concepts that it refers to.

    Raises
    ------
    GraphError
        As `graphs` does.
    """
    for name, said in graphs(store):
        yield said.replace(_END, f" {name}".encode() + _END)


def graphs(store: Readable) -> Iterator[tuple[str, bytes]]:
    """Give the same as lines of N-Triples, a graph at a time, each with its name as N-Quads has it.

    Blank nodes of foreign files get names, since not every format keeps them apart. Oxigraph keeps every whole number
    as `xsd:integer`; counts get their own type back, as `kg.graph.store.restored` tells.

    Raises
    ------
    GraphError
        When a file brought in a triple about a triple, which RDF 1.1 has not.
    """
    held = stores.embedded(store)
    referred: set[bytes] = set()
    described: set[bytes] = set()  # what only has short edges is not
    for graph in held.named_graphs():
        said = _said(held, graph)
        referred.update(_OBJECT.findall(said))
        described.update(_SUBJECT.findall(said) if graph == DATASET else _typed(said))
        yield _named(graph), said
    yield (
        str(VOCABULARY),
        b"".join(_concepts(held, [ox.NamedNode(name[1:-1].decode()) for name in referred - described])),
    )


def by_graph(store: Readable) -> list[tuple[str, bytes]]:
    """Give the same sorted by the names of graphs, all in memory.

    Raises
    ------
    GraphError
        As `graphs` does.
    """
    found: dict[str, list[bytes]] = {}
    for name, said in graphs(store):
        if said:
            found.setdefault(name, []).append(said)
    return [(name, b"".join(found.pop(name))) for name in sorted(found)]


def ordered(pieces: Iterable[bytes], run: int = RUN) -> Iterator[bytes]:
    """Sort lines by code point, each once, and give them in pieces."""
    waiting: list[bytes] = []
    size = 0
    with ExitStack() as stack:
        runs: list[IO[bytes]] = []
        for piece in pieces:
            waiting += piece.splitlines(keepends=True)
            size += len(piece)
            if size > run:
                runs.append(stack.enter_context(tempfile.TemporaryFile()))
                waiting.sort()
                runs[-1].writelines(dict.fromkeys(waiting))
                runs[-1].seek(0)
                waiting, size = [], 0
        waiting.sort()
        yield from _merged(runs, waiting, run // (len(runs) + 1))


def _merged(runs: Sequence[IO[bytes]], last: list[bytes], size: int) -> Iterator[bytes]:
    """Merge sorted runs, in memory about `size` bytes of each: sorting what is sorted piece by piece is merging."""
    blocks = [last, *(run.readlines(size) for run in runs)]
    while any(blocks):
        least = min(block[-1] for block in blocks if block)
        found: list[bytes] = []
        for block in blocks:
            place = bisect_right(block, least)
            found += block[:place]
            del block[:place]
        found.sort()
        yield b"".join(dict.fromkeys(found))
        for number, run in enumerate(runs, 1):
            if not blocks[number]:
                blocks[number] = run.readlines(size)


def names(store: Readable) -> list[Name]:
    """Give the same quads taken apart, sorted by graph, subject, predicate and object.

    Raises
    ------
    GraphError
        As `leaving` does.
    """
    found: list[Name] = []
    shared: dict[str, str] = {}
    for graph, said in graphs(store):
        found += [(graph, *triple) for triple in apart(said, shared)]
    found.sort()
    return [name for name, _ in groupby(found)]


def triples(store: Readable) -> Iterator[tuple[str, str, str]]:
    """Give the triples of all graphs taken apart, in no order and as often as graphs say them.

    Raises
    ------
    GraphError
        As `leaving` does.
    """
    shared: dict[str, str] = {}
    for _, said in graphs(store):
        yield from apart(said, shared)


def apart(said: bytes, shared: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Take lines of N-Triples apart; `shared` keeps one copy of each term from call to call."""
    once = shared.setdefault
    for line in said.decode().split("\n"):
        if line:
            subject, predicate, value = line[:-2].split(" ", 2)
            yield once(subject, subject), once(predicate, predicate), once(value, value)


def _said(store: ox.Store, graph: ox.NamedNode | ox.BlankNode) -> bytes:
    said = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph) or b""
    if b"_:" in said or b"<<" in said:
        said = b"".join(map(renamed, said.splitlines(keepends=True)))
    for count in _COUNTS:
        said = count.sub(_as_count, said)
    return said


def _as_count(match: re.Match[bytes]) -> bytes:
    return match[0][: -len(b"integer> ")] + b"nonNegativeInteger> "


def _typed(said: bytes) -> Iterator[bytes]:
    """Give the subjects of types; in a literal there can be no such mark, but what it would give is no IRI anyway."""
    for before in said.split(_TYPED)[:-1]:
        yield before[before.rfind(b"\n") + 1 :]


def renamed(line: bytes) -> bytes:
    """Give the blank nodes of a line of N-Triples names.

    Raises
    ------
    GraphError
        When it has a triple about a triple, which RDF 1.1 has not.
    """
    if b"_:" not in line and b"<<" not in line:
        return line
    (quad,) = ox.parse(line, ox.RdfFormat.N_TRIPLES)
    subject, value = quad.subject, quad.object
    if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
        raise GraphError("export", "the graph has a triple about a triple", "write it as a node with properties")
    return f"{_named(subject)} {quad.predicate} {_named(value)} .\n".encode()


def _named(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    return f"<{GENID}{term.value}>" if isinstance(term, ox.BlankNode) else str(term)


def _concepts(store: ox.Store, waiting: list[ox.NamedNode]) -> Iterator[bytes]:
    """Describe concepts and what they are narrower than or brands of; the ontology's own terms are left out."""
    kinds = schema.load().kinds.values()
    said_by_documents = {edge for kind in kinds for edge in (kind.short_edge, kind.off_label_short_edge)}
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        if node.value.startswith(_OWN) or not _is_described(store, node):
            continue
        for quad in stores.restored_of(store, node):
            if quad.predicate.value in said_by_documents:
                continue
            line = f"{quad.subject} {quad.predicate} {quad.object} .\n".encode()
            yield renamed(line)
            value = quad.object
            if quad.predicate.value in _FOLLOWED and isinstance(value, ox.NamedNode) and value not in seen:
                seen.add(value)
                waiting.append(value)


def _is_described(store: ox.Store, node: ox.NamedNode) -> bool:
    """Tell whether a node is ours or a concept of others, not a class or document that somebody else describes."""
    concept = ox.NamedNode(terms.SKOS + "Concept")
    return node.value.startswith(terms.BASE) or ox.Quad(node, _TYPE, concept, DEFAULT) in store
