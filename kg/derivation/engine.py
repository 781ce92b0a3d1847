"""The engine: facts and the rules of the table give what follows from them, in one order, in two steps at most.

First members have what is said of their classes. Then the rules look at what is stated and at what members have; what
a rule concludes is never looked at again, so nothing chains and everything ends. Nothing follows from what is denied.

What follows about one thing depends on the facts about it, and on a setting that is the same for all: who belongs to
which class, what is said of classes, and which drugs act on others. So the things can be taken one after the other,
and of a graph that has changed only those whose facts or whose place in the setting have.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from kg.derivation import authority, outranking
from kg.derivation.members import CLASS, DRUG, Hierarchy, Membership, memberships, node
from kg.derivation.naming import named
from kg.derivation.table import Case, Premise, Rule, Table
from kg.records import NO_QUALIFIERS, Derived, Entity, Fact, Link
from kg.vocabulary import Vocabulary

_SHOWN = 3
"""A reason names this many things, and counts the rest."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the rules look at: a stated fact, or what a member has from its class, with all that it rests on."""

    kind: str
    subject: Entity
    object: Entity
    qualifiers: Mapping[str, str]
    facts: tuple[Fact, ...]
    links: tuple[Link, ...] = ()


@dataclass
class _Draft:
    """A conclusion while the premises that lead to it are gathered."""

    rule: Rule
    kind: str
    subject: Entity
    object: Entity
    qualifiers: dict[str, str]
    facts: dict[str, Fact] = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, facts: Iterable[Fact], links: Iterable[Link], **names: str) -> None:
        """Let it rest on more."""
        self.facts.update((fact.iri, fact) for fact in facts)
        self.links.update(links)
        for place, name in names.items():
            self.names.setdefault(place, set()).add(name)


_Key = tuple[str, str, str, str, tuple[tuple[str, str], ...]]


class _Drafts(dict[_Key, _Draft]):
    """All conclusions, each once for each rule."""

    def of(self, rule: Rule, kind: str, subject: Entity, object_: Entity, qualifiers: Mapping[str, str]) -> _Draft:
        """Return the conclusion of this content, a new one if there is none yet."""
        key = (rule.name, kind, node(subject), node(object_), tuple(sorted(qualifiers.items())))
        if key not in self:
            self[key] = _Draft(rule, kind, subject, object_, dict(sorted(qualifiers.items())))
        return self[key]


_Others = Mapping[str, Mapping[Case, Sequence[tuple[Said, tuple[Link, ...]]]]]


@dataclass(frozen=True)
class Setting:
    """What all subjects have in common, for the rules to look at the facts about one of them.

    Attributes
    ----------
    vocabulary, table, hierarchy
        What was read, and what is looked up in it.
    memberships : mapping
        Subject → the classes that it belongs to.
    given : mapping
        Class → what its members have of it, each with the rule that gives it.
    others : mapping
        Rule → case → what is said of drugs that it pairs with others.
    """

    vocabulary: Vocabulary
    table: Table
    hierarchy: Hierarchy
    memberships: Mapping[str, Sequence[Membership]]
    given: Mapping[str, Sequence[tuple[Rule, Fact]]]
    others: _Others

    def mark(self, subject: str) -> str:
        """Return a sum over everything that what follows about a subject depends on, apart from the facts about it."""
        classes = [
            [one.of.iri, [fact.iri for fact in one.facts], _ends(one.links), self._given.get(one.of.iri or "")]
            for one in self.memberships.get(subject, ())
        ]
        return _sum([classes, self._others])

    @functools.cached_property
    def _given(self) -> dict[str, str]:
        return {
            of: _sum([[rule.name, fact.iri, fact.object.broader] for rule, fact in found])
            for of, found in self.given.items()
        }

    @functools.cached_property
    def _others(self) -> str:
        return _sum(
            [
                [rule, number, node(one.subject), [fact.iri for fact in one.facts], _ends(links)]
                for rule, cases in self.others.items()
                for number, found in enumerate(cases.values())
                for one, links in found
            ]
        )


def derive(facts: Iterable[Fact], vocabulary: Vocabulary, table: Table) -> tuple[Derived, ...]:
    """Return what follows from facts by the rules of a table, sorted; see `kg.derivation.derive`."""
    stated = tuple(facts)
    hierarchy = Hierarchy(vocabulary)
    groups: dict[str, list[Fact]] = {}
    for fact in stated:
        groups.setdefault(node(fact.subject), []).append(fact)
    common = [fact for fact in stated if is_common(fact, hierarchy, table)]
    subjects = {name: found[-1].subject for name, found in groups.items()}
    about = setting(common, subjects, authority.mainly(stated), vocabulary, table, hierarchy)
    return tuple(sorted((one for found in groups.values() for one in follows(found, about)), key=order))


def is_common(fact: Fact, hierarchy: Hierarchy, table: Table) -> bool:
    """Tell whether something may follow from a fact about other subjects than its own."""
    return fact.kind in table.common_kinds or (fact.subject.iri is not None and hierarchy.is_a(fact.subject.iri, CLASS))


def setting(
    common: Iterable[Fact],
    subjects: Mapping[str, Entity],
    mainly: Mapping[str, str],
    vocabulary: Vocabulary,
    table: Table,
    hierarchy: Hierarchy,
) -> Setting:
    """Put together what all subjects have in common.

    Parameters
    ----------
    common : iterable of Fact
        The facts that `is_common` is true of; others may be among them.
    subjects : mapping
        All that facts are about, by their nodes.
    mainly : mapping
        Document → what it is mainly about.
    vocabulary, table, hierarchy
        What decides what follows.
    """
    facts = sorted(common, key=lambda fact: fact.iri)
    members = memberships(facts, subjects, hierarchy, table)
    affirmed = [fact for fact in facts if fact.polarity == "affirmed"]
    given: dict[str, list[tuple[Rule, Fact]]] = {}
    believed = authority.believed(mainly, members, table.enough_documents)
    for fact in affirmed:
        of = node(fact.subject)
        if of not in members or not (fact.object.iri or fact.object.broader) or not believed(fact):
            continue  # a document's own words that nobody understood are no better for a member
        for rule in table.rules:
            if rule.inherits and fact.kind in rule.premise.kinds and rule.premise.fits(fact.qualifiers):
                given.setdefault(of, []).append((rule, fact))
    classes: dict[str, list[Membership]] = {}
    for found in members.values():
        for one in found:
            classes.setdefault(node(one.member), []).append(one)
    others: dict[str, dict[Case, list[tuple[Said, tuple[Link, ...]]]]] = {}
    made = Setting(vocabulary, table, hierarchy, classes, given, others)
    for rule in table.rules:
        if rule.other is not None:
            others[rule.name] = _others(rule, rule.other, affirmed, made)
    return made


def follows(facts: Sequence[Fact], about: Setting) -> list[Derived]:
    """Return what follows about one subject from all facts about it, in no order."""
    hierarchy, table = about.hierarchy, about.table
    affirmed = [fact for fact in facts if fact.polarity == "affirmed"]
    drafts = _inherited(facts[0].subject, about)
    said = _said(affirmed, drafts)
    for rule in table.rules:
        if rule.other is not None:
            _pair(rule, said, about, drafts)
        elif not rule.inherits:
            for one, case, links in _matching(rule.premise, rule, said, hierarchy):
                for object_ in map(hierarchy.entity, case.conclusions):
                    if not (rule.unless_treated and authority.is_treated(affirmed, (one.object, object_), hierarchy)):
                        _conclude(rule, one, object_, drafts).add(one.facts, links, premise=one.object.label)
    if not drafts:
        return []
    ranked = outranking.of(facts, hierarchy)
    kept = (ranked.apply(derived) for derived in outranking.widest(map(_made, drafts.values())))
    return [named(derived, about.vocabulary) for derived in kept if derived is not None]


def order(derived: Derived) -> tuple[str, ...]:
    """Give the place of a derived fact among others: subject, kind, object, rule; the IRI decides the rest."""
    return (derived.subject.label.casefold(), derived.kind, derived.object.label.casefold(), derived.rule, derived.iri)


def link_order(link: Link) -> tuple[str, str]:
    """Give the place of a step among others."""
    return node(link.narrower), node(link.broader)


def _inherited(subject: Entity, about: Setting) -> _Drafts:
    """Give a member what is said of its classes."""
    drafts = _Drafts()
    name = node(subject)
    for membership in about.memberships.get(name, ()):
        for rule, fact in about.given.get(node(membership.of), ()):
            if node(fact.object) == name:
                continue  # what is said of a class and one of its members is not said of this member and itself
            draft = drafts.of(rule, fact.kind, membership.member, fact.object, fact.qualifiers)
            draft.add((fact, *membership.facts), membership.links, **{"class": membership.of.label})
    return drafts


def _said(affirmed: Iterable[Fact], drafts: _Drafts) -> dict[str, list[Said]]:
    """Return what the rules look at, by kind: what is stated, and what members have."""
    said: dict[str, list[Said]] = {}
    for fact in affirmed:
        said.setdefault(fact.kind, []).append(Said(fact.kind, fact.subject, fact.object, fact.qualifiers, (fact,)))
    for d in drafts.values():
        had = Said(d.kind, d.subject, d.object, d.qualifiers, tuple(d.facts.values()), tuple(d.links))
        said.setdefault(d.kind, []).append(had)
    return said


def _matching(
    premise: Premise, rule: Rule, said: Mapping[str, list[Said]], hierarchy: Hierarchy, other: bool = False
) -> Iterator[tuple[Said, Case, tuple[Link, ...]]]:
    """Give what a premise fits, with the case and the step of the vocabulary that it takes."""
    looked_for = rule.looked_for_in_others if other else rule.looked_for
    for one in (one for kind in premise.in_order for one in said.get(kind, ())):
        if one.object.iri is None:
            continue  # a document's own words may say less than the concept above them ("history of seizures")
        above = hierarchy.above(one.object.iri)
        if looked_for.isdisjoint(above) or not premise.fits(one.qualifiers):
            continue
        for case in rule.cases:
            wanted = (case.other if other else case.premises) & above
            if not wanted or case.but_not & above:
                continue
            if one.object.iri in wanted:
                yield one, case, one.links
            else:
                yield one, case, (*one.links, Link(one.object, hierarchy.entity(min(wanted))))


def _conclude(rule: Rule, one: Said, object_: Entity, drafts: _Drafts) -> _Draft:
    qualifiers = {name: value for name, value in one.qualifiers.items() if name in rule.premise.carries}
    return drafts.of(rule, rule.kind, one.subject, object_, {**qualifiers, "level": rule.level})


def _others(
    rule: Rule, second: Premise, affirmed: Iterable[Fact], about: Setting
) -> dict[Case, list[tuple[Said, tuple[Link, ...]]]]:
    """Return what the second premise of a rule fits: said of drugs, or had by them of their classes."""
    hierarchy = about.hierarchy
    said = _said(
        (f for f in affirmed if f.kind in second.kinds and hierarchy.is_a(f.subject.iri or "", DRUG)), _Drafts()
    )
    if any(second.kinds & one.premise.kinds for one in about.table.rules if one.inherits):
        for name, found in about.memberships.items():
            if hierarchy.is_a(name, DRUG):
                for kind, had in _said((), _inherited(found[0].member, about)).items():
                    said.setdefault(kind, []).extend(had)
    others: dict[Case, list[tuple[Said, tuple[Link, ...]]]] = {}
    for other, case, links in _matching(second, rule, said, hierarchy, other=True):
        others.setdefault(case, []).append((other, links))
    return others


def _pair(rule: Rule, said: Mapping[str, list[Said]], about: Setting, drafts: _Drafts) -> None:
    """Conclude about a drug that fits the premise and each one that fits the other; too many partners are none."""
    others = about.others[rule.name]
    pairs = [
        (one, other, links + other_links)
        for one, case, links in _matching(rule.premise, rule, said, about.hierarchy)
        if about.hierarchy.is_a(one.subject.iri or "", DRUG)
        for other, other_links in others.get(case, ())
        if other.subject != one.subject
    ]
    if len({node(other.subject) for _, other, _ in pairs}) > about.table.most_partners:
        return
    for one, other, links in pairs:
        draft = _conclude(rule, one, other.subject, drafts)
        draft.add((*one.facts, *other.facts), links, premise=one.object.label, other=other.object.label)


def _made(draft: _Draft) -> Derived:
    names = {place: _joined(found) for place, found in draft.names.items()}
    return Derived(
        rule=draft.rule.name,
        why=draft.rule.why.format(subject=draft.subject.label, object=draft.object.label, **names),
        kind=draft.kind,
        subject=draft.subject,
        object=draft.object,
        facts=tuple(fact for _, fact in sorted(draft.facts.items())),
        links=tuple(sorted(draft.links, key=link_order)),
        qualifiers=MappingProxyType(draft.qualifiers) if draft.qualifiers else NO_QUALIFIERS,
    )


def _joined(names: set[str]) -> str:
    """Join names, and count those that are too many.

    >>> _joined({"a", "b"}), _joined({"a", "b", "c", "d", "e"})
    ('a and b', 'a, b, c and 2 more')
    """
    shown = sorted(names, key=lambda name: (name.casefold(), name))
    if len(shown) > _SHOWN:
        return f"{', '.join(shown[:_SHOWN])} and {len(shown) - _SHOWN} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _ends(links: Iterable[Link]) -> list[tuple[str, str]]:
    return sorted(map(link_order, links))


def _sum(said: object) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
