"""Items: what was gathered, put together by object and limits, with who says which level, in a stable order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from kg.care import scale
from kg.care.gather import Reached, Shelf, iri_of
from kg.care.records import Item, Saying
from kg.records import NO_QUALIFIERS, Derived, Entity, Link

Key = tuple[str, tuple[tuple[str, str], ...]]
"""What an item is about, and its limits."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of where an answer is wanted: a severity, and the populations (by label) that the person is of."""

    severity: str | None = None
    people: frozenset[str] = frozenset()

    def pending(self, scope: Mapping[str, str]) -> Mapping[str, str]:
        """Return the part of a scope that is not known to hold.

        >>> for asked in ("mild", "severe"):
        ...     print(dict(Situation(asked).pending({"severity": "severe"})))
        {'severity': 'severe'}
        {}
        """
        known = {"severity": {self.severity}, "population": self.people}
        return MappingProxyType({key: value for key, value in scope.items() if value not in known.get(key, ())})


@dataclass(frozen=True, slots=True)
class Sorted:
    """Items by what they are: what warns, what is stated safe, what is denied."""

    warning: tuple[Item, ...]
    safe: tuple[Item, ...]
    denied: tuple[Item, ...]


def sort(
    reached: Iterable[Reached], derived: Iterable[Derived], shelf: Shelf, situation: Situation | None = None
) -> Sorted:
    """Put together what was gathered, and what follows below what is stated of the same object."""
    situation = situation or Situation()
    piles: dict[Key, dict[str, list[Reached]]] = {}
    for one in reached:
        piles.setdefault(_key(one.object, one.fact.qualifiers), {}).setdefault(_side(one), []).append(one)
    following = _following(derived, piles)
    found: dict[str, list[Item]] = {"warning": [], "safe": [], "denied": []}
    for key, sides in piles.items():
        sayings = {side: _sayings(ones) for side, ones in sides.items()}
        below = following.pop(key, ())
        for side in found:
            if side in sayings:
                against = [s for other in found if other != side for s in sayings.get(other, ())]
                found[side].append(_item(key, sayings[side], tuple(against), below, shelf, situation))
                below = ()
    for key, below in following.items():
        found["warning"].append(_item(key, (), (), below, shelf, situation))
    return Sorted(*(tuple(sorted(found[side], key=order)) for side in ("warning", "safe", "denied")))


def order(item: Item) -> tuple[int, float, int, int, str, str, tuple[tuple[str, str], ...]]:
    """Return the place of an item: origin, level, independent documents, name; the limits last, so that it is total."""
    return (
        scale.ORIGINS.index(item.origin),
        -weight(item),
        -item.independent,
        scale.CONCERN_ORDER.index(item.concern),
        item.object.label.casefold(),
        iri_of(item.object),
        tuple(item.scope.items()),
    )


def weight(item: Item) -> float:
    """Return how much an item weighs: its level, half a step less where it holds only under a limit that is open."""
    return scale.rank(item.level) - (0.5 if item.pending else 0)


def concern(types: frozenset[str], kind: str) -> str:
    """Return what an item concerns, by the types of its object; interactions with the unknown concern drugs."""
    found = next((name for type_, name in scale.CONCERNS.items() if type_ in types), None)
    return found or ("drug" if kind == "interaction" else scale.OTHER)


def _key(object_: Entity, qualifiers: Mapping[str, str]) -> Key:
    limits = tuple((k, scale.same(k, qualifiers[k])) for k in scale.NARROWING if k in qualifiers)
    return iri_of(object_), limits


def _scope(key: Key, sayings: Iterable[Saying], derived: Iterable[Derived]) -> Mapping[str, str]:
    """Return the limits of an item in the words of its first fact by name; each fact keeps its own."""
    if not key[1]:
        return NO_QUALIFIERS
    told = [(f.iri, f.qualifiers) for s in sayings for f in s.facts] or [(d.iri, d.qualifiers) for d in derived]
    first = min(told, key=lambda one: one[0])[1]
    return MappingProxyType({k: first[k] for k in scale.NARROWING if k in first})


def _side(one: Reached) -> str:
    if one.fact.polarity != "affirmed":
        return "denied"
    return "safe" if one.fact.level == scale.SAFE else "warning"


def _sayings(reached: Iterable[Reached]) -> tuple[Saying, ...]:
    """Put facts of one origin, level and way together; the same fact reached in two ways counts by the stronger one."""
    ranked = sorted(reached, key=lambda r: (scale.ORIGINS.index(r.origin), len(r.steps), r.fact.iri))
    groups: dict[tuple[str, str | None, str], list[Reached]] = {}
    seen: set[str] = set()
    for one in ranked:
        if one.fact.iri not in seen:
            seen.add(one.fact.iri)
            groups.setdefault((one.origin, one.fact.level, _way(one)), []).append(one)
    sayings = [
        Saying(level, ones[0].fact.polarity, origin, tuple(one.fact for one in ones), ones[0].steps)
        for (origin, level, _), ones in groups.items()
    ]
    return tuple(
        sorted(
            sayings,
            key=lambda s: (scale.ORIGINS.index(s.origin), -scale.rank(s.level), -len(s.documents), s.facts[0].iri),
        )
    )


def _way(one: Reached) -> str:
    return " ".join(
        f"{step.narrower.label}<{step.broader.label}" if isinstance(step, Link) else step.iri for step in one.steps
    )


def _item(
    key: Key,
    sayings: tuple[Saying, ...],
    against: tuple[Saying, ...],
    derived: tuple[Derived, ...],
    shelf: Shelf,
    situation: Situation,
) -> Item:
    iri, scope = key[0], _scope(key, sayings, derived)
    kind = sayings[0].facts[0].kind if sayings else derived[0].kind
    item = Item(
        object=shelf.entity(iri),
        concern=concern(shelf.types(iri), kind),
        scope=scope,
        sayings=sayings,
        derived=tuple(sorted(derived, key=lambda d: (-scale.rank(d.level), d.rule, d.iri))),
        against=against,
        pending=situation.pending(scope),
    )
    return replace(item, independent=shelf.independent(item.documents))


def _following(derived: Iterable[Derived], piles: Mapping[Key, object]) -> dict[Key, tuple[Derived, ...]]:
    """Give each derivation its item: that of the object with the same limits, that of the object alone, or its own.

    What only repeats a single fact that is shown anyway (of a class, or of something wider) is left out.
    """
    found: dict[Key, tuple[Derived, ...]] = {}
    by_object: dict[str, list[Key]] = {}
    for key in piles:
        by_object.setdefault(key[0], []).append(key)
    for one in derived:
        own = _key(one.object, one.qualifiers)
        known = sorted(by_object.get(own[0], ()), key=lambda k, own=own: (k != own, bool(k[1]), k[1]))
        key = known[0] if known else own
        found[key] = (*found.get(key, ()), one)
    return found
