"""Awkward words, names and targets: each format gives them back to a reader that is not ours, or refuses."""

from __future__ import annotations

import csv
import functools
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import DCTERMS, SKOS

import kg
from kg import assembly, cli, exports, files
from kg.errors import GraphError
from kg.exports import identifiers, xlsx
from kg.graph import encode, terms
from kg.graph import store as stores
from kg.records import Entity, Fact
from tests import exported, made

ROOT = Path(__file__).resolve().parents[1]
Paths = tuple[Path, ...]

WORDS = {
    "a control character": "ring \x07 it",
    "an escape": "red \x1b[31m alert",
    "tabs and lines": "a\tb\nc\r\nd",
    "quotes": "a \"b\" 'c' `d` \\n \\",
    "markup": "<b>&amp; </b> ]]> <!--",
    "a formula": '=HYPERLINK("http://example.org";"y")',
    "a sum": "+1",
    "a difference": "-1+2",
    "a command": "@SUM(A1)",
    "separators": "a|b;c,d\u00a6e",
    "letters of everywhere": "\U0001f48a e\u0301 \u202eabc \u65e5\u672c \u0130\u00df",
    "line ends of others": "a\u2028b\u2029c\u0085d",
    "no characters": "a\ufeff b\ufffd",
    "not for XML": "a\ufffe",
    "prefixes": "https://example.org/x?a=1&b=2#c drugs:x _:b ^^<x>",
    "templates": "{{ 7*7 }} ${x} %s {x}",
}
LONG = "w\u00f6rter " * 160_000
REFUSING = {
    "rdfxml": {"a control character", "an escape", "not for XML"},
    "graphml": {"a control character", "an escape", "not for XML"},
    "gexf": {"a control character", "an escape", "not for XML"},
    "xlsx": {"a control character", "an escape", "not for XML"},
}
"""What formats refuse; all else they hold."""


def forms() -> list[pytest.param]:  # type: ignore[valid-type]
    return [
        pytest.param(
            form.name,
            marks=pytest.mark.skipif(not form.is_available, reason=f"{form.needs} is not installed"),
            id=form.name,
        )
        for form in exports.FORMATS
        if form.name in READERS
    ]


@functools.cache
def graph_of(words: str, documents: tuple[str, ...] = ("a.txt",), iri: str | None = None) -> kg.Graph:
    """A graph of one fact on an object of these words exactly, which assembly would have put in order."""
    pages = [made.page(name, made.ONE_OF_EACH[:1]) for name in documents]
    proofs = tuple(made.evidence(d, s.evidence.span, s.evidence.object_span) for d, (s,) in pages)
    object_ = Entity(words, iri)
    fact = Fact("adverse_effect", made.entity_of("clonazepam"), object_, proofs, qualifiers={"population": "men"})
    fact = Fact(
        fact.kind, fact.subject, object_, proofs, "affirmed", fact.qualifiers, assembly.fact_iri(assembly.expand(fact))
    )
    quads = list(encode.quads([fact], [document for document, _ in pages]))
    if iri is not None:
        said = (
            (SKOS.prefLabel, ox.Literal(words, language="en")),
            (terms.RDF_TYPE, ox.NamedNode(terms.SKOS + "Concept")),
        )
        quads += [ox.Quad(ox.NamedNode(iri), ox.NamedNode(str(p)), o, stores.VOCABULARY) for p, o in said]
    return kg.Graph(stores.from_quads(quads, with_vocabulary=False))


# ------------------------------------------------------------------------------------ what the readers of others read


def rdf(paths: Paths, reader: str) -> rdflib.Dataset | rdflib.Graph:
    found = rdflib.Graph() if reader in ("turtle", "xml") else rdflib.Dataset(default_union=True)
    return found.parse(data=next(p for p in paths if p.name.endswith(("trig", "out"))).read_bytes(), format=reader)


def labels_of(reader: str) -> Callable[[Paths], set[str]]:
    return lambda paths: {str(label) for label in rdf(paths, reader).objects(None, SKOS.prefLabel)}


def cells(path: Path, delimiter: str = ",", quoting: Literal[0, 3] = csv.QUOTE_MINIMAL) -> Iterator[dict[str, str]]:
    before = csv.field_size_limit(10_000_000)
    text = path.read_bytes().decode()
    stream = io.StringIO(text, newline="")
    yield from csv.DictReader(stream, delimiter=delimiter, quoting=quoting)
    csv.field_size_limit(before)


def networkx(paths: Paths, read: str) -> set[str]:
    import networkx as nx

    if read == "cytoscape":
        found = nx.cytoscape_graph(json.loads(paths[0].read_bytes()), name="label", ident="id")
    else:
        found = getattr(nx, f"read_{read}")(paths[0])
    return {str(attributes.get("label", "")) for _, attributes in found.nodes(data=True)}


def strings(value: object) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def workbook(paths: Paths) -> set[str]:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed; install drug-facts[test-exports]")
    unescape = pytest.importorskip("openpyxl.utils.escape").unescape  # which Excel does by itself
    book = openpyxl.load_workbook(io.BytesIO(paths[0].read_bytes()))
    assert all(cell.data_type != "f" for row in book["facts"].iter_rows() for cell in row)
    rows = [[unescape(str(value or "")) for value in row] for row in book["facts"].iter_rows(values_only=True)]
    book.close()
    return {row[rows[0].index("object")] for row in rows[1:]}


def parquet(paths: Paths) -> set[str]:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed; install drug-facts[test-exports]")
    with duckdb.connect() as connection:
        return {row[0] for row in connection.execute("SELECT object FROM read_parquet(?)", [str(paths[1])]).fetchall()}


READERS: dict[str, Callable[[Paths], set[str]]] = {
    "turtle": labels_of("turtle"),
    "trig": labels_of("trig"),
    "nquads": labels_of("nquads"),
    "jsonld": labels_of("json-ld"),
    "rdfxml": labels_of("xml"),
    "nanopub": labels_of("trig"),
    "graphml": lambda paths: networkx(paths, "graphml"),
    "gexf": lambda paths: networkx(paths, "gexf"),
    "cytoscape": lambda paths: networkx(paths, "cytoscape"),
    "csv": lambda paths: {row["object"] for row in cells(paths[0])},
    "safe-csv": lambda paths: {row["object"] for row in cells(paths[0])},
    "tsv": lambda paths: {row["object"] for row in cells(paths[0], "\t", csv.QUOTE_NONE)},
    "kgx": lambda paths: {row["name"] for row in cells(paths[0], "\t", csv.QUOTE_NONE)},
    "kgx-jsonl": lambda paths: {json.loads(line)["name"] for line in paths[0].read_text("utf-8").split("\n")[:-1]},
    "neo4j": lambda paths: {row["name"] for row in cells(paths[0])},
    "fhir": lambda paths: set(strings(json.loads(paths[0].read_bytes()))),
    "parquet": parquet,
    "xlsx": workbook,
    "ro-crate": lambda paths: {row["object"] for row in cells(paths[2])} & labels_of("trig")(paths),
}
"""How each format that holds facts is read by somebody else: the words of its entities."""


def expected(name: str, words: str) -> str:
    """What a format makes of words, as its page says."""
    if name == "kgx":
        return identifiers.clean(words).replace("|", "\u00a6")
    if name in ("neo4j", "fhir"):
        return identifiers.clean(words)
    if name == "tsv":
        words = identifiers.clean(words)
    if name in ("safe-csv", "tsv"):
        return f"'{words}" if words.startswith(("=", "+", "-", "@")) else words
    return words


def written(graph: kg.Graph, folder: Path, name: str) -> Paths:
    exports.write(graph, folder / "out", name)
    return exports.find(name).paths(folder / "out")


def test_every_format_has_a_reader() -> None:
    without_facts = {"sssom"}
    assert {form.name for form in exports.FORMATS if not getattr(form, "is_about", False)} - without_facts == set(
        READERS
    )


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph)[. ]:DeprecationWarning")  # rdflib warns of itself
@pytest.mark.parametrize("name", forms())
def test_awkward_words_come_back_or_are_refused(name: str, tmp_path: Path) -> None:
    refused = set()
    for number, (case, words) in enumerate(WORDS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            paths = written(graph_of(words), folder, name)
        except GraphError as error:
            assert len(str(error).splitlines()) == 1, case
            assert "cannot hold" in str(error), case
            assert list(folder.iterdir()) == [], case
            refused.add(case)
        else:
            assert expected(name, words) in READERS[name](paths), case
    assert refused == REFUSING.get(name, set())


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph)[. ]:DeprecationWarning")  # rdflib warns of itself
@pytest.mark.parametrize("name", forms())
def test_a_megabyte_comes_back_or_is_refused(name: str, tmp_path: Path) -> None:
    words = LONG.strip()
    assert len(words.encode()) > 1_000_000
    if name == "xlsx":
        with pytest.raises(GraphError, match=f"a cell holds {xlsx.LONGEST_CELL:,}"):
            written(graph_of(words), tmp_path, name)
        assert list(tmp_path.iterdir()) == []
        return
    paths = written(graph_of(words), tmp_path, name)
    if name == "nquads":  # rdflib takes minutes for such a line, Oxigraph's own parser none
        found = {q.object.value for q in ox.parse(paths[0].read_bytes(), ox.RdfFormat.N_QUADS)}
    else:
        found = READERS[name](paths)
    assert expected(name, words) in found


NAMES = (
    "../../etc/passwd",
    "/absolute/a.txt",
    "C:\\a b.txt",
    "a\"b'<c>&d.txt",
    "tab\tand\nline",
    "50 %.txt",
    "..",
    "\u00e9#?",
)


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph)[. ]:DeprecationWarning")  # rdflib warns of itself
@pytest.mark.parametrize("name", forms())
def test_documents_with_odd_names_stay_inside(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    paths = written(graph_of("rash", NAMES), folder, name)
    assert {p for p in tmp_path.rglob("*") if p.is_file()} == set(paths)
    if name in ("turtle", "trig", "nquads", "jsonld", "rdfxml"):
        reader = {"rdfxml": "xml", "jsonld": "json-ld"}.get(name, name)
        assert {str(o) for o in rdf(paths, reader).objects(None, DCTERMS.identifier)} == set(NAMES)
    elif name in ("csv", "safe-csv"):
        assert {row["document"] for row in cells(paths[0])} == set(NAMES)
    elif name == "kgx":
        (edge,) = cells(paths[1], "\t", csv.QUOTE_NONE)
        assert {unquote(p.partition(":")[2]) for p in edge["publications"].split("|")} == set(NAMES)


IRIS = (
    "https://example.org/a'b(c)~!$&*+,;=:@%20/\u00fc?q=1&r=%22#frag",
    "urn:isbn:0-395-36341-1",
    "tag:example.org,2026:x",
    "https://example.org/" + "p" * 10_000,
)


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph)[. ]:DeprecationWarning")  # rdflib warns of itself
@pytest.mark.parametrize("iri", IRIS, ids=["signs", "urn", "tag", "long"])
@pytest.mark.parametrize("name", ["turtle", "trig", "nquads", "jsonld", "rdfxml"])
def test_odd_names_of_concepts_come_back(name: str, iri: str, tmp_path: Path) -> None:
    reader = {"rdfxml": "xml", "jsonld": "json-ld"}.get(name, name)
    found = rdf(written(graph_of("odd", iri=iri), tmp_path, name), reader)
    assert {str(s) for s in found.subjects(SKOS.prefLabel, rdflib.Literal("odd", lang="en"))} == {iri}


@pytest.mark.parametrize(
    "iri", ["http://x/a b", 'http://x/"', "http://x/<>", "http://x/{}", "http://x/|", "http://x/\n"]
)
def test_what_is_no_iri_never_gets_into_a_graph(iri: str, tmp_path: Path) -> None:
    (tmp_path / "a.nq").write_text(f"<x:a> <x:b> <{iri}> .\n")
    with pytest.raises(GraphError, match="not N-Quads"):
        kg.open(tmp_path / "a.nq")


def test_half_a_character_never_gets_into_a_graph(tmp_path: Path) -> None:
    (tmp_path / "a.jsonld").write_text('{"@id": "x:a", "x:b": "\\ud800"}')
    with pytest.raises(GraphError, match="not JSON-LD"):
        kg.open(tmp_path / "a.jsonld")
    with pytest.raises((ValueError, GraphError)):
        graph_of("half \ud800 of it")


# ------------------------------------------------------------------------------------------- where it may be written

TARGETS = ("a\0b.ttl", "con.ttl", "NUL.ttl", "com1.x.ttl", "a:b.ttl", "a\\b.ttl", "a\n.ttl", "what?.ttl", "\ud800.ttl")


@pytest.mark.parametrize("name", TARGETS)
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="is no name of a file on every system") as caught:
        graph_of("rash").export(tmp_path / name, "turtle")
    assert len(str(caught.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "/a", "a/b", "a.", "a ", "x" * 300])
def test_a_name_is_one_step_into_its_folder(name: str) -> None:
    with pytest.raises(GraphError):
        files.check_name(name)


@pytest.mark.parametrize(
    "name", ["a.ttl", "my graph.kg", "\u00fc.trig", "console.ttl", "_a-b.2.csv", ".hidden", "x" * 255]
)
def test_ordinary_names_are_taken(name: str) -> None:
    files.check_name(name)


def test_the_command_refuses_such_a_name_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph_of("rash").export(tmp_path / "ok.nq")
    (tmp_path / "ok.nq").rename(tmp_path / "aux.nq")
    assert cli.main(["export", str(tmp_path / "aux.nq"), str(tmp_path / "out"), "--format", "ttl,csv"]) == 2
    assert (
        capsys.readouterr().err
        == "kg: aux.ttl: is no name of a file on every system; name it in letters, digits, - _ and .\n"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["aux.nq"]


@pytest.mark.parametrize(
    "name", [f.name for f in exports.FORMATS if f.is_available and not getattr(f, "is_about", False)]
)
def test_the_command_replaces_links_and_follows_none(name: str, tmp_path: Path) -> None:
    graph_of("rash").export(tmp_path / "my.nq")
    (tmp_path / "outside").write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    paths = exports.find(name).paths(out / f"my{exports.find(name).suffix}")
    for path in paths:
        path.symlink_to(tmp_path / "outside")
    assert cli.main(["export", str(tmp_path / "my.nq"), str(out), "--format", name]) == 0
    assert (tmp_path / "outside").read_text() == "mine"
    assert sorted(out.iterdir()) == sorted(paths)
    assert not any(path.is_symlink() for path in paths)


# ------------------------------------------------------------------------------------- disks that are full, or closed


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=False, capture_output=True
    )
    if done.returncode != 0:
        pytest.skip("a small disk may not be mounted here")
    yield place
    subprocess.run([umount, str(place)], check=True)


@pytest.fixture(scope="module")
def large() -> kg.Graph:
    """A graph that no format writes in 64 kB."""
    return graph_of("".join(f"{number:06d}" for number in range(100_000)))


@pytest.mark.parametrize("name", [n for n in READERS if n not in ("xlsx", "parquet")])
def test_a_full_disk_loses_nothing(name: str, large: kg.Graph, small: Path) -> None:
    paths = exports.find(name).paths(small / "out")
    for path in paths:
        path.write_bytes(b"old")
    with pytest.raises(GraphError, match=r"cannot be written \(No space left on device\)"):
        exports.write(large, small / "out", name)
    assert sorted(small.iterdir()) == sorted(paths)
    assert {path.read_bytes() for path in paths} == {b"old"}


def test_commands_on_a_full_disk_leave_nothing(
    large: kg.Graph, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large.export(tmp_path / "my.nq")
    (small / "out").mkdir()
    (small / "out" / "my.ttl").write_bytes(b"old")
    assert cli.main(["export", str(tmp_path / "my.nq"), str(small / "out"), "--format", "ttl,csv"]) == 2
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    assert cli.main(["load", str(tmp_path / "my.nq"), "--out", str(small / "new.kg")]) in (1, 2)
    left = {p.relative_to(small).as_posix(): p.read_bytes() for p in small.rglob("*") if p.is_file()}
    assert left == {"out/my.ttl": b"old"}
    assert [p.name for p in small.iterdir()] == ["out"]


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere")
def test_loading_into_a_closed_folder_is_one_error(tmp_path: Path) -> None:
    exported.graph_of(made.ONE_OF_EACH[:2], quotes=False).export(tmp_path / "my.nq")
    (tmp_path / "my.nq").chmod(0o644)
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    tmp_path.chmod(0o755)
    command = [sys.executable, "-m", "kg.cli", "load", str(tmp_path / "my.nq"), "--out", str(folder / "new.kg")]
    drop = ["setpriv", "--reuid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run([*drop, *command], capture_output=True, text=True, check=False, cwd=ROOT)
    if drop and "Permission denied" in done.stderr and "kg:" not in done.stderr:
        pytest.skip("another user cannot run Python here")
    assert done.returncode == 2
    assert "permission denied" in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == []
