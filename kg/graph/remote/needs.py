"""What a query can touch: the triples of a server that decide its answer, fetched pattern by pattern.

Every triple pattern of a query is fetched with what is known of its ends: what the patterns that it must be joined
with have given, what VALUES and FILTER allow. So more may be fetched than is used, and never less; the embedded
engine then answers the query over what was fetched, and gives the rows that it gives over the whole graph.

What is known outside of an optional part, of MINUS or of EXISTS is known inside only where the part that is always
there binds it: a variable that an optional part alone binds must be seen with all its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath
from rdflib.plugins.sparql import algebra, parser
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Identifier, Literal, URIRef, Variable

from kg.graph import terms

if TYPE_CHECKING:
    from kg.graph.remote.store import Graph, RemoteStore, Value

Known = Mapping[Any, frozenset["Value"]]
"""What a variable can be; one that is missing can be anything."""

Pattern = tuple[Any, Any, Any]

_NOTHING: frozenset[Value] = frozenset()
_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")
_INSIDE = ("Project", "OrderBy", "Distinct", "Reduced", "AggregateJoin", "Group", "SelectQuery", "AskQuery")


class Needs:
    """Fetches what queries need into a store's memory."""

    def __init__(self, store: RemoteStore) -> None:
        """Fetch from a store."""
        self._store = store
        self._graph: Graph = ox.DefaultGraph()

    def fetch(self, query: str, prefixes: Mapping[str, str], values: Mapping[ox.Variable, Value]) -> None:
        """Fetch what a query can touch, with values in the place of some variables.

        Raises
        ------
        GraphError
            When that is more than can be read, or the server does not give it.
        """
        try:
            parsed = parser.parseQuery(query)
            translated = algebra.translateQuery(parsed, initNs={**terms.PREFIXES, **prefixes}).algebra
        except Exception:  # noqa: BLE001 the engine has accepted it, this parser has not: anything may be needed
            for graph in (ox.DefaultGraph(), None):
                self._graph = graph
                self._match(None, None, None)
            return
        known = {Variable(name.value): frozenset([value]) for name, value in values.items()}
        if translated.name == "DescribeQuery":
            self._describe(translated, known)
        elif translated.get("p") is not None:
            self._part(translated.p, known)

    def _describe(self, query: CompValue, known: Known) -> None:
        found = dict(known)
        if query.get("p") is not None:
            found.update(self._part(query.p, known))
        for one in query.get("PV") or ():
            ends = found.get(one) if isinstance(one, Variable) else frozenset([_term(one)])
            self._match(ends, None, None)

    def _part(self, part: CompValue, known: Known) -> Known:
        """Fetch what a part needs, and return what the variables that it always binds can be."""
        name = part.name
        if name == "BGP":
            return self._patterns(part.triples, known)
        if name == "Join":
            first = self._part(part.p1, known)
            return _both(first, self._part(part.p2, _both(known, first)))
        if name in {"LeftJoin", "Minus"}:
            first = self._part(part.p1, known)
            inner = {**first, **self._part(part.p2, first)}
            self._exists(part.get("expr"), inner)
            return first
        if name == "Union":
            one, other = self._part(part.p1, known), self._part(part.p2, known)
            return {v: one[v] | other[v] for v in one.keys() & other.keys()}
        if name == "Filter":
            allowed = _both(known, _allowed(part.expr))
            found = self._part(part.p, allowed)
            self._exists(part.expr, found)
            return found
        if name == "Graph":
            return self._in_graph(part, known)
        if name == "ToMultiSet":
            return _values(part.p.res) if part.p.name == "values" else self._subquery(part.p, known)
        return self._wrapped(part, known)

    def _wrapped(self, part: CompValue, known: Known) -> Known:
        """Go into what stands around a pattern: projections, groups, orders, BIND."""
        if part.name == "Slice":
            found = self._part(part.p, known)
        elif part.name == "Extend":
            found = dict(self._part(part.p, {v: ends for v, ends in known.items() if v != part.var}))
            self._exists(part.expr, found)
            if isinstance(part.expr, URIRef | Literal):
                found[part.var] = frozenset([_term(part.expr)])
        elif part.name in _INSIDE:
            found = dict(self._part(part.p, known))
            self._exists([part.get("expr"), part.get("A")], found)
        elif part.get("p") is not None:
            raise NotImplementedError(part.name)
        else:
            found = {}
        return found

    def _subquery(self, part: CompValue, known: Known) -> Known:
        """Go into a query within the query; where it counts or cuts, all that it sees must be there."""
        is_plain = not any(inner.name in {"AggregateJoin", "Slice"} for inner in _inner(part))
        shown = set(part.PV) if part.name == "Project" else set(getattr(part.p, "PV", ()) or ())
        passed = {v: ends for v, ends in known.items() if v in shown} if is_plain else {}
        found = self._part(part, passed)
        return {v: ends for v, ends in found.items() if v in shown}

    def _in_graph(self, part: CompValue, known: Known) -> Known:
        outer = self._graph
        self._graph = ox.NamedNode(str(part.term)) if isinstance(part.term, URIRef) else None
        found = self._part(part.p, known)
        self._graph = outer
        return found

    def _exists(self, expression: object, known: Known) -> None:
        """Fetch what the patterns within an expression need."""
        for found in _patterns_in(expression):
            inner = found.graph
            if inner.name.startswith("GroupGraphPattern"):  # not everywhere translated by the parser
                inner = algebra.translateGroupGraphPattern(inner)
            self._part(inner, known)

    def _patterns(self, triples: Iterable[Pattern], known: Known) -> Known:
        """Fetch patterns that must all be matched, each with what those before it have given."""
        waiting = list(_plain(triples))
        found = dict(known)
        bound: dict[Any, frozenset[Value]] = {}
        while waiting:
            pattern = min(waiting, key=lambda one: _cost(one, found))
            waiting.remove(pattern)
            subject, way, value = pattern
            ends = self._path(way, _ends(subject, found), _ends(value, found), way)
            for end, values in ((subject, ends[0]), (value, ends[1]), (way, ends[2])):
                if isinstance(end, Variable | BNode) and values is not None:
                    bound[end] = found[end] = values & found[end] if end in found else values
        return bound

    def _path(
        self, way: Any, subjects: frozenset[Value] | None, values: frozenset[Value] | None, variable: Any
    ) -> tuple[frozenset[Value] | None, frozenset[Value] | None, frozenset[Value] | None]:
        """Fetch what a path needs, and return what its two ends can be, and the property where that is a variable."""
        if isinstance(way, InvPath):
            left, right, _ = self._path(way.arg, values, subjects, None)
            return right, left, None
        if isinstance(way, AlternativePath):
            parts = [self._path(one, subjects, values, None) for one in way.args]
            return _any(p[0] for p in parts), _any(p[1] for p in parts), None
        if isinstance(way, SequencePath):
            middle: frozenset[Value] | None = subjects
            first: frozenset[Value] | None = None
            for place, one in enumerate(way.args):
                last = values if place == len(way.args) - 1 else None
                left, middle, _ = self._path(one, middle, last, None)
                first = left if place == 0 else first
            return first, middle, None
        if isinstance(way, MulPath):
            return (*self._closure(way, subjects, values), None)
        if isinstance(way, NegatedPath):  # it may hold steps back
            there, back = self._match(subjects, None, values), self._match(values, None, subjects)
            starts: frozenset[Value] = frozenset([*(q.subject for q in there), *(q.object for q in back)])
            return starts, frozenset([*(q.object for q in there), *(q.subject for q in back)]), None
        property_ = ox.NamedNode(str(way)) if isinstance(way, URIRef) else None
        quads = self._match(subjects, property_, values)
        ways = frozenset(q.predicate for q in quads) if isinstance(variable, Variable) else None
        return frozenset(q.subject for q in quads), frozenset(q.object for q in quads), ways

    def _closure(
        self, way: MulPath, subjects: frozenset[Value] | None, values: frozenset[Value] | None
    ) -> tuple[frozenset[Value] | None, frozenset[Value] | None]:
        """Follow a path that repeats, from the end that is known; where none is, all of it is read."""
        is_forward = subjects is not None and (values is None or len(subjects) <= len(values))
        start = subjects if is_forward else values
        if start is None:
            self._path(way.path, None, None, None)
            if way.zero:  # no step at all leads from every node to itself
                self._match(None, None, None)
            return None, None
        if way.zero:
            self._store.known_nodes(start, self._graph)
        seen, waiting = set(start), start
        while waiting:
            left, right, _ = self._path(
                way.path, waiting if is_forward else None, None if is_forward else waiting, None
            )
            reached = right if is_forward else left
            waiting = frozenset(reached or ()) - seen
            seen |= waiting
        return (subjects, frozenset(seen)) if is_forward else (frozenset(seen), values)

    def _match(
        self, subjects: frozenset[Value] | None, property_: ox.NamedNode | None, values: frozenset[Value] | None
    ) -> list[ox.Quad]:
        return list(self._store.matching(subjects, property_, values, self._graph))


def _plain(triples: Iterable[Pattern]) -> Iterator[Pattern]:
    """Give patterns with one step each where a path is a mere sequence."""
    for subject, way, value in triples:
        if not isinstance(way, SequencePath):
            yield subject, way, value
            continue
        nodes = [subject, *(BNode() for _ in way.args[1:]), value]
        yield from _plain(zip(nodes, way.args, nodes[1:], strict=False))


def _cost(pattern: Pattern, known: Known) -> tuple[bool, int, int]:
    """Say how late a pattern should be fetched: what is known of its ends, and whether it may go far."""
    subject, way, value = pattern
    ends = [ends for ends in (_ends(subject, known), _ends(value, known)) if ends is not None]
    is_wide = isinstance(way, Variable | NegatedPath | MulPath)
    return not ends, min(map(len, ends), default=0), 1 + is_wide - len(ends)


def _ends(term: Any, known: Known) -> frozenset[Value] | None:
    return known.get(term) if isinstance(term, Variable | BNode) else frozenset([_term(term)])


def _term(term: Identifier) -> Value:
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)) if term.datatype else None)
    return ox.BlankNode(str(term))


def _both(one: Known, other: Known) -> Known:
    """Join what two parts say: what both know must fit both."""
    return {**one, **{v: ends & one[v] if v in one else ends for v, ends in other.items()}}


def _any(parts: Iterable[frozenset[Value] | None]) -> frozenset[Value] | None:
    found = list(parts)
    return None if any(part is None for part in found) else _NOTHING.union(*(part for part in found if part))


def _allowed(expression: Any) -> Known:
    """Return what a filter allows: a variable that must be one of some IRIs."""
    name = getattr(expression, "name", "")
    if name == "ConditionalAndExpression":
        found: Known = {}
        for one in (expression.expr, *expression.other):
            found = _both(found, _allowed(one))
        return found
    if name != "RelationalExpression" or expression.op not in {"=", "IN"}:
        return {}
    choices = expression.other if expression.op == "IN" else [expression.other]
    if not isinstance(expression.expr, Variable) or not all(isinstance(one, URIRef) for one in choices):
        return {}
    return {expression.expr: frozenset(map(_term, choices))}


def _values(rows: Iterable[Mapping[Any, Any]]) -> Known:
    found = list(rows)
    if not found:
        return {}
    always = set.intersection(*({v for v, term in row.items() if isinstance(term, Identifier)} for row in found))
    return {v: frozenset(_term(row[v]) for row in found) for v in always}


def _inner(part: Any) -> Iterator[CompValue]:
    if isinstance(part, CompValue):
        yield part
        for value in part.values():
            yield from _inner(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _inner(value)


def _patterns_in(expression: Any) -> Iterator[CompValue]:
    """Give the EXISTS of an expression, those within them left out."""
    if isinstance(expression, CompValue):
        if expression.name in _EXISTS:
            yield expression
            return
        expression = list(expression.values())
    if isinstance(expression, list | tuple):
        for value in expression:
            yield from _patterns_in(value)
