"""The table of `ontology/derivations.toml`: which facts together say something that no document says in these words.

A rule is read as "if the documents say this of a drug, then that follows". It comes in three forms:

- `inherits`: what is said of a class is said of its members;
- `cases` with `if` and `then`: a fact with one of these objects, or a narrower one, leads to these conclusions;
- `cases` with `if` and `other`: a fact of one drug and one of another lead to a conclusion about the two.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from kg import resources
from kg import vocabulary as vocabularies
from kg.errors import OntologyError
from kg.graph import terms
from kg.vocabulary import schema

FILE = "derivations.toml"
MEMBERSHIP = "drug_class"
"""The kind that says of a drug which class it belongs to."""

HIGHEST = "caution"
"""The highest level of care that may follow from facts which do not name it."""

_TEXTS = ("name", "title", "why", "accept", "refuse")
_KEYS = frozenset({*_TEXTS, "inherits", "premise", "other", "unless_treated", "conclusion", "cases"})
_CASE_KEYS = frozenset({"if", "except", "other", "then"})
_PLACEHOLDERS = frozenset({"subject", "object", "premise", "class", "other"})
_LIMITS = frozenset({"widest_class", "most_members", "most_partners", "enough_documents"})


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a rule: the concepts that lead to others; `other` is what is said of the second drug."""

    premises: frozenset[str]
    but_not: frozenset[str]
    other: frozenset[str]
    conclusions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Premise:
    """What kinds of facts a rule looks at.

    `ignores` are the qualifiers that limit nothing here, `carries` those that the conclusion takes over; a fact with
    any other qualifier is not looked at, since what it says is narrower than what would follow.
    """

    kinds: frozenset[str]
    ignores: frozenset[str]
    carries: frozenset[str]

    @property
    def in_order(self) -> list[str]:
        """The kinds in their order."""
        return sorted(self.kinds)

    def fits(self, qualifiers: Mapping[str, str]) -> bool:
        """Tell whether nothing limits a fact that the conclusion could not say."""
        return self.ignores | self.carries >= qualifiers.keys()


@dataclass(frozen=True)
class Rule:
    """A rule of the table.

    Attributes
    ----------
    name, title : str
        What it is called, and what it says in a line.
    why : str
        Its reason in one sentence, with places for names.
    inherits : bool
        Whether members have what is said of their class.
    premise, other : Premise, Premise or None
        What is looked at, and what is looked at in another drug.
    kind, level : str
        What follows; empty where a fact is inherited as it is.
    unless_treated : bool
        Whether nothing follows where the drug is given for the very thing.
    cases : tuple of Case
        Which concepts lead to which.
    accept, refuse : tuple of str
        What must lead to something, and what must not: "kind: object; qualifier=value".
    """

    name: str
    title: str
    why: str
    inherits: bool
    premise: Premise
    other: Premise | None
    kind: str
    level: str
    cases: tuple[Case, ...]
    unless_treated: bool
    accept: tuple[str, ...]
    refuse: tuple[str, ...]

    @property
    def iri(self) -> str:
        """The name of the rule in the graph."""
        return terms.DERIVATION + self.name

    @functools.cached_property
    def looked_for(self) -> frozenset[str]:
        """The concepts that lead to something."""
        return frozenset().union(*(case.premises for case in self.cases))

    @functools.cached_property
    def looked_for_in_others(self) -> frozenset[str]:
        """The concepts of a second drug that lead to something."""
        return frozenset().union(*(case.other for case in self.cases))


@dataclass(frozen=True)
class Table:
    """All rules in their order, and the limits.

    Attributes
    ----------
    rules : tuple of Rule
        In the order of the file.
    widest_class : int
        A class with more drugs than this in the vocabulary of the package is a heading: nothing follows from it.
    most_members : int
        The same for the drugs of the graph.
    most_partners : int
        A drug that a rule pairs with more others than this is left to what follows for their class.
    enough_documents : int
        So many documents are believed about a class that none of their own drugs belongs to, and in that a drug belongs
        to a class which the vocabulary, knowing others, does not give it.
    """

    rules: tuple[Rule, ...]
    widest_class: int
    most_members: int
    most_partners: int
    enough_documents: int

    @functools.cached_property
    def common_kinds(self) -> frozenset[str]:
        """The kinds of facts from which something may follow about other drugs than the one that they are about."""
        return frozenset((MEMBERSHIP,)).union(*(rule.other.kinds for rule in self.rules if rule.other is not None))

    def rule(self, name: str) -> Rule:
        """Return the rule of a name.

        Raises
        ------
        OntologyError
            When there is none.
        """
        found = next((rule for rule in self.rules if rule.name == name), None)
        if found is None:
            raise OntologyError(f"rule {name!r}", "there is no such rule", f"use one of ontology/{FILE}")
        return found


@functools.cache
def load(path: Path | None = None) -> Table:
    """Read a table of rules, by default that of the package.

    Raises
    ------
    OntologyError
        When the file is not TOML, or a rule is not as it must be.
    """
    place = path or resources.folder("ontology") / FILE
    try:
        said = tomllib.loads(place.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise OntologyError(str(place), f"not TOML ({error})", "mend the line it names") from None
    limits = said.get("limits", {})
    if set(limits) != _LIMITS or not all(isinstance(n, int) and n > 0 for n in limits.values()):
        raise OntologyError(f"{place.name} limits", "are not as expected", f"give {', '.join(sorted(_LIMITS))}")
    rules = tuple(_rule(entry, f"{place.name} {entry.get('name', '?')}") for entry in said.get("rule", ()))
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise OntologyError(f"{place.name} {name}", "two rules have this name", "rename one")
    return Table(rules, **limits)


def _rule(said: Mapping[str, Any], place: str) -> Rule:
    _known(said, _KEYS, place)
    for key in (*_TEXTS, "premise"):
        if not said.get(key):
            raise OntologyError(place, f"has no {key}", "give it one")
    unknown = {name for _, name, _, _ in Formatter().parse(said["why"]) if name is not None} - _PLACEHOLDERS
    if unknown:
        raise OntologyError(place, f"no such place: {min(unknown)!r}", f"use {', '.join(sorted(_PLACEHOLDERS))}")
    conclusion = said.get("conclusion", {})
    _known(conclusion, frozenset({"kind", "level"}), f"{place} conclusion")
    inherits = bool(said.get("inherits", False))
    cases = tuple(_case(case, said, place) for case in said.get("cases", ()))
    if inherits == bool(conclusion) or inherits == bool(cases):
        raise OntologyError(place, "must either inherit or conclude", "give it inherits, or cases and a conclusion")
    if conclusion:
        _check_conclusion(conclusion, place)
    return Rule(
        name=vocabularies.slug(said["name"]),
        title=said["title"],
        why=said["why"],
        inherits=inherits,
        premise=_premise(said["premise"], f"{place} premise"),
        other=_premise(said["other"], f"{place} other") if "other" in said else None,
        kind=conclusion.get("kind", ""),
        level=conclusion.get("level", ""),
        cases=cases,
        unless_treated=bool(said.get("unless_treated", False)),
        accept=tuple(said["accept"]),
        refuse=tuple(said["refuse"]),
    )


def _check_conclusion(conclusion: Mapping[str, Any], place: str) -> None:
    language = schema.load()
    kind, level = language.kind(conclusion.get("kind", "")), language.levels.get(conclusion.get("level", ""))
    if level is None or "level" not in {q.name for q in kind.qualifiers}:
        raise OntologyError(place, "concludes without a level of care", "give it a kind that has one, and the level")
    if (level.rank or 0) > (language.levels[HIGHEST].rank or 0):
        raise OntologyError(place, f"concludes {level.name}, which no document says", f"use {HIGHEST} at most")


def _premise(said: Mapping[str, Any], place: str) -> Premise:
    _known(said, frozenset({"kinds", "ignores", "carries"}), place)
    for kind in said["kinds"]:
        schema.load().kind(kind)
    return Premise(*(frozenset(said.get(key, ())) for key in ("kinds", "ignores", "carries")))


def _case(said: Mapping[str, Any], rule: Mapping[str, Any], place: str) -> Case:
    _known(said, _CASE_KEYS, f"{place} case")
    if ("other" in said) != ("other" in rule) or ("then" in said) == ("other" in said):
        raise OntologyError(place, "a case has neither `then` nor `other`, or both", "give it one of them")
    if not said.get("if") or not said.get("then", said.get("other")):
        raise OntologyError(place, "a case is empty", "name concepts in `if` and in `then` or `other`")
    concepts = {key: [_concept(name, place) for name in said.get(key, ())] for key in _CASE_KEYS}
    return Case(
        frozenset(concepts["if"]), frozenset(concepts["except"]), frozenset(concepts["other"]), tuple(concepts["then"])
    )


def _concept(name: str, place: str) -> str:
    iri = terms.CONCEPT + name
    if iri not in vocabularies.load().concepts:
        raise OntologyError(place, f"no concept {name!r} in ontology/concepts", "name one by its local name")
    return iri


def _known(said: Mapping[str, Any], keys: frozenset[str], place: str) -> None:
    unknown = sorted(set(said) - keys)
    if unknown:
        raise OntologyError(place, f"unknown key {unknown[0]!r}", f"use {', '.join(sorted(keys))}")
