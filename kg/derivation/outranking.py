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
    """The stated facts, by what they are about."""

    by_subject: dict[tuple[str, str], list[Fact]]
    hierarchy: Hierarchy

    def apply(self, derived: Derived) -> Derived | None:
        """Return a derived fact with the stated ones that outrank it, or None where documents say the same."""
        outranking = []
        for fact in self.by_subject.get((node(derived.subject), _family(derived.kind)), ()):
            covers = self._covers(fact, derived)
            same = fact.polarity == "affirmed" and fact.kind == derived.kind and fact.level == derived.level
            if covers and same:
                return None
            if self._outranks(fact, derived, covers):
                outranking.append(fact)
        return replace(derived, outranked_by=tuple(sorted(outranking, key=lambda f: f.iri)))

    def _covers(self, fact: Fact, derived: Derived) -> bool:
        """Tell whether a fact is about the same object or a broader one, and limited by nothing else."""
        return node(fact.object) in self.hierarchy.above_entity(derived.object) and limits(fact) <= limits(derived)

    def _outranks(self, fact: Fact, derived: Derived, covers: bool) -> bool:
        """Tell whether a fact denies it, or asks for another level of care there or in what is narrower."""
        if fact.polarity != "affirmed" or derived.level is None:
            return covers and fact.polarity != "affirmed"
        narrower = derived.kind in _CARE and node(derived.object) in self.hierarchy.above_entity(fact.object)
        return covers or narrower


def of(facts: Iterable[Fact], hierarchy: Hierarchy) -> Stated:
    """Index stated facts."""
    found: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        found.setdefault((node(fact.subject), _family(fact.kind)), []).append(fact)
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
