"""Contradictions: where independent documents cannot all be right, and where they only seem to disagree.

Five types, most telling first:

* `polarity`: one affirms what another denies, of the same object in the same scope.
* `level`: the most care that one document asks for in the same scope is not the most that another asks for. What is
  said of two drugs together counts from either of them.
* `numbers`: doses, frequencies or properties whose ranges do not overlap. All figures of a document for the same make
  one range, so that two strengths do not contradict a third between them.
* `scope`: they differ as above, yet in another population, severity, route or circumstance; both may be right.
* `single_source`: only one of three or more independent documents on the drug says it. Silence contradicts nothing, so
  this type is given only where it is asked for; and only of objects that the vocabulary knows, since others may say the
  same in words of their own.

Facts that differ in a qualifier of scope never contradict. A document that says both of something is given only where
it is asked for (`within`): of such pairs that were read, four of five were no contradiction, but one of the two misread
or said of something narrower ("no effect on the levels of"); `kg check` warns of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.agreement import measures
from kg.agreement.copies import Copies, Rows, _count
from kg.agreement.measures import Amount
from kg.agreement.sides import (
    CARE,
    DENIED,
    SILENT,
    Scope,
    Side,
    by_voice,
    facts_of_several,
    facts_on,
    in_words,
    iri,
    pair,
    rank,
    said_apart,
    scope,
    side,
    stated,
    voices,
)
from kg.errors import UnknownNameError

if TYPE_CHECKING:
    from kg.agreement.sides import Stated
    from kg.records import Entity, Fact

POLARITY, LEVEL, NUMBERS, SCOPE, SINGLE = "polarity", "level", "numbers", "scope", "single_source"
TYPES = (POLARITY, LEVEL, NUMBERS, SCOPE, SINGLE)
DEFAULT_TYPES = (POLARITY, LEVEL, NUMBERS, SCOPE)
SEVERAL_SOURCES = 3
"""From so many independent documents on a drug, one alone with a claim is worth a look."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Documents against each other on one thing.

    Attributes
    ----------
    type : str
        One of `TYPES`.
    kind : str
        The kind of fact; "care" where the scale of care is compared across kinds.
    subject, object : Entity
        The drug, and what is said of it.
    sides : tuple of Side
        What is said, with facts, documents and the number of independent ones; most care or most support first.
    scope : str
        Where it holds, in words; empty where nothing narrows it down.
    within : bool
        Whether each side is said by the same documents: then a document contradicts itself.
    """

    type: str
    kind: str
    subject: Entity
    object: Entity
    sides: tuple[Side, ...]
    scope: str = ""
    within: bool = False

    @property
    def summary(self) -> str:
        """One sentence that says who says what."""
        about = f"{self.subject.label}, {self.kind.replace('_', ' ')}, {self.object.label}"
        about += f" ({self.scope})" if self.scope else ""
        said = "; ".join(f"{s.value.replace('_', ' ')} in {_count(s.independent, 'document')}" for s in self.sides)
        if self.type == SINGLE:
            return f"{about}: only one independent document says so; the others do not mention it."
        tail = {SCOPE: "; the scope differs"}.get(self.type, "; the same document" if self.within else "")
        return f"{about}: {said}{tail}."


@dataclass(frozen=True, slots=True)
class Contradictions:
    """What was found, most telling first; of each type there are `counts`, and `truncated` says that some are cut off.

    `documents` is the number of independent documents that were asked, `about` what they were asked about.
    """

    found: tuple[Contradiction, ...]
    counts: Mapping[str, int]
    documents: int
    about: str = ""

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def truncated(self) -> bool:
        """Whether some were cut off."""
        return len(self.found) < self.total

    def __len__(self) -> int:
        """Return how many are shown."""
        return len(self.found)

    def __iter__(self) -> Iterator[Contradiction]:
        """Go through them, most telling first."""
        return iter(self.found)

    @property
    def summary(self) -> str:
        """One sentence that says how many there are; none found is no proof of agreement."""
        where = f"{_count(self.documents, 'independent document')}{self.about and f' on {self.about}'}"
        if not self.total:
            return f"No contradiction is found among {where}; what only one of them says is not confirmed by that."
        counts = ", ".join(f"{number:,} of {name.replace('_', ' ')}" for name, number in self.counts.items() if number)
        cut = f"; {len(self.found):,} of them shown" if self.truncated else ""
        return f"{self.total:,} found among {where}: {counts}{cut}."

    def rows(self) -> Rows:
        """Return a row for each side, and the facts of each."""
        columns = ("type", "kind", "drug", "object", "scope", "value", "independent", "documents", "within")
        rows, facts = [], []
        for item in self.found:
            for one in item.sides:
                said = (item.type, item.kind, item.subject.label, item.object.label, item.scope, one.value)
                within = "yes" if item.within else ""
                rows.append((*said, str(one.independent), "; ".join(one.documents), within))
                facts.append(one.facts)
        return columns, tuple(rows), tuple(facts)


def contradictions(
    graph: Stated,
    drug: str | None = None,
    thing: str | None = None,
    types: Iterable[str] | None = None,
    limit: int = 100,
    *,
    within: bool = False,
) -> Contradictions:
    """Find where documents contradict each other, about a drug, about something, or anywhere.

    Parameters
    ----------
    graph : Graph
        The graph.
    drug, thing : str, optional
        A drug, and a condition, effect, person or substance, by any of their names.
    types : iterable of str, optional
        Some of `TYPES`; by default all but "single_source".
    limit : int
        The most that are returned; the least telling are cut off.
    within : bool
        Whether to give those too in which a document contradicts itself.

    Raises
    ------
    UnknownNameError
        When a name or a type is unknown.
    """
    wanted = tuple(DEFAULT_TYPES if types is None else types)
    for name in wanted:
        if name not in TYPES:
            raise UnknownNameError(name, "no such type of contradiction", f"use {' '.join(TYPES)}")
    named = graph.names.drug(drug) if drug is not None else None
    things = [found.iri for found in graph.names.entity(thing)] if thing is not None else []
    copies = graph.copies()
    reader, anywhere = graph.reader, named is None and not things
    if anywhere and not within and SINGLE not in wanted:
        facts = facts_of_several(reader, copies)
    else:
        facts = facts_on(reader, named.iri if named else None, things)
    asked = {d.name for d in graph.documents} if anywhere else {name for fact in facts for name in fact.documents}
    if not within and SINGLE not in wanted:
        facts = said_apart(facts, copies)
    found = sorted((c for c in between(facts, copies, wanted) if within or not c.within), key=_order)
    shown = tuple(_with_quotes(item, graph) for item in found[: max(0, limit)])
    about = " and ".join(filter(None, (named.label if named else "", thing or "")))
    documents = copies.independent(asked)
    counts = {name: sum(item.type == name for item in found) for name in TYPES if name in wanted}
    return Contradictions(shown, counts, documents, about)


def between(facts: Iterable[Fact], copies: Copies, types: Iterable[str] = DEFAULT_TYPES) -> Iterator[Contradiction]:
    """Find the contradictions between facts, in no particular order."""
    facts = tuple(facts)
    for name in types:
        yield from _FINDERS[name](facts, copies)


def polarity(facts: Iterable[Fact], copies: Copies) -> Iterator[Contradiction]:
    """Find what is affirmed and denied in the same scope; a denial reaches as far as its qualifiers."""
    for (kind, *_), group in _grouped(facts, lambda f: (f.kind, *pair(f), scope(f))):
        denials = [fact for fact in group if fact.polarity == DENIED]
        pairs = [(no, yes) for no in denials for yes in group if yes.polarity != DENIED and denies(no, yes)]
        if pairs:
            against = side(DENIED, (no for no, _ in pairs), copies)
            in_favour = side("affirmed", (yes for _, yes in pairs), copies)
            yield _made(POLARITY, kind, (in_favour, against), copies)


def level(facts: Iterable[Fact], copies: Copies) -> Iterator[Contradiction]:
    """Find things in which independent documents ask for different care at most."""
    facts = tuple(facts)
    mutual = {(voice, pair(f)) for voice, f in by_voice((f for f in facts if f.kind == "interaction"), copies)}
    cared = (f for f in facts if f.kind in CARE and f.polarity != DENIED and f.level and f.level not in SILENT)
    for _, group in _grouped(cared, lambda f: (*pair(f), scope(f))):
        if len({iri(fact.subject) for fact in group}) > 1:
            group = [fact for fact in group if fact.kind == "interaction" or _is_mutual(fact, mutual, copies)]
        most: dict[str, str] = {}
        for voice, fact in by_voice(group, copies):
            most[voice] = max(most.get(voice, ""), fact.level or "", key=lambda name: (rank(name), name))
        if len(set(most.values())) > 1:
            sides = []
            for name in sorted(set(most.values()), key=lambda name: -rank(name)):
                own = {voice for voice in most if most[voice] == name}
                told = [fact for fact in group if fact.level == name and voices(fact, copies) & own]
                named = {d for fact in told for d in fact.documents if copies.of(d) in own}
                sides.append(side(name, told, copies, named))
            yield _made(LEVEL, "care", tuple(sides), copies)


def numbers(facts: Iterable[Fact], copies: Copies) -> Iterator[Contradiction]:
    """Find figures of independent documents whose ranges do not overlap."""
    figures = [(fact, *read) for fact in facts if fact.polarity != DENIED and (read := _figure(fact)) is not None]
    key = {f.iri: (f.kind, iri(f.subject), name, scope(f), amount.measures) for f, name, amount in figures}
    amounts = {fact.iri: amount for fact, _, amount in figures}
    for (kind, *_), group in _grouped((fact for fact, *_ in figures), lambda fact: key[fact.iri]):
        hulls: dict[str, Amount] = {}
        for voice, fact in by_voice(group, copies):
            own = amounts[fact.iri]
            hulls[voice] = hulls[voice].hull(own) if voice in hulls else own
        if any(not one.overlaps(other) for one, other in itertools.combinations(hulls.values(), 2)):
            sides = []
            for amount in sorted(set(hulls.values()), key=lambda a: (-a.high, -a.low)):
                own_voices = {voice for voice in hulls if hulls[voice] == amount}
                told = [fact for fact in group if voices(fact, copies) & own_voices]
                named = {d for fact in told for d in fact.documents if copies.of(d) in own_voices}
                sides.append(side(measures.written(amount), told, copies, named))
            yield _made(NUMBERS, kind, tuple(sides), copies)


def scopes(facts: Iterable[Fact], copies: Copies) -> Iterator[Contradiction]:
    """Find what independent documents affirm, deny or level differently, each in a scope of its own."""
    compared = (f for f in facts if f.kind not in _UNSCOPED and (f.level not in SILENT or f.level is None))
    for (kind, *_), group in _grouped(compared, lambda f: ("care" if f.kind in CARE else f.kind, *pair(f))):
        if len({stated(f) for f in group}) < 2 or len({scope(f) for f in group}) < 2:
            continue
        kept: dict[tuple[str, Scope], dict[str, Fact]] = {}
        for one, other in itertools.combinations(group, 2):
            differ = stated(one) != stated(other) and scope(one) != scope(other)
            if differ and _comparable(one, other) and not voices(one, copies) & voices(other, copies):
                for fact in (one, other):
                    kept.setdefault((stated(fact), scope(fact)), {})[fact.iri] = fact
        if kept:
            ordered = sorted(kept, key=lambda key: (-rank(key[0]), key))
            sides = tuple(
                side(f"{value} ({in_words(where)})" if where else value, kept[value, where].values(), copies)
                for value, where in ordered
            )
            yield _made(SCOPE, kind, sides, copies, "")


def single_source(facts: Iterable[Fact], copies: Copies) -> Iterator[Contradiction]:
    """Find what only one of three or more independent documents on a drug says."""
    for _, on_drug in _grouped(facts, lambda f: (iri(f.subject),)):
        if len({voice for voice, _ in by_voice(on_drug, copies)}) < SEVERAL_SOURCES:
            continue
        named = (fact for fact in on_drug if fact.object.iri is not None)
        for (kind, *_), group in _grouped(named, lambda f: (f.kind, iri(f.object), f.polarity)):
            if len({voice for voice, _ in by_voice(group, copies)}) == 1:
                yield _made(SINGLE, kind, (side(group[0].polarity, group, copies),), copies, "")


_FINDERS: dict[str, Callable[[Iterable[Fact], Copies], Iterator[Contradiction]]] = {
    POLARITY: polarity,
    LEVEL: level,
    NUMBERS: numbers,
    SCOPE: scopes,
    SINGLE: single_source,
}
_UNSCOPED = frozenset({"dosage", "advice"})


def _grouped(
    facts: Iterable[Fact], key: Callable[[Fact], tuple[object, ...]]
) -> Iterator[tuple[tuple[str, ...], list[Fact]]]:
    groups: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        groups.setdefault(key(fact), []).append(fact)
    for found, group in groups.items():
        yield tuple(map(str, found)), sorted(group, key=lambda fact: fact.iri)


def denies(no: Fact, yes: Fact) -> bool:
    """Tell whether a denial is of what a fact of the same scope affirms."""
    return all(yes.qualifiers.get(name) == value for name, value in no.qualifiers.items())


def _is_mutual(fact: Fact, mutual: set[tuple[str, tuple[str, str]]], copies: Copies) -> bool:
    """Tell whether a contraindicated drug is one not to be combined, and not one that people are allergic to."""
    return any((voice, pair(fact)) in mutual for voice in voices(fact, copies))


def _comparable(one: Fact, other: Fact) -> bool:
    """Tell whether two facts answer the same question: a denied level is compared with the same level only."""
    if one.polarity == other.polarity:
        return one.polarity != DENIED and (one.kind not in CARE or bool(one.level and other.level))
    return one.kind == other.kind and (one.level is None or other.level is None or one.level == other.level)


def _figure(fact: Fact) -> tuple[str, Amount] | None:
    """Return what a fact has a figure of, and the figure."""
    if fact.kind == "adverse_effect":
        amount = measures.share(fact.qualifiers.get("frequency", ""))
    elif fact.kind == "dosage" and measures.dose(fact.object.label) is None:
        amount = measures.dose(fact.qualifiers.get("dose", ""), fact.qualifiers.get("frequency", ""))
        if fact.qualifiers.get("dose", "") in fact.object.label:
            return None  # the object is the dose itself: nobody knows what it is for
    else:
        return measures.property_of(fact.object.label) if fact.kind == "pharmacokinetics" else None
    return (iri(fact.object), amount) if amount is not None else None


def _made(name: str, kind: str, sides: tuple[Side, ...], copies: Copies, where: str | None = None) -> Contradiction:
    shown = min((fact for one in sides for fact in one.facts), key=lambda fact: (fact.subject.label, fact.iri))
    spoken = [set(copies.voices(one.documents)) for one in sides]
    within = len(sides) > 1 and all(one & other for one, other in itertools.combinations(spoken, 2))
    words = in_words(scope(shown)) if where is None else where
    return Contradiction(name, kind, shown.subject, shown.object, sides, words, within)


def _order(item: Contradiction) -> tuple[object, ...]:
    """Put first what documents contradict each other in, then the widest gap in care and the most support."""
    ranks = [rank(one.value) for one in item.sides]
    gap = max(ranks) - min(ranks) if item.type == LEVEL else 0
    support = sorted((one.independent for one in item.sides), reverse=True)
    about = item.subject.label.casefold(), item.kind, item.object.label.casefold(), item.scope
    return (TYPES.index(item.type), item.within, -gap, [-n for n in support], *about, item.sides[0].facts[0].iri)


def _with_quotes(item: Contradiction, graph: Stated) -> Contradiction:
    sides = tuple(replace(one, facts=tuple(graph.fact(fact.iri) for fact in one.facts)) for one in item.sides)
    return replace(item, sides=sides)
