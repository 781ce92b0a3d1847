"""SPARQL 1.1 query evaluation over HTTP: cases of our own, with what the recommendation says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyoxigraph as ox
import pytest

from tests import serving

IDS = [case["id"] for case in serving.CASES]
Term = tuple[str, ...]


def asked(case: dict[str, Any], accept: str = "application/sparql-results+json, text/turtle;q=0.9") -> serving.Reply:
    data = [] if not case["data"] else [serving.data_graph(case)]
    named = [serving.BASE + name for name in case.get("named", {})]
    return serving.shared().query(
        serving.PREFIXES + case["query"], accept, default_graph_uri=data, named_graph_uri=named
    )


def comparable(term: ox.Literal | ox.NamedNode | ox.BlankNode | ox.Triple | None) -> Term:
    """A term that is equal where the recommendation wants it equal: numbers by value, in their type."""
    if term is None:
        return ()
    if not isinstance(term, ox.Literal):
        return (type(term).__name__, str(getattr(term, "value", term)))
    kind = term.datatype.value.rpartition("#")[2]
    value = str(float(term.value)) if kind in {"integer", "decimal", "double", "float"} else term.value
    return (value, kind, (term.language or "").lower())


def read(cell: dict[str, str] | None) -> Term:
    if cell is None:
        return ()
    if cell["type"] == "uri":
        return comparable(ox.NamedNode(cell["value"]))
    if cell["type"] == "bnode":
        return comparable(ox.BlankNode(cell["value"]))
    datatype = ox.NamedNode(cell["datatype"]) if "datatype" in cell else None
    return comparable(ox.Literal(cell["value"], datatype=datatype, language=cell.get("xml:lang")))


def written(text: str) -> Term:
    if not text:
        return ()
    (quad,) = ox.parse(f"{serving.PREFIXES}:s :p {text} .", ox.RdfFormat.TURTLE)
    return comparable(quad.object)


def canonical(turtle: bytes) -> ox.Dataset:
    dataset = ox.Dataset(ox.parse(turtle, ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.parametrize("case", serving.CASES, ids=IDS)
def test_a_query_gives_what_the_recommendation_says(case: dict[str, Any]) -> None:
    reply = asked(case)
    if case.get("wrong"):
        assert reply.status == 400, reply.text
        assert "line " in reply.text and "column " in reply.text
        return
    assert reply.status == 200, reply.text
    if "graph" in case:
        assert reply.media_type == "text/turtle"
        assert canonical(reply.body) == canonical((serving.PREFIXES + case["graph"]).encode())
    elif "yes" in case:
        assert reply.json()["boolean"] is case["yes"]
    else:
        found = reply.json()
        assert sorted(found["head"]["vars"]) == sorted(case["columns"])
        rows = [tuple(read(row.get(c)) for c in case["columns"]) for row in found["results"]["bindings"]]
        wanted = [tuple(map(written, row)) for row in case.get("engine_rows", case["rows"])]
        if case.get("ordered"):
            assert rows == wanted
        assert Counter(rows) == Counter(wanted)


def test_there_are_cases_of_every_sort_and_each_says_what_it_wants() -> None:
    sorts = Counter(key for case in serving.CASES for key in ("rows", "yes", "graph", "wrong") if key in case)
    assert set(sorts) == {"rows", "yes", "graph", "wrong"} and sum(sorts.values()) == len(serving.CASES) >= 100
    assert len(set(IDS)) == len(IDS)
    assert all(case["engine_rows"] != case["rows"] for case in serving.CASES if "engine_rows" in case)
