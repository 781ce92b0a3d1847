"""Filling a server: graph by graph, over the Graph Store Protocol, verified by what the server then holds.

A push that was interrupted goes on where it stopped: what the server holds already is read back and left alone, and
of a graph that is sent in parts, the parts that have arrived. Nothing counts as pushed before the server gave it back
with the right number of triples and the right hash; before that, the graph cannot be opened.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg import files
from kg.errors import GraphError
from kg.graph import lines as exported
from kg.graph import terms
from kg.graph.remote import layout, store
from kg.graph.remote.layout import Held, Pushed
from kg.graph.remote.wire import RefusedError, Wire

PART = 20_000
"""About how many triples are sent at once."""

SMALL = 5_000
"""A graph of no more triples is read back at once."""

STORES = ("/sparql-graph-crud-auth", "/store", "/data", "/rdf-graphs/service", "/statements")
"""Where graph stores are, beside the address for queries; tried in this order."""

_TURTLE = {"Content-Type": "text/turtle"}  # Canonical N-Triples is Turtle, and every server reads that
_TRIPLES = {"Accept": "application/n-triples, text/plain;q=0.9, text/turtle;q=0.5"}
_FORMATS = frozenset({"text/turtle", "application/n-triples", "text/plain"})

Tell = Callable[[int, int, str], object]


@dataclass(frozen=True, slots=True)
class Told:
    """What a push did: the graphs, the triples, and how many of the graphs had to be sent."""

    graphs: int
    triples: int
    sent: int


@dataclass(frozen=True, slots=True)
class Spooled:
    """A graph that is ready to be sent: what the server must hold, and the parts in files."""

    name: str
    held: Held
    parts: tuple[Path, ...]


def push(source: ox.Store, queries: Wire, graphs: Wire, tell: Tell = lambda *_: None) -> Told:
    """Put a graph on a server, in the layout of `kg.graph.remote.layout`.

    Parameters
    ----------
    source : pyoxigraph.Store
        The graph: its default graph is the union, its named graphs tell who says what.
    queries, graphs : Wire
        The server's address for queries, and that of its graph store.
    tell : callable
        Is told what is done, graph by graph.

    Raises
    ------
    GraphError
        When the server cannot be reached, refuses, or does not hold in the end what it was sent.
    """
    before = store.manifest(queries)
    with files.temporary("kg-push") as folder:
        spooled = list(spool(source, folder))
        wanted = MappingProxyType({one.name: one.held for one in spooled})
        aim = Pushed(wanted)
        is_same = before.graphs == wanted
        state = Pushed(wanted, before.parts if is_same else frozenset())
        if not (is_same and before.complete):
            _write(graphs, layout.PUSHED.value, state.triples())
        sent = 0
        for place, one in enumerate(spooled, 1):
            state = state if is_same else replace(state, parts=frozenset())
            sent += _put(one, queries, graphs, state)
            tell(place, len(spooled), one.name)
        for name in sorted(set(before.graphs) - set(wanted)):
            graphs.send("DELETE", layout.graph_address(graphs.target, name))
        _write(graphs, layout.PUSHED.value, replace(aim, complete=True).triples())
    if store.manifest(queries) != replace(aim, complete=True):
        raise GraphError(graphs.address, "does not hold what was said of the push", "push again, nobody else writing")
    return Told(len(spooled), sum(one.held.triples for one in spooled), sent)


def graph_store(queries: Wire, named: str | None, connect: Callable[[str], Wire] = Wire) -> Wire:
    """Return the graph store: the address that was named, or what answers as one beside the address for queries.

    Raises
    ------
    GraphError
        When none is found, or what is named is none.
    """
    if named is not None:
        if not terms.is_address(named):
            raise GraphError(named, "is no address of a server", "write http://host:port/path")
        return connect(named)
    base, _, _ = queries.address.partition("?")
    stem = base.rpartition("/")[0]
    nowhere = _asked_for_graph(connect(stem + "/no-such-place"))[:2]
    for end in STORES:
        found = connect(stem + end)
        if _is_graph_store(found, nowhere):
            return found
        found.close()
    raise GraphError(queries.address, "no graph store is found beside it", "name its address with --graph-store")


def _is_graph_store(wire: Wire, nowhere: tuple[int, bytes]) -> bool:
    """Tell whether a graph store answers: it gives triples, or says otherwise than `nowhere` that there are none."""
    answer = _asked_for_graph(wire)
    kind = answer[2].partition(";")[0]
    return kind in _FORMATS if answer[0] < 300 else answer[0] == 404 and answer[:2] != nowhere


def _asked_for_graph(wire: Wire) -> tuple[int, bytes, str]:
    """Ask for a graph that need not be there: the status, what is said without the path, and the kind of answer."""
    try:
        answer = wire.send("GET", layout.graph_address(wire.target, layout.PUSHED.value), headers=_TRIPLES)
    except RefusedError as error:
        if error.status not in {400, 405, 406, 501}:
            raise
        return error.status, b"", ""
    body = answer.body.replace(wire.target.encode(), b"")
    return answer.status, body, answer.headers.get("content-type", "")


def _put(one: Spooled, queries: Wire, graphs: Wire, state: Pushed) -> int:
    """Send a graph unless the server holds it; 1 when it was sent."""
    held = _count(queries, one.name)
    if held == one.held.triples and _held(queries, one.name, one.held.triples) == one.held:
        return 0
    address = layout.graph_address(graphs.target, one.name)
    arrived = state.parts if held else frozenset()
    names = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in one.parts]
    if len(names) > 1 and not arrived.intersection(names):
        graphs.send("DELETE", address)
    for path, name in zip(one.parts, names, strict=True):
        if len(names) == 1:
            graphs.send("PUT", address, path.read_bytes(), _TURTLE)
        elif name not in arrived:
            graphs.send("POST", address, path.read_bytes(), _TURTLE)
            part = layout.line(layout.done(name))
            graphs.send("POST", layout.graph_address(graphs.target, layout.PUSHED.value), part, _TURTLE)
    found = _held(queries, one.name, one.held.triples)
    if found != one.held:
        graphs.send("DELETE", address)  # so that the next push begins with it
        wanted = f"{one.held.triples:,} triples with hash {one.held.sha256[:12]}…"
        problem = f"holds {found.triples:,} triples with hash {found.sha256[:12]}… in <{one.name}>, not {wanted}"
        raise GraphError(graphs.address, problem, "push again, nobody else writing")
    return 1


def _count(queries: Wire, graph: str) -> int:
    _, rows = store.asked(queries, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", (graph,))
    number = str(getattr(rows[0][0], "value", "")) if rows else ""
    return int(number) if number.isdecimal() else -1


def _held(queries: Wire, graph: str, wanted: int) -> Held:
    """Read a graph back, a large one property by property, and say how many triples it has, and their hash."""
    found = layout.Sum()
    if wanted <= SMALL:
        where = "?s ?p ?o"
        for subject, way, value in store.rows(queries, f"SELECT {where} {{ {where} }}", (graph,), where):
            found.add(f"{subject} {way} {value} .\n".encode())
        return found.held()
    for (way,) in store.rows(queries, "SELECT DISTINCT ?p { ?s ?p ?o }", (graph,)):
        if not isinstance(way, ox.NamedNode):
            raise GraphError(queries.address, "gives a row that is no triple", "see which engine that is")
        where = f"?s {way} ?o"
        for subject, value in store.rows(queries, f"SELECT ?s ?o {{ {where} }}", (graph,), where):
            found.add(f"{subject} {way} {value} .\n".encode())
    return found.held()


def _write(graphs: Wire, graph: str, triples: list[ox.Triple]) -> None:
    graphs.send("PUT", layout.graph_address(graphs.target, graph), b"".join(map(layout.line, triples)), _TURTLE)


def spool(source: ox.Store, folder: Path) -> Iterator[Spooled]:
    """Write all graphs to files, in parts whose bytes are the same for the same triples.

    Raises
    ------
    GraphError
        When a graph has a name that a push needs, or a triple about a triple.
    """
    names = sorted(graph.value for graph in source.named_graphs())
    for number, name in enumerate((*names, layout.UNION.value)):
        if name in layout.RESERVED and number < len(names):
            raise GraphError(f"<{name}>", "is the name of a graph that a push needs", "give that graph another name")
        graph = store.DEFAULT if number == len(names) else ox.NamedNode(name)
        yield _spooled(source, graph, name, folder, number)


def _spooled(source: ox.Store, graph: store.Graph, name: str, folder: Path, number: int) -> Spooled:
    """Write a graph in parts: all that is said of a node is in the same one, which its name tells."""
    whole = folder / f"{number}.nt"
    source.dump(str(whole), ox.RdfFormat.N_TRIPLES, from_graph=graph)
    count = max(1, -(-_lines(whole) // PART))
    paths = tuple(folder / f"{number}-{place}.nt" for place in range(count))
    found = layout.Sum()
    with whole.open("rb") as stream:
        while lines := list(map(exported.renamed, itertools.islice(stream, 10 * PART))):
            found.add_all(lines)
            _append(paths, _parted(lines, count))
    whole.unlink()
    if not found.triples:
        paths[0].touch()
    for path in paths if count > 1 else ():
        path.write_bytes(b"".join(sorted(path.read_bytes().splitlines(keepends=True))))
    return Spooled(name, found.held(), paths)


def _lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(piece.count(b"\n") for piece in iter(lambda: stream.read(1 << 20), b""))


def _parted(lines: list[bytes], count: int) -> list[list[bytes]]:
    """Lay lines apart by their subjects; those of one subject mostly come together."""
    if count == 1:
        return [lines]
    found: list[list[bytes]] = [[] for _ in range(count)]
    before, part = b"", found[0]
    for line in lines:
        subject = line[: line.index(b" ")]
        if subject != before:
            before = subject
            part = found[int.from_bytes(hashlib.blake2b(subject, digest_size=8).digest(), "big") % count]
        part.append(line)
    return found


def _append(paths: tuple[Path, ...], parts: list[list[bytes]]) -> None:
    for path, lines in zip(paths, parts, strict=True):
        with path.open("ab") as file:
            file.writelines(lines)
