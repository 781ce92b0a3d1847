"""Building: the committed facts are what the documents give, byte for byte; a folder is written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import assembly, building, decisions, files, resources
from kg.building import Build
from kg.errors import DocumentError, GraphError
from kg.graph import disk
from kg.records import Document, Reading, Statement
from tests import made

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT.parent / "shared" / "documents"
OWN = sorted((ROOT / "tests" / "documents" / "development").glob("[a-z]*.txt"))[:2]
HEADER = "\t".join(decisions.COLUMNS) + "\n"


def built(*names: str) -> Build:
    """What pages of our own give."""
    pages = [made.page(name) for name in names]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    return Build(tuple(facts), tuple(document for document, _ in pages))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.skipif(not PAGES.is_dir(), reason=f"the five documents are not at hand ({PAGES} is absent)")
def test_the_committed_facts_are_what_the_documents_give(tmp_path: Path) -> None:
    facts = resources.folder("facts")
    target = tmp_path / "facts"
    result = building.build([PAGES], decisions_file=facts / building.DECISIONS_FILE)
    building.write_facts(result, target, with_texts=False)
    committed = {k: v for k, v in contents(facts).items() if k.endswith(".ttl")}
    fresh = contents(target)
    assert sorted(committed) == sorted(fresh)
    changed = [name for name in fresh if fresh[name] != committed[name]]
    assert not changed, f"{changed} differ: run `make facts` and look at the diff"


def test_the_committed_facts_hold_a_few_words_and_no_sentence() -> None:
    facts = resources.folder("facts")
    longest = assembly.MAXIMUM_WORDS + 1  # the ellipsis of what was cut
    for path in [facts / "documents.ttl", *sorted((facts / "statements").glob("*.ttl"))]:
        for quad in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE):
            if isinstance(quad.object, ox.Literal):
                assert len(quad.object.value.split()) <= longest, f"{path.name}: {quad.object.value}"


def test_two_builds_give_the_same_bytes_under_different_hash_seeds(tmp_path: Path) -> None:
    assert OWN, "the pages of our own are missing"
    code = (
        "import sys; from pathlib import Path; from kg import building; "
        "building.write_facts(building.build([Path(p) for p in sys.argv[2:]]), Path(sys.argv[1]), with_texts=True)"
    )
    folders = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        command = [sys.executable, "-c", code, str(folder), *map(str, OWN)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT)
        shutil.rmtree(folder / disk.STORE_FOLDER)  # may be deleted at any time, and holds times
        folders.append(contents(folder))
    assert folders[0] == folders[1]
    assert {f"texts/{page.name}" for page in OWN} <= set(folders[0])


def test_a_folder_is_replaced_whole_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    target = tmp_path / "facts"
    building.write_facts(built("a.txt", "b.txt"), target, with_texts=True)
    (target / "LICENSE").write_text("CC0")
    (target / "decisions.tsv").write_text(HEADER)
    building.write_facts(built("b.txt"), target, with_texts=False)
    assert sorted(contents(target)) == [
        "LICENSE",
        "dataset.ttl",
        "decisions.tsv",
        "documents.ttl",
        "statements/b.txt.ttl",
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["facts"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(GraphError, match="is no folder of facts"):
        building.write_facts(built("a.txt"), tmp_path, with_texts=False)
    with pytest.raises(GraphError, match="is no folder of facts"):
        building.write_facts(built("a.txt"), tmp_path / "thesis.doc", with_texts=False)
    assert sorted(contents(tmp_path)) == ["thesis.doc"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="cannot be written"):
        building.write_facts(built("a.txt"), tmp_path / "no" / "such" / "folder", with_texts=False)


def test_a_failure_in_the_middle_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "facts"
    building.write_facts(built("a.txt"), target, with_texts=False)
    before = contents(target)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_new", fail)
    with pytest.raises(GraphError, match="No space left on device"):
        building.write_facts(built("b.txt"), target, with_texts=False)
    assert contents(target) == before
    assert [p.name for p in tmp_path.iterdir()] == ["facts"]


def test_of_two_documents_of_one_name_the_second_is_left_out(tmp_path: Path) -> None:
    for folder, text in (("one", "Sertraline treats panic disorder."), ("two", "Sertraline treats insomnia.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.txt").write_text(text)
    result = building.build([tmp_path])
    assert [document.text for document in result.documents] == ["Sertraline treats panic disorder."]
    assert [fact.object.label for fact in result.facts] == ["panic disorder"]
    second, first = tmp_path / "two" / "page.txt", tmp_path / "one" / "page.txt"
    line = f"{second}: another document has the same name: {first}; rename one of them"
    assert list(map(str, result.left_out)) == [line]


def test_decisions_that_cannot_be_read_are_named_before_any_document_is(tmp_path: Path) -> None:
    def readings() -> Iterator[Reading]:
        pytest.fail("a document was read first")
        yield

    with pytest.raises(DocumentError, match=r"no\.tsv: cannot be read"):
        building.collect(readings(), tmp_path / "no.tsv")


# Decisions ------------------------------------------------------------------------------------------------------------

UNUSABLE: tuple[tuple[str, str, str], ...] = (
    ("no header", "rejected\tpage.txt\n", ":1: the header is not that of decisions"),
    ("too few cells", HEADER + "rejected\tpage.txt\n", ":2: has 2 cells"),
    ("unknown decision", HEADER + "maybe" + "\t" * 10 + "\twhy\n", ":2: no decision 'maybe'"),
    ("no reason", HEADER + "rejected" + "\t" * 11 + "\n", ":2: gives no reason"),
)
WITHOUT_EFFECT: tuple[tuple[str, dict[str, str], str], ...] = (
    (
        "matches nothing",
        {"decision": "rejected", "kind": "caution", "object": "tortoise"},
        "rejects a statement that nothing makes",
    ),
    (
        "other qualifiers",
        {"decision": "rejected", "object": "driving", "qualifiers": "level=monitor"},
        "rejects a statement that nothing makes",
    ),
    (
        "a malformed qualifier",
        {"decision": "rejected", "object": "driving", "qualifiers": "level"},
        "'level' is no qualifier",
    ),
    (
        "another document",
        {"decision": "added", "document": "other.txt"},
        "adds to a document that is not there: 'other.txt'",
    ),
    ("no offsets", {"decision": "added", "document": "page.txt"}, "start and end must be numbers"),
    (
        "beyond the end",
        {"decision": "added", "document": "page.txt", "start": "0", "end": "99999"},
        "no text at 0 to 99999",
    ),
    (
        "outside the quote",
        {"decision": "added", "document": "page.txt", "start": "0", "end": "4", "object_start": "6", "object_end": "9"},
        "the object's place is outside the quote",
    ),
)


def decide(tmp_path: Path, cells: dict[str, str]) -> tuple[Document, list[Statement]]:
    """Apply one decision to the page with one statement of each kind."""
    path = tmp_path / "decisions.tsv"
    line = dict.fromkeys(decisions.COLUMNS, "") | {"reason": "a test"} | cells
    path.write_text(HEADER + "\t".join(line.values()) + "\n")
    document, statements = made.page()
    return document, decisions.apply(statements, decisions.read(path), [document])


@pytest.mark.parametrize(("text", "message"), [case[1:] for case in UNUSABLE], ids=[case[0] for case in UNUSABLE])
def test_a_file_of_decisions_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "decisions.tsv"
    path.write_text(text)
    with pytest.raises(DocumentError, match=re.escape(f"{path}{message}")):
        decisions.read(path)


@pytest.mark.parametrize(("cells", "problem"), [c[1:] for c in WITHOUT_EFFECT], ids=[c[0] for c in WITHOUT_EFFECT])
def test_a_decision_that_fits_nothing_is_named(tmp_path: Path, cells: dict[str, str], problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decide(tmp_path, cells)
    assert caught.value.problem == problem
    assert caught.value.place.endswith("decisions.tsv:2")


def test_a_rejected_statement_is_gone(tmp_path: Path) -> None:
    _, kept = decide(tmp_path, {"decision": "rejected", "kind": "caution", "object": "driving"})
    assert len(kept) == len(made.ONE_OF_EACH) - 1
    assert not [s for s in kept if s.object.label == "driving"]


def test_an_added_statement_has_its_quote(tmp_path: Path) -> None:
    text = made.page()[0].text
    start, place = text.index("Line 3"), text.index("anxiolytic")
    places = {"start": str(start), "end": str(place + 10), "object_start": str(place), "object_end": str(place + 10)}
    said = {"kind": "advice", "subject": "clonazepam", "object": "own words", "qualifiers": "topic=storage"}
    document, kept = decide(tmp_path, {"decision": "added", "document": "page.txt", **said, **places})
    added = kept[-1]
    assert (added.kind, added.polarity, dict(added.qualifiers)) == ("advice", "affirmed", {"topic": "storage"})
    assert added.subject.iri == made.entity_of("clonazepam").iri
    assert added.evidence.quote == added.evidence.span.of(document.text)
    assert added.evidence.object_text == "anxiolytic"


def test_the_committed_decisions_can_be_read() -> None:
    decisions.read(resources.folder("facts") / building.DECISIONS_FILE)
