"""Nanopublications: one fact each, four graphs each, valid to the readers of others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import OWL, PROV, RDF, SKOS

import kg
from kg.exports import nanopublications
from kg.graph import encode, foreign, terms
from tests import exported, made

NO_NANOPUB = "nanopub is not installed; install drug-facts[test-exports]"
NP = rdflib.Namespace(nanopublications.NP)
pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph)[. ]:DeprecationWarning")


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


def read(path: Path) -> rdflib.Dataset:
    found = rdflib.Dataset()
    found.parse(path, format="trig")
    return found


def publications(dataset: rdflib.Dataset) -> Iterator[tuple[rdflib.URIRef, dict[str, rdflib.Graph]]]:
    """Each nanopublication with its graphs by the property that names them."""
    for name, _, _, head in dataset.quads((None, RDF.type, NP.Nanopublication, None)):
        assert isinstance(name, rdflib.URIRef)
        assert isinstance(head, rdflib.URIRef)
        graphs = {"head": dataset.graph(head)}
        for part in ("hasAssertion", "hasProvenance", "hasPublicationInfo"):
            (node,) = dataset.graph(head).objects(name, NP[part])
            assert isinstance(node, rdflib.URIRef)
            graphs[part] = dataset.graph(node)
        yield name, graphs


def test_each_fact_is_asserted_once_with_all_that_it_says(graph: kg.Graph, tmp_path: Path) -> None:
    (path,) = exported.written(graph, tmp_path, "nanopub")
    dataset, whole = read(path), foreign.to_rdflib(graph.store)
    facts = {rdflib.URIRef(fact.iri): fact for fact in graph.facts()}
    asserted = []
    evidence = rdflib.URIRef(terms.DRUGS + "evidence")
    for _, graphs in publications(dataset):
        assertion, provenance = graphs["hasAssertion"], graphs["hasProvenance"]
        (node,) = (iri for iri in facts if (iri, None, None) in assertion)
        asserted.append(node)
        expected = {(p, o) for p, o in whole.predicate_objects(node) if p != evidence}
        assert set(assertion.predicate_objects(node)) == expected
        proofs = set(provenance.objects(assertion.identifier, PROV.wasDerivedFrom))
        assert proofs == set(whole.objects(node, evidence)) != set()
        for proof in proofs:
            assert set(provenance.predicate_objects(proof)) == set(whole.predicate_objects(proof))
        edge = encode.short_edge(facts[node])
        ends = [rdflib.URIRef(encode.node_of(e).value) for e in (facts[node].subject, facts[node].object)]
        assert list(assertion.predicates(ends[0], ends[1])) == ([rdflib.URIRef(edge)] if edge else [])
        assert [label for label in assertion.objects(ends[1], SKOS.prefLabel) if str(label) == facts[node].object.label]
    assert sorted(asserted) == sorted(facts)


def test_nothing_is_said_outside_of_a_nanopublication(graph: kg.Graph, tmp_path: Path) -> None:
    dataset = read(exported.written(graph, tmp_path, "nanopub")[0])
    named = {g.identifier for _, graphs in publications(dataset) for g in graphs.values()}
    used = {c for _, _, _, c in dataset.quads((None, None, None, None))}
    assert used == named
    assert len(named) == 4 * len(graph.facts())
    assert not list(dataset.triples((None, RDF.type, OWL.Thing)))


def test_a_nanopublication_with_other_evidence_is_another(tmp_path: Path) -> None:
    said: list[made.Said] = [("contraindication", "glaucoma", {}, "affirmed")]
    one, two = exported.graph_of(said, ["a.txt"]), exported.graph_of(said, ["a.txt", "b.txt"])
    assert [f.iri for f in one.facts()] == [f.iri for f in two.facts()]
    names = []
    for graph in (one, two):
        (path,) = exported.written(graph, tmp_path, "nanopub")
        names.append({name for name, _ in publications(read(path))})
    assert names[0].isdisjoint(names[1])


def test_quotes_are_written_only_where_they_are_asked_for(graph: kg.Graph, tmp_path: Path) -> None:
    quotes = {proof.quote for fact in graph.facts() for proof in fact.evidence}
    exact = rdflib.URIRef(terms.OA + "exact")
    for wanted in (False, True):
        (path,) = exported.written(graph, tmp_path, "nanopub", with_quotes=wanted)
        found = {str(o) for _, _, o, _ in read(path).quads((None, exact, None, None))}
        assert (quotes <= found) is wanted
        assert wanted or not quotes & found


@pytest.mark.filterwarnings("ignore")
def test_the_library_for_nanopublications_calls_them_valid(graph: kg.Graph, tmp_path: Path) -> None:
    library = pytest.importorskip("nanopub", reason=NO_NANOPUB)
    (path,) = exported.written(graph, tmp_path, "nanopub")
    checked = 0
    for name, graphs in publications(read(path)):
        alone = rdflib.ConjunctiveGraph()
        for part in graphs.values():
            for triple in part:
                alone.get_context(part.identifier).add(triple)
        publication = library.Nanopub(rdf=alone)
        assert publication.is_valid
        assert str(name) in str(publication.metadata.np_uri)
        checked += 1
    assert checked == len(graph.facts())
