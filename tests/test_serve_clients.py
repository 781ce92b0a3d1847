"""Programs of others that speak SPARQL, and the server as they find it."""

from __future__ import annotations

import csv
import io
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

import kg
from kg import assembly, building
from kg.questions import header
from tests import made, serving
from tests.serving import BASE

serving.needs_packages()

NEIGHBOURS = f"SELECT ?b {{ GRAPH <{BASE}clique> {{ <{BASE}n0> <{BASE}near> ?b }} }}"
TOLD = f"CONSTRUCT {{ <{BASE}n0> <{BASE}told> ?b }} {{ GRAPH <{BASE}clique> {{ <{BASE}n0> <{BASE}near> ?b }} }}"


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflib_reads_rows_and_yes_or_no(method: str, form: str) -> None:
    endpoint = serving.shared().address + "/sparql"
    store = SPARQLStore(endpoint, method=method, returnFormat=form)
    rows = {str(row[0]) for row in store.query(NEIGHBOURS)}  # type: ignore[index]
    assert rows == {f"{BASE}n{number}" for number in range(1, serving.CLIQUE)}
    if form in {"xml", "json"}:
        assert store.query("ASK { }").askAnswer is True
        assert store.query("ASK { FILTER(false) }").askAnswer is False


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rdflib_reads_graphs_and_walks_the_remote_one(method: str) -> None:
    store = SPARQLStore(serving.shared().address + "/sparql", method=method)
    assert len(store.query(TOLD).graph) == serving.CLIQUE - 1  # type: ignore[arg-type]
    remote = rdflib.Graph(store, identifier=rdflib.URIRef(BASE + "clique"))
    assert (rdflib.URIRef(BASE + "n1"), rdflib.URIRef(BASE + "near"), rdflib.URIRef(BASE + "n2")) in remote
    assert len(list(remote.objects(rdflib.URIRef(BASE + "n1"), rdflib.URIRef(BASE + "near")))) == serving.CLIQUE - 1


@pytest.fixture(scope="module")
def roqet() -> str:
    found = shutil.which("roqet")
    if found is None:
        pytest.skip("roqet is not installed; `apt-get install rasqal-utils` brings it")
    return found


def asked(roqet: str, query: str, *options: str) -> str:
    command = [roqet, "-p", serving.shared().address + "/sparql", "--exec", query, *options]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_rasqal_reads_rows(roqet: str) -> None:
    rows = list(csv.reader(io.StringIO(asked(roqet, NEIGHBOURS, "--results", "csv"))))
    found = {cell for row in rows for cell in row if cell.startswith(BASE)}
    assert found == {f"{BASE}n{number}" for number in range(1, serving.CLIQUE)}


def test_rasqal_sends_the_dataset_of_the_protocol(roqet: str) -> None:
    query = "SELECT ?v WHERE { ?s ?p ?v }"
    xml = asked(roqet, query, "--results", "xml", "--data", f"{BASE}protocol-two")
    values = [node.text for node in ElementTree.fromstring(xml).iter() if node.tag.endswith("literal")]  # noqa: S314
    assert values == ["2"]


def test_all_four_formats_hold_the_same() -> None:
    server = serving.shared()
    query = "SELECT ?a ?b { VALUES (?a ?b) { ('x, \"y\"' 1) (<http://example.org/é> UNDEF) ('line\\nend'@en true) } }"
    found = {}
    for media_type in (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/tab-separated-values",
    ):
        read = rdflib.query.Result.parse(io.BytesIO(server.query(query, media_type).body), content_type=media_type)
        found[media_type] = [dict(row) for row in read.bindings]
    json, xml, tsv = found.values()
    assert json == xml == tsv and len(json) == 3
    rows = list(csv.reader(io.StringIO(server.query(query, "text/csv").text, newline="")))
    assert rows[1:] == [['x, "y"', "1"], ["http://example.org/é", ""], ["line\nend", "true"]]


def test_all_formats_of_graphs_hold_the_same() -> None:
    server = serving.shared()
    formats = {
        "text/turtle": ox.RdfFormat.TURTLE,
        "application/n-triples": ox.RdfFormat.N_TRIPLES,
        "application/rdf+xml": ox.RdfFormat.RDF_XML,
        "application/ld+json": ox.RdfFormat.JSON_LD,
        "application/n-quads": ox.RdfFormat.N_QUADS,
        "application/trig": ox.RdfFormat.TRIG,
        "text/n3": ox.RdfFormat.N3,
    }
    found = [set(ox.parse(server.query(TOLD, name).body, form)) for name, form in formats.items()]
    assert all(quads == found[0] for quads in found) and len(found[0]) == serving.CLIQUE - 1


def test_the_packaged_facts_are_served_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with serving.served(None, "--workers", "1") as server:
        assert len(list(tmp_path.glob("*.aside"))) == 1
        reply = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
        own = kg.load().store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        assert int(reply.text.split()[1]) == sum(1 for _ in own)
        for name in sorted(header.catalogue())[::5]:
            assert server.query(header.question(name).sparql).status in {200, 503}, name
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_built_is_served_from_its_own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, statements = made.page("page.txt")
    folder = tmp_path / "my.kg"
    facts = tuple(assembly.assemble(statements))
    building.write_facts(building.Build(facts, (document,)), folder, with_texts=True)
    files = sorted(folder.rglob("*"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    with serving.served(folder, "--workers", "1") as server:
        assert server.query("ASK { ?fact a drugs:Caution }").json()["boolean"] is True
        assert list(elsewhere.iterdir()) == []
    assert sorted(folder.rglob("*")) == files


def of_one_triple(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, list[str]]:
    """Make a graph, a folder for temporary files, and the command that serves the one in a process of its own."""
    graph, temporary = folder / "one.ttl", folder / "temporary"
    graph.write_text("<a:b> <a:c> 1 .")
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    return graph, temporary, [sys.executable, "-m", "kg.cli", "serve", str(graph), "--port", "0", "--workers", "1"]


def test_what_a_killed_server_left_behind_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, temporary, command = of_one_triple(tmp_path, monkeypatch)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=serving.ROOT) as server:
        assert server.stdout is not None and server.stdout.readline()
        with serving.served(graph, "--workers", "1"):
            assert len(list(temporary.glob("*.aside"))) == 2, "what is in use is left alone"
        server.kill()
    assert len(list(temporary.glob("*.aside"))) == 1
    with serving.served(graph, "--workers", "1"):
        assert len(list(temporary.glob("*.aside"))) == 1
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_however_the_server_is_stopped_nothing_is_left_behind(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, temporary, command = of_one_triple(tmp_path, monkeypatch)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=serving.ROOT) as server:
        assert server.stdout is not None and server.stdout.readline()
        assert list(temporary.iterdir())
        server.send_signal(signal.Signals[name])
        _, told = server.communicate(timeout=60)
    assert list(temporary.iterdir()) == []
    assert b"Traceback" not in told
