"""Finding: everything that documents speak of, by the beginning of any word of any of its names, slips forgiven."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg.graph import decode, terms
from kg.graph.readable import Readable
from kg.questions import spelling
from kg.vocabulary.lexicon import normalise

if TYPE_CHECKING:
    from kg.api import Graph

TYPES: Mapping[str, str] = {
    "Drug": "drug",
    "Brand": "brand",
    "DrugClass": "class",
    "Condition": "condition or effect",
    "Population": "group of people",
    "Activity": "activity",
    "Substance": "food or substance",
}
"""The types that are searched first, and what they are called; whatever else is spoken of is an "other term"."""

OTHER = "other term"
_ORDER = (*TYPES.values(), OTHER)
_SHORTEST_FOR_SLIPS = 5
_LONGEST = 100
_ALL = ox.DefaultGraph()


class Found(NamedTuple):
    """Something by name: its IRI, label and type, the name that matched, and how many facts it is part of."""

    iri: str
    label: str
    type: str
    name: str
    facts: int


class Finder:
    """The names of what the facts of a graph speak of."""

    def __init__(self, graph: Graph) -> None:
        """Read all names once."""
        store = graph.store
        uses = _uses(store)
        for brand, drug in decode.pairs(store, terms.DRUGS + "brandOf"):
            if drug in uses:
                uses.setdefault(brand, 0)
        self._things: dict[str, tuple[str, str, int]] = {}
        labels: dict[str, list[str]] = {}
        for predicate in ("prefLabel", "altLabel"):
            for iri, name in decode.pairs(store, terms.SKOS + predicate):
                if iri in uses:
                    labels.setdefault(iri, []).append(name)
        kinds = _kinds(store)
        for iri, names in labels.items():
            self._things[iri] = (names[0], kinds.get(iri, OTHER), uses[iri])
        self._names: dict[str, list[tuple[str, str]]] = {}
        for iri, names in labels.items():
            for name in dict.fromkeys(names):
                self._names.setdefault(normalise(name), []).append((iri, name))
        starts = ((word, name) for name in self._names for word in _beginnings(name))
        self._starts = sorted(starts)

    def find(self, typed: str, limit: int = 10, types: Iterable[str] = ()) -> tuple[Found, ...]:
        """Return what is called so or begins so, then what is nearly called so; each thing once.

        What is called so exactly comes first, then what is spoken of most.
        """
        wanted, kinds = normalise(typed)[:_LONGEST], frozenset(types)
        if not wanted:
            return ()
        found = list(self._beginning(wanted))
        if len(wanted) >= _SHORTEST_FOR_SLIPS and not any(rank < 2 for rank, _ in found):
            found += [(2 + slips, name) for slips, name in spelling.near(wanted, self._names)]
            found += [(5, name) for name in self._begin_nearly(wanted)] if not found else []
        ranked = sorted(
            (rank, -self._things[iri][2], name.casefold(), iri, name)
            for rank, normal in found
            for iri, name in self._names[normal]
            if not kinds or self._things[iri][1] in kinds
        )
        best: dict[str, Found] = {}
        for *_, iri, name in ranked:
            label, type_, uses = self._things[iri]
            best.setdefault(iri, Found(iri, label, type_, name, uses))
            if len(best) >= limit:
                break
        return tuple(best.values())

    def near(self, place: str, limit: int = 5) -> tuple[Found, ...]:
        """Return what somebody may have meant who asked for a name, or for the path of one."""
        words = place.rstrip("/").rsplit("/", 1)[-1].replace("-", " ").replace("_", " ")
        return self.find(words, limit)

    def things(self, type_: str) -> tuple[Found, ...]:
        """Return all things of a type, by label."""
        found = (Found(iri, label, kind, label, uses) for iri, (label, kind, uses) in self._things.items())
        return tuple(
            sorted((one for one in found if one.type == type_), key=lambda one: (one.label.casefold(), one.iri))
        )

    def _beginning(self, wanted: str) -> Iterator[tuple[int, str]]:
        place = bisect.bisect_left(self._starts, (wanted, ""))
        seen: set[str] = set()
        for start, name in self._starts[place:]:
            if not start.startswith(wanted) or len(seen) > 400:
                return
            if name not in seen:
                seen.add(name)
                yield 0 if name == wanted else 1 if name.startswith(wanted) else 2, name

    def _begin_nearly(self, wanted: str) -> list[str]:
        """Return the names whose first word begins nearly so, for those who have not typed all of it."""
        size = len(wanted)
        heads: dict[str, list[str]] = {}
        for name in self._names:
            heads.setdefault(name[:size], []).append(name)
        return [name for slips, head in spelling.near(wanted, heads) if slips == 1 for name in heads[head]]


def _uses(store: Readable) -> dict[str, int]:
    """Count the facts that each thing is subject or object of."""
    uses: dict[str, int] = {}
    for role in ("subject", "object"):
        for _, iri in decode.pairs(store, terms.DRUGS + role):
            uses[iri] = uses.get(iri, 0) + 1
    return uses


def _kinds(store: Readable) -> dict[str, str]:
    found: dict[str, str] = {}
    node = ox.NamedNode(terms.RDF_TYPE)
    for type_, word in TYPES.items():
        for quad in store.quads_for_pattern(None, node, ox.NamedNode(terms.DRUGS + type_), _ALL):
            if isinstance(quad.subject, ox.NamedNode):
                found.setdefault(quad.subject.value, word)
    return found


def _beginnings(name: str) -> Iterator[str]:
    """Give a name from each of its words on."""
    yield name
    for place, letter in enumerate(name):
        if letter in " -/" and place + 1 < len(name):
            yield name[place + 1 :]
