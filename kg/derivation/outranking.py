"""What is stated comes first: what documents say themselves is not derived again, and marks what differs from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kg.derivation.members import Hierarchy, node
from kg.records import Derived, Fact

_CARE = frozenset({"contraindication", "caution"})
"""Kinds that say the same of an object at different levels."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The stated facts with the nodes of their objects, by what they are about."""

    by_subject: dict[tuple[str, str], list[tuple[Fact, str]]]
    hierarchy: Hierarchy

    def apply(self, derived: Derived) -> Derived | None:
        """Return a derived fact with the stated ones that outrank it, or None where documents say the same."""
        outranking = []
        object_, above = node(derived.object), self.hierarchy.above_entity(derived.object)
        cares = derived.kind in _CARE and derived.level is not None
        for fact, stated in self.by_subject.get((node(derived.subject), _family(derived.kind)), ()):
            # Whether the fact is about the same object or a broader one, and limited by nothing else.
            covers = stated in above and limits(fact) <= limits(derived)
            if covers and (fact.polarity, fact.kind, fact.level) == ("affirmed", derived.kind, derived.level):
                return None
            if covers and (fact.polarity != "affirmed" or derived.level is not None):
                outranking.append(fact)
            elif cares and fact.polarity == "affirmed" and object_ in self.hierarchy.above_entity(fact.object):
                outranking.append(fact)  # another level of care in what is narrower
        return replace(derived, outranked_by=tuple(sorted(outranking, key=lambda f: f.iri)))


def of(facts: Iterable[Fact], hierarchy: Hierarchy) -> Stated:
    """Index stated facts."""
    found: dict[tuple[str, str], list[tuple[Fact, str]]] = {}
    for fact in facts:
        found.setdefault((node(fact.subject), _family(fact.kind)), []).append((fact, node(fact.object)))
    return Stated(found, hierarchy)


def widest(found: Iterable[Derived]) -> Iterator[Derived]:
    """Leave out what the same rule concludes without the limits: "in older adults" beside no limit at all."""
    groups: dict[tuple[str, ...], list[Derived]] = {}
    for derived in found:
        key = (derived.rule, derived.kind, node(derived.subject), node(derived.object), derived.level or "")
        groups.setdefault(key, []).append(derived)
    for group in groups.values():
        for derived in group:
            if not any(limits(other) < limits(derived) for other in group):
                yield derived


def limits(content: Fact | Derived) -> frozenset[tuple[str, str]]:
    """Return the qualifiers other than the level."""
    return frozenset(item for item in content.qualifiers.items() if item[0] != "level")


def _family(kind: str) -> str:
    return "care" if kind in _CARE else kind
