"""What leaves the house as lines of N-Quads, which the store writes by itself: the fastest way out of it.

A line of what is said in a graph is never taken apart by this program before it must be. Lines are sorted in runs that
fit into memory, and the runs are merged, so that a graph of any size can be written.
"""

from __future__ import annotations

import heapq
import re
import tempfile
from collections.abc import Iterable, Iterator
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
        yield said.replace(_END, f" {_named(graph)}".encode() + _END)
    yield b"".join(_concepts(held, [ox.NamedNode(name[1:-1].decode()) for name in referred - described]))


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
                runs[-1].writelines(_sorted(waiting))
                runs[-1].seek(0)
                waiting, size = [], 0
        last = _sorted(waiting)
        yield from _pieces(_once(heapq.merge(*runs, last)) if runs else last)


def names(store: Readable) -> list[Name]:
    """Give the same quads taken apart, sorted by graph, subject, predicate and object.

    Raises
    ------
    GraphError
        As `leaving` does.
    """
    shared: dict[str, str] = {}
    found: list[Name] = []
    for piece in leaving(store):
        for line in piece.splitlines():
            subject, predicate, rest = line[:-2].decode().split(" ", 2)
            value, _, graph = rest.rpartition(" ")
            found.append(
                (
                    shared.setdefault(graph, graph),
                    shared.setdefault(subject, subject),
                    shared.setdefault(predicate, predicate),
                    shared.setdefault(value, value),
                )
            )
    found.sort()
    return [name for name, _ in groupby(found)]


def _said(store: ox.Store, graph: ox.NamedNode | ox.BlankNode) -> bytes:
    said = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph) or b""
    if b"_:" in said or b"<<" in said:
        said = b"".join(map(_renamed, said.splitlines(keepends=True)))
    for count in _COUNTS:
        said = count.sub(_as_count, said)
    return said


def _as_count(match: re.Match[bytes]) -> bytes:
    return match[0][: -len(b"integer> ")] + b"nonNegativeInteger> "


def _typed(said: bytes) -> Iterator[bytes]:
    """Give the subjects of types; in a literal there can be no such mark, but what it would give is no IRI anyway."""
    for before in said.split(_TYPED)[:-1]:
        yield before[before.rfind(b"\n") + 1 :]


def _renamed(line: bytes) -> bytes:
    """Give blank nodes a name."""
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
            yield _renamed(line)[: -len(_END)] + f" {VOCABULARY}".encode() + _END
            value = quad.object
            if quad.predicate.value in _FOLLOWED and isinstance(value, ox.NamedNode) and value not in seen:
                seen.add(value)
                waiting.append(value)


def _is_described(store: ox.Store, node: ox.NamedNode) -> bool:
    """Tell whether a node is ours or a concept of others, not a class or document that somebody else describes."""
    concept = ox.NamedNode(terms.SKOS + "Concept")
    return node.value.startswith(terms.BASE) or ox.Quad(node, _TYPE, concept, DEFAULT) in store


def _sorted(lines: list[bytes]) -> Iterator[bytes]:
    lines.sort()
    return _once(lines)


def _once(lines: Iterable[bytes]) -> Iterator[bytes]:
    before = b""
    for line in lines:
        if line != before:
            yield line
        before = line


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Put lines together, so that they are not written one by one."""
    found: list[bytes] = []
    for line in lines:
        found.append(line)
        if len(found) == 4096:
            yield b"".join(found)
            found = []
    yield b"".join(found)
