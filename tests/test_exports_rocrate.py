"""RO-Crate: a folder that the readers of others take for a crate, whose metadata say what is in it."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import kg
from kg import cli, exports
from kg.errors import GraphError
from kg.exports import rocrate
from kg.graph import dataset, terms
from tests import exported, made

NO_READER = "rocrate is not installed; install drug-facts[test-exports]"


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


@pytest.fixture
def crate(graph: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(rocrate.EPOCH, "86400")
    graph.export(tmp_path / "my.crate", "ro-crate")
    return tmp_path


def entities(folder: Path) -> dict[str, dict[str, Any]]:
    metadata = json.loads((folder / rocrate.NAMES[0]).read_bytes())
    assert metadata["@context"] == rocrate.CONTEXT
    found = {entity["@id"]: entity for entity in metadata["@graph"]}
    assert len(found) == len(metadata["@graph"])
    return found


def references(value: object) -> set[str]:
    """Every name that an entity refers to."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if isinstance(value, dict):
        return {value["@id"]} if set(value) == {"@id"} else set().union(*map(references, value.values()))
    return set()


def test_the_profile_is_kept(crate: Path, graph: kg.Graph) -> None:
    found = entities(crate)
    descriptor, root = found["ro-crate-metadata.json"], found["./"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset"
    assert root["name"] and "not medical advice" in root["description"]
    assert root["license"] == {"@id": dataset.LICENCE}
    assert datetime.date.fromisoformat(root["datePublished"]) == datetime.date(1970, 1, 2)
    files = {name for name, entity in found.items() if entity["@type"] == "File"}
    assert references(root["hasPart"]) == files == {path.name for path in crate.iterdir()} - {"ro-crate-metadata.json"}
    for name in files:
        content = (crate / name).read_bytes()
        assert found[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert found[name]["contentSize"] == str(len(content))
        assert found[name]["encodingFormat"]
    outside = {"https://w3id.org/ro/crate/1.1"}
    assert {ref for entity in found.values() for ref in references(list(entity.values()))} - set(found) <= outside
    assert {terms.document(source.name) for source in graph.documents} == references(root["isBasedOn"])
    for source in graph.documents:
        assert found[terms.document(source.name)]["sha256"] == source.sha256


@pytest.mark.filterwarnings("ignore")
def test_another_reader_takes_it_for_a_crate(crate: Path, graph: kg.Graph) -> None:
    reader = pytest.importorskip("rocrate.rocrate", reason=NO_READER)
    found = reader.ROCrate(str(crate))
    assert found.name == dataset.TITLE
    assert str(found.root_dataset["license"].id) == dataset.LICENCE
    assert {entity.id for entity in found.data_entities} == set(rocrate.NAMES[1:])
    (action,) = (entity for entity in found.contextual_entities if entity.type == "CreateAction")
    assert action["instrument"]["version"] == dataset.program_version()
    assert len(action["object"]) == len(graph.documents)


def test_its_files_hold_the_facts(crate: Path, graph: kg.Graph) -> None:
    assert list(kg.open(crate / "facts.trig").facts()) == made.without_quotes(graph.facts())
    assert (crate / "facts.csv").read_bytes().count(b"\r\n") == 1 + sum(len(fact.evidence) for fact in graph.facts())


def test_the_same_day_gives_the_same_bytes(graph: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(rocrate.EPOCH, "0")
        graph.export(tmp_path / name / "my.crate")
    for file in rocrate.NAMES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("said", ["tomorrow", "9" * 40, "-" * 3])
def test_a_day_that_is_none_is_named(
    graph: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv(rocrate.EPOCH, said)
    with pytest.raises(GraphError, match=r"SOURCE_DATE_EPOCH: .* is no number of seconds"):
        graph.export(tmp_path / "my.crate", "ro-crate")
    assert list(tmp_path.iterdir()) == []


def test_the_command_makes_a_folder_that_is_the_crate(graph: kg.Graph, tmp_path: Path) -> None:
    graph.export(tmp_path / "my.nq")
    assert cli.main(["export", str(tmp_path / "my.nq"), str(tmp_path / "out"), "--format", "ro-crate,ttl"]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*rocrate.NAMES, "my.ttl"}


def test_a_trig_file_of_that_name_is_still_trig(graph: kg.Graph, tmp_path: Path) -> None:
    assert exports.write(graph, tmp_path / "facts.trig").name == "trig"
    assert [path.name for path in tmp_path.iterdir()] == ["facts.trig"]
