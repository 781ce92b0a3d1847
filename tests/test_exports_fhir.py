"""FHIR: what is written is a valid resource to the readers of others, and never the opposite of what is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import kg
from kg.errors import GraphError
from kg.exports import fhir
from tests import exported, made

NO_FHIR = "fhir.resources is not installed; install drug-facts[test-exports]"


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


def resources(graph: kg.Graph, folder: Path, **options: bool) -> list[dict[str, Any]]:
    (path,) = exported.written(graph, folder, "fhir", **options)
    bundle = json.loads(path.read_text("utf-8"))
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    for entry in bundle.get("entry", ()):
        assert entry["fullUrl"] == entry["resource"]["identifier"][0]["value"]
    return [entry["resource"] for entry in bundle.get("entry", ())]


def test_every_affirmed_fact_of_these_kinds_is_there(graph: kg.Graph, tmp_path: Path) -> None:
    expected = {
        fact.iri: fact
        for fact in graph.facts(polarity="affirmed")
        if fact.kind in fhir.table()["types"] and fact.level not in ("stated_safe", "no_data")
    }
    found = resources(graph, tmp_path)
    assert [r["identifier"][0]["value"] for r in found] == sorted(expected)
    for resource in found:
        fact = expected[resource["identifier"][0]["value"]]
        text = json.dumps(resource, ensure_ascii=False)
        assert resource["type"] == fhir.table()["types"][fact.kind]
        assert resource["subject"][0]["display"] == fact.subject.label
        for value in (fact.object.label, *fact.qualifiers.values()):
            assert json.dumps(value, ensure_ascii=False) in text, value
        places = [e for e in resource["extension"] if e["url"].endswith("/evidence")]
        assert len(places) == len(fact.evidence)


CASES: tuple[tuple[made.Said, tuple[str, ...]], ...] = (
    (("indication", "insomnia", {}, "affirmed"), ("indication", "diseaseSymptomProcedure", "concept", "text")),
    (("contraindication", "glaucoma", {}, "affirmed"), ("contraindication", "diseaseSymptomProcedure", "concept")),
    (("contraindication", "alcohol", {}, "affirmed"), ("contraindication", "otherTherapy")),
    (("contraindication", "older adults", {}, "affirmed"), ("population",)),
    (("contraindication", "glaucoma", {"severity": "severe"}, "affirmed"), ("contraindication", "diseaseStatus")),
    (("contraindication", "glaucoma", {"population": "older adults"}, "affirmed"), ("population",)),
    (("adverse_effect", "seizure", {"frequency": "12 %"}, "affirmed"), ("undesirableEffect", "frequencyOfOccurrence")),
    (("withdrawal_effect", "seizure", {}, "affirmed"), ("undesirableEffect", "classification")),
    (("interaction", "alcohol", {"level": "avoid"}, "affirmed"), ("interaction", "management")),
    (("interaction", "alcohol", {"effect": "sedation"}, "affirmed"), ("interaction", "effect", "concept", "coding")),
    (("caution", "driving", {"level": "avoid"}, "affirmed"), ("warning", "description")),
    (("caution", "driving", {"level": "avoid"}, "affirmed"), ("category",)),
    (("indication", "insomnia", {"condition": "at night only"}, "affirmed"), ("modifierExtension",)),
    (("adverse_effect", "seizure", {"with": "alcohol"}, "affirmed"), ("modifierExtension",)),
    (("adverse_effect", "seizure", {"severity": "mild"}, "affirmed"), ("extension",)),
)


@pytest.mark.parametrize(("said", "path"), CASES, ids=[f"{s[1]} {p}" for s, p in CASES])
def test_what_is_said_has_its_element(said: made.Said, path: tuple[str, ...], tmp_path: Path) -> None:
    (resource,) = resources(exported.graph_of([said]), tmp_path)
    value: Any = resource
    for key in path:
        value = value[key]
    assert value


LEFT_OUT: tuple[made.Said, ...] = (
    ("contraindication", "glaucoma", {}, "denied"),
    ("adverse_effect", "seizure", {}, "denied"),
    ("caution", "glaucoma", {"level": "stated_safe"}, "affirmed"),
    ("interaction", "alcohol", {"level": "no_data"}, "affirmed"),
    ("dosage", "insomnia", {"dose": "1 mg"}, "affirmed"),
)


@pytest.mark.parametrize("said", LEFT_OUT, ids=str)
def test_what_fhir_cannot_say_is_left_out(said: made.Said, tmp_path: Path) -> None:
    assert resources(exported.graph_of([said]), tmp_path) == []


def test_quotes_are_written_only_where_they_are_asked_for(graph: kg.Graph, tmp_path: Path) -> None:
    quotes = {proof.quote for fact in graph.facts() for proof in fact.evidence}
    for wanted in (False, True):
        found = resources(graph, tmp_path, with_quotes=wanted)
        parts = [part for r in found for e in r["extension"] for part in e.get("extension", ())]
        written = {part["valueString"] for part in parts if part["url"] == "quote"}
        assert written <= quotes
        assert bool(written) is wanted


def test_a_quote_that_fhir_cannot_hold_is_refused(tmp_path: Path) -> None:
    graph = exported.graph_of([("caution", "the \x07 bell", {"level": "avoid"}, "affirmed")])
    assert resources(graph, tmp_path)
    before = [(path.name, path.read_bytes()) for path in tmp_path.iterdir()]
    with pytest.raises(GraphError, match=r"U\+0007, which FHIR cannot hold"):
        resources(graph, tmp_path, with_quotes=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == before


@pytest.mark.filterwarnings("ignore")
def test_the_library_for_fhir_accepts_every_resource(graph: kg.Graph, tmp_path: Path) -> None:
    bundles = pytest.importorskip("fhir.resources.bundle", reason=NO_FHIR)
    (path,) = exported.written(graph, tmp_path, "fhir", with_quotes=True)
    written = path.read_text("utf-8")
    bundle = bundles.Bundle.model_validate_json(written)
    assert len(bundle.entry) == len(resources(graph, tmp_path))
    assert json.loads(bundle.model_dump_json()) == json.loads(written)
