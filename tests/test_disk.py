"""The store on disk: used while it fits its folder, passed over in silence when not; the same answers either way."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg import assembly, building
from kg.errors import GraphError
from kg.graph import disk
from kg.graph import manifest as manifests
from kg.graph import store as stores
from kg.questions import header
from kg.validation import check
from tests import made

NAMES = ("page.txt", "label.xml#a/b", "50 %.txt")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of facts as `kg build --out` writes it."""
    pages = [made.page(name) for name in NAMES]
    facts = tuple(assembly.assemble([s for _, statements in pages for s in statements]))
    folder = tmp_path_factory.mktemp("built") / "my.kg"
    building.write_facts(building.Build(facts, tuple(d for d, _ in pages)), folder, with_texts=True)
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of the folder with its times, to be changed."""
    return Path(shutil.copytree(built, tmp_path / "my.kg"))


def stamp(folder: Path) -> Path:
    return folder / disk.STORE_FOLDER / "stamp.json"


def manifest(folder: Path) -> Path:
    return folder / manifests.MANIFEST_FILE


def largest(folder: Path) -> Path:
    return max((folder / disk.STORE_FOLDER / "data").glob("*.sst"), key=lambda path: path.stat().st_size)


def statements(folder: Path) -> Path:
    return sorted((folder / stores.STATEMENTS_FOLDER).iterdir())[0]


def edit(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


def touch(folder: Path) -> None:
    """Give every file another time."""
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))


def flip(path: Path) -> None:
    """Change one byte in the middle, so that the size stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_the_store_holds_what_the_files_say(built: Path) -> None:
    found = disk.fitting(built)
    assert found is not None
    assert set(found) == set(stores.open_store(built))


FITS: dict[str, Callable[[Path], object]] = {
    "as it was written": Path.exists,
    "copied without its times": lambda folder: touch(folder),
    "beside a file that is no fact": lambda folder: (folder / "LICENSE").write_text("CC0"),
    "with the log of a reader": lambda folder: (folder / "store" / "data" / "LOG.old.1").write_text("read"),
    "without texts": lambda folder: shutil.rmtree(folder / stores.TEXTS_FOLDER),
}
DOES_NOT_FIT: dict[str, Callable[[Path], object]] = {
    "no store": lambda folder: shutil.rmtree(folder / "store"),
    "no manifest": lambda folder: (folder / manifests.MANIFEST_FILE).unlink(),
    "manifest of the first layout": lambda folder: edit(manifest(folder), lambda m: m.update(version=1)),
    "newer version of the stamp": lambda folder: edit(stamp(folder), lambda s: s.update(version=disk.VERSION + 1)),
    "another engine": lambda folder: edit(stamp(folder), lambda s: s.update(engine="9.9")),
    "stamp that is no JSON": lambda folder: stamp(folder).write_bytes(b"\xff"),
    "stamp of another shape": lambda folder: edit(stamp(folder), lambda s: s.update(facts=3)),
    "cut file of the store": lambda folder: os.truncate(largest(folder), 100),
    "flipped byte in the store": lambda folder: flip(largest(folder)),
    "missing file of the store": lambda folder: largest(folder).unlink(),
    "foreign file in the store": lambda folder: (largest(folder).parent / "000099.sst").write_bytes(b"x"),
    "store is a file": lambda folder: (folder / "store").rename(folder / "old") and (folder / "store").write_text("x"),
}
CHANGED = "is not as the folder's manifest has it; build it again, or delete manifest.json to have it read as it is"
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "manifest that is no JSON": (lambda folder: manifest(folder).write_text("{"), "manifest.json: is no manifest"),
    "manifest of another shape": (lambda folder: manifest(folder).write_text("[]"), "manifest.json: is no manifest"),
    "changed manifest": (
        lambda folder: edit(manifest(folder), lambda m: m.update(more=1)),
        "manifest.json: was changed after it was written; build the folder again, or delete this file",
    ),
    "newer manifest": (
        lambda folder: edit(manifest(folder), lambda m: m.update(version=manifests.VERSION + 1)),
        "manifest.json: was written by a newer drug-facts (layout 3; known is 2); install that version",
    ),
    "another statement": (
        lambda folder: statements(folder).write_bytes(statements(folder).read_bytes().replace(b"0", b"1")),
        CHANGED,
    ),
    "one document less": (
        lambda folder: statements(folder).unlink(),
        "statements/50 %25.txt.ttl: is named in the folder's manifest and missing",
    ),
    "one document more": (
        lambda folder: shutil.copy(statements(folder), statements(folder).with_name("more.ttl")),
        "statements/more.ttl: is not in the folder's manifest",
    ),
}


@pytest.mark.parametrize("change", FITS.values(), ids=FITS)
def test_a_store_that_fits_is_used(folder: Path, change: Callable[[Path], object]) -> None:
    change(folder)
    assert disk.fitting(folder) is not None


@pytest.mark.parametrize("change", DOES_NOT_FIT.values(), ids=DOES_NOT_FIT)
def test_a_store_that_does_not_fit_is_passed_over(
    folder: Path, change: Callable[[Path], object], capfd: pytest.CaptureFixture[str]
) -> None:
    change(folder)
    assert disk.fitting(folder) is None
    assert set(disk.open_folder(folder)) == set(stores.open_store(folder))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("change", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_folder_that_is_not_that_of_its_manifest_is_refused(
    folder: Path, change: Callable[[Path], object], problem: str
) -> None:
    change(folder)
    with pytest.raises(GraphError) as caught:
        kg.open(folder)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    manifest(folder).unlink()
    assert kg.open(folder).documents


def test_another_ontology_does_not_fit(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "more.ttl"
    other.write_text("<a:b> <a:b> <a:b> .")
    own = [*stores.vocabulary_files()]
    monkeypatch.setattr(stores, "vocabulary_files", lambda: iter([*own, other]))
    assert disk.fitting(folder) is None
    assert ox.Quad(*[ox.NamedNode("a:b")] * 3) in disk.open_folder(folder)


def test_a_store_of_other_facts_does_not_fit(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.kg"
    document, said = made.page("other.txt", made.ONE_OF_EACH[:3])
    building.write_facts(building.Build(tuple(assembly.assemble(said)), (document,)), other, with_texts=True)
    shutil.rmtree(folder / "store")
    shutil.copytree(other / "store", folder / "store")
    assert disk.fitting(folder) is None
    shutil.copy2(manifest(other), manifest(folder))
    with pytest.raises(GraphError, match="manifest"):
        disk.fitting(folder)


def test_answers_and_findings_are_the_same_with_and_without(folder: Path) -> None:
    with_store = kg.open(folder)
    shutil.rmtree(folder / "store")
    without = kg.open(folder)
    assert with_store.facts() == without.facts()
    for name in header.catalogue():
        question = header.question(name)
        if not question.parameters or [p.type for p in question.parameters] == ["Drug"]:
            given = {p.name: "clonazepam" for p in question.parameters}
            assert with_store.query(name, **given) == without.query(name, **given)
    assert check(stores.embedded(with_store.store)) == check(stores.embedded(without.store))


def test_opening_changes_nothing_in_the_folder(folder: Path) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        graph = kg.open(folder)
        assert graph.drug("clonazepam").cautions()
        with pytest.raises((OSError, RuntimeError)):
            stores.embedded(graph.store).add(ox.Quad(*[ox.NamedNode("a:b")] * 3))
        del graph
        assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_facts_that_are_kept_have_no_store(tmp_path: Path) -> None:
    document, said = made.page()
    result = building.Build(tuple(assembly.assemble(said)), (document,))
    for with_texts in (True, False):
        building.write_facts(result, tmp_path / "facts", with_texts=with_texts)
        assert (tmp_path / "facts" / "store").exists() is with_texts
        assert (tmp_path / "facts" / manifests.MANIFEST_FILE).exists() is with_texts


def test_a_store_holds_no_path_of_this_machine(built: Path) -> None:
    for path in (built / "store").rglob("*"):
        assert not path.is_file() or str(built).encode() not in path.read_bytes()
