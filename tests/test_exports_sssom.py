"""SSSOM: the vocabulary's mappings, read by a reader that is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib.namespace import SKOS

import kg
from kg.graph import terms
from tests import exported

NO_SSSOM = "sssom is not installed; install drug-facts[test-exports]"


def read(path: Path) -> tuple[dict[str, str], list[list[str]]]:
    """The prefixes and the rows, by the letter of the specification."""
    lines = path.read_text("utf-8").splitlines()
    head = [line[1:] for line in lines if line.startswith("#")]
    pairs = [line.strip().split(": ", 1) for line in head if line.startswith("  ")]
    return {k.strip('"'): v.strip('"') for k, v in pairs}, [line.split("\t") for line in lines if line[0] != "#"]


def test_every_exact_match_is_there_once_and_nothing_else(tmp_path: Path) -> None:
    graph = kg.load()
    (path,) = exported.written(graph, tmp_path, "sssom")
    prefixes, rows = read(path)
    assert len({tuple(row) for row in rows}) == len(rows) > 2000
    assert rows[1:] == sorted(rows[1:])

    def expanded(curie: str) -> str:
        prefix, local = curie.split(":", 1)
        return prefixes[prefix] + local

    found = {(expanded(row[0]), expanded(row[3])) for row in rows[1:]}
    assert found == {(str(s), str(o)) for s, o in graph.to_rdflib().subject_objects(SKOS.exactMatch)}
    assert {row[2] for row in rows[1:]} == {"skos:exactMatch"}


def test_namespaces_without_a_prefix_get_one(tmp_path: Path) -> None:
    path = tmp_path / "theirs.ttl"
    path.write_text(
        f"<http://a.example/x#1> <{terms.SKOS}exactMatch> <http://b.example/y/2>, <http://b.example/y/3> ;"
        f' <{terms.SKOS}prefLabel> "one\\ttwo"@en .'
    )
    prefixes, rows = read(exported.written(kg.open(path), tmp_path, "sssom")[0])
    theirs = [row for row in rows if row[0].startswith("ns")]
    assert [(row[0], row[1], row[3]) for row in theirs] == [
        ("ns1:1", "one two", "ns2:2"),
        ("ns1:1", "one two", "ns2:3"),
    ]
    assert (prefixes["ns1"], prefixes["ns2"]) == ("http://a.example/x#", "http://b.example/y/")


@pytest.mark.filterwarnings("ignore")
def test_the_library_for_sssom_reads_and_accepts_it(tmp_path: Path) -> None:
    parsers = pytest.importorskip("sssom.parsers", reason=NO_SSSOM)
    validators = pytest.importorskip("sssom.validators", reason=NO_SSSOM)
    (path,) = exported.written(kg.load(), tmp_path, "sssom")
    found = parsers.parse_sssom_table(str(path))
    assert len(found.df) == len(read(path)[1]) - 1
    for report in validators.validate(found, fail_on_error=True).values():
        assert not report.results
