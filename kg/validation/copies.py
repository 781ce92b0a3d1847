"""The record of copies: the first document of each text is found again from the texts, and must be the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
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
    """Judge the record by the texts at hand, and blame the document that points to another text than its own.

    A group of which a text is missing may be joined by that one alone, so it is not judged.
    """
    typed = data.typed.get(terms.DRUGS + "Document", ())
    names = {iri: name for iri in typed for name in data.texts(iri, terms.DCTERMS + "identifier")}
    documents = sorted(names)
    told = {iri: tuple(data.iris(iri, terms.DRUGS + "sameTextAs")) for iri in documents}
    if not any(told.values()):
        return Copies()
    at_hand = {iri: text for iri in documents if (text := texts.text(names[iri])[0]) is not None}
    first = copies.by_texts(at_hand)
    said, found = _groups(told), _groups(first)
    problems, checked = [], 0
    for iri in at_hand:
        alike, whole = found[first[iri]], said[told[iri]] <= at_hand.keys()
        differ = any(told[other] != told[iri] for other in alike)
        if differ or (whole and not alike.issuperset(told[iri])):
            value = names[first[iri]]
            problems.append(Problem(iri, names[iri], "The record of copies is not what the texts say.", _BUILD, value))
        checked += whole
    return Copies(tuple(problems), checked, len(documents) - checked)


def _groups(first: Mapping[str, Hashable]) -> dict[Hashable, set[str]]:
    found: dict[Hashable, set[str]] = {}
    for iri, name in first.items():
        found.setdefault(name, set()).add(iri)
    return found
