"""Which drug or product a document is about, and that products of several substances stay products to the end."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from kg import api, cli, validation, vocabulary
from kg.errors import DocumentError
from kg.extraction import extractor
from kg.extraction.about import find_drug, main_drug, of_product
from kg.reading import make_document
from kg.records import Product

CONCEPT = "https://w3id.org/drug-facts/concept/"


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("SULINDAC", "sulindac"),
        ("desipramine hydrochloride", "desipramine"),
        ("PAROXETINE HYDROCHLORIDE HEMIHYDRATE", "paroxetine"),
        ("Zoloft", "sertraline"),
        ("  warfarin   SODIUM ", "warfarin"),
        ("adalimumab-aacf", "adalimumab"),
        ("potassium chloride", "potassium chloride"),
        ("potassium", None),
        ("zyqorveline hydrochloride", None),
        ("hydrochloride", None),
        ("", None),
    ],
)
def test_names_are_found_whatever_the_salt(name: str, drug: str | None) -> None:
    found = find_drug(name, vocabulary.load())
    assert (found.label if found else None) == drug


@pytest.mark.parametrize(
    ("product", "label", "concept", "own"),
    [
        (Product(("Zoloft",), ("SERTRALINE HYDROCHLORIDE",)), "sertraline", "sertraline", {"sertraline"}),
        (Product(("Zoloft",)), "sertraline", "sertraline", {"sertraline"}),
        (Product(("Zoloft",), ("ZYQORVELINE",)), "sertraline", "sertraline", {"sertraline"}),
        (Product(("Zyqorvel",), ("ZYQORVELINE PHOSPHATE",)), "zyqorveline", None, set()),
        (Product(("Zyqorvel",)), "Zyqorvel", None, set()),
        (Product((), ("SODIUM CHLORIDE", "ZYQORVELINE")), "sodium chloride and zyqorveline", None, None),
        (
            Product((), ("SERTRALINE HYDROCHLORIDE", "WARFARIN SODIUM", "Sertraline")),
            "sertraline and warfarin",
            None,
            {"sertraline", "warfarin"},
        ),
        (
            Product(("Both",), ("WARFARIN SODIUM AND SERTRALINE",)),
            "warfarin and sertraline",
            None,
            {"sertraline", "warfarin"},
        ),
        (
            Product((), ("VALSARTAN", "AMLODIPINE BESYLATE")),
            "valsartan and amlodipine",
            "amlodipine-valsartan",
            {"amlodipine", "valsartan", "amlodipine-valsartan"},
        ),
        (
            Product(("Many",), ("SERTRALINE", "WARFARIN", "ONE", "TWO", "THREE")),
            "Many",
            None,
            {"sertraline", "warfarin"},
        ),
    ],
)
def test_products(product: Product, label: str, concept: str | None, own: set[str] | None) -> None:
    main = of_product(product, vocabulary.load())
    assert main is not None
    assert main.drug.label == label
    assert main.drug.iri == (CONCEPT + concept if concept else "")
    assert own is None or main.own == {CONCEPT + name for name in own}


SAYS = "ZYQORVEL may cause rash. In those on warfarin and warfarin-like drugs watch the ZYQORVEL level."


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Zyqorvel\n\nADVERSE REACTIONS\n\n" + SAYS, "Zyqorvel"),
        ("Zyqorvel\n\nADVERSE REACTIONS\n\nRash was seen, also with warfarin.", "Zyqorvel"),
        ("Zyqorvel\n\nADVERSE REACTIONS\n\nZyqorvel (sertraline) may cause rash.", "sertraline"),
        ("Zoloft\n\nWarfarin, warfarin and warfarin interact with it.", "sertraline"),
        ("WARFARIN SODIUM\n\nSertraline interacts with it. Sertraline is a drug.", "warfarin"),
        ("This drug\n\nINDICATIONS AND USAGE\n\nSertraline tablets are indicated for depression.", "this drug"),
        ("This drug\n\nIt may cause rash.", "this drug"),
        ("Side effects\n\nWarfarin may cause bleeding.", "warfarin"),
        ("Our tablets\n\nWarfarin tablets are tablets. Take our tablets. Warfarin thins the blood.", "warfarin"),
        ("Depression\n\nUses\n\nSertraline treats depression.", "sertraline"),
        ("Lorazepam (Ativan)\n\nIt calms.", "lorazepam"),
    ],
)
def test_titles(text: str, label: str) -> None:
    document = make_document("a.txt", text)
    main = main_drug(extractor().sentences(document), vocabulary.load(), document, None)
    assert main.drug.label == label


def test_a_given_name_leaves_documents_alone_whose_source_names_their_drug() -> None:
    document = make_document("a.txt", "Nothing is said here about any drug at all, be it known or not.")
    label = dataclasses.replace(document, product=Product(("Zoloft",), ("SERTRALINE HYDROCHLORIDE",)))
    sentences = extractor().sentences(label)
    assert main_drug(sentences, vocabulary.load(), label, "Zyqorvel").drug.label == "sertraline"
    unnamed = dataclasses.replace(document, product=Product())
    assert main_drug(sentences, vocabulary.load(), unnamed, "Zyqorvel").drug.label == "Zyqorvel"


def test_a_given_name_outranks_title_and_text_and_nothing_is_an_error() -> None:
    document = make_document("a.txt", "Nothing is said here about any drug at all, be it known or not.")
    sentences = extractor().sentences(document)
    assert main_drug(sentences, vocabulary.load(), document, "Zyqorvel").drug.label == "Zyqorvel"
    with pytest.raises(DocumentError, match=r"a.txt: names no drug of the vocabulary; name its drug with --drug"):
        main_drug(sentences, vocabulary.load(), document, None)


BOTH = {
    "set_id": "both",
    "openfda": {"brand_name": ["Zyqorduo"], "substance_name": ["LISINOPRIL", "ZYQORVELINE SODIUM"]},
    "indications_and_usage": ["1 INDICATIONS AND USAGE Zyqorduo is indicated for the treatment of hypertension."],
    "contraindications": ["4 CONTRAINDICATIONS Lisinopril is contraindicated in patients with angioedema."],
    "drug_interactions": ["7 DRUG INTERACTIONS Avoid use with lithium."],
}


def test_a_combination_stays_a_product_from_file_to_valid_graph(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text(json.dumps({"meta": {}, "results": [BOTH]}))
    graph = api.build([tmp_path / "labels.json"])
    said = {(fact.kind, fact.subject.label, fact.object.label) for fact in graph.facts()}
    whole = "lisinopril and zyqorveline"
    assert {(kind, subject) for kind, subject, _ in said} <= {(kind, whole) for kind, _, _ in said}
    assert {
        ("indication", whole, "hypertension"),
        ("contraindication", whole, "angioedema"),
        ("brand_name", whole, "Zyqorduo"),
    } <= said
    assert cli.main(["build", str(tmp_path), "--out", str(tmp_path / "my.kg"), "-q"]) == cli.DONE
    report = validation.check(tmp_path / "my.kg", None)
    assert report.ok and report.checked_quotes and not report.unchecked_quotes, report.findings


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        (
            "# Loratadine or chlorphenamine?\n\n## Loratadine – the gentle one\n\nIt rarely causes headache.\n\n"
            "## Chlorphenamine (Piriton)\n\nIt causes drowsiness. Avoid it in glaucoma. Loratadine is another choice.",
            {"headache": "loratadine", "drowsiness": "chlorpheniramine", "glaucoma": "chlorpheniramine"},
        ),
        (
            "# Tamsulosin and finasteride\n\nFinasteride may cause depression. Some people get a rash.\n\n"
            "Tamsulosin may cause dizziness. Tamsulosin is taken after food, finasteride at any time.\n\n"
            "Both can cause headache. Finasteride shrinks the prostate, tamsulosin relaxes it.",
            {"depression": "finasteride", "rash": "finasteride", "dizziness": "tamsulosin", "headache": "finasteride"},
        ),
        (
            "# Statins\n\nStatins may cause muscle pain. In cirrhosis use a lower dose of simvastatin.",
            {"muscle pain": "statin", "cirrhosis": "simvastatin"},
        ),
        (
            "# Sertraline\n\nSertraline may cause nausea.\n\n## Interactions\n\n### Warfarin\n\nIt may cause bruising.",
            {"nausea": "sertraline", "bruising": "sertraline"},
        ),
    ],
)
def test_pages_on_several_drugs_say_of_each_what_is_its_own(text: str, subjects: dict[str, str]) -> None:
    found = extractor().extract(make_document("page.md", text, "markdown"))
    said = {(s.evidence.object_text, s.subject.label) for s in found if s.kind in ("adverse_effect", "caution")}
    assert set(subjects.items()) <= said


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("EASY READ\n\n# My tablets\n\n## Sertraline\n\nYou may feel tired.\n", "sertraline"),
        ("# Ask the nurse\n\nThe pill may cause headache. The pill is taken daily. The pill is safe.\n",
         "oral contraceptive"),
        ("**Zyqorvel® (zy-KOR-vel)**\n**(sertraline) tablets**\n\n**What is Zyqorvel?**\n\nZyqorvel is a medicine. "
         "Zyqorvel may cause nausea. Take Zyqorvel daily.\n", "sertraline"),
        ("# Formulary\n\n**Status.** Green (neuropathic pain).\n\n## Amitriptyline\n\n"
         "Amitriptyline may cause headache.\n", "amitriptyline"),
        ("# Beta-blockers: an overview\n\nAtenolol and bisoprolol belong here.\n\nThey may cause fatigue.\n",
         "beta blocker"),
        ("# Beta-blockers and you\n\nAtenolol may cause fatigue. Atenolol is taken once a day.\n", "atenolol"),
    ],
)  # fmt: skip
def test_the_drug_of_a_page_that_does_not_begin_with_its_name(text: str, label: str) -> None:
    found = extractor().extract(make_document("page.md", text, "markdown"))
    assert {s.subject.label for s in found} == {label}


def test_no_drug_interacts_with_itself() -> None:
    text = "# Atenolol\n\nAtenolol may cause fatigue.\n\n## Interactions\n\nBisoprolol levels fall with rifampicin.\n"
    found = extractor().extract(make_document("page.md", text, "markdown"))
    assert not [s for s in found if s.kind == "interaction" and s.subject.iri == s.object.iri]


def test_what_stands_above_interactions_says_whose_they_are() -> None:
    text = (
        "# Paracetamol or ibuprofen?\n\nBoth are painkillers.\n\n## Ibuprofen\n\n### Interactions\n\n"
        "Do not take it with warfarin.\n\n## Paracetamol\n\n### Interactions\n\n#### Phenytoin\n\n"
        "Do not take it with phenytoin.\n"
    )
    found = extractor().extract(make_document("page.md", text, "markdown"))
    said = {(s.subject.label, s.object.label) for s in found if s.kind == "interaction"}
    assert said == {("ibuprofen", "warfarin"), ("acetaminophen", "phenytoin")}
