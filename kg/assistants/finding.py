"""Finding what somebody means: by name, by a name that is spelt nearly so, by a part of a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.assistants.answer import Line, Thing
from kg.assistants.desk import short
from kg.graph import decode, terms
from kg.questions.names import MEDICINES, Named
from kg.vocabulary.lexicon import normalise

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.assistants.desk import Quotes

NAME, SLIP, PART, OTHER = "name", "spelling", "part of the name", "spelling or part of another name"
_HOW = (NAME, SLIP, PART, OTHER)
_SHORTEST = 3
"""Letters of a word that is looked for in names."""

_BRAND_OF = ox.NamedNode(terms.DRUGS + "brandOf")
_ROLES = tuple(ox.NamedNode(terms.DRUGS + name) for name in ("subject", "object"))


@dataclass(frozen=True, slots=True)
class Match:
    """Something whose name fits, and how."""

    named: Named
    how: str
    is_spoken_of: bool

    def line(self, _: Quotes) -> Line:
        """Write it."""
        is_own = self.named.iri.startswith(terms.TERM)
        label = short(self.named.label)
        found = Thing(quoted=label) if is_own else Thing(label=label, iri=self.named.iri)
        part = "documents speak of it" if self.is_spoken_of else None
        return Line(thing=found, types=tuple(sorted(self.named.types)), match=self.how, part=part)


def find(graph: Graph, typed: str) -> list[Match]:
    """Return what is called so, nearly so, or has it in its name; what documents speak of, and medicines, first."""
    found: dict[str, tuple[str, Named]] = {}
    for how, named in _matches(graph, typed):
        if terms.is_entity(named.iri):
            found.setdefault(named.iri, (how, named))
    matches = [Match(named, how, _is_spoken_of(graph, named.iri)) for how, named in found.values()]
    return sorted(matches, key=_order)


def _matches(graph: Graph, typed: str) -> Iterator[tuple[str, Named]]:
    """Give what fits, the best first."""
    if "://" in typed:
        yield from ((NAME, named) for named in _of_iri(graph, typed))
        return
    yield from ((NAME, named) for named in graph.names.find(typed))
    near = graph.names.near(typed)
    yield from ((SLIP, named) for slips, named in near if slips <= 1)
    words = [word for word in normalise(typed).split() if len(word) >= _SHORTEST]
    for named in graph.names.containing(words):
        yield (PART if _has(named.label, words) else OTHER), named
    yield from ((OTHER, named) for slips, named in near if slips > 1)


def _order(match: Match) -> tuple[int, bool, bool, int, str]:
    named = match.named
    is_medicine = bool(named.types.intersection(MEDICINES))
    return _HOW.index(match.how), not match.is_spoken_of, not is_medicine, len(named.label), named.iri


def _is_spoken_of(graph: Graph, iri: str) -> bool:
    """Tell whether facts are about it, or it is the object of some; a brand, or its drug."""
    node, union = ox.NamedNode(iri), ox.DefaultGraph()
    drugs = [quad.object for quad in graph.store.quads_for_pattern(node, _BRAND_OF, None, union)]
    return any(
        next(iter(graph.store.quads_for_pattern(None, role, one, union)), None) is not None
        for role in _ROLES
        for one in (node, *drugs)
    )


def _has(label: str, words: Sequence[str]) -> bool:
    """Tell whether a name has all of some words, each as a word or the beginning of one."""
    label = f" {normalise(label)}"
    return all(f" {word}" in label for word in words)


def _of_iri(graph: Graph, iri: str) -> Iterator[Named]:
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return
    if next(iter(graph.store.quads_for_pattern(node, None, None, ox.DefaultGraph())), None) is not None:
        yield _described(graph, iri)


def _described(graph: Graph, iri: str) -> Named:
    label = decode.Reader(graph.store).entity(iri).label
    return Named(iri, label, frozenset(decode.types(graph.store, ox.NamedNode(iri))))
