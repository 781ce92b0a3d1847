"""What holds for every format: no quotes unasked, nothing derived as if it were said, nothing half written."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg import cli, exports
from kg.errors import GraphError
from kg.exports import identifiers
from kg.graph import store as stores
from kg.graph import terms
from tests import exported, made

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "tests" / "documents" / "development" / "warfarin.txt"
TYPE = ox.NamedNode(terms.RDF_TYPE)
BINARY = {"parquet", "xlsx", "png"}
RDF = {"turtle", "trig", "nquads", "jsonld", "rdfxml"}


def forms(*, but: set[str] = frozenset()) -> list[pytest.param]:  # type: ignore[valid-type, assignment]
    return [
        pytest.param(
            form.name,
            marks=pytest.mark.skipif(not form.is_available, reason=f"{form.needs} is not installed"),
            id=form.name,
        )
        for form in exports.FORMATS
        if form.name not in but
    ]


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


def text_of(paths: tuple[Path, ...]) -> str:
    return "".join(path.read_bytes().decode("utf-8") for path in paths)


def cells_of(paths: tuple[Path, ...]) -> str:
    """The texts of packed files, by readers that are not ours; the files themselves where they are not packed."""
    if paths[0].suffix == ".xlsx":
        openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed; install drug-facts[test-exports]")
        book = openpyxl.load_workbook(paths[0])
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    if paths[0].suffix == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
        return "\n".join(str(row) for path in paths for row in parquet.read_table(path).to_pylist())
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in paths)


@pytest.mark.parametrize("name", forms())
def test_no_sentence_leaves_unasked(name: str, graph: kg.Graph, tmp_path: Path) -> None:
    text = cells_of(exported.written(graph, tmp_path, name))
    assert "tells of" not in text  # the words of every sentence that no object has
    assert text


@pytest.mark.parametrize("name", forms())
def test_no_words_of_the_texts_leave_unasked_but_those_of_facts(name: str, built: Path, tmp_path: Path) -> None:
    graph = kg.open(built)
    text = " ".join(cells_of(exported.written(graph, tmp_path, name)).split())
    pages = {source.name: graph.text(source.name) for source in graph.documents}
    assert pages and all(pages.values())
    # Nine words in a row are more than the eight that a fact may keep of its object.
    words = [word for page in pages.values() for word in str(page).split()]
    runs = [" ".join(words[i : i + 9]) for i in range(len(words) - 8)]
    assert len(runs) > 300
    assert [run for run in runs if run in text] == []


@pytest.mark.parametrize(
    "name", ["turtle", "trig", "nquads", "jsonld", "rdfxml", "csv", "kgx-jsonl", "nanopub", "fhir"]
)
def test_sentences_leave_where_they_are_asked_for(name: str, graph: kg.Graph, tmp_path: Path) -> None:
    assert "tells of" in text_of(exported.written(graph, tmp_path, name, with_quotes=True))


@pytest.mark.parametrize("name", sorted(RDF))
def test_a_sentence_that_a_file_brought_along_does_not_leave_either(name: str, tmp_path: Path) -> None:
    with_quotes, theirs = (
        tmp_path / "quoted.ttl",
        exported.graph_of([("advice", "ring it", {"topic": "storage"}, "affirmed")]),
    )
    theirs.export(with_quotes, with_quotes=True)
    assert "tells of" in with_quotes.read_text("utf-8")
    opened = kg.open(with_quotes)
    for wanted in (False, True):  # no text at hand confirms it
        text = text_of(exported.written(opened, tmp_path, name, with_quotes=wanted))
        assert "tells of" not in text
        assert "ring it" in text


@pytest.mark.parametrize("name", sorted(RDF))
def test_what_is_written_with_quotes_differs_by_the_quotes_only(name: str, graph: kg.Graph, tmp_path: Path) -> None:
    quoted, plain = tmp_path / f"a{exports.find(name).suffix}", tmp_path / f"b{exports.find(name).suffix}"
    exports.write(graph, quoted, name, with_quotes=True)
    exports.write(graph, plain, name)
    added = {str(q) for q in kg.open(quoted).store} - {str(q) for q in kg.open(plain).store}
    assert added
    assert all(f"<{terms.OA}exact>" in quad or f"<{terms.OA}TextQuoteSelector>" in quad for quad in added)
    assert kg.open(quoted).facts() == kg.open(plain).facts()


def with_a_derived_fact(graph: kg.Graph) -> kg.Graph:
    """The graph and a derived fact that somebody typed as a stated one too, with all that a fact has."""
    fact = next(fact for fact in graph.facts("contraindication"))
    node, place = ox.NamedNode(terms.FACT + "0" * 64), ox.NamedNode(terms.GRAPH + "derived")
    copied = [
        (quad.predicate, quad.object)
        for quad in graph.store.quads_for_pattern(ox.NamedNode(fact.iri), None, None, stores.DEFAULT)
    ]
    copied.append((ox.NamedNode(terms.RDF_TYPE), identifiers.DERIVED))
    store = ox.Store()
    store.extend(iter(graph.store))
    store.extend(ox.Quad(node, p, o, g) for p, o in copied for g in (place, stores.DEFAULT))
    return kg.Graph(store, graph.texts)


@pytest.mark.parametrize("name", forms(but={*RDF, *BINARY, "ro-crate", "sssom", "graphml", "gexf", "cytoscape"}))
def test_what_is_derived_is_never_exported_as_stated(name: str, graph: kg.Graph, tmp_path: Path) -> None:
    derived = with_a_derived_fact(graph)
    assert "0" * 64 in {fact.iri.rsplit("/", 1)[-1] for fact in derived.facts()}
    before = text_of(exported.written(graph, tmp_path, name))
    assert text_of(exported.written(derived, tmp_path, name)) == before
    assert "0" * 64 not in before


@pytest.mark.parametrize("name", forms(but={*RDF, *BINARY, "report", "ro-crate"}))  # a report shows it, as what follows
def test_what_follows_from_the_packaged_facts_is_not_exported(name: str, tmp_path: Path) -> None:
    graph = kg.load()
    derived = {quad.subject for quad in graph.store.quads_for_pattern(None, TYPE, identifiers.DERIVED, None)}
    assert derived
    text = text_of(exported.written(graph, tmp_path, name))
    assert not [node for node in derived if str(node).strip("<>").rsplit("/", 1)[-1] in text]


@pytest.mark.parametrize("name", sorted(RDF))
def test_what_follows_is_told_from_what_is_said_in_rdf(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"facts{exports.find(name).suffix}"
    graph = kg.load()
    graph.export(path, name)
    found = kg.open(path)
    assert found.facts() == graph.facts()
    typed = {q.subject for q in found.store.quads_for_pattern(None, TYPE, identifiers.DERIVED, stores.DEFAULT)}
    assert typed == {q.subject for q in graph.store.quads_for_pattern(None, TYPE, identifiers.DERIVED, stores.DEFAULT)}
    assert not {str(node) for node in typed} & {f"<{fact.iri}>" for fact in found.facts()}


@pytest.mark.parametrize("name", forms())
def test_an_empty_graph_is_written(name: str, tmp_path: Path) -> None:
    empty = kg.Graph(stores.from_quads([]))
    for path in exported.written(empty, tmp_path, name):
        assert path.is_file()


LONG = "x" * 2_000_000


@pytest.mark.parametrize("name", forms(but={"xlsx"}))
def test_a_very_long_text_is_held(name: str, tmp_path: Path) -> None:
    long = exported.graph_of([("caution", LONG, {"level": "avoid"}, "affirmed")], ["a.txt"])
    sizes = [path.stat().st_size for path in exported.written(long, tmp_path, name)]
    assert all(sizes)
    assert max(sizes) > len(LONG) or name in ("sssom", "parquet", "png")  # no facts there, packed, or cut short


CONTROL = "ring \x00 \x07 \x1b[31m \x7f \u2028 \ufffe it"


@pytest.mark.parametrize("name", forms())
def test_control_characters_are_held_cleaned_or_refused(name: str, tmp_path: Path) -> None:
    graph = exported.graph_of([("caution", CONTROL, {"level": "avoid"}, "affirmed")], ["a.txt"])
    try:
        paths = exported.written(graph, tmp_path, name)
    except GraphError as error:
        assert "cannot hold" in str(error)
        assert len(str(error).splitlines()) == 1
        assert list(tmp_path.iterdir()) == []
    else:
        if name not in BINARY | {"csv", "safe-csv", "ro-crate"}:
            assert not [c for c in text_of(paths) if c < " " and c not in "\t\r\n"]


@pytest.mark.parametrize("name", forms())
def test_a_target_that_cannot_be_written_leaves_nothing(name: str, graph: kg.Graph, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"cannot be written \(No such file or directory\); name a file in a folder"):
        exported.written(graph, tmp_path / "no" / "such", name)
    occupied = exports.find(name).paths(tmp_path / "facts")[-1]
    occupied.mkdir()
    with pytest.raises(GraphError, match=r"cannot be written \(is a folder\)"):
        exported.written(graph, tmp_path, name)
    assert list(tmp_path.iterdir()) == [occupied]


class Full:
    """A disk that is full after some files."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.open = os.fdopen

    def __call__(self, descriptor: int, mode: str) -> object:
        self.room -= 1
        if self.room < 0:
            os.close(descriptor)
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.open(descriptor, mode)


@pytest.mark.parametrize("form", [f for f in exports.FORMATS if f.is_available], ids=lambda f: f.name)
def test_a_full_disk_leaves_the_old_files(
    form: exports.Format, graph: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = form.paths(tmp_path / "facts")
    for path in paths:
        path.write_bytes(b"old")
    monkeypatch.setattr(os, "fdopen", Full(len(paths) - 1))
    with pytest.raises(GraphError, match=r"cannot be written \(No space left on device\)"):
        exports.write(graph, tmp_path / "facts", form.name, asked=exported.ABOUT)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert {path.read_bytes() for path in paths} == {b"old"}


@pytest.mark.parametrize("name", ["turtle", "kgx", "neo4j"])
def test_a_link_is_replaced_and_not_followed(name: str, graph: kg.Graph, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    folder = tmp_path / "out"
    folder.mkdir()
    paths = exports.find(name).paths(folder / "facts")
    for path in paths:
        path.symlink_to(outside)
    exported.written(graph, folder, name)
    assert outside.read_bytes() == b"mine"
    assert not [path for path in paths if path.is_symlink()]


def test_files_that_belong_together_have_one_stem(tmp_path: Path) -> None:
    for name in ("facts", "facts.kgx", "facts_nodes.tsv", "facts_edges.tsv"):
        found = exports.find("kgx").paths(tmp_path / name)
        assert [path.name for path in found] == ["facts_nodes.tsv", "facts_edges.tsv"]
    exported.graph_of([made.ONE_OF_EACH[0]]).export(tmp_path / "my_nodes.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my_edges.jsonl", "my_nodes.jsonl"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph") / "my.kg"
    assert cli.main(["build", str(PAGE), "--out", str(folder)]) == 0
    return folder


def test_the_command_writes_every_format(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [form for form in exports.FORMATS if form.is_available]
    names, about = ",".join(form.name for form in wanted), ["--about", "warfarin"]
    for folder, option in (("plain", []), ("quoted", ["--with-quotes"])):
        assert cli.main(["export", str(built), str(tmp_path / folder), "--format", names, *option, *about]) == 0
    files_of = [{path.name: path.read_bytes() for path in (tmp_path / n).iterdir()} for n in ("plain", "quoted")]
    assert (
        set(files_of[0])
        == set(files_of[1])
        == {
            path.name
            for form in wanted
            for path in form.paths(Path(f"my{'.warfarin' if form.is_about else ''}{form.suffix}"))
        }
    )
    assert files_of[0] != files_of[1]
    sentence = PAGE.read_text("utf-8").split(". ")[1].strip()
    assert len(sentence.split()) > 8
    assert not [name for name, content in files_of[0].items() if sentence.encode() in content]
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) >= 2 * len(files_of[0])


def test_the_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "--help"]) == 0
    shown = "".join(capsys.readouterr().out.replace("│", " ").split())
    for form in exports.FORMATS:
        assert any(name in shown for name in (form.name, form.suffix.lstrip("."))), form.name


def test_the_documentation_names_every_format() -> None:
    text = (ROOT / "docs" / "exports.md").read_text("utf-8")
    for form in exports.FORMATS:
        assert f"`{form.name}`" in text
        for suffix in form.suffixes:
            assert f"`{suffix}`" in text


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    tmp_path.chmod(0o755)
    code = f"import kg; kg.load().export({str(folder / 'facts.kgx')!r}, 'kgx')"
    drop = ["setpriv", "--reuid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run([*drop, sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    if drop and "Permission denied" in done.stderr and "GraphError" not in done.stderr:
        pytest.skip("another user cannot run Python here")
    assert done.returncode != 0
    assert "cannot be written (Permission denied)" in done.stderr.splitlines()[-1]
    assert list(folder.iterdir()) == []
