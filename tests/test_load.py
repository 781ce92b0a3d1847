"""`kg load`: what was exported comes back, byte for byte where the format keeps all; what is wrong stays out."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg import cli, loading
from kg.errors import GraphError
from kg.exports import addresses, biolink, identifiers
from kg.graph import disk, terms
from kg.graph import store as stores
from kg.records import Evidence, Fact, Span
from tests import made

ROOT = Path(__file__).resolve().parents[1]
WHOLE = ("ttl", "trig", "nq", "jsonld", "rdf")
TABLES = {"kgx": ("my_nodes.tsv", "my_edges.tsv"), "kgx-jsonl": ("my_nodes.jsonl", "my_edges.jsonl")}
PAGES = {
    "first.md": "# Clonazepam\n\nClonazepam is used to treat panic disorder. Do not take clonazepam if you have"
    " foozleitis. Clonazepam may cause drowsiness. Store it away from light.\n",
    "second 50 %.txt": "Clonazepam is contraindicated in patients with severe liver disease. Avoid alcohol while you"
    " take clonazepam. It may cause foozleitis in older adults.\n",
}
LEXICON = "code,label,names\nFZ:1,foozle disorder,\nFZ:2,foozleitis,inflamed foozle\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built folder with a concept of a local lexicon, and what is exported of it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "words.csv").write_text(LEXICON)
    (folder / "pages").mkdir()
    for name, text in PAGES.items():
        (folder / "pages" / name).write_text(text)
    lexicon, graph = str(folder / "my.lexicon"), str(folder / "my.kg")
    columns = "id=code,label=label,synonyms=names"
    words = ["--columns", columns, "--type", "Condition", "--out", lexicon]
    assert cli.main(["vocabulary", "add", str(folder / "words.csv"), *words]) == 0
    assert cli.main(["build", str(folder / "pages"), "--out", graph, "--vocabulary", lexicon]) == 0
    formats = ",".join((*WHOLE, *TABLES))
    assert cli.main(["export", graph, str(folder / "out"), "--format", formats]) == 0
    assert cli.main(["export", graph, str(folder / "quoted"), "--format", formats, "--with-quotes"]) == 0
    return folder


def contents(folder: Path, *, but: Iterable[str] = ("store", "texts")) -> dict[str, bytes]:
    """The files of a folder of facts; the store differs in the times that it notes."""
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    kept = {name: content for name, content in found.items() if name.split("/")[0] not in but}
    return kept | {"manifest.json": manifest(kept["manifest.json"], but)}


def manifest(content: bytes, but: Iterable[str]) -> bytes:
    """What a manifest says of files; a file of triples does not tell what a build was told."""
    said = {key: value for key, value in json.loads(content).items() if key not in ("options", "sha256")}
    said["files"] = {name: sum_ for name, sum_ in said["files"].items() if name.split("/")[0] not in but}
    return json.dumps(said, sort_keys=True).encode()


def load(*arguments: str | Path) -> int:
    return cli.main(["load", *map(str, arguments)])


# ------------------------------------------------------------------------------------------------- what comes back


@pytest.mark.parametrize("ending", WHOLE)
def test_a_format_that_keeps_all_gives_the_same_bytes(home: Path, tmp_path: Path, ending: str) -> None:
    assert load(home / "out" / f"my.{ending}", "--out", tmp_path / "new.kg") == 0
    expected = contents(home / "my.kg")
    assert {"concepts.ttl", "dataset.ttl", "derived.ttl", "documents.ttl", "manifest.json"} <= set(expected)
    assert contents(tmp_path / "new.kg") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["new.kg"]
    assert disk.fitting(tmp_path / "new.kg") is not None


def test_with_the_documents_the_texts_are_the_same_too(home: Path, tmp_path: Path) -> None:
    assert load(home / "out" / "my.trig", "--out", tmp_path / "new.kg", "--documents", home / "pages") == 0
    assert contents(tmp_path / "new.kg", but=["store"]) == contents(home / "my.kg", but=["store"])
    assert kg.open(tmp_path / "new.kg").facts() == kg.open(home / "my.kg").facts()


def test_a_text_that_is_another_is_not_kept(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(home / "pages", tmp_path / "pages")
    (tmp_path / "pages" / "first.md").write_text("Clonazepam may cause rash.\n")
    code = load(home / "out" / "my.trig", "--out", tmp_path / "new.kg", "--documents", tmp_path / "pages")
    assert code == 1
    assert "Another version of the document is at hand" in capsys.readouterr().out
    assert not (tmp_path / "new.kg").exists()


@pytest.mark.parametrize("ending", ["ttl", "trig"])
def test_quotes_that_were_exported_stay(home: Path, tmp_path: Path, ending: str) -> None:
    assert load(home / "quoted" / f"my.{ending}", "--out", tmp_path / "new.kg") == 0
    found, expected = kg.open(tmp_path / "new.kg"), kg.open(home / "my.kg")
    assert made.without_quotes(found.facts()) == made.without_quotes(expected.facts())
    exact = list(found.store.quads_for_pattern(None, ox.NamedNode(terms.OA + "exact"), None, stores.DEFAULT))
    assert any("while you take" in quad.object.value for quad in exact if isinstance(quad.object, ox.Literal))


def test_several_files_become_one_folder(home: Path, tmp_path: Path) -> None:
    quads = list(ox.parse((home / "out" / "my.nq").read_bytes(), ox.RdfFormat.N_QUADS))
    for number in (0, 1):
        part = quads[number::2]
        (tmp_path / f"{number}.nq").write_text(
            "".join(f"{q.subject} {q.predicate} {q.object} {q.graph_name} .\n" for q in part)
        )
    assert load(tmp_path / "0.nq", tmp_path / "1.nq", "--out", tmp_path / "new.kg") == 0
    assert contents(tmp_path / "new.kg") == contents(home / "my.kg")


def in_words_of_biolink(graph: kg.Graph) -> list[Fact]:
    """The facts that KGX has a word for, without what it loses: what an unlisted term is a kind of."""
    ids = {edge["id"] for edge in biolink.Said(graph).edges()}
    kept = [f for f in graph.facts() if identifiers.curie(f.iri, biolink.table().prefixes) in ids]
    return made.without_quotes(kept)


@pytest.mark.parametrize("name", TABLES)
def test_kgx_gives_back_what_biolink_has_a_word_for(home: Path, tmp_path: Path, name: str) -> None:
    assert load(*(home / "out" / file for file in TABLES[name]), "--out", tmp_path / "new.kg") == 0
    found, original = kg.open(tmp_path / "new.kg"), kg.open(home / "my.kg")
    expected = in_words_of_biolink(original)
    assert list(found.facts()) == expected
    assert 0 < len(expected) < len(original.facts())
    assert found.documents == original.documents
    assert cli.main(["check", str(tmp_path / "new.kg"), "--documents", str(home / "pages")]) == 0
    names = {c.label for c in map(found.reader.entity, concepts(found))}
    assert "foozleitis" in names


def concepts(graph: kg.Graph) -> set[str]:
    found = graph.store.quads_for_pattern(None, ox.NamedNode(terms.DRUGS + "object"), None, stores.DEFAULT)
    return {quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)}


def test_every_kind_and_qualifier_of_kgx_comes_back(tmp_path: Path) -> None:
    from tests import exported

    graph = exported.graph_of(made.ONE_OF_EACH, quotes=False)
    for name, form in (("facts_nodes.tsv", "kgx"), ("facts_nodes.jsonl", "kgx-jsonl")):
        folder = tmp_path / form
        folder.mkdir()
        graph.export(folder / name, form)
        loaded = loading.read(sorted(folder.iterdir()))
        assert loaded.report.ok, loaded.report.findings
        loading.write(loaded, tmp_path / f"{form}.kg")
        assert list(kg.open(tmp_path / f"{form}.kg").facts()) == in_words_of_biolink(graph)


PLACES = (
    Evidence("a b#c/d.txt", Span(0, 10), "a" * 64, Span(2, 4), "x|y & z=1; \u00fc\n\t", "rule/a-b", Span(0, 1)),
    Evidence("../../%2F", Span(5, 6), "0" * 64, Span(5, 6), "", "", None),
)


@pytest.mark.parametrize("place", PLACES, ids=[p.document for p in PLACES])
def test_an_address_holds_all_of_a_place(place: Evidence) -> None:
    address = addresses.of_evidence(place)
    assert addresses.to_evidence(address) == place
    assert not set(address) & set("|\t\n\" '<>")


# ------------------------------------------------------------------------------------------------ what is refused


def edited(home: Path, tmp_path: Path, change: Callable[[str], str]) -> Path:
    path = tmp_path / "changed.trig"
    path.write_text(change((home / "out" / "my.trig").read_text("utf-8")), "utf-8")
    return path


WRONG: dict[str, tuple[Callable[[str], str], str]] = {
    "a fact with another level": (
        lambda text: text.replace("drugs:polarity polarity:affirmed", "drugs:polarity polarity:denied", 1),
        "The name of the fact does not fit its content.",
    ),
    "a wrong count": (lambda text: text.replace("void:triples ", "void:triples 9", 1), "has a wrong count"),
    "a blank node": (lambda text: text + "\n<x:a> <x:b> [ <x:c> 1 ] .\n", "blank node"),
    "another meaning of a term": (
        lambda text: text + '\ndrugs:Caution <http://www.w3.org/2000/01/rdf-schema#label> "x" .\n',
        "what the terms of the ontology mean",
    ),
}


@pytest.mark.parametrize(("change", "problem"), WRONG.values(), ids=WRONG)
def test_what_the_check_finds_is_said_and_not_written(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[str], str], problem: str
) -> None:
    path = edited(home, tmp_path, change)
    assert load(path, "--out", tmp_path / "new.kg") == 1
    said = capsys.readouterr()
    assert problem in " ".join(said.out.split())
    assert "is not written" in said.err.splitlines()[-1]
    assert [p.name for p in tmp_path.iterdir()] == ["changed.trig"]


DEEP = 10_000
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="x:a">'
    "<rdf:value>&b;</rdf:value></rdf:Description></rdf:RDF>"
)
NODE = '{"id": "drugfacts.concept:clonazepam", "name": "clonazepam", "category": ["biolink:Drug"]}\n'
EDGE = '{"id": "drugfacts.fact:1", "original_subject": "drugfacts.concept:clonazepam", '
REFUSED: dict[str, tuple[dict[str, str | bytes], str]] = {
    "missing": ({}, "no such file or folder"),
    "another format": ({"a.docx": "PK"}, "not a known RDF format"),
    "packed": ({"a.ttl.gz": gzip.compress(b"a" * 1000)}, "not a known RDF format"),
    "packed, under another name": ({"a.ttl": gzip.compress(b"\0" * 10_000_000)}, "not"),
    "nothing": ({"a.ttl": ""}, ""),
    "malformed Turtle": ({"a.ttl": "<x:a> <x:b> .\n"}, "a.ttl:1: not Turtle"),
    "malformed N-Quads": ({"a.nq": "<x:a> <x:b> <x:c> .\nx\n"}, "a.nq:2: not N-Quads"),
    "no UTF-8": ({"a.nq": b'<x:a> <x:b> "\xff" .\n'}, "not N-Quads"),
    "JSON-LD nested 10,000 deep": ({"a.jsonld": '{"@graph":[' * DEEP + "]}" * DEEP}, "nested deeper than 64"),
    "lists nested 10,000 deep": ({"a.jsonld": "[" * DEEP}, "nested deeper than 64"),
    "deep behind a string": ({"a.jsonld": '["\\"{", ' + "[" * DEEP}, "nested deeper than 64"),
    "triple terms nested": ({"a.ttl": "<x:a> <x:b> " + "<<( <x:a> <x:b> " * DEEP}, "nested deeper than 64"),
    "context of the web": ({"a.jsonld": '{"@context": "http://127.0.0.1:PORT/c"}'}, "would have to be fetched"),
    "context among others": ({"a.jsonld": '{"@context": [{}, "http://127.0.0.1:PORT/c"]}'}, "would have to be fetched"),
    "context of a file": ({"a.jsonld": '{"@context": "file:///etc/hostname"}'}, "would have to be fetched"),
    "context beside": ({"a.jsonld": '{"@context": "context.jsonld"}', "context.jsonld": "{}"}, "would have to be"),
    "context imported": ({"a.jsonld": '{"@context": {"@import": "http://127.0.0.1:PORT/"}}'}, "would have to be"),
    "context within": ({"a.jsonld": '{"x:p": [{"@context": "http://127.0.0.1:PORT/c"}]}'}, "would have to be fetched"),
    "entities": ({"a.rdf": BOMB}, "declares a document type or entities"),
    "entities in UTF-16": ({"a.rdf": BOMB.encode("utf-16")}, "declares a document type or entities"),
    "external entity": ({"a.rdf": BOMB.replace('"aaaaaaaaaa"', 'SYSTEM "file:///etc/hostname"')}, "document type"),
    "external document type": ({"a.rdf": '<!DOCTYPE r SYSTEM "http://127.0.0.1:PORT/d"><r/>'}, "document type"),
    "elements nested": ({"a.rdf": "<a>" * DEEP}, "nested deeper than 64"),
    "a huge power": ({"a.ttl": "<x:a> <x:b> 1E200000000 ."}, "more than 100 digits"),
    "a long number": ({"a.nq": f'<x:a> <x:b> "{"9" * 5000}"^^<{terms.XSD}integer> .\n'}, "more than 100 digits"),
    "a triple about a triple": ({"a.ttl": "<x:a> <x:b> <<( <x:a> <x:b> <x:c> )>> ."}, ""),
    "nodes without edges": ({"a_nodes.tsv": "id\tname\n"}, "is one of two files"),
    "edges nested": ({"a_nodes.jsonl": NODE, "a_edges.jsonl": '{"x": ' + "[" * DEEP}, "a_edges.jsonl:1: nested"),
    "edges with a long number": (
        {"a_nodes.jsonl": NODE, "a_edges.jsonl": '{"id": ' + "9" * 5000 + "}"},
        "has no original_subject",
    ),
    "edges that are no JSON": ({"a_nodes.jsonl": NODE, "a_edges.jsonl": "{"}, "a_edges.jsonl:1: not JSON"),
    "edges that are no objects": ({"a_nodes.jsonl": NODE, "a_edges.jsonl": "[]"}, "is no object"),
    "a list that is none": ({"a_nodes.jsonl": '{"id": "x", "name": "x", "xref": "x"}', "a_edges.jsonl": ""}, "no list"),
    "cells that are missing": ({"a_nodes.tsv": "id\tname\nx\n", "a_edges.tsv": "id\n"}, "a_nodes.tsv:2: has 1 cells"),
    "an edge to no node": (
        {"a_nodes.jsonl": "", "a_edges.jsonl": EDGE + '"original_object": "drugfacts.concept:gout"}'},
        "is no node",
    ),
    "an edge that is another fact": (
        {
            "a_nodes.jsonl": NODE,
            "a_edges.jsonl": EDGE + '"original_object": "drugfacts.concept:clonazepam", "description": "x",'
            ' "original_predicate": "drugfacts.ontology:treats"}',
        },
        "is not the fact that it is named after",
    ),
    "evidence that is none": (
        {
            "a_nodes.jsonl": NODE,
            "a_edges.jsonl": EDGE + '"original_object": "drugfacts.concept:clonazepam", "description": "x",'
            ' "original_predicate": "drugfacts.ontology:treats", "has_evidence": ["ECO:1"]}',
        },
        "is no address of evidence",
    ),
    "a document without its text": (
        {"a_nodes.jsonl": '{"id": "x", "name": "x", "category": ["biolink:Publication"]}', "a_edges.jsonl": ""},
        "a document without the address of its text",
    ),
    "tables that are no text": ({"a_nodes.tsv": b"\xff", "a_edges.tsv": b""}, "not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "problem"), REFUSED.values(), ids=REFUSED)
def test_hostile_and_broken_files_cost_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str | bytes], problem: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        for name, content in files.items():
            text = (
                content
                if isinstance(content, bytes)
                else content.replace("PORT", str(server.getsockname()[1])).encode()
            )
            (tmp_path / name).write_bytes(text)
        named = [tmp_path / name for name in files if name != "context.jsonld"] or [tmp_path / "no.ttl"]
        code = load(*named, "--out", tmp_path / "new.kg")
        with pytest.raises(BlockingIOError):  # nobody called
            server.accept()
    said = capsys.readouterr()
    assert code == (2 if problem else 1)
    assert "Traceback" not in said.err
    assert "hostname" not in said.out
    if problem:
        (line,) = said.err.splitlines()
        assert line.startswith("kg: ")
        assert problem in line
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(files)


@pytest.mark.parametrize("ending", ["nq", "jsonld"])
def test_what_is_read_piece_by_piece_may_be_larger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    path = tmp_path / f"large.{ending}"
    most = stores.MAXIMUM_STREAMED if ending == "nq" else stores.MAXIMUM_BYTES
    with path.open("wb") as stream:
        stream.truncate(most + 1)  # takes no room on the disk
    assert cli.main(["load", str(path), "--out", str(tmp_path / "out")]) == 2
    size = {"nq": 4_000, "jsonld": 500}[ending]
    assert f"{path}: larger than {size} MB; load it into a SPARQL server" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_deep_nesting_never_ends_the_process(tmp_path: Path) -> None:
    (tmp_path / "a.jsonld").write_text('{"@graph":[' * DEEP + "]}" * DEEP)
    command = [sys.executable, "-m", "kg.cli", "load", str(tmp_path / "a.jsonld"), "--out", str(tmp_path / "new.kg")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def clique(number: int) -> str:
    """A graph of blank nodes that all point to each other: poison for whoever canonicalises it."""
    return "".join(f"_:b{i} <x:p> _:b{j} .\n" for i in range(number) for j in range(number) if i != j)


def test_blank_nodes_are_refused_and_never_canonicalised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.nq").write_text(clique(9))
    assert load(tmp_path / "a.nq", "--out", tmp_path / "new.kg") == 1
    assert "blank node" in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == ["a.nq"]


HOMELESS: dict[str, tuple[str, str]] = {
    "a triple of something else": ("<https://w3id.org/drug-facts/thing/1> <x:p> <x:o> .", "has no place"),
    "a graph of no document": ("<x:g> { <x:s> <x:p> <x:o> }", "is the graph of no document"),
}


@pytest.mark.parametrize(("more", "problem"), HOMELESS.values(), ids=HOMELESS)
def test_nothing_is_dropped_in_silence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, problem: str
) -> None:
    text = (home / "out" / "my.trig").read_text("utf-8")
    start = text.index("<https://w3id.org/drug-facts/graph/dataset>")
    end = text.index("\n}\n", start) + 3  # the description counts what is there, so it is left out
    (tmp_path / "a.trig").write_text(f"{text[:start]}{text[end:]}\n{more}\n", "utf-8")
    assert load(tmp_path / "a.trig", "--out", tmp_path / "new.kg") in (1, 2)
    said = capsys.readouterr()
    assert problem in said.err or "<x:s>" in said.out
    assert [p.name for p in tmp_path.iterdir()] == ["a.trig"]


def test_a_file_without_a_description_gets_one(home: Path, tmp_path: Path) -> None:
    quads = [
        q
        for q in ox.parse((home / "out" / "my.nq").read_bytes(), ox.RdfFormat.N_QUADS)
        if q.graph_name != stores.DATASET
    ]
    lines = [f"{q.subject} {q.predicate} {q.object} {q.graph_name} .\n" for q in quads]
    (tmp_path / "a.nq").write_text("".join(lines))
    assert load(tmp_path / "a.nq", "--out", tmp_path / "new.kg") == 0
    assert contents(tmp_path / "new.kg") == contents(home / "my.kg")


TARGETS = {
    "a folder with something in it": "new.kg/mine.txt",
    "a folder of facts": "new.kg/documents.ttl",
    "a file": "new.kg",
}


@pytest.mark.parametrize("there", TARGETS.values(), ids=TARGETS)
def test_what_is_there_is_never_replaced(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], there: str
) -> None:
    target = tmp_path / "new.kg"
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    before = {p: p.read_bytes() if p.is_file() else b"" for p in tmp_path.rglob("*")}
    assert load(home / "out" / "my.nq", "--out", target) == 2
    assert "exists already; name a new folder" in capsys.readouterr().err
    assert {p: p.read_bytes() if p.is_file() else b"" for p in tmp_path.rglob("*")} == before


def test_a_failure_in_the_middle_leaves_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "publish", full)
    assert load(home / "out" / "my.nq", "--out", tmp_path / "new.kg") == 2
    assert "cannot be written (No space left on device)" in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_document_whose_name_leads_elsewhere_stays_inside(tmp_path: Path) -> None:
    from tests import exported

    names = ("../../etc/passwd", "/absolute", "C:\\x", "con.txt", "..", "a\tb", "dot.")
    graph = exported.graph_of(made.ONE_OF_EACH[:3], names, quotes=False)
    graph.export(tmp_path / "a.trig")
    loading.write(loading.read([tmp_path / "a.trig"]), tmp_path / "new.kg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.trig", "new.kg"]
    files = sorted(p.name for p in (tmp_path / "new.kg" / "statements").iterdir())
    assert len(files) == len(names)
    assert not [name for name in files if set(name) & set("/\\:\t") or name.startswith((".", "con."))]
    found = kg.open(tmp_path / "new.kg")
    assert sorted(source.name for source in found.documents) == sorted(names)
    assert found.facts() == graph.facts()


def test_a_name_that_is_too_long_is_one_error(tmp_path: Path) -> None:
    from tests import exported

    exported.graph_of(made.ONE_OF_EACH[:1], ["n" * 300], quotes=False).export(tmp_path / "a.trig")
    loaded = loading.read([tmp_path / "a.trig"])
    with pytest.raises(GraphError, match="is too long for the name of a file"):
        loading.write(loaded, tmp_path / "new.kg")
    assert [p.name for p in tmp_path.iterdir()] == ["a.trig"]


def test_lines_of_kgx_are_what_json_says(home: Path) -> None:
    for name in TABLES["kgx-jsonl"]:
        for line in (home / "out" / name).read_text("utf-8").splitlines():
            assert isinstance(json.loads(line), dict)
