"""Statements made by hand for tests: one page in the project's own words, one statement a line of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from kg import assembly, reading, vocabulary
from kg.records import Document, Entity, Evidence, Fact, Span, Statement

Said = tuple[str, str, Mapping[str, str], str]
"""Kind, object, qualifiers, polarity."""

ONE_OF_EACH: tuple[Said, ...] = (
    ("brand_name", "Klonopin", {}, "affirmed"),
    ("drug_class", "benzodiazepine", {}, "affirmed"),
    ("mechanism", "GABA-A receptor", {}, "affirmed"),
    ("pharmacologic_effect", "anxiolytic", {}, "affirmed"),
    ("indication", "panic disorder", {"approval": "labelled", "use": "treatment", "severity": "severe"}, "affirmed"),
    ("indication", "insomnia", {"approval": "off_label", "population": "older adults"}, "affirmed"),
    ("indication", "liver disease", {}, "denied"),
    ("adverse_effect", "drowsiness", {"frequency": "common", "severity": "mild", "with": "alcohol"}, "affirmed"),
    ("adverse_effect", "seizure", {"frequency": "12 %", "population": "people of one village"}, "affirmed"),
    ("withdrawal_effect", "insomnia", {"frequency": "rare", "condition": "when stopped at once"}, "affirmed"),
    ("contraindication", "liver disease", {"severity": "severe"}, "affirmed"),
    ("caution", "driving", {"level": "avoid"}, "affirmed"),
    ("caution", "seizure", {"level": "monitor", "population": "older adults"}, "affirmed"),
    ("caution", "drowsiness", {"level": "stated_safe"}, "affirmed"),
    ("interaction", "alcohol", {"level": "avoid", "effect": "sedation"}, "affirmed"),
    ("interaction", "opioid", {"level": "no_data"}, "affirmed"),
    ("dosage", "panic disorder", {"stage": "initial", "dose": "1 mg", "frequency": "once a day"}, "affirmed"),
    ("pharmacokinetics", "slow as a tortoise", {}, "affirmed"),
    ("pregnancy_category", "d", {"authority": "FDA"}, "affirmed"),
    ("alternative", "benzodiazepine", {"condition": "within 14 days"}, "affirmed"),
    ("advice", "keep it in a blue box", {"topic": "storage"}, "affirmed"),
)
"""Every kind, and between them every qualifier, level without short edge, and sort of object."""


def page(
    name: str = "page.txt", said: Iterable[Said] = ONE_OF_EACH, about: str = "clonazepam"
) -> tuple[Document, list[Statement]]:
    """Write a page with a line for each statement, and the statements that it makes about a drug."""
    lines = ["# A page of our own\n"]
    places = []
    for number, (_, words, _, _) in enumerate(said):
        start = sum(map(len, lines))
        lines.append(f"Line {number} tells of {words}.\n")
        place = start + lines[-1].index(words)
        places.append((Span(start, start + len(lines[-1]) - 1), Span(place, place + len(words))))
    document = reading.make_document(name, "".join(lines), "markdown")
    statements = []
    for (kind, words, qualifiers, polarity), (span, spot) in zip(said, places, strict=True):
        proof = evidence(document, span, spot, heading=Span(2, 19), rule=f"{kind}/made-by-hand")
        entity = Entity(words, assembly.find(words, vocabulary.load()))
        narrowed = MappingProxyType(dict(qualifiers))
        statements.append(Statement(kind, entity_of(about), entity, proof, polarity, narrowed))
    return document, statements


def evidence(
    document: Document, span: Span, object_span: Span, heading: Span | None = None, rule: str = "made/by-hand"
) -> Evidence:
    """Point to a place of a document."""
    quote = span.of(document.text)
    return Evidence(
        document=document.name,
        span=span,
        quote_sha256=hashlib.sha256(quote.encode()).hexdigest(),
        object_span=object_span,
        object_text=object_span.of(document.text),
        rule=rule,
        heading=heading,
        quote=quote,
        heading_text=heading.of(document.text) if heading else None,
    )


def entity_of(label: str) -> Entity:
    """Return the concept of a label."""
    concept = vocabulary.load().find(label)
    assert concept is not None, label
    return Entity(concept.label, concept.iri)


def without_quotes(facts: Iterable[Fact]) -> list[Fact]:
    """Leave out what a graph without texts cannot hold."""
    return [replace(f, evidence=tuple(replace(e, quote=None, heading_text=None) for e in f.evidence)) for f in facts]
