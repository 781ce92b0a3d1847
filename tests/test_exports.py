"""Exports: what is written, a reader that is not ours reads back to the same graph."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib

import kg
from kg import assembly, exports, resources
from kg.errors import GraphError, UnknownNameError
from kg.exports import jsonld
from kg.graph import encode, foreign, store, terms
from kg.records import Fact
from kg.vocabulary import schema
from tests import made

ROOT = Path(__file__).resolve().parents[1]
Triple = tuple[str, str, str]


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    """One fact of each kind, said by two pages, with one text that needs care in every format."""
    said = (*made.ONE_OF_EACH, ("advice", "=1+1 \"<&>' ümlaut, \\ and", {"topic": "storage"}, "affirmed"))
    pages = [made.page(name, said) for name in ("a.txt", "b.txt")]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    return kg.Graph(store.from_quads(encode.quads(facts, [document for document, _ in pages])))


def written(graph: kg.Graph, path: Path, name: str) -> bytes:
    exports.write(graph, path, name)
    return path.read_bytes()


def lines(triples: rdflib.Graph) -> set[Triple]:
    """Triples in N-Triples notation, so that datatypes and languages count."""
    return {(s.n3(), p.n3(), o.n3()) for s, p, o in triples}


@pytest.mark.parametrize(("name", "reader"), [("turtle", "turtle"), ("rdfxml", "xml")])
def test_triples_are_read_back(graph: kg.Graph, tmp_path: Path, name: str, reader: str) -> None:
    found = rdflib.Graph().parse(data=written(graph, tmp_path / "out", name), format=reader)
    assert lines(found) == lines(foreign.to_rdflib(graph.store, vocabulary=False))


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph)[. ]:DeprecationWarning")  # rdflib warns of itself
@pytest.mark.parametrize(("name", "reader"), [("trig", "trig"), ("nquads", "nquads"), ("jsonld", "json-ld")])
def test_quads_are_read_back(graph: kg.Graph, tmp_path: Path, name: str, reader: str) -> None:
    found = rdflib.Dataset()
    found.parse(data=written(graph, tmp_path / "out", name), format=reader)
    expected = graph.to_dataset()
    names = {str(g.identifier) for g in expected.graphs() if len(g)}
    assert names == {f"{terms.GRAPH}{n}" for n in ("a.txt", "b.txt", "documents", "vocabulary")}
    assert {str(g.identifier) for g in found.graphs() if len(g)} == names
    for identifier in names:
        node = rdflib.URIRef(identifier)
        assert lines(found.graph(node)) == lines(expected.graph(node))


@pytest.mark.parametrize("form", [f for f in exports.FORMATS if f.suffix in store.SUFFIXES], ids=lambda f: f.name)
def test_every_rdf_format_is_opened_again(graph: kg.Graph, tmp_path: Path, form: exports.Format) -> None:
    path = tmp_path / f"facts{form.suffix}"
    graph.export(path)
    again = kg.open(path)
    assert again.facts() == graph.facts()
    assert again.documents == graph.documents


def test_a_network_is_read_back(graph: kg.Graph, tmp_path: Path) -> None:
    import networkx as nx

    path = tmp_path / "facts.graphml"
    graph.export(path)
    found = nx.read_graphml(path, force_multigraph=True)
    expected = graph.to_networkx()
    assert {iri: found.nodes[iri] for iri in found} == {iri: expected.nodes[iri] for iri in expected}
    assert isinstance(found, nx.MultiDiGraph)
    read, wanted = (
        {
            key: (subject, object_, attributes)
            for subject, object_, key, attributes in network.edges(keys=True, data=True)
        }
        for network in (found, expected)
    )
    assert read == wanted


def rows(graph: kg.Graph, tmp_path: Path, name: str) -> list[dict[str, str]]:
    text = written(graph, tmp_path / "out.csv", name).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_table_is_read_back(graph: kg.Graph, tmp_path: Path) -> None:
    found = rows(graph, tmp_path, "csv")
    facts: dict[str, Fact] = {fact.iri: fact for fact in graph.facts()}
    assert len(found) == sum(len(fact.evidence) for fact in facts.values())
    qualifiers = {q.name for q in schema.load().qualifiers.values()}
    for row in found:
        fact = facts[row["fact"]]
        assert (row["kind"], row["subject"], row["object"]) == (fact.kind, fact.subject.label, fact.object.label)
        assert {name: row[name] for name in qualifiers if row[name]} == dict(fact.qualifiers)
        places = {(e.document, str(e.span[0]), str(e.object_span[1]), e.object_text) for e in fact.evidence}
        assert (row["document"], row["start"], row["object_end"], row["object_text"]) in places


def test_formulas_are_defused_only_where_asked(graph: kg.Graph, tmp_path: Path) -> None:
    for name, begins in (("csv", "="), ("safe-csv", "'=")):
        cells = {row["object_text"] for row in rows(graph, tmp_path, name)}
        assert [cell for cell in cells if cell.startswith(begins)]
        assert not [cell for cell in cells if cell.startswith("=")] or name == "csv"


def test_the_context_knows_every_prefix_and_qualifier() -> None:
    context = jsonld.load_context()
    assert {name: context.get(name) for name in terms.PREFIXES} == terms.PREFIXES
    known = {definition["@id"] for definition in context.values() if isinstance(definition, dict)}
    language = schema.load()
    named = {*language.qualifiers, *(kind.short_edge for kind in language.kinds.values())}
    assert {iri.replace(terms.DRUGS, "drugs:") for iri in named} <= known
    text = (resources.folder("ontology") / "context.jsonld").read_text(encoding="utf-8")
    assert json.loads(text)["@context"] == context


def test_no_invented_prefix_appears(graph: kg.Graph, tmp_path: Path) -> None:
    for name in ("turtle", "trig", "rdfxml", "jsonld"):
        assert b"ns1" not in written(graph, tmp_path / "out", name)
    assert "ns1" not in graph.to_rdflib(vocabulary=False).serialize(format="turtle")


def test_exports_are_the_same_bytes_under_different_hash_seeds(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import kg; from kg import exports; graph = kg.load(); "
        "from kg.exports.asked import Asked; asked = Asked('Klonopin'); wanted = [f for f in exports.FORMATS"
        " if f.is_available]; [exports.write(graph, Path(sys.argv[1]) / f.name, f.name, asked=asked) for f in wanted]"
    )
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / seed)], check=True, env=environment, cwd=ROOT)
    for form in (form for form in exports.FORMATS if form.is_available):
        files = zip(*(form.paths(tmp_path / seed / form.name) for seed in ("1", "2")), strict=True)
        for one, other in files:
            assert one.read_bytes() == other.read_bytes(), form.name


@pytest.mark.parametrize("name", ["ttl", ".ttl", "TURTLE", "nq", "jsonld", "rdf", "safe.csv"])
def test_formats_have_names_and_endings(name: str) -> None:
    assert exports.find(name) in exports.FORMATS


@pytest.mark.parametrize(("name", "remedy"), [("turtel", "did you mean turtle? known are "), ("docx", "known are ")])
def test_an_unknown_format_is_named(name: str, remedy: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        exports.find(name)
    assert caught.value.problem == "no such format"
    assert caught.value.remedy.startswith(remedy)


def test_the_ending_tells_the_format(graph: kg.Graph, tmp_path: Path) -> None:
    assert exports.write(graph, tmp_path / "facts.safe.csv").name == "safe-csv"
    assert exports.write(graph, tmp_path / "facts.csv").name == "csv"
    with pytest.raises(UnknownNameError, match="no such format"):
        exports.write(graph, tmp_path / "facts")


def test_a_target_that_cannot_be_written_is_named(graph: kg.Graph, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="cannot be written"):
        graph.export(tmp_path / "no" / "such" / "facts.ttl")
    assert list(tmp_path.iterdir()) == []


def test_xml_refuses_what_it_cannot_hold(tmp_path: Path) -> None:
    document, statements = made.page(said=(("advice", "ring the \x07 bell", {"topic": "storage"}, "affirmed"),))
    graph = kg.Graph(store.from_quads(encode.quads(assembly.assemble(statements), [document])))
    for name in ("rdfxml", "graphml"):
        with pytest.raises(GraphError, match=r"U\+0007"):
            exports.write(graph, tmp_path / "out", name)
    assert lines(rdflib.Graph().parse(data=written(graph, tmp_path / "out", "turtle"), format="turtle"))


def test_blank_nodes_of_others_get_names(tmp_path: Path) -> None:
    path = tmp_path / "theirs.ttl"
    path.write_text('<x:s> <x:p> [ <x:q> "o" ] .')
    found = rdflib.Graph().parse(data=written(kg.open(path), tmp_path / "out", "turtle"), format="turtle")
    assert len(found) == 2
    assert not [term for triple in found for term in triple if isinstance(term, rdflib.BNode)]
