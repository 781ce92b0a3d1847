"""The record of copies: which document is the first of each text is found again from the texts, and must be the same."""

from __future__ import annotations

from dataclasses import dataclass

from kg.agreement import copies
from kg.evidence import Texts
from kg.graph import terms
from kg.validation.data import Data
from kg.validation.quotes import Problem

_BUILD = "Build the facts again, which finds the copies anew."


@dataclass(frozen=True, slots=True)
class Copies:
    """The problems of the record, and of how many documents it could be judged."""

    problems: tuple[Problem, ...] = ()
    checked: int = 0
    unchecked: int = 0


def check(data: Data, texts: Texts) -> Copies:
    """Judge the record where all texts are at hand: a text that is missing could be the first of any group."""
    names = {iri: n for iri in data.about for n in data.texts(iri, terms.DCTERMS + "identifier")}
    documents = [iri for iri in sorted(names) if terms.DRUGS + "Document" in data.iris(iri, terms.RDF_TYPE)]
    told = {iri: data.iris(iri, terms.DRUGS + "sameTextAs") for iri in documents}
    if not any(told.values()):
        return Copies()
    at_hand = {names[iri]: text for iri in documents if (text := texts.text(names[iri])[0]) is not None}
    if len(at_hand) < len(documents):
        return Copies(unchecked=len(documents))
    first = copies.by_texts(at_hand)
    problems = tuple(
        Problem(iri, names[iri], "The record of copies is not what the texts say.", _BUILD, first[names[iri]])
        for iri in documents
        if told[iri] != [terms.document(first[names[iri]])]
    )
    return Copies(problems, checked=len(documents))
