"""What a query needs of a server is fetched, whatever its shape: the rows are those over the whole graph."""

from __future__ import annotations

import random
from collections import Counter
from types import MappingProxyType

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import GraphError
from kg.graph.remote import layout, store
from kg.graph.remote.store import RemoteStore
from kg.questions import header, run
from tests import asked

DEFAULT = ox.DefaultGraph()
NODES = [ox.NamedNode(f"urn:n{n}") for n in range(6)]
WAYS = [ox.NamedNode(f"urn:p{n}") for n in range(3)]
GRAPHS = [ox.NamedNode(f"urn:g{n}") for n in range(2)]


class Behind(RemoteStore):
    """A server without a network: an embedded store in the layout that is pushed; only its patterns are asked."""

    def __init__(self, whole: ox.Store, laid_out: ox.Store | None = None) -> None:
        self._whole = laid_out or pushed(whole)
        names = {graph.value: layout.EMPTY for graph in self._whole.named_graphs()}
        self.pushed = layout.Pushed(MappingProxyType(names), complete=True)
        self.address, self.asked = "here", 0
        self._cache, self._read, self._siblings = ox.Store(), set(), {}

    def _select(self, graph: store.Graph, query: str, _: str = "") -> list[tuple[store.Value | None, ...]]:
        self.asked += 1
        name = layout.UNION if isinstance(graph, ox.DefaultGraph) else graph
        found = self._whole.query(query, default_graph=[] if name is None else [name], named_graphs=None)
        assert isinstance(found, ox.QuerySolutions)
        return [tuple(row) for row in found]


def pushed(whole: ox.Store) -> ox.Store:
    """Lay a store out as it is pushed."""
    found = ox.Store()
    for quad in whole:
        home = layout.UNION if quad.graph_name == DEFAULT else quad.graph_name
        found.add(ox.Quad(quad.subject, quad.predicate, quad.object, home))
    return found


def answers(source: store.RemoteStore | ox.Store, query: str) -> Counter[tuple[str, ...]]:
    found = source.query(query)
    assert isinstance(found, ox.QuerySolutions)
    return Counter(tuple(map(str, row)) for row in found)


def group(draw: random.Random, depth: int) -> str:
    """Make up a group of patterns."""

    def end() -> str:
        return draw.choice(["?a", "?b", "?c", "?d", *(str(node) for node in NODES[:2])])

    def way() -> str:
        one, other = (str(draw.choice(WAYS)) for _ in range(2))
        forms = [one] * 6 + ["?w", f"{one}/{other}", f"{one}|{other}", f"^{one}", f"{one}*", f"{one}+", f"{one}?"]
        return draw.choice([*forms, f"({one}/{other})*", f"^{one}/{other}*", f"!{one}", f"!({one}|^{other})"])

    def filter_() -> str:
        one, node = draw.choice(["?a", "?b", "?c", "?d"]), NODES[draw.randrange(3)]
        forms = [f"{one} = {node}", f"{one} IN ({node}, {NODES[3]})", f"{one} != {node}", f"BOUND({one})"]
        if depth:
            forms += [f"EXISTS {{ {group(draw, depth - 1)} }}", f"NOT EXISTS {{ {group(draw, depth - 1)} }}"] * 2
        chosen = draw.choice(forms)
        return f"FILTER({draw.choice([chosen, chosen, f'{chosen} || {one} = {NODES[4]}', f'{chosen} && BOUND(?a)'])})"

    parts = [f"{end()} {way()} {end()} ." for _ in range(draw.randint(1, 2))]
    for _ in range(draw.randint(0, 2) if depth else 0):
        inner, other = (group(draw, depth - 1) for _ in range(2))
        parts.append(
            draw.choice(
                [
                    f"OPTIONAL {{ {inner} }}",
                    f"OPTIONAL {{ {inner} }}",
                    f"{{ {inner} }} UNION {{ {other} }}",
                    f"MINUS {{ {inner} }}",
                    f"{{ {inner} }}",
                    f"GRAPH ?g {{ {inner} }}",
                    f"GRAPH {GRAPHS[0]} {{ {inner} }}",
                    f"{{ SELECT ?a (COUNT(*) AS ?d) {{ {inner} }} GROUP BY ?a }}",
                    f"{{ SELECT DISTINCT ?b ?c {{ {inner} }} }}",
                    f"VALUES ?a {{ {NODES[0]} {NODES[1]} }}",
                    f"VALUES (?a ?b) {{ ({NODES[0]} UNDEF) (UNDEF {NODES[1]}) }}",
                ]
            )
        )
    draw.shuffle(parts)
    if draw.random() < 0.5:
        parts.append(filter_())
    if draw.random() < 0.2:
        parts.append(f"BIND({draw.choice([str(NODES[0]), '?a'])} AS ?e)")
    return " ".join(parts)


def graph(draw: random.Random) -> ox.Store:
    whole = ox.Store()
    for _ in range(draw.randint(4, 25)):
        triple = draw.choice(NODES), draw.choice(WAYS), draw.choice(NODES)
        whole.add(ox.Quad(*triple, DEFAULT))
        if draw.random() < 0.6:
            whole.add(ox.Quad(*triple, draw.choice(GRAPHS)))
    return whole


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_made_up_queries(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 no secret
    whole = graph(draw)
    query = f"SELECT * {{ {group(draw, 2)} }}"
    try:
        whole.query(query)
    except SyntaxError:  # BIND to a variable that is there already
        return
    assert answers(Behind(whole), query) == answers(whole, query), query


@pytest.mark.slow
def test_questions_need_a_part_of_the_graph() -> None:
    whole = asked.wider().store
    assert isinstance(whole, ox.Store)
    laid_out = pushed(whole)
    for name in header.catalogue():
        question = header.question(name)
        values = {p.name: p.example for p in question.parameters}
        behind = Behind(whole, laid_out)
        wanted = run.run(whole, question, values, names=asked.wider().names)
        assert run.run(behind, question, values, names=asked.wider().names) == wanted, name
        assert len(behind._cache) < len(whole) / 10, name
        assert behind.asked < 50, name


def test_more_than_can_be_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAXIMUM_TRIPLES", 5)
    whole = ox.Store()
    whole.extend(ox.Quad(NODES[0], WAYS[0], ox.Literal(str(n)), DEFAULT) for n in range(9))
    with pytest.raises(GraphError, match="more than 5 triples are needed; ask less at once"):
        Behind(whole).query("SELECT * { ?s ?p ?o }")
