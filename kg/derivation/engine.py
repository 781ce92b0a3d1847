"""The engine: facts and the rules of the table give what follows from them, in one order, in two steps at most.

First members have what is said of their classes. Then the rules look at what is stated and at what members have; what
a rule concludes is never looked at again, so nothing chains and everything ends. Nothing follows from what is denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kg.derivation import authority, outranking
from kg.derivation.members import DRUG, Hierarchy, Membership, memberships, node
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


def derive(facts: Iterable[Fact], vocabulary: Vocabulary, table: Table) -> tuple[Derived, ...]:
    """Return what follows from facts by the rules of a table, sorted; see `kg.derivation.derive`."""
    stated = tuple(facts)
    affirmed = [fact for fact in stated if fact.polarity == "affirmed"]
    hierarchy = Hierarchy(vocabulary)
    treated = authority.treated(affirmed, hierarchy)
    members = memberships(stated, hierarchy, table.widest_class, table.most_members, table.enough_documents)
    drafts = _Drafts()
    believed = authority.believed(stated, members, table.enough_documents)
    for rule in table.rules:
        if rule.inherits:
            _inherit(rule, (fact for fact in affirmed if believed(fact)), members, drafts)
    said: dict[str, list[Said]] = {}
    for fact in affirmed:
        said.setdefault(fact.kind, []).append(Said(fact.kind, fact.subject, fact.object, fact.qualifiers, (fact,)))
    for d in drafts.values():
        had = Said(d.kind, d.subject, d.object, d.qualifiers, tuple(d.facts.values()), tuple(d.links))
        said.setdefault(d.kind, []).append(had)
    for rule in table.rules:
        if rule.other is not None:
            _pair(rule, rule.other, said, hierarchy, table.most_partners, drafts)
        elif not rule.inherits:
            for one, case, links in _matching(rule.premise, rule, said, hierarchy):
                for object_ in map(hierarchy.entity, case.conclusions):
                    if not (rule.unless_treated and treated(one.subject, (one.object, object_))):
                        _conclude(rule, one, object_, drafts).add(one.facts, links, premise=one.object.label)
    found = [_made(draft) for draft in drafts.values()]
    ranked = outranking.of(stated, hierarchy)
    kept = (ranked.apply(derived) for derived in outranking.widest(found))
    return tuple(sorted((named(d, vocabulary) for d in kept if d is not None), key=order))


def order(derived: Derived) -> tuple[str, ...]:
    """Give the place of a derived fact among others: subject, kind, object, rule; the IRI decides the rest."""
    return (derived.subject.label.casefold(), derived.kind, derived.object.label.casefold(), derived.rule, derived.iri)


def link_order(link: Link) -> tuple[str, str]:
    """Give the place of a step among others."""
    return node(link.narrower), node(link.broader)


def _inherit(rule: Rule, facts: Iterable[Fact], members: Mapping[str, list[Membership]], drafts: _Drafts) -> None:
    for fact in facts:
        if fact.kind not in rule.premise.kinds or not rule.premise.fits(fact.qualifiers):
            continue
        if not fact.object.iri and not fact.object.broader:
            continue  # a document's own words that nobody understood are no better for a member
        for membership in members.get(node(fact.subject), ()):
            if node(fact.object) == node(membership.member):
                continue  # what is said of a class and one of its members is not said of this member and itself
            draft = drafts.of(rule, fact.kind, membership.member, fact.object, fact.qualifiers)
            draft.add((fact, *membership.facts), membership.links, **{"class": membership.of.label})


def _matching(
    premise: Premise, rule: Rule, said: Mapping[str, list[Said]], hierarchy: Hierarchy, other: bool = False
) -> Iterator[tuple[Said, Case, tuple[Link, ...]]]:
    """Give what a premise fits, with the case and the step of the vocabulary that it takes."""
    looked_for = frozenset().union(*((case.other if other else case.premises) for case in rule.cases))
    for one in (one for kind in sorted(premise.kinds) for one in said.get(kind, ())):
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


def _pair(
    rule: Rule, second: Premise, said: Mapping[str, list[Said]], hierarchy: Hierarchy, most: int, drafts: _Drafts
) -> None:
    """Conclude about each two drugs of which one fits the premise and one the other; too many partners are none."""
    drugs = {
        kind: [one for one in found if hierarchy.is_a(one.subject.iri or "", DRUG)] for kind, found in said.items()
    }
    others: dict[Case, list[tuple[Said, tuple[Link, ...]]]] = {}
    for other, case, links in _matching(second, rule, drugs, hierarchy, other=True):
        others.setdefault(case, []).append((other, links))
    found: dict[str, list[tuple[Said, Said, tuple[Link, ...]]]] = {}
    for one, case, links in _matching(rule.premise, rule, drugs, hierarchy):
        for other, other_links in others.get(case, ()):
            if other.subject != one.subject:
                found.setdefault(node(one.subject), []).append((one, other, links + other_links))
    for pairs in found.values():
        if len({node(other.subject) for _, other, _ in pairs}) > most:
            continue
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
