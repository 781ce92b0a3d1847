"""Abbreviations that a document defines: what is a definition, and what the short form means where."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extraction import abbreviations, extractor
from kg.reading import make_document

# A text, and each place after its definition where the short form is found, with the label that it means there.
CASES: tuple[tuple[str, list[tuple[str, str]]], ...] = (
    (
        "It can cause urinary tract infection (UrTI). A UrTI is treated; UrTIs come back.",
        [("UrTI", "urinary tract infection"), ("UrTIs", "urinary tract infection")],
    ),
    ("Panic disorder (PaD) is common. PaD is not pad, and XPaD or PaD-like is another.", [("PaD", "panic disorder")]),
    ("**Myasthenia gravis** (MyGr): MyGr may worsen.", [("MyGr", "myasthenia gravis")]),
    ("MyGr comes first. Myasthenia gravis (MyGr).", []),
    ("Myasthenia gravis (MG-like). Then MG-like.", []),
    ("Myasthenia gravis (see below). Then below.", []),
    ("Myasthenia gravis (10 mg). Then 10.", []),
    ("Myasthenia gravis. It (MyGr) is rare. Then MyGr.", []),
    ("Depression of the zygomatic foo (DZF). Then DZF.", []),
    ("Severe myasthenia gravis (SMyG). Then SMyG.", []),
    (
        "Panic disorder (PdR) and PdR. Peptic ulcer disease: duodenal ulcer (PdR)? Then PdR.",
        [("PdR", "panic disorder")] * 3,
    ),
    (
        "Hypersensitivity (HsE) first, HsE; herpes simplex (HsE) later: HsE.",
        [("HsE", "hypersensitivity"), ("HsE", "herpes simplex infection")],
    ),
)


def meanings(text: str) -> list[tuple[str, str]]:
    """Every short form that means something in a text, with the label of its concept."""
    lexicon = extractor().lexicon
    plain = lexicon.find(text)
    hits = abbreviations.defined(text, lexicon).beside(lexicon.find(text), text, 0)
    return [(hit.span.of(text), hit.concepts[0].label) for hit in hits if hit not in plain]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:30] for text, _ in CASES])
def test_a_short_form_means_what_its_definition_says(text: str, expected: list[tuple[str, str]]) -> None:
    assert meanings(text) == expected


LONG_FORMS = (
    ("RLS", "may cause restless legs syndrome", "restless legs syndrome"),
    ("HSR", "hypersensitivity reactions", "hypersensitivity reactions"),
    ("MDR-TB", "the multidrug-resistant tuberculosis", "multidrug-resistant tuberculosis"),
    ("XY", "no letter of it", None),
    ("LS", "restless legs syndrome", "legs syndrome"),
    ("EL", "restless", None),
    ("A", "", None),
)


@pytest.mark.parametrize(("short", "words", "expected"), LONG_FORMS)
def test_the_letters_stand_in_order_and_the_first_begins_a_word(short: str, words: str, expected: str | None) -> None:
    start = abbreviations.long_form(short, words)
    assert (None if start is None else words[start:]) == expected


def test_statements_name_the_concept_of_a_short_form() -> None:
    text = "Sertraline is used to treat panic disorder (PaD). PaD is common. Sertraline treats PaD."
    statements = extractor().extract(make_document("page.txt", text))
    found = {(s.kind, s.object.label, s.evidence.object_text) for s in statements}
    assert ("indication", "panic disorder", "PaD") in found


@given(st.text(alphabet="PanicDrose ().-s\n", max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_hits_apart_and_in_order(text: str) -> None:
    lexicon = extractor().lexicon
    text = f"Panic disorder (PaD). {text} PaD {text}"
    end = 0
    for hit in abbreviations.defined(text, lexicon).beside(lexicon.find(text), text, 0):
        assert end <= hit.span.start < hit.span.end <= len(text)
        end = hit.span.end


def test_many_brackets_cost_little() -> None:
    text = "myasthenia gravis (MyGr) " * 2_000 + "a (Bc" * 2_000 + "(" * 5_000
    assert abbreviations.defined(text, extractor().lexicon).meanings["MyGr"]
