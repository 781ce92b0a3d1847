"""Memory: what functions remember is given back, of the packages that are named and of no others."""

from __future__ import annotations

import gc

from kg import extraction, memory, vocabulary
from kg.extraction import phrases
from kg.reading import make_document
from kg.vocabulary import schema


def test_what_packages_remember_is_forgotten_and_made_again() -> None:
    page = make_document("a.txt", "Sertraline\n\nSertraline may cause nausea.\n")
    said = extraction.extractor().extract(page)
    tables, known, language = phrases.load(), vocabulary.load(), schema.load()
    memory.forget("kg.extraction")
    assert phrases.load() is not tables
    assert vocabulary.load() is known and schema.load() is language
    assert said and extraction.extractor().extract(page) == said


def test_circles_are_looked_for_again_afterwards() -> None:
    with memory.uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
