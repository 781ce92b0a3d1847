"""KGX: what is written is valid Biolink to the readers of others, and says no more than the documents do."""

from __future__ import annotations

import csv
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

import kg
from kg.exports import biolink, identifiers
from kg.graph import terms
from kg.vocabulary import schema
from tests import exported, made

ROOT = Path(__file__).resolve().parents[1]
NO_MODEL = "biolink-model is not installed; install drug-facts[test-exports]"
NO_KGX = "kgx is not installed; it needs an environment of its own (docs/exports.md)"


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


def table(path: Path) -> list[dict[str, str]]:
    """Read tab-separated values as KGX's readers do: no quoting at all."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_tables_and_lines_say_the_same(graph: kg.Graph, tmp_path: Path) -> None:
    for tables, jsons in zip(
        exported.written(graph, tmp_path, "kgx"), exported.written(graph, tmp_path, "kgx-jsonl"), strict=True
    ):
        read, expected = table(tables), lines(jsons)
        assert len(read) == len(expected) > 0
        for row, wanted in zip(read, expected, strict=True):
            assert None not in row, row
            for name, value in wanted.items():
                if name in ("sources", "supporting_text"):
                    continue
                text = str(value).lower() if isinstance(value, bool) else value
                items = [text] if isinstance(text, str) else text
                assert row[name].split("|") == [identifiers.clean(item).replace("|", "¦") for item in items], name


def test_every_edge_is_a_stated_fact_and_leads_from_node_to_node(graph: kg.Graph, tmp_path: Path) -> None:
    nodes, edges = (lines(path) for path in exported.written(graph, tmp_path, "kgx-jsonl"))
    ids = [node["id"] for node in nodes]
    assert len(set(ids)) == len(ids)
    facts = {identifiers.curie(fact.iri, biolink.table().prefixes): fact for fact in graph.facts()}
    assert len({edge["id"] for edge in edges}) == len(edges)
    for edge in edges:
        fact = facts[edge["id"]]
        assert {edge["subject"], edge["object"]} <= set(ids)
        assert edge["negated"] is (fact.polarity == "denied")
        assert [name.removeprefix("drugfacts.document:") for name in edge["publications"]] == list(fact.documents)
        for value in (fact.object.label, *fact.qualifiers.values()):
            assert identifiers.clean(value) in edge["description"]


SAID: tuple[tuple[made.Said, str | None], ...] = (
    (("indication", "insomnia", {"approval": "off_label"}, "affirmed"), "applied_to_treat"),
    (("indication", "migraine", {"use": "prevention"}, "affirmed"), "preventative_for_condition"),
    (("indication", "insomnia", {"use": "diagnosis"}, "affirmed"), "related_to"),
    (("indication", "insomnia", {}, "denied"), "treats"),
    (("contraindication", "glaucoma", {}, "affirmed"), "contraindicated_in"),
    (("contraindication", "older adults", {}, "affirmed"), "contraindicated_in"),
    (("contraindication", "alcohol", {}, "affirmed"), "related_to"),
    (("contraindication", "alcohol", {}, "denied"), None),
    (("caution", "glaucoma", {"level": "avoid"}, "affirmed"), "related_to"),
    (("caution", "glaucoma", {"level": "stated_safe"}, "affirmed"), None),
    (("caution", "glaucoma", {"level": "no_data"}, "affirmed"), None),
    (("caution", "glaucoma", {"level": "avoid"}, "denied"), None),
    (("interaction", "alcohol", {"level": "avoid"}, "affirmed"), "interacts_with"),
    (("withdrawal_effect", "insomnia", {}, "affirmed"), "related_to"),
    (("withdrawal_effect", "insomnia", {}, "denied"), None),
    (("advice", "keep it cold", {"topic": "storage"}, "affirmed"), None),
)


@pytest.mark.parametrize(("said", "predicate"), SAID, ids=[f"{s[0]} {s[1]} {s[2]} {s[3]}" for s, _ in SAID])
def test_an_edge_claims_no_more_than_the_document(said: made.Said, predicate: str | None, tmp_path: Path) -> None:
    _, path = exported.written(exported.graph_of([said]), tmp_path, "kgx-jsonl")
    found = [(edge["predicate"], edge["negated"]) for edge in lines(path)]
    assert found == ([(f"biolink:{predicate}", said[3] == "denied")] if predicate else [])


def test_the_level_of_care_is_among_the_qualifiers(tmp_path: Path) -> None:
    said: made.Said = ("caution", "glaucoma", {"level": "avoid", "population": "older adults"}, "affirmed")
    _, path = exported.written(exported.graph_of([said]), tmp_path, "kgx-jsonl")
    (edge,) = lines(path)
    assert edge["qualifiers"] == ["drugfacts.level:avoid", "drugfacts.concept:older-adults"]
    assert edge["original_predicate"] == "drugfacts.ontology:needsCareIn"


def test_quotes_are_written_only_where_they_are_asked_for(graph: kg.Graph, tmp_path: Path) -> None:
    _, path = exported.written(graph, tmp_path, "kgx-jsonl")
    assert not [edge for edge in lines(path) if "supporting_text" in edge]
    _, path = exported.written(graph, tmp_path, "kgx-jsonl", with_quotes=True)
    quotes = {proof.quote for fact in graph.facts() for proof in fact.evidence}
    for edge in lines(path):
        assert edge["supporting_text"]
        assert set(edge["supporting_text"]) <= quotes


def test_every_kind_has_a_word_or_is_left_out_by_name() -> None:
    table = biolink.table()
    assert {p.kind for p in table.predicates} | table.left_out == set(schema.load().kinds)
    assert not {p.kind for p in table.predicates} & table.left_out
    text = (ROOT / "docs" / "exports.md").read_text("utf-8")
    for kind, predicate, loss in biolink.losses():
        assert kind in text
        assert predicate in text
        assert loss in text, loss


@pytest.mark.filterwarnings("ignore")
def test_the_classes_of_the_model_take_every_line(graph: kg.Graph, tmp_path: Path) -> None:
    model = pytest.importorskip("biolink_model.datamodel.pydanticmodel_v2", reason=NO_MODEL)
    for path in exported.written(graph, tmp_path, "kgx-jsonl", with_quotes=True):
        for row in lines(path):
            getattr(model, row["category"][0].removeprefix("biolink:"))(**row)


@pytest.fixture(scope="module")
def toolkit() -> Any:
    """The Biolink toolkit with the schema of the installed package, so that nothing is fetched."""
    bmt = pytest.importorskip("bmt", reason=NO_MODEL)
    model = pytest.importorskip("biolink_model", reason=NO_MODEL)
    schema_file = Path(next(iter(model.__path__))) / "schema" / "biolink_model.yaml"
    defaults: tuple[str, dict[str, list[str]]] = (str(schema_file), {"predicate mappings": []})
    bmt.Toolkit.__init__.__defaults__ = defaults
    return bmt.Toolkit()


@pytest.mark.filterwarnings("ignore")
def test_predicates_fit_their_nodes(graph: kg.Graph, tmp_path: Path, toolkit: Any) -> None:
    nodes, edges = (lines(path) for path in exported.written(graph, tmp_path, "kgx-jsonl"))
    categories = {node["id"]: node["category"][0] for node in nodes}
    for edge in edges:
        assert toolkit.is_predicate(edge["predicate"]), edge["predicate"]
        slot = toolkit.get_element(edge["predicate"])
        for end, wanted in (("subject", slot.domain), ("object", slot.range)):
            found = categories[edge[end]]
            if wanted is None or found == "biolink:NamedThing":  # a document's own words
                continue
            above = toolkit.get_ancestors(found, mixin=True)
            assert wanted in above, f"{edge['predicate']}: {found} is no {wanted}"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_kgx_reads_it_and_finds_no_error(graph: kg.Graph, tmp_path: Path, toolkit: Any) -> None:
    prefixes = pytest.importorskip("kgx.prefix_manager", reason=NO_KGX)
    transformers = pytest.importorskip("kgx.transformer", reason=NO_KGX)
    validators = pytest.importorskip("kgx.validator", reason=NO_KGX)
    model = importlib.import_module("biolink_model")
    file = Path(next(iter(model.__path__))) / "prefixmaps" / "biolink_model_prefix_map.json"
    own = {identifiers.OWN + name: f"{terms.BASE}{name}/" for name in ("concept", "term", "local")}
    context = {**json.loads(file.read_text("utf-8")), **own}
    for module in (prefixes, validators):
        module.get_jsonld_context = lambda *_: dict(context)
    validators.Validator.get_toolkit = classmethod(lambda _: toolkit)
    for name, form in (("kgx", "tsv"), ("kgx-jsonl", "jsonl")):
        paths = exported.written(graph, tmp_path, name)
        transformer = transformers.Transformer()
        transformer.transform({"filename": [str(path) for path in paths], "format": form})
        read = transformer.store.graph
        edges = lines(exported.written(graph, tmp_path, "kgx-jsonl")[1])
        # In memory, KGX keeps one edge for each subject, predicate and object.
        assert read.number_of_edges() == len({(e["subject"], e["predicate"], e["object"]) for e in edges})
        validator = validators.Validator(verbose=False)
        validator.validate(read)
        assert not validator.get_errors()
