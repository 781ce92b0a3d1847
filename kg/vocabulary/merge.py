"""Merging: the same concept of several vocabularies becomes one, the package's own vocabulary first.

Two entries are the same concept when one has the other's identifier or a label of it, and their types may mean the
same. Two entries of one vocabulary never are: their publisher keeps them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.records import Concept
from kg.vocabulary.lexicon import normalise
from kg.vocabulary.names import Rules
from kg.vocabulary.sources import Source, identifiers, profiles
from kg.vocabulary.sources.entry import Entry

LABEL, SYNONYM, REORDERED, DERIVED = range(4)
"""How a name belongs to a concept, the strongest first."""

MAXIMUM_LABEL = 200
"""The longest label that is shown: formulas of substances go on for lines."""

_SEVERAL = -1


class Name(NamedTuple):
    """A name of a concept: folded, as written (without the source's remarks), and how it belongs to it."""

    normal: str
    written: str
    level: int
    broad: bool = False


@dataclass(slots=True)
class Group:
    """One concept, from any number of vocabularies.

    Attributes
    ----------
    iri, label, type : str
        Those of the first vocabulary that has it.
    embedded : bool
        Whether it is a concept of the package's own vocabulary.
    members : list of str
        The identifiers that vocabularies give it.
    vocabularies : set of str
        Which ones have it.
    names : list of Name
        All names but those of an embedded concept itself.
    parents : list of str
        Identifiers of broader concepts.
    drug : str
        The identifier of a brand's drug.
    orphan : bool
        Whether it is the brand of something that nobody knows as a drug.
    broader : tuple of int
        The places of broader groups, when all groups are known.
    """

    iri: str
    label: str
    type: str
    embedded: bool = False
    members: list[str] = field(default_factory=list)
    vocabularies: set[str] = field(default_factory=set)
    names: list[Name] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    drug: str = ""
    orphan: bool = False
    broader: tuple[int, ...] = ()


@dataclass(slots=True)
class Unused:
    """An entry that made no concept, and why."""

    rule: str
    entry: Entry
    vocabulary: str


@dataclass(slots=True)
class Merged:
    """All groups, the entries that were left out, the edges that made circles, and the place of each identifier."""

    groups: list[Group]
    unused: list[Unused]
    circles: list[tuple[str, str]]
    places: dict[str, int]


def merge(embedded: Iterable[Concept], sources: Iterable[Source], rules: Rules) -> Merged:
    """Merge the entries of sources into one another and into the embedded vocabulary, whatever the order of sources."""
    work = _Merger(rules)
    for concept in sorted(embedded, key=lambda c: c.iri):
        work.embed(concept)
    ordered = sorted(sources, key=lambda s: (profiles.preference(s.vocabulary), s.sha256))
    for source in ordered:
        work.take(source)
    work.connect()
    return Merged(work.groups, work.unused, work.circles, work.by_id)


class _Item(NamedTuple):
    """An entry on its way into a group."""

    entry: Entry
    vocabulary: str
    label: Name


class _Merger:
    def __init__(self, rules: Rules) -> None:
        self.groups: list[Group] = []
        self.unused: list[Unused] = []
        self.circles: list[tuple[str, str]] = []
        self.by_id: dict[str, int] = {}
        self._rules = rules
        self._claims: dict[str, int] = {}
        self._preferred: dict[str, list[int]] = {}
        self._labels: dict[str, list[int]] = {}
        self._names: dict[str, int] = {}
        tables = identifiers.tables()
        self._compatible = [frozenset(group) for group in tables["compatible"]]
        self._salts = re.compile(rf"(?: (?:{'|'.join(map(re.escape, tables['salts']))}))+$")

    def embed(self, concept: Concept) -> None:
        """Put in a concept of the package."""
        group = Group(concept.iri, concept.label, min(concept.types, default=""), embedded=True)
        place = self._put(group, concept.iri, ())
        for iri in concept.matches:  # a curated match is as good as an identifier
            self.by_id.setdefault(iri, place)
        self._preferred.setdefault(normalise(concept.label), []).append(place)
        for label in concept.labels:
            self._labels.setdefault(normalise(label), []).append(place)

    def take(self, source: Source) -> None:
        """Take in the entries of a source, those first whose group is surest."""
        waiting = [_Item(entry, source.vocabulary, self._name(entry.label, LABEL)) for entry in sorted(source.entries)]
        for way in (self._by_identifier, self._by_label, self._by_claim, self._by_other_label, self._by_name):
            waiting = [item for item in waiting if not self._joined(item, way)]
        for item in waiting:
            entry = item.entry
            if self._joined_as_salt(item):
                continue
            if not entry.type:
                self.unused.append(Unused("no type of ours", entry, source.vocabulary))
            elif entry.only_if_known:
                self.unused.append(Unused("concept that no other vocabulary knows", entry, source.vocabulary))
            else:
                place = self._put(Group(entry.id, self._shown(item), entry.type), entry.id, entry.same)
                self._preferred.setdefault(item.label.normal, []).append(place)
                self._fill(place, item)

    def connect(self) -> None:
        """Put groups in the place of identifiers of broader concepts and of drugs; cut what makes a circle."""
        for group in self.groups:
            if group.embedded:
                continue
            above = {self.by_id.get(parent, -1) for parent in group.parents} - {-1, self.by_id[group.iri]}
            group.broader = tuple(sorted(p for p in above if self._may_be_broader(group, self.groups[p])))
            drug = self.by_id.get(group.drug)
            known = drug is not None and self.groups[drug].type == "Drug"
            group.orphan = group.type == "Brand" and bool(group.drug) and not known
            # A brand that is called like its drug has become the drug, which is the brand of nothing.
            group.drug = self.groups[drug].iri if drug is not None and known and group.type == "Brand" else ""
        self.circles = list(_cut_circles(self.groups))

    # ── finding the group of an entry ───────────────────────────────────────────────────────────────────────────────

    def _joined(self, item: _Item, way: Callable[[_Item], Iterator[int]]) -> bool:
        """Put an entry into the group that a way leads to, if one may have it."""
        entry = item.entry
        for place in way(item):
            group = self.groups[place]
            if item.vocabulary in group.vocabularies and self.by_id.get(entry.id) != place:
                continue
            if not entry.type or self._alike(entry.type, group.type):
                self._fill(place, item)
                return True
        return False

    def _joined_as_salt(self, item: _Item) -> bool:
        """Give the name of a salt to its drug; the identifier stays the salt's own."""
        normal = item.label.normal
        base = self._salts.sub("", normal) if item.entry.type == "Drug" else ""
        if not base or base == normal:
            return False
        found = (*self._preferred.get(base, ()), *self._labels.get(base, ()), self._names.get(base, _SEVERAL))
        for place in found:
            if place != _SEVERAL and self.groups[place].type == "Drug":
                self.by_id.setdefault(item.entry.id, place)
                self.groups[place].names.append(item.label._replace(level=SYNONYM))
                return True
        return False

    def _by_identifier(self, item: _Item) -> Iterator[int]:
        place = self.by_id.get(item.entry.id)
        if place is not None:
            yield place

    def _by_label(self, item: _Item) -> Iterator[int]:
        yield from self._called(item.label.normal, self._preferred)

    def _by_other_label(self, item: _Item) -> Iterator[int]:
        yield from self._called(item.label.normal, self._labels)

    def _called(self, normal: str, labels: Mapping[str, Sequence[int]]) -> Iterator[int]:
        yield from labels.get(normal, ())
        if ", " in normal:
            for other in self._rules.reordered(normal):
                yield from labels.get(other, ())

    def _by_claim(self, item: _Item) -> Iterator[int]:
        for key in (item.entry.id, *item.entry.same):
            place = self.by_id.get(key, self._claims.get(key, _SEVERAL))
            if place != _SEVERAL:
                yield place

    def _by_name(self, item: _Item) -> Iterator[int]:
        place = self._names.get(item.label.normal, _SEVERAL)
        if place != _SEVERAL:
            yield place

    def _alike(self, first: str, second: str) -> bool:
        return first == second or any(first in group and second in group for group in self._compatible)

    def _may_be_broader(self, narrow: Group, broad: Group) -> bool:
        return narrow.type == broad.type or (broad.type == "DrugClass" and self._alike(narrow.type, broad.type))

    # ── filling it ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _put(self, group: Group, iri: str, same: Iterable[str]) -> int:
        place = len(self.groups)
        self.groups.append(group)
        self.by_id[iri] = place
        self._claim(place, same)
        return place

    def _claim(self, place: int, keys: Iterable[str]) -> None:
        for key in keys:
            if self._claims.setdefault(key, place) != place:
                self._claims[key] = _SEVERAL

    def _fill(self, place: int, item: _Item) -> None:
        group, entry = self.groups[place], item.entry
        group.vocabularies.add(item.vocabulary)
        if entry.id not in group.members:
            group.members.append(entry.id)
        self.by_id.setdefault(entry.id, place)
        self._claim(place, entry.same)
        group.names.append(item.label)
        known = self._labels.setdefault(item.label.normal, [])
        if place not in known:
            known.append(place)
        for written in entry.names:
            name = self._name(written, SYNONYM)
            group.names.append(name)
            if self._names.setdefault(name.normal, place) != place:
                self._names[name.normal] = _SEVERAL
        group.names += [self._name(written, SYNONYM)._replace(broad=True) for written in entry.broad]
        if not group.embedded:
            group.parents += entry.parents
            group.drug = group.drug or entry.drug

    def _shown(self, item: _Item) -> str:
        """Return the label; for one that is made for lists ("fever, alpha"), a name with its words in order."""
        orders = set(self._rules.reordered(item.label.normal)) if ", " in item.label.normal else set()
        names = (self._rules.cleaned(name) for name in item.entry.names) if orders else ()
        shown = next((name for name in names if normalise(name) in orders), item.label.written)
        return shown if len(shown) <= MAXIMUM_LABEL else shown[: MAXIMUM_LABEL - 1] + "…"

    def _name(self, written: str, level: int) -> Name:
        cleaned = self._rules.cleaned(written)
        return Name(normalise(cleaned), cleaned, level)


def _cut_circles(groups: Sequence[Group]) -> Iterator[tuple[str, str]]:
    """Remove the edges that lead back to where a walk from narrow to broad came from; give them."""
    places = sorted(range(len(groups)), key=lambda p: groups[p].iri)
    state: dict[int, bool] = {}  # True while a group is on the walk, False when all above it has been seen
    for start in places:
        if start in state:
            continue
        state[start] = True
        walk = [(start, iter(groups[start].broader))]
        while walk:
            place, above = walk[-1]
            following = next(above, None)
            if following is None:
                state[place] = False
                walk.pop()
            elif following not in state:
                state[following] = True
                walk.append((following, iter(groups[following].broader)))
            elif state[following]:
                groups[place].broader = tuple(p for p in groups[place].broader if p != following)
                yield groups[place].iri, groups[following].iri


def by_type(tables: Mapping[str, Sequence[Sequence[str]]]) -> Callable[[str], int]:
    """Return the place of a type in its group: what a name means that concepts of several types share."""
    order: dict[str, int] = {}
    for group in tables["compatible"]:
        for place, name in enumerate(group):
            order[name] = min(order.get(name, place), place)
    return lambda name: order.get(name, 0)
