"""The network: entities are nodes, facts are edges, and what is denied cannot be mistaken for what is so."""

from __future__ import annotations

import networkx as nx
import pytest

import kg
from kg import assembly
from kg.graph import encode, store, terms
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
