"""Drugs that the vocabulary lacks: how their documents name them, and that they are read as known drugs are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import api
from kg.extraction import extractor, sections, unlisted
from kg.reading import make_document
from kg.records import Product, Statement

SAYS = (
    "\n\n{name} is used to treat kidney cancer. Take {name} with food. Do not use warfarin with {name}. With warfarin, "
    "warfarin levels rise. {name} may cause rash.\n"
)
LEAFLET = "Package leaflet: Information for the patient\n\nZyqorvel 5 mg tablets\n\nzyqorveline"
HOLDS = "2. COMPOSITION\n\nEach tablet contains 5 mg of zyqorveline."
INTRODUCED = [
    ("Zyqorvel (zyqorveline) tablets", "Zyqorvel", "zyqorveline", ("Zyqorvel",)),
    ("Zyqorveline (Zyqorvel)", "zyqorveline", "zyqorveline", ("Zyqorvel",)),
    ("Zyqorvel 5 mg film-coated tablets", "Zyqorvel", "Zyqorvel", ()),
    (LEAFLET, "Zyqorvel", "zyqorveline", ("Zyqorvel",)),
    ("Zyqorveline: Uses, Side Effects & Dosage", "zyqorveline", "zyqorveline", ()),
    ("What you need to know about Zyqorvel", "Zyqorvel", "Zyqorvel", ()),
    ("Medication Guide\n\nZYQORVEL (zye-KOR-vel) (zyqorveline) tablets", "ZYQORVEL", "zyqorveline", ("ZYQORVEL",)),
    (f"1. NAME OF THE MEDICINAL PRODUCT\n\nZyqorvel 5 mg tablets\n\n{HOLDS}", "Zyqorvel", "zyqorveline", ("Zyqorvel",)),
    ("# Zyqorveline hydrochloride", "zyqorveline", "zyqorveline", ()),
    ("Zyqorveline is a new medicine.", "zyqorveline", "zyqorveline", ()),
]  # fmt: skip
NOT_INTRODUCED = [
    "Migraine\n\nSertraline is used by some.",
    "Common questions",
    "Safety bulletin",
    "Patient story (anonymous)",
    "Sertraline and you",
    "Antidepressants",
    "Zyqorvel",  # never named again
]


OF_A_KNOWN_DRUG = [
    "**Zyqorvel 5 mg eye drops, solution** (mesalazine)",
    "ZYQORVEL® 5 mg\n\nActive substance: mesalazine",
    "# What is Zyqorvel?\n\nZyqorvel is a medicine that contains the active substance mesalazine.",
    "Zyqorvel (mesalazine) | Northfield Clinic",
    "# Your guide to treatment with Zyqorvel\n\nZyqorvel is the brand name of mesalazine.",
    "# Starting on Zyqorvel\n\nYou were given Zyqorvel (also called mesalazine).",
    "# Zyqorvel tablets\n\nContains mesalazine",
    "**Why have I been given Zyqorvel?**\n\nThe medicine in Zyqorvel is mesalazine.",
    "# Zyqorvel 500\n\nName of the active ingredient(s): Mesalazine",
    "Zyqorvel — mesalazine — fact sheet",
]
NOT_OF_A_KNOWN_DRUG = [
    "# Zyqorvel tablets\n\nWarfarin, aspirin and lithium clash with Zyqorvel.",
    "# Zyqorvel tablets\n\nZyqorvel acts like mesalazine.",
]


def _own(text: str) -> unlisted.Own | None:
    own = extractor()
    document = make_document("a.md", text, "markdown")
    return unlisted.own(document, own.lexicon, sections.SectionTable(own.tables))


@pytest.mark.parametrize(("title", "name", "label", "brands"), INTRODUCED)
def test_a_document_introduces_its_drug(title: str, name: str, label: str, brands: tuple[str, ...]) -> None:
    own = _own(title + SAYS.format(name=name))
    assert own is not None
    assert (own.drug.label, own.brands) == (label, brands)


@pytest.mark.parametrize("title", NOT_INTRODUCED)
def test_other_titles_introduce_nothing(title: str) -> None:
    assert _own(title + SAYS.format(name="sertraline")) is None


def _said(statement: Statement) -> tuple[str, str, str]:
    return statement.kind, statement.object.label, str(sorted(statement.qualifiers.items()))


def test_it_is_read_as_a_known_drug_is() -> None:
    page = (
        "{brand} ({name}) tablets\n\n{brand} is used to treat gout. Do not take {brand} if you are allergic to asthma "
        "sprays. Grapefruit may raise the level of {name}. {brand} may cause rash; {name} is not known to cause hair "
        "loss. Warfarin may cause bleeding. The usual dose of {name} is 5 mg twice a day.\n"
    )
    known = extractor().extract(make_document("a.txt", page.format(brand="Zoloft", name="sertraline")))
    unknown = extractor().extract(make_document("a.txt", page.format(brand="Zyqorvel", name="zyqorveline")))
    assert {statement.subject.label for statement in known} >= {"sertraline", "warfarin"}
    named = [(s.subject.label, *_said(s)) for s in known]
    other = [(s.subject.label, *_said(s)) for s in unknown]
    swapped = [
        tuple(part.replace("sertraline", "zyqorveline").replace("Zoloft", "Zyqorvel") for part in s) for s in named
    ]
    assert sorted(other) == sorted(swapped)
    text = page.format(brand="Zyqorvel", name="zyqorveline")
    assert all(s.evidence.quote == s.evidence.span.of(text) for s in unknown)


def test_a_products_own_data_name_it_too() -> None:
    product = Product(("Zyqorvel",), ("ZYQORVELINE",))
    document = make_document("a.txt", "Warnings\n\nZyqorvel may cause rash. Warfarin may cause gout.", product=product)
    said = {(s.subject.label, s.object.label) for s in extractor().extract(document)}
    assert {("zyqorveline", "rash"), ("warfarin", "gout")} <= said


def test_it_can_be_asked_about_by_either_name(tmp_path: Path) -> None:
    page = tmp_path / "zyqorvel.txt"
    page.write_text("Zyqorvel (zyqorveline) tablets" + SAYS.format(name="Zyqorvel"), "utf-8")
    graph = api.build([page])
    for name in ("Zyqorvel", "zyqorveline", "ZYQORVEL"):
        answer = graph.ask(f"What are the side effects of {name}?")
        assert answer.understood["sentence"] == "What unwanted effects may zyqorveline have?"


@pytest.mark.parametrize("head", OF_A_KNOWN_DRUG)
def test_a_brand_that_the_vocabulary_lacks_is_that_of_the_drug_it_is_said_to_hold(head: str) -> None:
    own = _own(head + SAYS.format(name="Zyqorvel"))
    assert own is not None
    assert (own.drug.label, own.brands) == ("mesalamine", (own.brands[0],))


@pytest.mark.parametrize("head", NOT_OF_A_KNOWN_DRUG)
def test_other_drugs_at_the_head_are_not_what_it_holds(head: str) -> None:
    own = _own(head + SAYS.format(name="Zyqorvel"))
    assert own is not None
    assert own.drug.label == "Zyqorvel"
