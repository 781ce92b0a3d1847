"""Facts in a line for tests of derivation: "drug | denied kind: object; qualifier=value @ document"."""

from __future__ import annotations

import hashlib
from types import MappingProxyType

from kg import assembly, vocabulary
from kg.records import Entity, Evidence, Fact, Span, Statement

DRUG, OTHER, CLASS = "clonazepam", "sertraline", "benzodiazepine"


def entity(label: str) -> Entity:
    """Return the concept of a label, or own words; "words < broader" are own words that somebody has placed."""
    words, _, broader = label.partition(" < ")
    found = vocabulary.load().find(label)
    above = vocabulary.load().find(broader) if broader else None
    return Entity(found.label, found.iri) if found else Entity(words, None, above.iri if above else None)


def statement(line: str, drug: str = DRUG, document: str = "") -> Statement:
    """Read a line; the document is named after the drug unless it is given with "@"."""
    line, _, named = line.partition(" @ ")
    subject, bar, said = line.partition(" | ")
    subject, said = (subject, said) if bar else (drug, line)
    kind, _, rest = said.partition(": ")
    object_, *qualifiers = rest.split("; ")
    denied, kind = kind.startswith("denied "), kind.removeprefix("denied ")
    known = vocabulary.load()
    typed = [known.find(object_, (type_,)) for type_ in TYPES.get(kind, ())]
    found = next((c for c in typed if c), None)
    name = named or document or f"{subject}.txt"
    start = int(hashlib.sha256(line.encode()).hexdigest()[:6], 16)
    quote, place = Span(start, start + 90), Span(start + 1, start + 10)
    return Statement(
        kind=kind,
        subject=entity(subject),
        object=Entity(found.label, found.iri) if found else entity(object_),
        evidence=Evidence(
            name, quote, hashlib.sha256(line.encode()).hexdigest(), place, object_[:9].ljust(9), "made/by-hand"
        ),
        polarity="denied" if denied else "affirmed",
        qualifiers=MappingProxyType(dict(q.split("=") for q in qualifiers)),
    )


TYPES = {
    "pharmacologic_effect": ("PharmacologicAction",),
    "drug_class": ("DrugClass",),
    "pharmacokinetics": ("KineticProperty",),
    "adverse_effect": ("Condition",),
    "withdrawal_effect": ("Condition",),
    "indication": ("Condition",),
    "caution": ("Condition", "Population", "Activity"),
    "contraindication": ("Condition",),
}
"""Names that several sorts of concepts bear mean the sort that the kind is about."""


def facts(*lines: str, drug: str = DRUG) -> list[Fact]:
    """Put the lines together to facts."""
    return assembly.assemble(statement(line, drug) for line in lines)
