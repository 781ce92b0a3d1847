"""The network: entities are nodes, facts are edges, and what is denied cannot be mistaken for what is so."""

from __future__ import annotations

import networkx as nx
import pytest

import kg
from kg import assembly
from kg.errors import GraphError
from kg.graph import encode, store, terms
from kg.network import view
from tests import made


@pytest.fixture(scope="module")
def network() -> nx.MultiDiGraph[str]:
    """The network of one fact of each kind, said by two pages."""
    pages = [made.page(name) for name in ("a.txt", "b.txt")]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    return kg.Graph(store.from_quads(encode.quads(facts, [document for document, _ in pages]))).to_networkx()


def test_every_fact_is_an_edge(network: nx.MultiDiGraph[str]) -> None:
    assert network.number_of_edges() == len(made.ONE_OF_EACH)
    assert all(key.startswith(terms.FACT) for _, _, key in network.edges(keys=True))


def test_nodes_say_what_they_are(network: nx.MultiDiGraph[str]) -> None:
    assert dict(network.nodes[terms.CONCEPT + "clonazepam"]) == {"label": "clonazepam", "types": "Drug"}
    assert network.nodes[terms.TERM + "slow-as-a-tortoise"]["types"] == "UnlistedTerm"
    assert all(attributes["label"] and attributes["types"] for _, attributes in network.nodes(data=True))


EDGES = (
    ("liver-disease", "contraindication", {"level": "contraindicated", "polarity": "affirmed", "severity": "severe"}),
    ("liver-disease", "indication", {"polarity": "denied"}),
    ("driving", "caution", {"level": "avoid", "documents": "a.txt b.txt", "evidence": 2}),
    ("drowsiness", "adverse_effect", {"frequency": "common", "with": "alcohol"}),
)


@pytest.mark.parametrize(("target", "kind", "attributes"), EDGES)
def test_edges_carry_what_is_said(
    network: nx.MultiDiGraph[str], target: str, kind: str, attributes: dict[str, str | int]
) -> None:
    edges = network.get_edge_data(terms.CONCEPT + "clonazepam", terms.CONCEPT + target)
    (found,) = [edge for edge in edges.values() if edge["kind"] == kind]
    assert {name: found[name] for name in attributes} == attributes


def test_attributes_are_plain(network: nx.MultiDiGraph[str]) -> None:
    for _, _, attributes in network.edges(data=True):
        assert all(isinstance(value, str | int) for value in attributes.values())


def test_the_order_is_sorted(network: nx.MultiDiGraph[str]) -> None:
    assert list(network) == sorted(network)


@pytest.fixture(scope="module")
def shipped() -> kg.Graph:
    """The facts that come with the package."""
    return kg.load()


def test_the_view_says_what_the_facts_say(shipped: kg.Graph) -> None:
    facts = {fact.iri: fact for fact in shipped.facts()}
    edges = {edge.iri: edge for edge in shipped.view.edges() if edge.is_said}
    assert edges.keys() == facts.keys()
    for iri, fact in facts.items():
        edge = edges[iri]
        assert (edge.subject, edge.object) == tuple(encode.node_of(e).value for e in (fact.subject, fact.object))
        assert (edge.kind, edge.polarity, edge.level) == (fact.kind, fact.polarity, fact.level)
        assert (edge.documents, edge.evidence) == (fact.documents, len(fact.evidence))
        assert dict(edge.qualifiers) == dict(fact.qualifiers)
        assert shipped.view.label(edge.object) == fact.object.label


def test_the_view_is_read_once(shipped: kg.Graph) -> None:
    assert shipped.view is shipped.view


def test_the_vocabulary_is_left_out_unless_it_is_asked_for(shipped: kg.Graph) -> None:
    plain, whole = shipped.to_networkx(), shipped.to_networkx(vocabulary=True)
    assert {edge["kind"] for _, _, edge in plain.edges(data=True)}.isdisjoint({view.VOCABULARY})
    steps = [edge for _, _, edge in whole.edges(data=True) if edge["kind"] == view.VOCABULARY]
    assert {edge["relation"] for edge in steps} == {"broader", "brandOf"}
    assert whole.number_of_edges() == plain.number_of_edges() + len(steps)
    assert set(plain) < set(whole)


def test_a_copy_can_be_changed_without_spoiling_the_view(shipped: kg.Graph) -> None:
    copy = shipped.to_networkx()
    copy.clear()
    assert shipped.to_networkx().number_of_edges()


def test_what_is_above_and_below(shipped: kg.Graph) -> None:
    one, two = (terms.CONCEPT + name for name in ("clonazepam", "benzodiazepine"))
    assert two in shipped.view.above(one)
    assert one in shipped.view.below(two)
    assert two not in shipped.view.above(two)
    assert one in shipped.view.members(two)


def test_circles_of_the_vocabulary_end() -> None:
    steps = [view.Edge("broader", view.VOCABULARY, f"n:{n}", f"n:{(n + 1) % 3}") for n in range(3)]
    assert set(view.of(steps).above("n:0")) == {"n:1", "n:2"}
    assert set(view.of(steps).below("n:0")) == {"n:1", "n:2"}


@pytest.mark.parametrize("missing", ["subject", "object", "polarity"])
def test_a_fact_that_lacks_something_is_named(missing: str) -> None:
    document, statements = made.page()
    quads = list(encode.quads(assembly.assemble(statements[:1]), [document]))
    broken = store.from_quads(quad for quad in quads if quad.predicate.value != terms.DRUGS + missing)
    with pytest.raises(GraphError, match=missing):
        view.build(broken)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("explain", ("Klonopin", "alcohol")),
        ("neighbourhood", ("alcohol",)),
        ("shared_risks", ("Klonopin", "diazepam")),
        ("alike", ("Klonopin",)),
        ("alternatives_to", ("Klonopin", "panic disorder", ["dependence"])),
        ("interactions_among", (["Klonopin", "diazepam"], "sertraline")),
        ("class_pattern", ("benzodiazepine",)),
    ],
)
def test_a_graph_can_be_walked(shipped: kg.Graph, method: str, arguments: tuple[object, ...]) -> None:
    found = getattr(shipped, method)(*arguments)
    table = found.rows()
    assert len(table.rows) == len(table.facts)
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert all(shipped.fact(fact.iri) == fact for facts in table.facts for fact in facts)
    assert found.to_dict()["summary"] == found.summary
