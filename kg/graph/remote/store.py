"""A graph on a server, read as the embedded store is read.

Whatever is read is kept, since a graph does not change while it is asked. Nodes that came together are asked after
together: the first look at one of two hundred pieces of evidence fetches all of them. So the number of requests grows
with the steps of a question, not with the number of its facts.

Only patterns are asked of a server, no joins. Engines differ in what they make of a query (see `docs/servers.md`), so
a query is answered by the embedded engine, over those triples of the server that the query can touch (`needs`).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph.readable import Found
from kg.graph.remote import layout, login
from kg.graph.remote.wire import Answer, Wire

AT_ONCE = 400
"""How many nodes one request asks after."""

MANY = 4_000
"""More nodes than these are not asked after one by one: the whole property is read."""

MAXIMUM_TRIPLES = 5_000_000
"""No more is read of a server."""

SMALL, ROUND = 1_000, 100
"""An answer of as many rows, or of a round number of them, may have been cut, and is counted."""

DEFAULT = ox.DefaultGraph()
NAMED = None
"""All named graphs."""

Graph = ox.NamedNode | ox.DefaultGraph | None
Node = ox.NamedNode | ox.BlankNode | ox.Triple
Value = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Key = tuple[Graph, Value | None, ox.NamedNode | None, Value | None]

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/sparql-results+json"}
_JSON = ox.QueryResultsFormat.JSON


class RemoteStore:
    """The graph that `kg push` put on a server.

    Parameters
    ----------
    address : str
        The server's address for queries.
    credentials : Credentials, optional
        Who is asking; by default what the environment says.

    Raises
    ------
    GraphError
        When nobody answers there, or the server holds no graph that was pushed to the end.
    """

    def __init__(self, address: str, credentials: login.Credentials | None = None) -> None:
        """Ask the server which graphs it holds."""
        self.wire = Wire(address, credentials)
        self.address = address
        self.pushed = manifest(self.wire)
        if not self.pushed.complete:
            problem = "a push to it did not come to its end" if self.pushed.graphs else "holds no graph of this package"
            raise GraphError(address, problem, "run `kg push GRAPH ADDRESS`")
        self._cache = ox.Store()
        self._read: set[Key] = set()
        self._siblings: dict[Value, tuple[list[ox.NamedNode], int]] = {}

    def __len__(self) -> int:
        """Return how many quads were pushed."""
        return sum(held.triples for held in self.pushed.graphs.values())

    def __iter__(self) -> Iterator[ox.Quad]:
        """Give all quads."""
        yield from self.quads_for_pattern(None, None, None, None)

    def whole(self) -> ox.Store:
        """Read everything, and return the store in memory that it is kept in; nobody else may write to it."""
        for graph in (DEFAULT, NAMED):
            self._fetch_all(graph, None)
        return self._cache

    def contains_named_graph(self, graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph, /) -> bool:
        """Tell whether a named graph was pushed."""
        return isinstance(graph_name, ox.NamedNode) and graph_name.value in self.pushed.named

    def __contains__(self, quad: object) -> bool:
        """Tell whether the server has a quad."""
        if not isinstance(quad, ox.Quad):
            return False
        return any(True for _ in self.quads_for_pattern(quad.subject, quad.predicate, quad.object, quad.graph_name))

    def quads_for_pattern(
        self,
        subject: Node | None,
        predicate: ox.NamedNode | None,
        object: Value | None,  # noqa: A002
        graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None = None,
        /,
    ) -> Iterator[ox.Quad]:
        """Give the quads of a pattern; None stands for anything."""
        if isinstance(graph_name, ox.BlankNode):
            return  # nothing was pushed under such a name
        graphs: list[Graph] = [graph_name] if graph_name is not None else [DEFAULT, NAMED]
        for graph in graphs:
            self._see(graph, subject, predicate, object)
            yield from list(self._cached(subject, predicate, object, graph))

    def query(
        self,
        query: str,
        /,
        *,
        prefixes: dict[str, str] | None = None,
        substitutions: dict[ox.Variable, Value] | None = None,
    ) -> Found:
        """Answer a query by the embedded engine, over all that it can touch.

        Raises
        ------
        SyntaxError
            When it is no SPARQL.
        GraphError
            When it touches more than can be read.
        """
        from kg.graph.remote import needs

        ox.Store().query(query, prefixes=prefixes, substitutions=substitutions)  # an error in it costs no request
        needs.Needs(self).fetch(query, prefixes or {}, substitutions or {})
        return self._cache.query(query, prefixes=prefixes, substitutions=substitutions)

    def matching(
        self,
        subjects: Collection[Value] | None,
        predicate: ox.NamedNode | None,
        objects: Collection[Value] | None,
        graph: Graph = DEFAULT,
    ) -> Iterator[ox.Quad]:
        """Give the quads of a graph with one of some subjects, or of some objects, or both; None stands for any."""
        fewest = min((len(ends) for ends in (subjects, objects) if ends is not None), default=0)
        wanted = None if subjects is None else frozenset(subjects)
        if subjects is not None and len(subjects) == fewest:
            self._fetch_ends(graph, subjects, predicate, is_subject=True)
            nodes = [n for n in subjects if not isinstance(n, ox.Literal)]
            quads = (q for n in nodes for q in self._cached(n, predicate, None, graph))
            kept = None if objects is None else frozenset(objects)
            yield from (q for q in quads if kept is None or q.object in kept)
        elif objects is not None:
            self._fetch_ends(graph, objects, predicate, is_subject=False)
            quads = (q for o in objects for q in self._cached(None, predicate, o, graph))
            yield from (q for q in quads if wanted is None or q.subject in wanted)
        else:
            self._fetch_all(graph, predicate)
            yield from self._cached(None, predicate, None, graph)

    def known_nodes(self, nodes: Collection[Value], graph: Graph) -> None:
        """See to it that those of some nodes that are in a graph are known to be, by any triple."""
        for is_subject in (True, False):
            unseen = [node for node in nodes if not self._is_seen(node, graph)]
            self._fetch_ends(graph, unseen, None, is_subject=is_subject)

    def _is_seen(self, node: Value, graph: Graph) -> bool:
        as_subject = () if isinstance(node, ox.Literal) else self._cached(node, None, None, graph)
        return any(True for _ in itertools.chain(as_subject, self._cached(None, None, node, graph)))

    def _see(self, graph: Graph, subject: Node | None, predicate: ox.NamedNode | None, value: Value | None) -> None:
        """Fetch what a pattern needs, and what is likely to be wanted next."""
        if subject is not None:
            if not self._is_read(graph, subject, predicate, None) and not self._is_read(graph, subject, None, None):
                self._fetch_ends(graph, self._beside(subject), predicate, is_subject=True)
        elif isinstance(value, ox.Literal) and predicate is not None:
            self._fetch_all(graph, predicate)  # names are looked up in many spellings
        elif value is not None:
            self._fetch_ends(graph, [value], predicate, is_subject=False)
        else:
            self._fetch_all(graph, predicate)

    def _fetch_all(self, graph: Graph, predicate: ox.NamedNode | None) -> None:
        if self._is_read(graph, None, predicate, None):
            return
        if predicate is None and isinstance(graph, ox.DefaultGraph):  # piece by piece
            for (one,) in self._select(graph, "SELECT DISTINCT ?p { ?s ?p ?o }"):
                if isinstance(one, ox.NamedNode):
                    self._fetch_all(graph, one)
        elif predicate is None and graph is NAMED:
            for name in self.pushed.named:
                self._fetch_all(ox.NamedNode(name), None)
        else:
            self._keep(graph, predicate, None, None)
        self._read.add((graph, None, predicate, None))

    def _fetch_ends(
        self, graph: Graph, ends: Iterable[Value], predicate: ox.NamedNode | None, *, is_subject: bool
    ) -> None:
        if self._is_read(graph, None, predicate, None):
            return

        def key(end: Value) -> Key:
            return (graph, end, predicate, None) if is_subject else (graph, None, predicate, end)

        unread = [
            end for end in dict.fromkeys(ends) if self._can_be_asked(end, is_subject) and key(end) not in self._read
        ]
        if is_subject and predicate is not None:
            unread = [end for end in unread if (graph, end, None, None) not in self._read]
        if len(unread) > MANY and predicate is not None:
            self._fetch_all(graph, predicate)
            return
        for start in range(0, len(unread), AT_ONCE):
            some = unread[start : start + AT_ONCE]
            self._keep(graph, predicate, some if is_subject else None, None if is_subject else some)
            self._read.update(map(key, some))

    def _cached(
        self, subject: Node | None, predicate: ox.NamedNode | None, value: Value | None, graph: Graph
    ) -> Iterator[ox.Quad]:
        quads = self._cache.quads_for_pattern(subject, predicate, value, graph)
        yield from quads if graph is not NAMED else (quad for quad in quads if quad.graph_name != DEFAULT)

    def _can_be_asked(self, end: Value, is_subject: bool) -> bool:
        return isinstance(end, ox.NamedNode) or (isinstance(end, ox.Literal) and not is_subject)

    def _is_read(
        self, graph: Graph, subject: Value | None, predicate: ox.NamedNode | None, value: Value | None
    ) -> bool:
        return (graph, subject, predicate, value) in self._read or (graph, None, None, None) in self._read

    def _beside(self, node: Node) -> list[Value]:
        """Return the nodes that came with a node, as many as one request asks after."""
        nodes, place = self._siblings.get(node, ([], 0))
        start = place // AT_ONCE * AT_ONCE
        return [*nodes[start : start + AT_ONCE]] or [node]

    def _remember(self, quads: list[ox.Quad]) -> None:
        """Note which nodes came together: subjects, and the objects of each property."""
        groups: dict[object, dict[ox.NamedNode, None]] = {}
        for quad in quads:
            if isinstance(quad.subject, ox.NamedNode):
                groups.setdefault(None, {})[quad.subject] = None
            if isinstance(quad.object, ox.NamedNode):
                groups.setdefault(quad.predicate, {})[quad.object] = None
        for group in groups.values():
            nodes = list(group)
            for place, node in enumerate(nodes if len(nodes) > 1 else ()):
                if len(nodes) <= AT_ONCE or node not in self._siblings:  # few say more than many
                    self._siblings[node] = nodes, place

    def _keep(
        self,
        graph: Graph,
        predicate: ox.NamedNode | None,
        subjects: Collection[Value] | None,
        objects: Collection[Value] | None,
    ) -> None:
        where, names = _pattern(subjects, predicate, objects, is_named=graph is NAMED)
        places = [name[1:] for name in names.split()]
        known = set(self.pushed.named)
        quads = []
        for row in self._select(graph, f"SELECT {names} {{ {where} }}", where):
            said = dict(zip(places, row, strict=True))
            subject, value, way = said["s"], said["o"], said.get("p", predicate)
            home = said["g"] if graph is NAMED else graph
            if isinstance(subject, ox.Literal) or value is None or subject is None or not isinstance(way, ox.NamedNode):
                raise GraphError(self.address, "gives a row that is no triple", "see which engine that is")
            if isinstance(home, ox.DefaultGraph) or (isinstance(home, ox.NamedNode) and home.value in known):
                quads.append(ox.Quad(subject, way, value, home))
        self._cache.extend(quads)
        self._remember(quads)
        if len(self._cache) > MAXIMUM_TRIPLES:
            raise GraphError(self.address, f"more than {MAXIMUM_TRIPLES:,} triples are needed", "ask less at once")

    def _select(self, graph: Graph, query: str, where: str = "") -> list[tuple[Value | None, ...]]:
        if graph is NAMED:
            return rows(self.wire, query, (), where)
        return rows(self.wire, query, ((layout.UNION if isinstance(graph, ox.DefaultGraph) else graph).value,), where)


def _pattern(
    subjects: Collection[Value] | None,
    predicate: ox.NamedNode | None,
    objects: Collection[Value] | None,
    *,
    is_named: bool,
) -> tuple[str, str]:
    """Write a pattern, with terms bound by VALUES, and name its variables."""
    where = "".join(
        f"VALUES {name} {{ {' '.join(map(_written, ends))} }} "
        for name, ends in (("?s", subjects), ("?o", objects))
        if ends is not None
    )
    triple = f"?s {'?p' if predicate is None else predicate} ?o"
    names = "?s ?p ?o" if predicate is None else "?s ?o"
    if not is_named:
        return where + triple, names
    return f"{where}GRAPH ?g {{ {triple} }} FILTER(?g != {layout.UNION} && ?g != {layout.PUSHED})", f"{names} ?g"


def _written(term: Value) -> str:
    """Write a term as SPARQL has it: what its constructor has accepted, with every special character escaped."""
    return str(term)


def rows(wire: Wire, query: str, default: Collection[str], where: str = "") -> list[tuple[Value | None, ...]]:
    """Give all rows of a query; with its pattern, an answer that was cut is asked for again in pages, and counted.

    Raises
    ------
    GraphError
        When the answer is none, or the server does not give all of it.
    """
    answer, found = asked(wire, query, default)
    limit = answer.headers.get("x-sparql-maxrows", "")
    is_full = limit.isdecimal() and len(found) >= int(limit) > 0
    if not is_full and (not found or (len(found) < SMALL and len(found) % ROUND)):
        return found
    wanted = _count(wire, where, default) if where else 0
    if wanted == len(found) or not (where or is_full):
        return found
    pages = dict.fromkeys(found)
    for start in itertools.count(len(found), len(found)):
        more = asked(wire, f"{query} LIMIT {len(found)} OFFSET {start}", default)[1]
        pages.update(dict.fromkeys(more))
        if len(more) < len(found):
            break
    if len(pages) != wanted:
        raise GraphError(wire.address, f"gives {len(pages):,} of {wanted:,} rows", "raise the server's limit of rows")
    return list(pages)


def _count(wire: Wire, where: str, default: Collection[str]) -> int:
    rows = asked(wire, f"SELECT (COUNT(*) AS ?n) {{ {where} }}", default)[1]
    value = rows[0][0] if rows else None
    if not isinstance(value, ox.Literal) or not value.value.isdecimal():
        raise GraphError(wire.address, "does not count", "see which engine that is")
    return int(value.value)


def asked(wire: Wire, query: str, default: Collection[str]) -> tuple[Answer, list[tuple[Value | None, ...]]]:
    """Send a query that selects, and read the rows.

    Raises
    ------
    GraphError
        When the answer is none, or only a part of one.
    """
    fields = [("query", query), *(("default-graph-uri", name) for name in default)]
    answer = wire.send("POST", wire.target, urlencode(fields).encode(), _FORM)
    if answer.status >= 400:
        raise GraphError(wire.address, f"the server answers {answer.status}", "name the address for queries")
    if "x-sql-state" in answer.headers:  # Virtuoso: the time was over, here is a part
        said = answer.headers.get("x-sql-message", answer.headers["x-sql-state"])
        raise GraphError(wire.address, f"gives only a part ({said[:100]})", "raise the server's limit of time")
    kind = answer.headers.get("content-type", "no type").partition(";")[0]
    if kind != "application/sparql-results+json":
        raise GraphError(wire.address, f"gives no SPARQL results ({kind[:60]})", "name the address for queries")
    problem = None
    try:
        return answer, _rows(answer.body)
    except (SyntaxError, ValueError) as error:
        problem = str(error)[:100]
    # Not raised within: an error that is kept would keep the rows, which may only be dropped where they were made.
    raise GraphError(wire.address, f"gives no SPARQL results ({problem})", "see the server's log")


def _rows(body: bytes) -> list[tuple[Value | None, ...]]:
    found = ox.parse_query_results(body, _JSON)
    if not isinstance(found, ox.QuerySolutions):
        raise SyntaxError("no rows")
    return [tuple(row) for row in found]


def manifest(wire: Wire) -> layout.Pushed:
    """Read what a server says was pushed to it."""
    _, rows = asked(wire, "SELECT ?s ?p ?o { ?s ?p ?o }", (layout.PUSHED.value,))
    triples = [(s, p, o) for s, p, o in rows if s is not None and p is not None and o is not None]
    return layout.pushed(triples, wire.address)
