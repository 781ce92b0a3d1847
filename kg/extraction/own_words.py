"""What a document calls a thing in its own words: whether the words are a name, and under which concept they stand.

The vocabulary never has all names. `ontology/own_words.toml` says which words name nothing by themselves ("locally
advanced", "previously stable") and how groups and states are described ("drugs that prolong the QT interval",
"creatinine clearance below 30 mL/min"), so that what documents say in many ways is found in one place.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kg import resources, vocabulary
from kg.records import Concept, Entity
from kg.vocabulary import Vocabulary

_REMEMBERED = 1_024
_BRACKETS = re.compile(r"\([^()]*\)|[(\[].*$")
_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_SHORTEST = 3
"""A word of fewer letters is no plural."""
_FINDING, _DRUGS = frozenset({"Condition"}), frozenset({"Drug", "Brand", "DrugClass"})
_TWICE = 2
"""A word that only one name holds may well be a head elsewhere."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the table: what fits it stands under the concept, or is it."""

    cue: re.Pattern[str]
    concept: str
    is_same: bool
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """What `ontology/own_words.toml` says."""

    behind: re.Pattern[str]
    headless: re.Pattern[str]
    bare: re.Pattern[str]
    abbreviation: re.Pattern[str]
    kinds: frozenset[str]
    reaction: re.Pattern[str]
    allergies: tuple[str, ...]
    of_ingredients: str
    of_drugs: str
    of_anything: str
    places: tuple[Place, ...]


def names_nothing(words: str, kind: str) -> bool:
    """Tell whether own words are no name of what a statement of a kind is about.

    >>> names_nothing("locally advanced", "indication"), names_nothing("locally advanced sarcoma", "indication")
    (True, False)
    """
    return kind in table().kinds and not _is_name(words) and _row(_folded(words)) is None


def placed(words: str, label: str, known: Vocabulary) -> Entity | None:
    """Return own words as the concept that they mean, or under the one that they are a kind of; None if unknown.

    Parameters
    ----------
    words : str
        The words of the document.
    label : str
        How they are shown where they stay the document's own.
    known : Vocabulary
        The vocabulary whose concepts are named in the table.
    """
    if "(" in words:  # "angiotensin converting enzyme (ACE) inhibitors"
        concept = _concept(" ".join(_BRACKETS.sub(" ", words).split()), (), known)
        if concept is not None and concept.iri:
            return Entity(concept.label, concept.iri)
    found = _row(_folded(words))
    if found is None:
        return None
    row, name = found
    concept = _concept(name, row.types, known)
    if concept is None or not concept.iri:
        return None
    return Entity(concept.label, concept.iri) if row.is_same else Entity(label, None, concept.iri)


def allergy(words: str, label: str, to: Iterable[Concept], known: Vocabulary) -> Entity | None:
    """Return what somebody is allergic to as that allergy: a concept, or own words under the nearest one.

    Parameters
    ----------
    words : str
        The words of the document: the allergen with its reaction ("severe allergy to latex"), or alone, as the others
        of a list stand ("or other beta-blockers").
    label : str
        How they are shown.
    to : iterable of Concept
        What the vocabulary knows under the words.
    known : Vocabulary
        Where the names of allergies are looked up.

    Returns
    -------
    Entity or None
        None where the words name their reaction, and the vocabulary has no name for the whole.
    """
    rest = placed(words, label, known)
    if rest is not None and rest.label == table().of_ingredients:
        return rest
    concepts, folded = [*to], _folded(words)
    reaction = table().reaction.fullmatch(folded)
    found = _allergy([reaction["to"]] if reaction else [folded, *(concept.label for concept in concepts)], known)
    if found is not None:
        says_more = reaction is not None and reaction["more"]
        return Entity(label, None, found.iri) if says_more else Entity(found.label, found.iri or None)
    if reaction is not None:
        return None
    wider = known.find(table().of_drugs if any(c.types & _DRUGS for c in concepts) else table().of_anything, _FINDING)
    return Entity(table().allergies[0].replace("<1>", label), None, wider.iri if wider is not None else None)


def _allergy(allergens: Iterable[str], known: Vocabulary) -> Concept | None:
    names = (form.replace("<1>", allergen) for allergen in allergens for form in table().allergies)
    return next((found for name in names if (found := _concept(name, _FINDING, known)) is not None), None)


def _concept(name: str, types: Iterable[str], known: Vocabulary) -> Concept | None:
    return next((c for each in (name, name.removesuffix("s")) if (c := known.find(each, types)) is not None), None)


def _folded(words: str) -> str:
    return " ".join(_BRACKETS.sub(" ", words.casefold()).replace("-", " ").replace("’", "'").split()).strip(" .,;:")


@functools.lru_cache(_REMEMBERED)
def _row(folded: str) -> tuple[Place, str] | None:
    """Return the first row that fits, and the name of its concept."""
    for row in table().places:
        match = row.cue.fullmatch(folded)
        if match is not None:
            group = next((each for each in match.groups() if each), "")
            return row, row.concept.replace("<1>", group.upper() if row.concept != "<1>" else group)
    return None


@functools.lru_cache(_REMEMBERED)
def _is_name(words: str) -> bool:
    known = table()
    if known.bare.fullmatch(_folded(words)):
        return False
    if any(letter.isdigit() for letter in words) or known.abbreviation.search(words):
        return True
    parts = known.behind.split(_folded(words))
    heads = [found[-1] for part in parts if (found := _WORD.findall(part))]
    return any(not known.headless.fullmatch(head) and _singular(head) not in _never_heads() for head in heads)


@functools.cache
def _never_heads() -> frozenset[str]:
    """Return the words that names of the package's vocabulary hold, and never end with."""
    heads: set[str] = set()
    inside: Counter[str] = Counter()
    for part in _parts(vocabulary.load().by_label):
        heads.add(part[-1])
        inside.update(part[:-1])
    return frozenset(word for word, number in inside.items() if number >= _TWICE and word not in heads)


def _parts(labels: Iterable[str]) -> Iterator[list[str]]:
    behind = table().behind
    for label in labels:
        if "," not in label:  # "failure, acute" has its words in another order
            for part in behind.split(_folded(label)):
                words = _WORD.findall(part)
                if words:
                    yield [_singular(word) for word in words]


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > _SHORTEST else word


@functools.cache
def table() -> Table:
    """Read the table of the ontology.

    Raises
    ------
    OntologyError
        When the table is missing or not of its form.
    """
    with resources.table(
        "own_words.toml", "own words", "give it a name, macros, and places with a cue and a concept"
    ) as read:
        name = read["name"]
        return Table(
            re.compile(rf"(?: |^){name['behind']}(?= |$)"),
            re.compile(name["headless"]),
            re.compile(name["bare"]),
            re.compile(name["abbreviation"]),
            frozenset(name["kinds"]),
            re.compile(read["reaction"]["said"]),
            tuple(read["reaction"]["named"]),
            read["reaction"]["of_ingredients"],
            read["reaction"]["of_drugs"],
            read["reaction"]["of_anything"],
            tuple(_places(read)),
        )


def _places(read: Mapping[str, Any]) -> Iterator[Place]:
    macros = read["macro"]
    for row in read["place"]:
        cue = row["cue"]
        for name, pattern in macros.items():
            cue = cue.replace(f"<{name}>", pattern)
        yield Place(re.compile(cue), row["concept"], row.get("same", False), frozenset(row.get("types", ())))
