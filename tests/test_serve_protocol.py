"""The SPARQL 1.1 Protocol and Service Description, as requests and replies."""

from __future__ import annotations

import tomllib
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from kg.graph import terms
from tests import serving
from tests.serving import BASE, ROOT

REQUESTS: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests" / "sparql_protocol" / "requests.toml").read_text("utf-8")
)["request"]
SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"


def sent(case: dict[str, Any]) -> serving.Reply:
    times = case.get("repeat", 1)
    target, headers = case.get("target", "/sparql"), dict(case.get("send", {}))
    fields = [("query", case["query"] * times)] if "query" in case else []
    for key, name in (("default", "default-graph-uri"), ("named", "named-graph-uri")):
        fields += [(name, BASE + graph) for graph in case.get(key, ())]
    if fields:
        target += "?" + urlencode(fields)
    body = bytes.fromhex(case["bytes"]) if "bytes" in case else (case.get("body", "") * times).encode() or None
    if "form" in case:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(case["form"]).encode()
    return serving.shared().ask(case.get("method", "GET"), target, headers, body)


@pytest.mark.parametrize("case", REQUESTS, ids=[case["name"] for case in REQUESTS])
def test_a_request_gets_what_the_protocol_says(case: dict[str, Any]) -> None:
    reply = sent(case)
    assert reply.status == case["status"], reply.text
    if case.get("method") in {"HEAD", "OPTIONS"}:
        assert reply.body == b""
    assert reply.media_type == case.get("type", reply.media_type)
    assert case.get("has", "") in reply.text
    assert case.get("lacks", "\x00") not in reply.text
    for name, part in case.get("headers", {}).items():
        assert part in reply.headers[name]
    if reply.status >= 400 and reply.media_type == "text/plain" and reply.body:
        assert reply.text.splitlines()[0].count("; ") >= 1, "place, rule and remedy on the first line"
        assert "Traceback" not in reply.text


def test_a_mistake_is_shown_where_it_is() -> None:
    reply = serving.shared().query("SELECT *\nWHERE { ?s ?p ?o } LIMIT ten", "text/plain, */*;q=0.1")
    first, line, mark = reply.text.splitlines()
    assert first.startswith("query, line 2, column 26: not SPARQL (")
    assert line == "WHERE { ?s ?p ?o } LIMIT ten"
    assert line[mark.index("^") :] == "ten"


def description() -> list[ox.Quad]:
    return list(ox.parse(serving.shared().ask("GET", "/sparql").body, ox.RdfFormat.TURTLE))


def objects(quads: list[ox.Quad], predicate: str, subject: object = None) -> list[Any]:
    return [q.object for q in quads if q.predicate.value == predicate and subject in (None, q.subject)]


def test_the_service_describes_itself() -> None:
    """The three of the recommendation: RDF comes, of a service with this endpoint, in terms of its vocabulary."""
    quads = description()
    (service,) = [q.subject for q in quads if q.object == ox.NamedNode(SD + "Service")]
    (endpoint,) = objects(quads, SD + "endpoint", service)
    assert endpoint.value == serving.shared().address + "/sparql"
    types = {(q.subject, q.object.value) for q in quads if q.predicate.value == terms.RDF_TYPE}  # type: ignore[union-attr]
    links = {
        "defaultDataset": "Dataset",
        "defaultGraph": "Graph",
        "namedGraph": "NamedGraph",
        "graph": "Graph",
    }
    for link, kind in links.items():
        targets = objects(quads, SD + link)
        assert targets and all((target, SD + kind) in types for target in targets), link
    known = {
        "SPARQL11Query",
        "endpoint",
        "supportedLanguage",
        "resultFormat",
        "name",
        "Service",
        *links,
        *links.values(),
    }
    used = {t.value for q in quads for t in (q.predicate, q.object) if isinstance(t, ox.NamedNode)}
    assert {iri.removeprefix(SD) for iri in used if iri.startswith(SD)} <= known
    assert not any(isinstance(term, ox.BlankNode) for quad in quads for term in quad)


def test_the_description_counts_what_queries_count() -> None:
    quads = description()
    server = serving.shared()
    asked = {
        "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
        "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
        "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    }
    (default,) = objects(quads, SD + "defaultGraph")
    for name, query in asked.items():
        (told,) = objects(quads, VOID + name, default)
        assert server.query(query, "text/csv").text == f"n\r\n{told.value}\r\n"
    names = {name.value for name in objects(quads, SD + "name")}
    listed = server.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "text/csv").text.split()[1:]
    assert names == set(listed) and len(names) > 100


def test_every_format_that_is_described_is_given() -> None:
    formats = {value.value.rpartition("/")[2] for value in objects(description(), SD + "resultFormat")}
    assert len(formats) == 11
    given = {case["type"] for case in REQUESTS if case["status"] == 200 and "type" in case}
    assert len({t for t in given if t not in {"application/json", "application/xml"}}) == len(formats)
