"""What the endpoint says about itself: SPARQL 1.1 Service Description, and VoID for what is in the graph."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.graph import terms
from kg.web.problems import RequestError
from kg.web.sparql.pool import Asked, Pool

if TYPE_CHECKING:
    import pyoxigraph as ox

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_GRAPHS = ("Turtle", "N-Triples", "RDF_XML", "N3", "TriG", "N-Quads", "JSON-LD")
_PREFIXES = {"sd": SD, "void": VOID, "rdf": terms.RDF, "dcterms": terms.DCTERMS, "format": _FORMATS}
_COUNTS = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "graphs": "SELECT ?x (COUNT(*) AS ?n) { GRAPH ?x { ?s ?p ?o } } GROUP BY ?x",
    "classes": "SELECT ?x (COUNT(*) AS ?n) { ?s a ?x } GROUP BY ?x",
    "properties": "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x",
}

Counts = dict[str, dict[str, int]]


class Description:
    """The description, its counts made once, when somebody asks for them first."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._counts: Counts | None = None
        self._counting = asyncio.Lock()

    async def serialised(self, endpoint: str, media_type: str) -> bytes:
        """Return the description of the service at an address.

        What cannot be counted within the limits of a query is left out.
        """
        import pyoxigraph as ox

        async with self._counting:
            if self._counts is None:
                self._counts = {name: await self._counted(query) for name, query in _COUNTS.items()}
        form = ox.RdfFormat.from_media_type(media_type)
        body = ox.serialize(_triples(endpoint, self._counts), format=form, prefixes=_PREFIXES)
        return body or b""

    async def _counted(self, query: str) -> dict[str, int]:
        try:
            rows = json.loads((await self._pool.answer(Asked(query))).body)["results"]["bindings"]
        except RequestError:
            return {}
        return {row["x"]["value"] if "x" in row else "": int(row["n"]["value"]) for row in rows}


def _triples(endpoint: str, counts: Counts) -> Iterator[ox.Triple]:
    """Describe service, dataset, graphs, classes and properties; all have names, so that others can speak of them."""
    import pyoxigraph as ox

    def node(name: str) -> ox.NamedNode:
        return ox.NamedNode(f"{endpoint}#{name}")

    def said(about: ox.NamedNode, verb: str, what: ox.NamedNode | ox.Literal | str | int) -> ox.Triple:
        value = ox.NamedNode(what) if isinstance(what, str) else ox.Literal(what) if isinstance(what, int) else what
        return ox.Triple(about, ox.NamedNode(verb), value)

    service, dataset, default = node("service"), node("dataset"), node("default-graph")
    yield said(service, terms.RDF_TYPE, SD + "Service")
    yield said(service, SD + "endpoint", endpoint)
    yield said(service, SD + "supportedLanguage", SD + "SPARQL11Query")
    for name in (*_RESULTS, *_GRAPHS):
        yield said(service, SD + "resultFormat", _FORMATS + name)
    yield said(service, SD + "defaultDataset", dataset)
    yield said(dataset, terms.RDF_TYPE, SD + "Dataset")
    yield said(dataset, terms.RDF_TYPE, VOID + "Dataset")
    yield said(dataset, VOID + "sparqlEndpoint", endpoint)
    yield said(dataset, VOID + "uriSpace", ox.Literal(terms.BASE))
    yield said(dataset, terms.DCTERMS + "title", ox.Literal("What documents say about drugs", language="en"))
    yield said(dataset, SD + "defaultGraph", default)
    yield said(default, terms.RDF_TYPE, SD + "Graph")
    yield said(default, terms.RDF_TYPE, VOID + "Dataset")
    for name in ("triples", "distinctSubjects"):
        for number in counts[name].values():
            yield said(default, VOID + name, number)
    for what, part, link, size in (
        ("classes", "classPartition", "class", "entities"),
        ("properties", "propertyPartition", "property", "triples"),
    ):
        if counts[what]:
            yield said(default, VOID + what, len(counts[what]))
        for place, (iri, number) in enumerate(sorted(counts[what].items()), 1):
            partition = node(f"{link}-{place}")
            yield said(default, VOID + part, partition)
            yield said(partition, terms.RDF_TYPE, VOID + "Dataset")
            yield said(partition, VOID + link, iri)
            yield said(partition, VOID + size, number)
    for place, (iri, number) in enumerate(sorted(counts["graphs"].items()), 1):
        named, graph = node(f"named-graph-{place}"), node(f"graph-{place}")
        yield said(dataset, SD + "namedGraph", named)
        yield said(named, terms.RDF_TYPE, SD + "NamedGraph")
        yield said(named, SD + "name", iri)
        yield said(named, SD + "graph", graph)
        yield said(graph, terms.RDF_TYPE, SD + "Graph")
        yield said(graph, terms.RDF_TYPE, VOID + "Dataset")
        yield said(graph, VOID + "triples", number)
