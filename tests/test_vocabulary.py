"""Public vocabularies compiled beside the package's own: what is merged, what is dropped, what a text then holds."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import vocabulary
from kg.errors import OntologyError, VocabularyError
from kg.records import Concept
from kg.vocabulary import Vocabulary, compiled, compiling, local, names, surfaces
from kg.vocabulary.lexicon import Lexicon, normalise
from kg.vocabulary.sources import Source
from kg.vocabulary.sources.entry import Entry

OBO = "http://purl.obolibrary.org/obo/"
SERTRALINE = "https://go.drugbank.com/drugs/DB01104"


def source(vocabulary_name: str, *entries: Entry, name: str = "") -> Source:
    """A file, as it would have been read."""
    digest = hashlib.sha256(repr((vocabulary_name, entries)).encode()).hexdigest()
    return Source(name or f"{vocabulary_name}.tsv", vocabulary_name, "", digest, {}, entries)


def condition(iri: str, label: str, *synonyms: str, **more: tuple[str, ...]) -> Entry:
    """A condition of the OBO family."""
    return Entry(OBO + iri, label, synonyms, "Condition", **more)  # type: ignore[arg-type]


def compile_(folder: Path, *sources: Source) -> tuple[Vocabulary, list[tuple[str, str]]]:
    """Compile sources; give the vocabulary with them, and the dropped names with their rules."""
    dropped: list[tuple[str, str]] = []
    compiling.write(sources, folder, lambda row: dropped.append((row[0], row[1])))
    return compiled.open_beside(folder, vocabulary.load()), dropped


def found(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    """What the names of a text are: the words, and the label of their first concept."""
    return [(hit.span.of(text), hit.concepts[0].label) for hit in lexicon.find(text)]


# ── which names are dropped ─────────────────────────────────────────────────────────────────────────────────────────

DROPPED = (
    ("12-34", "Condition", "not a name"),
    ("(+)-alphazine", "Drug", "not a name"),
    ("XY", "Condition", "too short"),
    ("obsolete alpha fever", "Condition", "obsolete"),
    ("a fever with one two three four five six", "Condition", "too long"),
    ("x" * 91, "Condition", "too long"),
    ("2-[4-(chloro)phenyl]alphazine", "Substance", "chemical formula"),
    ("grade 3", "Condition", "unit and number"),
    ("ML II", "Condition", "unit and number"),
    ("CAN", "Condition", "abbreviation that is a word"),
    ("SAMe", "Drug", "abbreviation that is a word"),
    ("AHF", "Condition", "short abbreviation"),
    ("Auc", "Condition", "unit or abbreviation of texts"),
    ("All", "Condition", "ordinary word"),
    ("cold", "Condition", "ordinary word"),
    ("Patch", "Brand", "ordinary word"),
    ("other", "Condition", "ordinary word"),
    ("mass", "Condition", "ordinary word"),
    ("Bone marrow", "Condition", "part of the body"),
    ("Lung", "Condition", "ordinary word"),
    ("rare", "Condition", "ordinary word"),
    ("alpha fever 12", "Condition", "ends in a number"),
    ("other fevers", "Condition", "residual class"),
    ("alphic system disorders", "Condition", "heading of a table"),
    ("fevers and alphic conditions", "Condition", "heading of a table"),
    ("HQL2", "Condition", "short abbreviation"),
    ("B12", "Substance", "too short"),
    ("congenital", "Condition", "attribute"),
    ("signs and symptoms", "Condition", "attribute"),
    ("Disorder", "Condition", "class of things"),
    ("finding", "Condition", "class of things"),
    ("Alphazine and Betazine", "Brand", "combination"),
    ("Alphabrand 250", "Brand", "strength or form"),
)
KEPT = (
    ("cold sore", "Condition"),
    ("alpha fever", "Condition"),
    ("AHFX", "Condition"),
    ("alpha fever type 2", "Condition"),
    ("alpha and beta fever", "Condition"),
    ("disorder of the alphic system", "Condition"),
    ("HELLP syndrome", "Condition"),
    ("Bone marrow", "Substance"),
    ("alpha fever, type II", "Condition"),
    ("one two three four five six seven eight", "Condition"),
    ("tuberculosis of lung and bone", "Condition"),
    ("Alphabrand", "Brand"),
    ("ABC", "Brand"),
)


@pytest.mark.parametrize(("name", "type_", "rule"), DROPPED)
def test_dangerous_names_are_dropped_by_a_rule_with_a_name(name: str, type_: str, rule: str) -> None:
    assert names.load().dropped(name, normalise(name), type_) == rule


@pytest.mark.parametrize(("name", "type_"), KEPT)
def test_other_names_are_kept(name: str, type_: str) -> None:
    assert names.load().dropped(name, normalise(name), type_) is None


def test_every_rule_has_its_case() -> None:
    rules = {rule.name for rule in names.load().rules}
    assert rules - {rule for _, _, rule in DROPPED} == {"broader than its concept"}


RULE = {"name": "x", "why": "y"}
BROKEN: tuple[tuple[dict[str, object], str], ...] = (
    ({"longest": 2}, "f.toml rule 'x': nobody reads 'longest'; use broad capitals characters_over"),
    ({"words": ["ordinry"]}, "f.toml rule 'x': nobody reads 'ordinry'; use ordinary"),
    ({"types": ["Ailment"]}, "f.toml rule 'x': nobody reads 'Ailment'; use Activity Brand"),
)


@pytest.mark.parametrize(("more", "line"), BROKEN)
def test_a_rule_that_says_what_nobody_reads(more: dict[str, object], line: str) -> None:
    said = {"remarks": [], "inverted": [], "words": {"ordinary": "all"}, "rule": [{**RULE, **more}]}
    with pytest.raises(OntologyError) as error:
        names.rules(said, "f.toml")
    assert str(error.value).startswith(line)


REORDERED: tuple[tuple[str, list[str]], ...] = (
    ("hepatic failure, acute", ["acute hepatic failure"]),
    ("acute hepatic failure", ["hepatic failure, acute"]),
    ("anemia, hemolytic, autoimmune", ["autoimmune hemolytic anemia"]),
    ("fever, alpha, and beta", []),
    ("alpha fever", []),
    ("fever, type 2", []),
    ("acute fever, alpha", ["alpha acute fever"]),
)


@pytest.mark.parametrize(("name", "expected"), REORDERED)
def test_word_order(name: str, expected: list[str]) -> None:
    assert list(names.load().reordered(name)) == expected


# ── what is found ───────────────────────────────────────────────────────────────────────────────────────────────────

FEVERS = source(
    "MONDO",
    condition("MONDO_0000900", "acute alpha fever", "ALPF", "alphitis", "fever of beta"),
    condition("MONDO_0000901", "alpha fever", "alpha-anemia"),
    condition("MONDO_0000902", "nausea of alpha"),
    condition("MONDO_0000905", "weird\x00\x07 \x9f\u00a0fever"),
    condition("MONDO_0000904", "nausea", "ALPHQ"),
    condition("MONDO_0000903", "common disease of alpha (disease)"),
)
BRANDS = source(
    "UNII",
    Entry(SERTRALINE, "sertraline hydrochloride", (), "Drug", only_if_known=True),
    Entry("https://w3id.org/drug-facts/local/brand/alphabrand", "Alphabrand", (), "Brand", drug=SERTRALINE),
)
TEXTS: tuple[tuple[str, list[tuple[str, str]]], ...] = (
    ("An Acute Alpha Fever.", [("Acute Alpha Fever", "acute alpha fever")]),
    ("alpha   fevers", [("alpha   fevers", "alpha fever")]),
    ("alpha‑fever and alpha\nfever", [("alpha‑fever", "alpha fever"), ("alpha\nfever", "alpha fever")]),
    ("alpha anaemia", [("alpha anaemia", "alpha fever")]),
    ("fevers of beta", [("fevers of beta", "acute alpha fever")]),
    ("alpha fever, acute; fever", [("alpha fever, acute", "acute alpha fever"), ("fever", "fever")]),
    ("alpha fever, acute indeed", [("alpha fever", "alpha fever")]),
    ("alphafever, alpha feverish, xalpha fever", [("fever", "fever")]),
    ("an alpf, an aLPF, the ALPFs, ALPF", [("ALPF", "acute alpha fever")]),
    ("ALPHQ", [("ALPHQ", "nausea")]),
    ("anti-alpha fever", [("fever", "fever")]),
    ("nausea of alpha", [("nausea of alpha", "nausea of alpha")]),
    ("nausea of beta", [("nausea", "nausea")]),
    ("common disease of alpha", [("common disease of alpha", "common disease of alpha")]),
    ("weird fever", [("weird fever", "weird fever")]),
    ("Alphabrand, alphabrand", [("Alphabrand", "Alphabrand")]),
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return compile_(tmp_path_factory.mktemp("lexicon") / "v", FEVERS, BRANDS)[0]


@pytest.fixture(scope="module")
def lexicon(known: Vocabulary) -> Lexicon:
    return Lexicon(known)


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=[text for text, _ in TEXTS])
def test_names_are_found_beside_those_of_the_package(
    lexicon: Lexicon, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(lexicon, text) == expected


def test_the_package_alone_finds_nothing_of_it() -> None:
    assert found(Lexicon(vocabulary.load()), "acute alpha fever, ALPF, Alphabrand") == [("fever", "fever")]


@given(st.text(alphabet="alph fevrnusob-,ALPF\n*_é’‑", max_size=80))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_offsets_are_those_of_the_text(lexicon: Lexicon, text: str) -> None:
    end = 0
    for hit in lexicon.find(text):
        assert end <= hit.span.start < hit.span.end <= len(text)
        assert hit.concepts
        end = hit.span.end


def test_a_vocabulary_with_a_lexicon_beside_it(known: Vocabulary) -> None:
    concept = known.find("Alpha Fever", ("Condition",))
    assert concept is not None
    assert (concept.iri, concept.types, concept.matches) == (f"{OBO}MONDO_0000901", frozenset({"Condition"}), ())
    assert known.concepts[concept.iri] == concept
    assert known.find("alpha fever", ("Drug",)) is None
    assert known.find("no such name") is None
    assert f"{OBO}MONDO_9" not in known.concepts
    brand = known.find("Alphabrand")
    assert brand is not None
    assert known.drug_of(brand).label == "sertraline"
    assert known.find("nausea") == vocabulary.load().find("nausea")
    assert len(known) == len(vocabulary.load()) + 6
    assert list(known.concepts)[-1].startswith("https://w3id.org/drug-facts/local/brand/")


# ── what is merged ──────────────────────────────────────────────────────────────────────────────────────────────────


def concept_of(known: Vocabulary, name: str) -> Concept:
    """The one concept of a name."""
    (concept,) = known.by_label[name]
    return concept


def test_what_the_package_knows_stays_its_own_and_gets_the_new_names(tmp_path: Path) -> None:
    nausea = vocabulary.load().find("nausea")
    assert nausea is not None
    matched = next(c for c in vocabulary.load().concepts.values() if "Condition" in c.types and c.matches)
    known, _ = compile_(
        tmp_path / "v",
        source(
            "MONDO",
            condition("MONDO_0000900", "Nausea", "alpha queasiness"),
            Entry(matched.matches[0], "quite another label", ("alphic disease",), "Condition"),
            condition("MONDO_0000901", "beta fever", parents=(f"{OBO}MONDO_0000900",)),
        ),
    )
    assert concept_of(known, "alpha queasiness") is nausea
    assert concept_of(known, "alphic disease") is matched
    assert concept_of(known, "quite another label") is matched
    assert concept_of(known, "beta fever").broader == (nausea.iri,)
    assert known.ancestors(f"{OBO}MONDO_0000901") >= {nausea.iri}


def test_a_label_of_another_type_is_not_the_packages_concept(tmp_path: Path) -> None:
    known, _ = compile_(tmp_path / "v", source("ODD", Entry("https://example.org/a", "Nausea", ("alphazine",), "Drug")))
    assert concept_of(known, "nausea").types == frozenset({"Condition"})
    assert concept_of(known, "alphazine").types == frozenset({"Drug"})


def test_vocabularies_are_merged_by_label_reference_and_order_of_preference(tmp_path: Path) -> None:
    mesh = "http://id.nlm.nih.gov/mesh/"
    known, _ = compile_(
        tmp_path / "v",
        source(
            "DOID",
            condition("DOID_900", "alphous fever", "name of doid"),
            condition("DOID_901", "fever of the alpha kind", "second name of doid"),
        ),
        source(
            "MONDO",
            condition("MONDO_0000900", "alpha fever", "fever of the alpha kind", same=(f"{OBO}DOID_900",)),
            condition("MONDO_0000901", "beta fever", same=(f"{mesh}D901",)),
            condition("MONDO_0000902", "gamma fever", same=(f"{mesh}D901",)),
        ),
        source(
            "MeSH",
            Entry(f"{mesh}D900", "Fever, Alpha", ("name of mesh",), "Condition"),
            Entry(f"{mesh}D901", "Delta Fever", (), "Condition"),
        ),
    )
    alpha = concept_of(known, "name of doid")
    assert (alpha.iri, alpha.label) == (f"{OBO}MONDO_0000900", "alpha fever")
    assert alpha.matches == (f"{mesh}D900", f"{OBO}DOID_900")
    assert concept_of(known, "name of mesh") == alpha
    # Its publisher keeps it apart from what is merged already, and a reference of two concepts leads to neither.
    assert concept_of(known, "second name of doid").iri == f"{OBO}DOID_901"
    assert concept_of(known, "delta fever").iri == f"{mesh}D901"


def test_labels_for_lists_are_shown_in_order_and_long_ones_cut(tmp_path: Path) -> None:
    known, _ = compile_(
        tmp_path / "v",
        source("A", condition("A_1", "Fever, Alpha", "Alpha Fever"), condition("A_2", "Fever, Beta", "betitis")),
        source("B", Entry("https://example.org/b", "x" * 400, ("alphazine",), "Drug")),
    )
    assert concept_of(known, "alpha fever").label == "Alpha Fever"
    assert concept_of(known, "betitis").label == "Fever, Beta"
    assert concept_of(known, "alphazine").label == "x" * 199 + "…"


def test_a_salt_is_a_name_of_its_drug(tmp_path: Path) -> None:
    known, dropped = compile_(
        tmp_path / "v",
        source("UNII", Entry("https://example.org/s", "sertraline sodium phosphate", (), "Drug", only_if_known=True)),
        source("X", Entry("https://example.org/u", "unheard of", (), "Drug", only_if_known=True)),
    )
    assert concept_of(known, "sertraline sodium phosphate").label == "sertraline"
    assert "https://example.org/s" not in known.concepts
    assert ("concept that no other vocabulary knows", "unheard of") in dropped


def test_names_of_different_types_mean_nothing_and_compatible_ones_the_stronger(tmp_path: Path) -> None:
    known, dropped = compile_(
        tmp_path / "v",
        source("A", Entry("https://example.org/a", "alphate", ("alphous",), "Condition")),
        source("B", Entry("https://example.org/b", "alphate", ("betous",), "Drug")),
        source("C", Entry("https://example.org/c", "gammate", ("zeta",), "Substance")),
        source("D", Entry("https://example.org/d", "deltate", ("zeta",), "Drug")),
        source("E", *(condition(f"E_{n}", f"fever {n} of alpha", "much used") for n in "abcd")),
        source("F", condition("F_1", "first of its kind", "FOIK"), condition("F_2", "second of its kind", "FOIK")),
        source("G", condition("G_1", "third of its kind", "shared name"), condition("G_2", "a fourth", "shared name")),
        source("H", condition("H_1", "upper", "name", broad=("something broader",))),
        source("I", Entry("https://example.org/i", "Alphabrand", (), "Brand", drug="https://example.org/nobody")),
        source("J", Entry("https://example.org/j", "typeless")),
    )
    assert "alphate" not in known.by_label
    assert concept_of(known, "alphous").types == frozenset({"Condition"})
    assert concept_of(known, "zeta").label == "deltate"
    assert {c.label for c in known.by_label["shared name"]} == {"third of its kind", "a fourth"}
    listed = {
        ("labels of different types", "alphate"),
        ("several meanings", "much used"),
        ("ambiguous abbreviation", "FOIK"),
        ("broader than its concept", "something broader"),
        ("brand of no known drug", "Alphabrand"),
        ("no type of ours", "typeless"),
    }
    assert listed <= set(dropped)


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────────────


def content(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_files_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    more = source("DOID", condition("DOID_900", "alpha fever", "zeta fever"), condition("DOID_901", "eta fever"))
    orders = ([FEVERS, BRANDS, more], [more, BRANDS, FEVERS])
    for number, order in enumerate(orders):
        compiling.write(order, tmp_path / str(number))
    compiling.add([more], tmp_path / "2")
    compiling.add([BRANDS, FEVERS], tmp_path / "2")
    compiling.write(compiling.read_sources(tmp_path / "0"), tmp_path / "3")
    first, *others = (content(tmp_path / str(number)) for number in range(4))
    assert sorted(first) == sorted([*(f"sources/{s.sha256}.jsonl.gz" for s in orders[0]), *_FILES])
    assert [other == first for other in others] == [True] * 3


_FILES = (local.MANIFEST, local.TRIE, local.MEANINGS, local.SHORT, local.CONCEPTS, local.OFFSETS)


@pytest.mark.parametrize("seed", ["0", "1"])
def test_no_hash_seed_changes_a_byte(seed: str, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("name\tother\nalpha fever\talphitis|ALPF\nbeta fever\talphitis\n", "utf-8")
    command = [sys.executable, "-m", "kg.cli", "vocabulary", "add", "a.tsv", "--out", seed]
    options = ["--columns", "label=name,synonyms=other", "--type", "Condition"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    for place in (seed, "again"):
        command[-1] = place
        subprocess.run([*command, *options], cwd=tmp_path, env=environment, check=True, capture_output=True)
        environment["PYTHONHASHSEED"] = "7"
    assert content(tmp_path / seed) == content(tmp_path / "again")


def test_the_manifest_says_what_it_was_made_of(tmp_path: Path) -> None:
    compiling.write([FEVERS], tmp_path / "v")
    said = json.loads((tmp_path / "v" / "manifest.json").read_text("utf-8"))
    assert (said["format"], said["concepts"], said["circles"]) == (local.FORMAT, 5, [])
    assert said["beside"] == local.fingerprint()
    assert said["names"] == len(compiled.Compiled(tmp_path / "v", vocabulary.load()))
    (file,) = said["sources"]
    assert (file["file"], file["vocabulary"], file["sha256"]) == ("MONDO.tsv", "MONDO", FEVERS.sha256)
    assert (file["concepts"], file["names"], file["options"]) == (6, 11, {})


def test_files_are_added_replaced_and_removed(tmp_path: Path) -> None:
    place = tmp_path / "v"
    compiling.add([FEVERS], place)
    compiling.add([BRANDS], place)
    compiling.add([source("MONDO", condition("MONDO_0000905", "zeta fever"))], place)
    known = compiled.open_beside(place, vocabulary.load())
    assert "alpha fever" not in known.by_label
    assert {"zeta fever", "alphabrand"} <= {label for label in ("zeta fever", "alphabrand") if label in known.by_label}
    summary = compiling.remove("UNII.tsv", place)
    assert [file["file"] for file in summary.sources] == ["MONDO.tsv"]
    with pytest.raises(
        VocabularyError, match=r"nothing\.tsv: no file of that name is in the lexicon; it holds MONDO.tsv"
    ):
        compiling.remove("nothing.tsv", place)
    with pytest.raises(VocabularyError, match=r"MONDO\.tsv: is the only file of the lexicon; delete the folder"):
        compiling.remove("MONDO.tsv", place)
    with pytest.raises(VocabularyError, match=r"MONDO\.tsv: another file has the same name; rename one of them"):
        compiling.add([FEVERS, source("MONDO", condition("MONDO_1", "eta fever"))], place)


def test_nothing_else_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "letter.txt").write_text("dear", "utf-8")
    with pytest.raises(VocabularyError, match=r"v: exists and is no compiled lexicon; name a new folder with --out"):
        compiling.write([FEVERS], tmp_path / "v")
    assert [p.name for p in tmp_path.rglob("*")] == ["v", "letter.txt"]
    with pytest.raises(VocabularyError, match=r"cannot be written \(.*\); name a folder with --out"):
        compiling.write([FEVERS], tmp_path / "v" / "letter.txt" / "x")
    (tmp_path / "empty").mkdir()
    compiling.write([FEVERS], tmp_path / "empty")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "v"]


TURNED = (
    ("Hepatic failure, acute", [("Hepatic failure, acute", "liver failure")]),
    ("renal failures, chronic; gout", [("renal failures, chronic", "chronic kidney disease"), ("gout", "gout")]),
    ("oedema, peripheral.", [("oedema, peripheral", "peripheral edema")]),
    ("pain, abdominal cramps", [("pain", "pain"), ("abdominal cramps", "abdominal pain")]),
    ("deep, rapid breathing in some", [("deep, rapid breathing", "hyperventilation")]),
)


@pytest.mark.parametrize(("text", "names"), TURNED)
def test_names_of_the_package_are_known_in_the_order_of_lists(text: str, names: list[tuple[str, str]]) -> None:
    assert found(Lexicon(vocabulary.load()), text) == names


DAMAGE = (
    (local.MANIFEST, b"{", "cannot be read (damaged)"),
    (local.MANIFEST, b'{"format": 0}', "was compiled by another version of this program"),
    (local.TRIE, b"nothing", "is damaged ("),
    (local.TRIE, None, "is damaged ("),
    (local.MEANINGS, b"\x05\0\0\0\0\0\0\0", "is damaged ("),
    (local.MEANINGS, b"", "is damaged ("),
    (local.SHORT, b"\xff", "is damaged ("),
    (local.OFFSETS, b"123", "is damaged ("),
    (local.CONCEPTS, b"", "is damaged ("),
    (local.CONCEPTS, None, "is damaged (concepts.tsv is missing)"),
    (local.CONCEPTS, b"urn:a\t[]\n", "is damaged (its files do not fit each other)"),
)


@pytest.mark.parametrize(("name", "data", "problem"), DAMAGE)
def test_a_damaged_lexicon_is_refused(name: str, data: bytes | None, problem: str, tmp_path: Path) -> None:
    compiling.write([FEVERS], tmp_path / "v")
    (tmp_path / "v" / name).unlink()
    if data is not None:
        (tmp_path / "v" / name).write_bytes(data)
    with pytest.raises(VocabularyError) as error:
        compiled.Compiled(tmp_path / "v", vocabulary.load())
    assert problem in str(error.value)
    assert str(error.value).endswith("; compile it again with `kg vocabulary add`")


def test_damage_that_is_met_later_is_named_too(tmp_path: Path) -> None:
    compiling.write([FEVERS], tmp_path / "v")
    size = (tmp_path / "v" / local.CONCEPTS).stat().st_size
    for junk in (b"\xff" * size, b"x\t[" + b" " * (size - 3)):
        (tmp_path / "v" / local.CONCEPTS).write_bytes(junk)
        lexicon = compiled.Compiled(tmp_path / "v", vocabulary.load())
        with pytest.raises(VocabularyError, match="is damaged"):
            [lexicon.meaning(number) for number in range(len(lexicon))]


def test_damaged_sources_are_named(tmp_path: Path) -> None:
    compiling.write([FEVERS], tmp_path / "v")
    (tmp_path / "v" / "sources" / f"{FEVERS.sha256}.jsonl.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(VocabularyError, match=r"jsonl\.gz: cannot be read \(damaged\); compile the lexicon anew"):
        compiling.add([BRANDS], tmp_path / "v")


def test_concepts_that_the_package_no_longer_has_are_not_found(tmp_path: Path) -> None:
    compiling.write([source("MONDO", condition("MONDO_0000900", "nausea", "alpha queasiness"))], tmp_path / "v")
    other = vocabulary.from_concepts([])
    assert found(Lexicon(compiled.open_beside(tmp_path / "v", other)), "alpha queasiness") == []


# ── which lexicon is meant ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_lexicon_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("given", "variable", "home/drug-facts/vocabulary"):
        compiling.write([BRANDS], tmp_path / name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KG_VOCABULARY", str(tmp_path / "variable"))
    assert local.chosen(tmp_path / "given") == tmp_path / "given"
    assert local.chosen(None) == tmp_path / "variable"
    assert local.chosen(Path("none")) is None
    monkeypatch.delenv("KG_VOCABULARY")
    assert local.chosen(None) == tmp_path / "home" / "drug-facts" / "vocabulary"
    monkeypatch.setenv("KG_VOCABULARY", "none")
    assert local.chosen(None) is None
    assert local.chosen(tmp_path / "given") == tmp_path / "given"
    monkeypatch.delenv("KG_VOCABULARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    assert local.chosen(None) is None
    with pytest.raises(VocabularyError, match="no such lexicon; make one with `kg vocabulary add`"):
        local.chosen(tmp_path / "nowhere")
    with pytest.raises(VocabularyError, match="is no compiled lexicon"):
        local.chosen(tmp_path)


# ── too much ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_circles_of_parents_are_cut_and_reported(tmp_path: Path) -> None:
    size = 5_000  # deeper than Python's own stack
    ring = [
        condition(f"X_{n:05d}", f"fever of {letters(n)}", parents=(f"{OBO}X_{(n + 1) % size:05d}",))
        for n in range(size)
    ]
    itself = condition("X_SELF", "fever of itself", parents=(f"{OBO}X_SELF", f"{OBO}X_nowhere"))
    summary = compiling.write([source("RING", *ring, itself)], tmp_path / "v")
    assert summary.circles == ((f"{OBO}X_{size - 1:05d}", f"{OBO}X_00000"),)
    known = compiled.open_beside(tmp_path / "v", vocabulary.load())
    assert len(known.ancestors(f"{OBO}X_00000")) == size - 1
    assert known.ancestors(f"{OBO}X_SELF") == frozenset()
    assert json.loads((tmp_path / "v" / "manifest.json").read_text("utf-8"))["circles"] == [list(summary.circles[0])]


def letters(number: int) -> str:
    """A number as letters."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:07d}")


@pytest.mark.slow
def test_a_million_synonyms_of_one_concept(tmp_path: Path) -> None:
    many = condition("X_1", "alpha fever", *(f"fever {letters(n)}" for n in range(1_000_000)))
    counted = 0

    def count(_: compiling.Dropped) -> None:
        nonlocal counted
        counted += 1

    summary = compiling.write([source("MANY", many)], tmp_path / "v", count)
    assert dict(summary.dropped) == {"too many names": 1_000_001 - surfaces.MAXIMUM_NAMES}
    assert counted == 1_000_001 - surfaces.MAXIMUM_NAMES
    assert len(compiled.Compiled(tmp_path / "v", vocabulary.load())) < 3 * surfaces.MAXIMUM_NAMES


def test_more_names_than_a_lexicon_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surfaces, "MAXIMUM_SURFACES", 1_000)
    many = [condition(f"X_{n}", f"fever {letters(n)}") for n in range(1_000)]
    with pytest.raises(
        VocabularyError, match="the lexicon: more than 1,000 names and spellings; add fewer vocabularies"
    ):
        compiling.write([source("MANY", *many)], tmp_path / "v")
    assert list(tmp_path.iterdir()) == []
