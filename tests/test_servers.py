"""The same graph on the servers of others: every question gives the same rows, and a push ends with what was sent."""

from __future__ import annotations

import functools
import gc
import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg
from kg import api, cli
from kg.api import Graph
from kg.errors import GraphError
from kg.graph import foreign, terms
from kg.graph.readable import Readable
from kg.graph.remote import layout, login, push
from kg.graph.remote.store import RemoteStore
from kg.graph.remote.wire import Wire
from kg.graph.store import VOCABULARY, embedded
from kg.questions import header, run
from tests import asked, exported, servers
from tests.servers import CREDENTIALS, ENGINES, Server

QUESTIONS = tuple(header.catalogue())
UNION = ox.DefaultGraph()
BROADER = ox.NamedNode(terms.SKOS + "broader")


@pytest.fixture(scope="module", params=ENGINES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run each engine, with the little graph pushed to it."""
    with servers.running(request.param, tmp_path_factory.mktemp(request.param)) as running:
        told = push.push(embedded(little().store), running.wire(), running.graph_store())
        assert told.sent == told.graphs
        yield running


@pytest.fixture(scope="module")
def pushed(server: Server) -> RemoteStore:
    """The pushed graph; what one test reads the next one need not fetch."""
    return RemoteStore(server.address, CREDENTIALS)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server of a test's own, with nothing in it."""
    with servers.running("oxigraph", tmp_path) as running:
        yield running


def rows(name: str, store: Readable, graph: Graph) -> run.Rows:
    """Ask a question with the examples of its header."""
    question = header.question(name)
    return run.run(store, question, {p.name: p.example for p in question.parameters}, names=graph.names)


@functools.cache
def little() -> Graph:
    """The wider graph with those concepts alone that are near its facts: rdflib takes a minute for all of it."""
    wider = embedded(asked.wider().store)
    said = [quad for quad in exported.leaving(wider) if quad.graph_name != VOCABULARY]
    near = {quad.object for quad in said} | {quad.subject for quad in exported.leaving(wider)}
    near |= {quad.subject for quad in wider.quads_for_pattern(None, BROADER, None, UNION) if quad.object in near}
    others = tuple(f"<{beginning}" for beginning in (terms.CONCEPT, terms.FACT, terms.EVIDENCE))
    store = ox.Store()
    for quad in wider.quads_for_pattern(None, None, None, UNION):
        name = str(quad.subject)
        if quad.subject in near or (name.startswith(f"<{terms.BASE}") and not name.startswith(others)):
            store.add(quad)
    store.extend(said)
    return Graph(store)


class Rdflib:
    """rdflib's own engine, with the results of a store."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self._graph = graph

    def query(
        self, query: str, *, prefixes: dict[str, str], substitutions: dict[ox.Variable, ox.Literal] | None
    ) -> object:
        given = {name.value: rdflib.Literal(term.value) for name, term in (substitutions or {}).items()}
        found = self._graph.query(query, initNs=prefixes, initBindings=given).serialize(format="json")
        # Errors that rdflib keeps would keep who asked, and its solutions, until another thread throws them away.
        gc.collect()
        return ox.parse_query_results(found or b"", ox.QueryResultsFormat.JSON)


@pytest.fixture(scope="module")
def by_rdflib() -> Rdflib:
    dataset = foreign.to_dataset(little().store)  # two questions ask in which graphs something stands
    dataset.default_union = True
    for triple in foreign.to_rdflib(little().store):
        dataset.add(triple)
    return Rdflib(dataset)


@pytest.mark.parametrize("name", QUESTIONS)
def test_rows_on_a_server(name: str, pushed: RemoteStore) -> None:
    assert rows(name, pushed, little()) == rows(name, little().store, little())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib warns of what its own engine calls
@pytest.mark.parametrize("name", QUESTIONS)
def test_rows_of_rdflib(name: str, by_rdflib: Rdflib) -> None:
    assert rows(name, by_rdflib, little()) == rows(name, little().store, little())  # type: ignore[arg-type]


def test_a_question_takes_some_requests_and_not_one_for_each_fact(server: Server) -> None:
    graph = Graph(RemoteStore(server.address, CREDENTIALS))
    assert isinstance(graph.store, RemoteStore)
    answer = graph.ask("what conditions warrant caution with Klonopin?")
    here = Graph(little().store)  # without the texts, as a server has none
    assert answer.to_dict() == here.ask("what conditions warrant caution with Klonopin?").to_dict()
    assert graph.store.wire.requests < 100
    before = graph.store.wire.requests
    graph.ask("what conditions warrant caution with Klonopin?")
    assert graph.store.wire.requests == before


COMMANDS = (
    ("ask", "does clonazepam cause dizziness?"),
    ("query", "contraindications", "--drug", "Klonopin", "--format", "json"),
    ("fit", "Klonopin", "buspirone", "--patient", "pregnant"),
    ("explain", "clonazepam", "liver disease"),
    ("drugs", "shared", "clonazepam", "buspirone"),
    ("compare", "clonazepam", "buspirone", "--format", "csv"),
    ("contradictions", "clonazepam"),
)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say in the environment who asks."""
    monkeypatch.setenv(login.USER, CREDENTIALS.user)
    monkeypatch.setenv(login.PASSWORD, CREDENTIALS.password)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(command[:2]) for command in COMMANDS])
def test_commands(
    command: tuple[str, ...], server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_opened", lambda *_: Graph(little().store))  # the same concepts, and no more
    said = [(cli.main([*command, "--graph", place]), capsys.readouterr()) for place in (__file__, server.address)]
    assert said[0] == said[1]
    assert said[0][1].out


def test_a_push_that_was_cut_off_goes_on(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "PART", 400)
    store = embedded(little().store)
    parts = -(-sum(1 for _ in store.quads_for_pattern(None, None, None, UNION)) // 400)

    def watched(graphs: Wire, until: int) -> list[str]:
        """Note the parts that are sent, and kill the server when some have been."""
        sent: list[str] = []
        send = graphs.send

        def note(method: str, target: str, *rest: object, **more: object) -> object:
            if method == "POST" and "pushed" not in target:
                if len(sent) == until:
                    own.kill()
                sent.append(target)
            return send(method, target, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(graphs, "send", note)
        return sent

    watched(graphs := own.graph_store(), until=6)
    with pytest.raises(GraphError, match=r"nobody answers there|connection fails"):
        push.push(store, own.wire(), graphs)
    own.start()
    with pytest.raises(GraphError, match="did not come to its end"):
        RemoteStore(own.address)
    rest = watched(again := own.graph_store(), until=parts)
    assert push.push(store, own.wire(), again).sent == 1  # the union: the other graphs had arrived
    assert parts - 6 <= len(rest) < parts  # and so had parts of it; the last ones may not be on the disk when it dies
    assert rows("cautions", RemoteStore(own.address), little()) == rows("cautions", store, little())


def test_another_graph_takes_the_place_of_the_first(own: Server) -> None:
    push.push(embedded(little().store), own.wire(), own.graph_store())
    less = ox.Store()
    gone = ox.NamedNode(terms.graph("zeta.md"))
    less.extend(quad for quad in little().store if quad.graph_name != gone)
    told = push.push(less, own.wire(), own.graph_store())
    found = RemoteStore(own.address)
    assert gone.value not in found.pushed.named
    assert found.pushed.named
    assert len(found) == told.triples == len(less)
    assert set(found) == set(less)


def test_a_server_that_loses_something_is_found_out(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = own.graph_store()
    send = graphs.send

    def lossy(method: str, target: str, body: bytes = b"", *rest: object) -> object:
        lost = body.partition(b"\n")[2] if method == "PUT" and "alpha.md" in target else body
        return send(method, target, lost, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(graphs, "send", lossy)
    with pytest.raises(GraphError, match=r"holds [0-9,]+ triples with hash .* not [0-9,]+ triples"):
        push.push(embedded(little().store), own.wire(), graphs)
    with pytest.raises(GraphError, match="did not come to its end"):
        RemoteStore(own.address)
    monkeypatch.undo()
    assert push.push(embedded(little().store), own.wire(), own.graph_store()).sent >= 1
    assert len(RemoteStore(own.address)) == len(little().store)


NASTY = (
    *('"', "'", '"""', "\\", '\\"', "\\u0022", "\\\\u0022 } #", "a\nb\r\tc", "} DROP ALL #", "> . <urn:x"),
    *('" } SELECT * { ?s ?p ?o } #', "<urn:a>", "?s", "\\U0001F600", "😀", "a\u0001b", "\u2028", "é", "e\u0301", " "),
)
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
SAID, MANY = ox.NamedNode("urn:said"), ox.NamedNode("urn:many")


def node(place: int) -> ox.NamedNode:
    return ox.NamedNode(f"urn:n{place}")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_strings_stay_strings(engine: str, tmp_path: Path) -> None:
    """Whatever stands in a term is looked for, never run; and a term that does not come back as it was is an error."""
    literals = [ox.Literal(text) for text in NASTY] + [ox.Literal(text, language="en") for text in NASTY]
    store = ox.Store()
    store.extend(ox.Quad(node(n), SAID, text, UNION) for n, text in enumerate(literals))
    store.bulk_extend(ox.Quad(node(n), MANY, ox.Literal(n), UNION) for n in range(10_500))
    with servers.running(engine, tmp_path) as running:
        push.push(store, running.wire(), running.graph_store())
        query = ox.Variable("text")

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.one_of(st.sampled_from(NASTY), st.text(CHARACTERS)))
        def holds(text: str) -> None:
            for literal in (ox.Literal(text), ox.Literal(text, language="en")):
                found = RemoteStore(running.address, CREDENTIALS)
                wanted = {quad.subject for quad in store if quad.object == literal}
                assert {quad.subject for quad in found.matching(None, SAID, [literal])} == wanted
                again = RemoteStore(running.address, CREDENTIALS)
                solutions = again.query("SELECT ?s ?text { ?s ?p ?text }", substitutions={query: literal})
                assert isinstance(solutions, ox.QuerySolutions)
                assert {row["s"] for row in solutions} == wanted

        holds()
        many = list(RemoteStore(running.address, CREDENTIALS).quads_for_pattern(None, MANY, None, UNION))
        assert set(many) == set(store.quads_for_pattern(None, MANY, None, UNION))  # more than one answer may hold
        assert push.push(store, running.wire(), running.graph_store()).sent == 0
    gc.collect()  # solutions may be thrown away in their own thread alone


def test_named_graphs_tell_who_says_it(pushed: RemoteStore) -> None:
    here = little().store
    query = "SELECT ?g ?fact { GRAPH ?g { ?fact a drugs:Contraindication } } ORDER BY ?g ?fact"
    found = [tuple(map(str, row)) for row in pushed.query(query, prefixes=terms.PREFIXES)]  # type: ignore[union-attr]
    assert found == [tuple(map(str, row)) for row in here.query(query, prefixes=terms.PREFIXES)]  # type: ignore[union-attr]
    assert found
    for graph in (UNION, ox.NamedNode(terms.graph("beta.md")), None):
        pattern = (None, ox.NamedNode(terms.DRUGS + "polarity"), None, graph)
        assert set(pushed.quads_for_pattern(*pattern)) == set(here.quads_for_pattern(*pattern))
    assert not list(pushed.quads_for_pattern(None, None, None, layout.UNION))


OWN = (
    "SELECT ?s ?o { ?s drugs:polarity ?p OPTIONAL { ?s drugs:level ?o } } ORDER BY ?s ?o",
    "SELECT ?s ?b { ?s skos:broader+ ?b . ?f drugs:object ?s } ORDER BY ?s ?b",
    "SELECT ?f { ?f a drugs:Caution MINUS { ?f drugs:level level:avoid } } ORDER BY ?f",
    "SELECT ?f { ?f a drugs:Caution FILTER NOT EXISTS { ?f drugs:level ?l . ?l skos:notation 'avoid' } } ORDER BY ?f",
    "SELECT ?d (COUNT(?f) AS ?n) { ?f drugs:subject ?d } GROUP BY ?d HAVING(COUNT(?f) > 2) ORDER BY ?d",
    "SELECT ?d ?n { { SELECT ?d (COUNT(*) AS ?n) { ?f drugs:subject ?d } GROUP BY ?d } } ORDER BY ?d",
    "SELECT ?x ?v { VALUES ?x { drugs:Caution drugs:Dosage } ?f a ?x . OPTIONAL { ?f drugs:dose ?v } } ORDER BY ?x ?v",
    "SELECT ?f ?v { ?f a drugs:Caution . OPTIONAL { ?f drugs:object ?v . ?v a drugs:Population } } ORDER BY ?f ?v",
    "SELECT ?v { { ?f drugs:level ?v } OPTIONAL { ?v drugs:rank ?r . FILTER(?r > 3) } FILTER(BOUND(?r)) } ORDER BY ?v",
    "SELECT DISTINCT ?o { ?f (drugs:object|drugs:subject)/skos:broader? ?o } ORDER BY ?o",
    "SELECT DISTINCT ?t { ?t ^a/^drugs:object ?f . ?f !(drugs:object|rdf:type) polarity:denied } ORDER BY ?t",
    "ASK { ?f drugs:polarity polarity:denied ; a drugs:Indication }",
    "CONSTRUCT { ?o drugs:of ?s } { ?f drugs:subject ?s ; drugs:object ?o ; a drugs:Interaction }",
    "SELECT ?s { BIND(concept:clonazepam AS ?d) ?s drugs:subject ?d . { ?s a drugs:Dosage } UNION { ?s a drugs:Advice }"
    " } ORDER BY ?s LIMIT 3",
)


@pytest.mark.parametrize("sparql", OWN)
def test_queries_of_ones_own(sparql: str, pushed: RemoteStore) -> None:
    fresh = RemoteStore(pushed.address, CREDENTIALS)
    wanted = run.run_text(little().store, sparql)
    assert run.run_text(fresh, sparql) == wanted
    assert len(wanted)


@pytest.mark.usefixtures("known")
def test_what_needs_everything_is_the_same(server: Server, tmp_path: Path) -> None:
    there = kg.open(server.address)
    for name in ("ttl", "trig", "graphml"):
        little().export(tmp_path / f"here.{name}")
        there.export(tmp_path / f"there.{name}")
        assert (tmp_path / f"here.{name}").read_bytes() == (tmp_path / f"there.{name}").read_bytes()


@pytest.mark.usefixtures("known")
def test_check_judges_what_a_server_holds(server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    little().export(tmp_path / "wider.nq")
    code = cli.main(["check", server.address, "--format", "json"])
    there = json.loads(capsys.readouterr().out)
    assert code == cli.main(["check", str(tmp_path / "wider.nq"), "--format", "json"])
    here = json.loads(capsys.readouterr().out)
    assert (there["ok"], there["fact_nodes"]) == (here["ok"], here["fact_nodes"])
    assert there["fact_nodes"] > 0


def test_a_second_push_sends_nothing_and_a_change_is_found(server: Server) -> None:
    store = embedded(little().store)
    assert push.push(store, server.wire(), server.graph_store()).sent == 0
    graphs = server.graph_store()
    place = layout.graph_address(graphs.target, terms.graph("alpha.md"))
    graphs.send("POST", place, b'<urn:a> <urn:b> "not from here" .\n', {"Content-Type": "text/turtle"})
    assert push.push(store, server.wire(), graphs).sent == 1
    # the same number of triples, another hash
    evil = graphs.send("GET", place, headers={"Accept": "application/n-triples, text/plain"}).body
    lines = evil.replace(b"alpha.md", b"alphb.md", 1)
    graphs.send("PUT", place, lines, {"Content-Type": "text/turtle"})
    assert push.push(store, server.wire(), graphs).sent == 1
    assert push.push(store, server.wire(), graphs).sent == 0
