"""Networks in the formats of others: GEXF, Cytoscape JSON and Neo4j's tables say what the graph says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import kg
from kg.errors import GraphError
from kg.exports import identifiers
from kg.graph import encode
from tests import exported, made

NO_IGRAPH = "igraph is not installed; install drug-facts[test-exports]"


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


def edges(network: Any) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """The edges of a network by their keys; networkx's readers give the identifier back as an attribute as well."""
    return {
        str(key): (str(start), str(end), {k: v for k, v in attributes.items() if k not in ("id", "key")})
        for start, end, key, attributes in network.edges(keys=True, data=True)
    }


def test_gexf_is_read_back(graph: kg.Graph, tmp_path: Path) -> None:
    (path,) = exported.written(graph, tmp_path, "gexf")
    expected = graph.to_networkx()
    found = nx.read_gexf(path)
    assert {iri: dict(found.nodes[iri]) for iri in found} == {iri: dict(expected.nodes[iri]) for iri in expected}
    assert edges(found) == edges(expected)
    assert b"lastmodifieddate" not in path.read_bytes()


def test_cytoscape_is_read_back(graph: kg.Graph, tmp_path: Path) -> None:
    (path,) = exported.written(graph, tmp_path, "cytoscape")
    data = json.loads(path.read_text("utf-8"))
    expected = graph.to_networkx()
    found = nx.cytoscape_graph(data, name="label")
    for iri in expected:
        assert expected.nodes[iri].items() <= found.nodes[iri].items()
    for _, _, attributes in found.edges(data=True):
        del attributes["source"], attributes["target"]
    assert edges(found) == edges(expected)
    ids = [element["data"]["id"] for part in data["elements"].values() for element in part]
    assert len(set(ids)) == len(ids)


@pytest.mark.filterwarnings("ignore")
def test_igraph_reads_the_same_network(graph: kg.Graph, tmp_path: Path) -> None:
    igraph = pytest.importorskip("igraph", reason=NO_IGRAPH)
    (path,) = exported.written(graph, tmp_path, "graphml")
    found, expected = igraph.Graph.Read_GraphML(str(path)), graph.to_networkx()
    assert sorted(found.vs["label"]) == sorted(expected.nodes[iri]["label"] for iri in expected)
    kinds = sorted((a["kind"], a["polarity"]) for _, _, a in expected.edges(data=True))
    assert sorted(zip(found.es["kind"], found.es["polarity"], strict=True)) == kinds


def test_neo4j_has_a_node_for_each_entity_and_a_relationship_for_each_fact(graph: kg.Graph, tmp_path: Path) -> None:
    tables = []
    for path in exported.written(graph, tmp_path, "neo4j"):
        with path.open(encoding="utf-8", newline="") as stream:
            tables.append(list(csv.DictReader(stream)))
    nodes, relationships = tables
    ids = {row["iri:ID"]: row for row in nodes}
    assert len(ids) == len(nodes)
    facts = {fact.iri: fact for fact in graph.facts()}
    assert [row["iri"] for row in relationships] == sorted(facts)
    for row in relationships:
        fact = facts[row["iri"]]
        subject, object_ = (encode.node_of(e).value for e in (fact.subject, fact.object))
        assert (row[":START_ID"], row[":END_ID"]) == (subject, object_)
        assert ids[object_]["name"] == identifiers.clean(fact.object.label)
        assert "Entity" in ids[object_][":LABEL"].split(";")
        assert {k: row[k] for k in fact.qualifiers} == {k: identifiers.clean(v) for k, v in fact.qualifiers.items()}
        assert len(row["documents:string[]"].split(";")) == len(fact.documents)
        assert row["evidence:int"] == str(len(fact.evidence))
        edge = encode.short_edge(fact)
        assert (row[":TYPE"].replace("_", "").lower() == edge.rsplit("/", 1)[-1].lower()) if edge else True
        assert row[":TYPE"].startswith("DENIED_") == (fact.polarity == "denied")


SAID: tuple[tuple[made.Said, str], ...] = (
    (("contraindication", "glaucoma", {}, "affirmed"), "CONTRAINDICATED_IN"),
    (("contraindication", "glaucoma", {}, "denied"), "DENIED_CONTRAINDICATED_IN"),
    (("indication", "insomnia", {"approval": "off_label"}, "affirmed"), "USED_OFF_LABEL_FOR"),
    (("caution", "glaucoma", {"level": "stated_safe"}, "affirmed"), "STATED_SAFE"),
    (("interaction", "alcohol", {"level": "no_data"}, "affirmed"), "NO_DATA"),
)


@pytest.mark.parametrize(("said", "name"), SAID, ids=[name for _, name in SAID])
def test_a_relationship_is_called_what_is_said(said: made.Said, name: str, tmp_path: Path) -> None:
    _, path = exported.written(exported.graph_of([said]), tmp_path, "neo4j")
    assert path.read_text("utf-8").splitlines()[1].rsplit(",", 1)[1] == name


def test_a_cell_stays_one_cell_on_one_line(tmp_path: Path) -> None:
    words = 'a "b", c;\td \x07 e'
    graph = exported.graph_of([("advice", words, {"topic": "storage"}, "affirmed")])
    nodes, _ = exported.written(graph, tmp_path, "neo4j")
    assert len(nodes.read_text("utf-8").splitlines()) == 3
    with nodes.open(encoding="utf-8", newline="") as stream:
        assert 'a "b", c; d e' in {row["name"] for row in csv.DictReader(stream)}


@pytest.mark.parametrize("name", ["gexf", "graphml"])
def test_xml_refuses_what_it_cannot_hold(name: str, tmp_path: Path) -> None:
    graph = exported.graph_of([("advice", "ring the \x07 bell", {"topic": "storage"}, "affirmed")])
    with pytest.raises(GraphError, match=r"U\+0007, which XML cannot hold"):
        exported.written(graph, tmp_path, name)
    assert list(tmp_path.iterdir()) == []
    (path,) = exported.written(graph, tmp_path, "cytoscape")
    nodes = json.loads(path.read_text("utf-8"))["elements"]["nodes"]
    assert "ring the \x07 bell" in {node["data"]["label"] for node in nodes}
