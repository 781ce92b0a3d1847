"""`kg vocabulary`, and the way of its concepts through extraction, facts, checks, answers and exports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kg
from kg import cli, vocabulary
from kg.errors import VocabularyError
from kg.graph import disk
from kg.vocabulary import local

MONDO = (
    "id\tname\tsynonyms\txrefs\tparents\n"
    "MONDO:0000900\talpha fever\tfever of alpha|cold|XY\t\tMONDO:0000901|MONDO:0000902\n"
    "MONDO:0000901\todd fever\t\t\tMONDO:0000900\n"
    "MONDO:0000902\tQueasiness of Alpha\tqueasiness of beta\t\t\n"
)
DRUGS = "name;other;class\nalphazine;alphazinum;alphas\nalphas;;\n"
BRANDS = "drug_name\tactive_ingredient\tform_route\tstrength\nALPHABRAND\tALPHAZINE\tTABLET;ORAL\t1MG\n"
BRANDS += "ALPHAZINE\tALPHAZINE\tTABLET;ORAL\t1MG\nALPHASINE\tALPHAZINE SODIUM\tTABLET;ORAL\t1MG\n"
PAGE = """Alphabrand

Alphazine is used to treat alpha fever.

Side effects

Common: fever of alpha, nausea, queasiness of beta.

Do not take it if you have odd fever or a history of fever of alpha.
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run a command; give its exit code, stdout and stderr."""
    code = cli.main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return code, output.out, output.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with files, a document, and a lexicon `v` compiled of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "mondo.tsv").write_text(MONDO, "utf-8")
    (tmp_path / "drugs.csv").write_text(DRUGS, "utf-8")
    (tmp_path / "brands.tsv").write_text(BRANDS, "utf-8")
    (tmp_path / "page.txt").write_text(PAGE, "utf-8")
    assert run(capsys, "vocabulary", "add", "mondo.tsv", "brands.tsv", "--out", "v")[0] == 0
    columns = ("--columns", "label=name,synonyms=other,parents=class", "--type", "Drug")
    assert run(capsys, "vocabulary", "add", "drugs.csv", *columns, "--out", "v")[0] == 0
    return tmp_path


def test_add_says_what_was_made_dropped_and_cut(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "vocabulary", "add", "mondo.tsv", "--out", "w", "--list-dropped", "dropped.tsv")
    iri = "http://purl.obolibrary.org/obo/MONDO_000090"
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "dropped: 1 name: ordinary word",
        "dropped: 1 name: too short",
        f"cut: {iri}1 is broader than {iri}0, which is broader than it",
        "w: 3 concepts, 10 names from 1 file.",
    ]
    assert (folder / "dropped.tsv").read_text("utf-8").splitlines() == [
        "rule\tname\tconcept\tlabel",
        f"too short\tXY\t{iri}0\talpha fever",
        f"ordinary word\tcold\t{iri}0\talpha fever",
    ]


def test_a_file_that_cannot_be_read_costs_itself_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "paths.jsonl").write_text("{}", "utf-8")
    code, out, err = run(capsys, "vocabulary", "add", "paths.jsonl", "mondo.tsv", "nothing.obo", "--out", "w")
    assert (code, out) == (1, "")
    assert err.splitlines()[-3] == "w: 3 concepts, 10 names from 1 file."
    assert err.splitlines()[-2].startswith("kg: left out: paths.jsonl: not a known format of vocabularies; records of")
    assert err.splitlines()[-1] == (
        "kg: left out: nothing.obo: cannot be read (No such file or directory); name a readable file"
    )


ERRORS = (
    ("add nothing.obo", "nothing.obo: cannot be read (No such file or directory); name a readable file"),
    ("add page.txt", "page.txt:1: no known vocabulary has the header 'Alphabrand'; say what is where with --columns"),
    ("add drugs.csv --columns label=name", "--type: no type is given; name one of Activity Brand Condition Drug"),
    ("add mondo.tsv --out page.txt", "page.txt: exists and is no compiled lexicon; name a new folder with --out"),
    ("add mondo.tsv --out w --list-dropped no/x.tsv", "no/x.tsv: cannot be written (No such file or directory); name"),
    ("list --out w", "w: no such lexicon; make one with `kg vocabulary add`"),
    ("list --out v --format xml", "--format: no format 'xml'; use table or json"),
    ("update --out w", "w: no such lexicon; make one with `kg vocabulary add`"),
    (
        "remove hp.obo --out v",
        "hp.obo: no file of that name is in the lexicon; it holds brands.tsv, drugs.csv, mondo.t",
    ),
)


@pytest.mark.parametrize(("arguments", "line"), ERRORS)
def test_what_cannot_be_done_is_one_line(
    arguments: str, line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in folder.iterdir())
    code, out, err = run(capsys, "vocabulary", *arguments.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"kg: {line}")
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.usefixtures("folder")
def test_list_remove_and_update(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "vocabulary", "list", "--out", "v")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == ["brands.tsv", "drugs.csv", "mondo.tsv"]
    assert err.startswith("v: ")
    before = json.loads(run(capsys, "vocabulary", "list", "--out", "v", "--format", "json")[1])
    assert [source["vocabulary"] for source in before["sources"]] == ["Drugs@FDA", "drugs.csv", "MONDO"]
    assert before["sources"][1]["options"] == {"columns": "label=name,synonyms=other,parents=class", "type": "Drug"}
    assert run(capsys, "vocabulary", "update", "--out", "v")[0] == 0
    assert json.loads(run(capsys, "vocabulary", "list", "--out", "v", "--format", "json")[1]) == before
    assert run(capsys, "vocabulary", "remove", "mondo.tsv", "--out", "v")[0] == 0
    after = json.loads(run(capsys, "vocabulary", "list", "--out", "v", "--format", "json")[1])
    assert [source["file"] for source in after["sources"]] == ["brands.tsv", "drugs.csv"]


def test_the_users_own_lexicon_is_made_and_used_where_none_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KG_VOCABULARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "home"))
    assert run(capsys, "vocabulary", "add", "mondo.tsv")[0] == 0
    assert (folder / "home" / "drug-facts" / "vocabulary" / "manifest.json").is_file()
    code, out, err = run(capsys, "extract", "page.txt")
    assert code == 0
    assert "MONDO_0000900" in out
    assert err.startswith(f"With the vocabulary {folder / 'home' / 'drug-facts' / 'vocabulary'}: 3 concepts, 10 names.")
    assert run(capsys, "extract", "page.txt", "--vocabulary", "none")[2] == ""


@pytest.mark.usefixtures("folder")
def test_a_lexicon_for_another_version_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "fingerprint", lambda: "another")
    code, _, err = run(capsys, "extract", "page.txt", "--vocabulary", "v")
    assert code == 0
    assert "was compiled for another version of this package; run `kg vocabulary update`" in err


def test_a_lexicon_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (("extract",), ("build", "--out", "w")):
        code, out, err = run(capsys, command[0], "page.txt", *command[1:], "--vocabulary", "w")
        assert (code, out) == (2, "")
        assert err == "kg: w: no such lexicon; make one with `kg vocabulary add`\n"
    with pytest.raises(VocabularyError, match="w: no such lexicon"):
        kg.build(folder / "page.txt", lexicon=folder / "w")


def test_local_concepts_go_the_whole_way(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "build", "page.txt", "--out", "my.kg", "--vocabulary", "v")[0] == 0
    code, out, err = run(capsys, "check", "my.kg")
    assert (code, out) == (0, ""), err
    assert "brandOf" not in (folder / "my.kg" / "concepts.ttl").read_text("utf-8")
    graph = kg.open("my.kg")
    drug = graph.drug("Alphazine")
    assert (drug.label, drug.entity.iri) == ("alphazine", "https://w3id.org/drug-facts/local/drug/alphazine")
    assert {fact.object.label for fact in drug.adverse_effects()} == {"alpha fever", "nausea", "Queasiness of Alpha"}
    assert {fact.object.iri for fact in drug.indications()} == {"http://purl.obolibrary.org/obo/MONDO_0000900"}
    assert graph.types(next(iter(drug.indications())).object) == ("Condition",)
    assert (
        "Stated in the one document" in run(capsys, "ask", "does alphazine cause alpha fever?", "--graph", "my.kg")[1]
    )
    described = (folder / "my.kg" / "concepts.ttl").read_text("utf-8")
    assert (
        'mondo:0000900\n    a drugs:Condition ,\n        skos:Concept ;\n    skos:altLabel "fever of alpha"@en'
        in described
    )
    assert run(capsys, "export", "my.kg", "out", "--format", "ttl,trig,jsonld,nq,rdf")[0] == 0
    for path in sorted((folder / "out").iterdir()):
        assert run(capsys, "check", path, "--documents", ".")[0] == 0, path


def test_the_python_interface_reads_with_a_lexicon_where_one_is_named(folder: Path) -> None:
    graph = kg.build(folder / "page.txt", lexicon=folder / "v")
    assert graph.drug("alphazine").indications()
    assert [fact.object.label for fact in graph.drug("alphazine").cautions()] == [
        "history of fever of alpha",
        "odd fever",
    ]
    assert not any(fact.subject.iri for fact in kg.build(folder / "page.txt").facts())


def test_what_the_package_alone_knows_needs_no_description(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "build", "page.txt", "--out", "my.kg", "--vocabulary", "v")[0] == 0
    assert (folder / "my.kg" / "concepts.ttl").is_file()
    assert run(capsys, "build", "page.txt", "--out", "my.kg")[0] == 0
    assert not (folder / "my.kg" / "concepts.ttl").exists()
    (folder / "plain.txt").write_text("Sertraline can cause nausea.\n", "utf-8")
    assert run(capsys, "build", "plain.txt", "--out", "with.kg", "--vocabulary", "v")[0] == 0
    assert run(capsys, "build", "plain.txt", "--out", "without.kg")[0] == 0
    with_it, without = (
        sorted(p.name for p in (folder / name).rglob("*") if p.parent.name != disk.DATA_FOLDER)  # the engine's own
        for name in ("with.kg", "without.kg")
    )
    assert with_it == without
    name = "statements/plain.txt.ttl"
    assert (folder / "with.kg" / name).read_bytes() == (folder / "without.kg" / name).read_bytes()


def test_the_packages_own_vocabulary_is_as_it_was() -> None:
    assert vocabulary.load().local is None


def test_a_lexicon_is_known_by_what_it_is_and_not_by_its_name_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        for name in (f"{place} fever", f"another {place} fever"):
            Path("mine.csv").write_text(f"id,label\nA1,{name}\n", "utf-8")
            Path("page.txt").write_text(f"Metoprolol\n\nMetoprolol is used to treat {name}.\n", "utf-8")
            options = ("--columns", "id=id,label=label", "--type", "Condition", "--prefix", "x", "--out", "l")
            code, _, errors = run(capsys, "vocabulary", "add", "mine.csv", *options)
            assert code == 0, errors
            [fact] = kg.build("page.txt", lexicon="l").drug("metoprolol").indications()
            assert fact.object.label == name
