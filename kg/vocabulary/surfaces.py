"""Surfaces: which folded strings of a text mean which concepts, after dangerous and ambiguous names are dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kg.errors import VocabularyError
from kg.vocabulary.lexicon import Lexicon, variants
from kg.vocabulary.local import CAPITALS, EXACT, LAST
from kg.vocabulary.merge import DERIVED, LABEL, REORDERED, SYNONYM, Group, Merged, Name, by_type
from kg.vocabulary.names import Rules, is_abbreviation
from kg.vocabulary.sources import identifiers

MAXIMUM_SURFACES = 3_000_000
"""More than this is not put into one lexicon."""

MAXIMUM_NAMES = 1_000
"""More names than this are no names of one concept; the first ones are kept."""

MAXIMUM_MEANINGS = 3
"""A name of more concepts than this says nothing."""

_LEVEL, _FLAGS = 30, 27
_PLACE = (1 << _FLAGS) - 1
_MASK = (1 << _LEVEL - _FLAGS) - 1
_NAMED = "several meanings"

Listener = Callable[[str, str, Group], None]
"""What hears of each dropped name: the rule, the name, the concept."""


@dataclass
class Surfaces:
    """All surfaces, abbreviations as written, the names that each group keeps, and how many each rule dropped.

    A surface has a row of numbers: its flags, then the places of the groups that it means.
    """

    found: dict[str, tuple[int, ...]]
    short: set[str] = field(default_factory=set)
    kept: dict[int, list[str]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)


def collect(merged: Merged, lexicon: Lexicon, rules: Rules, listener: Listener | None = None) -> Surfaces:
    """Give the surfaces of all groups; those that the embedded lexicon knows stay its own.

    Raises
    ------
    VocabularyError
        When there are more than anybody's memory should hold.
    """
    work = _Collector(merged, lexicon, rules, listener)
    places = sorted(range(len(merged.groups)), key=lambda p: merged.groups[p].iri)
    for place in places:
        work.add(place)
    return work.finished()


class _Collector:
    def __init__(self, merged: Merged, lexicon: Lexicon, rules: Rules, listener: Listener | None) -> None:
        self._groups = merged.groups
        self._lexicon = lexicon
        self._rules = rules
        self._listener = listener
        # A surface → level, flags and place of its one group in one number, or the numbers of several.
        self._found: dict[str, int | list[int]] = {}
        self._written: dict[int, dict[str, str]] = {}
        self._rank = by_type(identifiers.tables())
        self._result = Surfaces({})

    def add(self, place: int) -> None:
        """Take in the names of a group."""
        group = self._groups[place]
        kept: dict[str, Name] = {}
        for name in sorted(group.names, key=_strength):
            if name.normal in kept or not name.normal or self._lexicon.named(name.normal):
                continue
            rule = self._rule(name, group)
            if rule is None and len(kept) >= MAXIMUM_NAMES:
                rule = "too many names"
            if rule is not None:
                self._drop(rule, name.written, group)
            else:
                kept[name.normal] = name
        for name in kept.values():
            self._spell(name, place, group)
        self._written[place] = {name.normal: name.written for name in kept.values()}

    def _rule(self, name: Name, group: Group) -> str | None:
        if group.orphan:
            return "brand of no known drug"
        return self._rules.dropped(name.written, name.normal, group.type, broad=name.broad)

    def finished(self) -> Surfaces:
        """Decide what each surface means."""
        for surface in sorted(self._found):
            self._decide(surface, self._found[surface])
        return self._result

    # ── one name ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _spell(self, name: Name, place: int, group: Group) -> None:
        short = is_abbreviation(name.written)
        flags = EXACT if short else CAPITALS if group.type == "Brand" else 0
        self._register(name.normal, name.level, flags | (LAST if ", " in name.normal else 0), place)
        if short:
            return
        orders = [name.normal]
        for other in self._rules.reordered(name.normal):
            if other[0].isalnum() and not self._is_dropped(other, group):
                self._register(other, REORDERED, flags | (LAST if ", " in other else 0), place)
                orders.append(other)
        for order in orders:
            if ", " in order:
                continue
            for variant in variants(order):
                if variant != order and variant[-1] != " " and not self._is_dropped(variant, group):
                    self._register(variant, DERIVED, flags, place)

    def _is_dropped(self, variant: str, group: Group) -> bool:
        """Tell whether a rule for whole words drops a spelling of a name that passed all rules."""
        listed = variant in self._rules.listed
        return listed and self._rules.dropped(variant, variant, group.type) is not None

    def _register(self, surface: str, level: int, flags: int, place: int) -> None:
        if level >= REORDERED and self._lexicon.named(surface):
            return
        packed = level << _LEVEL | flags << _FLAGS | place
        known = self._found.get(surface)
        if known is None:
            if len(self._found) >= MAXIMUM_SURFACES:
                problem = f"more than {MAXIMUM_SURFACES:,} names and spellings"
                raise VocabularyError("the lexicon", problem, "add fewer vocabularies")
            self._found[surface] = packed
        elif isinstance(known, list):
            known.append(packed)
        else:
            self._found[surface] = [known, packed]

    # ── one surface ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _decide(self, surface: str, packed: int | list[int]) -> None:
        if isinstance(packed, int):
            self._keep(surface, [packed & _PLACE], packed >> _LEVEL, packed >> _FLAGS & _MASK)
            return
        level = min(packed) >> _LEVEL
        best = [n for n in packed if n >> _LEVEL == level]
        places = list(dict.fromkeys(n & _PLACE for n in best))
        flags = best[0] >> _FLAGS & _MASK
        for number in best:
            flags &= number >> _FLAGS & _MASK
        kept, rule = self._meanings(places, bool(flags & EXACT))
        if rule is not None and level < REORDERED:
            for place in places:
                self._drop(rule, self._written[place].get(surface, surface), self._groups[place])
        elif rule is None:
            self._keep(surface, kept, level, flags)

    def _keep(self, surface: str, places: list[int], level: int, flags: int) -> None:
        self._result.found[surface] = (flags, *places)
        for place in places if level in (LABEL, SYNONYM) else ():
            written = self._written[place][surface]
            self._result.kept.setdefault(place, []).append(written)
            if flags & EXACT:
                self._result.short.add(written)

    def _meanings(self, places: list[int], short: bool) -> tuple[list[int], str | None]:
        """Return the concepts that a surface means, or the rule by which it means none."""
        types = {self._groups[p].type for p in places}
        if len(places) > 1 and len(types) > 1:
            if not self._compatible(types):
                return [], "labels of different types"
            first = min(types, key=lambda t: (self._rank(t), t))
            places = [p for p in places if self._groups[p].type == first]
        if len(places) > 1 and (short or len(places) > MAXIMUM_MEANINGS):
            return [], "ambiguous abbreviation" if short else _NAMED
        return places, None

    def _compatible(self, types: set[str]) -> bool:
        return any(types <= set(group) for group in identifiers.tables()["compatible"])

    def _drop(self, rule: str, name: str, group: Group) -> None:
        self._result.dropped[rule] += 1
        if self._listener is not None:
            self._listener(rule, name, group)


def _strength(name: Name) -> tuple[int, str, bool]:
    return name.level, name.written, name.broad


def places_of(surfaces: Mapping[str, tuple[int, ...]]) -> Iterator[int]:
    """Give the places of all groups that some surface means."""
    for row in surfaces.values():
        yield from row[1:]
