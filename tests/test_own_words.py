"""What documents call things in their own words: which words are a name, and under which concept they stand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kg import resources, vocabulary
from kg.errors import OntologyError
from kg.extraction import extractor, own_words
from kg.reading import make_document
from kg.records import Statement

NAME = tomllib.loads((resources.folder("ontology") / "own_words.toml").read_text("utf-8"))["name"]

SAME = [
    ("medicines that may prolong the QT interval", "QT-prolonging drug"),
    ("other agents known to cause QTc prolongation", "QT-prolonging drug"),
    ("drugs that lower the seizure threshold", "drug that lowers the seizure threshold"),
    ("drugs which interfere with haemostasis", "drug affecting hemostasis"),
    ("drugs with a narrow therapeutic index", "narrow therapeutic index drug"),
    ("highly protein-bound drugs", "protein-bound drug"),
    ("substances primarily metabolised by cytochrome P450 2D6", "CYP2D6 substrate"),
    ("medications that strongly inhibit CYP3A4", "CYP3A4 inhibitor"),
    ("any of its excipients", "hypersensitivity to an ingredient"),
    ("the inactive ingredients", "hypersensitivity to an ingredient"),
    ("allergic to any component of the capsule shell", "hypersensitivity to an ingredient"),
    ("warfarin therapy", "warfarin"),
    ("operating any motor vehicle", "driving"),
]
KINDS = [
    ("Child-Pugh class B or C", "hepatic impairment"),
    ("creatinine clearance (CrCl) less than 25 mL/min", "renal impairment"),
    ("an eGFR below 45 mL/min/1.73 m2", "renal impairment"),
    ("platelets < 75,000/mm3", "thrombocytopenia"),
    ("low white blood cell count", "leukopenia"),
    ("AST above 4 times the upper limit", "elevated liver enzymes"),
    ("serum potassium > 5.2 mmol/L", "hyperkalemia"),
    ("hypersensitivity to this product", "drug hypersensitivity"),
    ("patients over 70 years of age", "older adults"),
    ("children under 4 years of age", "children"),
    ("other hazardous tasks", "tasks requiring alertness"),
    ("use heavy machinery", "operating machinery"),
    ("calcium-containing products", "calcium"),
    ("a recent history of seizures", "seizure"),
    ("at increased risk of stroke", "stroke"),
    ("depressed patients", "depression"),
]
NOWHERE = [
    "drugs that shorten the QT interval",
    "a creatinine clearance above 60 mL/min",
    "platelets > 100,000/mm3",
    "patients over 40 years of age",
    "drugs metabolized in the gut wall",
    "experimental therapy",
    "zorbing of the toes",
    "wide therapeutic index",
]


def _statements(text: str, kind: str, source: str) -> list[Statement]:
    own = extractor()
    document = make_document("page.md", text, "markdown", source_kind=source)
    return [s for s in own.extract(document) if s.kind == kind]


@pytest.mark.parametrize("words", NAME["accept"])
def test_names(words: str) -> None:
    assert not own_words.names_nothing(words, "caution")


@pytest.mark.parametrize("words", NAME["refuse"])
def test_words_that_name_nothing(words: str) -> None:
    assert own_words.names_nothing(words, "caution")
    assert not own_words.names_nothing(words, "advice"), "of other kinds nothing is asked"


@pytest.mark.parametrize(("words", "label"), SAME)
def test_another_name_of_a_concept(words: str, label: str) -> None:
    known = vocabulary.load()
    entity = own_words.placed(words, words, known)
    assert entity is not None
    assert (entity.label, entity.broader) == (label, None)
    assert entity.iri is not None
    assert known.concepts[entity.iri].label == label


@pytest.mark.parametrize(("words", "label"), KINDS)
def test_a_kind_of_a_concept_keeps_its_words(words: str, label: str) -> None:
    known = vocabulary.load()
    entity = own_words.placed(words, words, known)
    assert entity is not None
    assert (entity.label, entity.iri) == (words, None)
    assert entity.broader is not None
    assert known.concepts[entity.broader].label == label


@pytest.mark.parametrize("words", NOWHERE)
def test_what_is_not_described_stands_nowhere(words: str) -> None:
    assert own_words.placed(words, words, vocabulary.load()) is None


def test_every_concept_of_the_table_is_there() -> None:
    known = vocabulary.load()
    for place in own_words.table().places:
        if "<1>" not in place.concept:
            assert known.find(place.concept) is not None, place.concept


@pytest.mark.parametrize(
    "content",
    ["", "[name", '[name]\nbehind = "("', "[name]\n[macro]\nplace = 3"],
    ids=["empty", "torn", "regex", "rows"],
)
def test_a_broken_table_says_so(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_words.toml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(resources, "folder", lambda _: tmp_path)
    with pytest.raises(OntologyError, match=r"own_words\.toml: not a table of own words .*; give it a name"):
        own_words.table.__wrapped__()


def test_statements_are_placed_and_nameless_words_left_out() -> None:
    text = (
        "# Zoloft\n\n## Contraindications\n\nZoloft is contraindicated in patients with:\n\n"
        "- platelets below 50,000/mm3\n- previously stable\n- quaxemia\n"
    )
    found = {s.object.label: s.object.broader for s in _statements(text, "contraindication", "label")}
    known = vocabulary.load().find("thrombocytopenia")
    assert known is not None
    assert found == {"platelets below 50,000/mm3": known.iri, "quaxemia": None}


USES = (
    "# Zoloft\n\n## {}\n\nStart treatment for hypothyroidism before Zoloft. Zoloft is recommended for the treatment of "
    "migraine.\n"
)


@pytest.mark.parametrize(
    ("heading", "source", "uses"),
    [
        ("Indications and usage", "label", {"migraine"}),
        ("Warnings and precautions", "label", set()),
        ("Warnings and precautions", "web page", {"migraine"}),
    ],
)
def test_a_label_tells_its_uses_in_their_section(heading: str, source: str, uses: set[str]) -> None:
    found = {s.object.label for s in _statements(USES.format(heading), "indication", source)}
    assert found - {"hypothyroidism"} == uses


ALLERGIES = [
    ("Hypersensitivity to sertraline, penicillins or other allergens.", "contraindication", {
        "hypersensitivity to sertraline", "penicillin allergy", "hypersensitivity to allergens",
    }),
    ("Known allergy to latex or peanuts.", "contraindication", {"latex allergy", "peanut allergy"}),
    ("Hypersensitivity to ibuprofen or any of its excipients.", "contraindication", {
        "hypersensitivity to ibuprofen", "hypersensitivity to an ingredient",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("words", "kind", "labels"), ALLERGIES)
def test_an_allergy_to_a_drug_is_not_that_drug(words: str, kind: str, labels: set[str]) -> None:
    found = _statements(f"# Zoloft\n\n## Contraindications\n\n- {words}\n", kind, "label")
    assert {s.object.label for s in found} == labels
    known = vocabulary.load()
    assert not any(known.concepts[s.object.iri].types & {"Drug", "DrugClass"} for s in found if s.object.iri)


def test_a_drug_that_must_not_be_combined_stays_that_drug() -> None:
    text = "# Zoloft\n\n## Contraindications\n\nZoloft is contraindicated in patients taking pimozide.\n"
    assert {s.object.label for s in _statements(text, "contraindication", "label")} == {"pimozide"}
