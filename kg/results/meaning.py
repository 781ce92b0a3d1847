"""What a name stands for in a graph: the things that bear it, and what is above or below them, with the steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kg.graph import decode, encode, terms
from kg.graph.encode import Source
from kg.records import Entity, Link
from kg.vocabulary.lexicon import normalise

if TYPE_CHECKING:
    from kg.graph.readable import Readable


class Named(Protocol):
    """Something of the graph that bears a name."""

    @property
    def iri(self) -> str:
        """Its IRI."""

    @property
    def label(self) -> str:
        """Its preferred label."""


class Names(Protocol):
    """Looks up names, in any spelling; what is misspelt is an error with a suggestion."""

    def find(self, name: str, /) -> tuple[Named, ...]:
        """Return everything that bears the name."""

    def entity(self, name: str, /) -> tuple[Named, ...]:
        """Return all that bear the name, brands as their drugs."""


class Context(Protocol):
    """The graph that facts come from, as far as a selection among them needs it."""

    store: Readable
    documents: tuple[Source, ...]

    @property
    def names(self) -> Names:
        """Its names."""

    def types(self, entity: Entity) -> tuple[str, ...]:
        """Return the types of an entity."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The things that a name stands for, by IRI and by label; `above` has what is broader, each with the step to it."""

    iris: frozenset[str]
    labels: frozenset[str]
    above: Mapping[str, Link] = field(default_factory=dict)

    def is_(self, entity: Entity) -> bool:
        """Tell whether an entity is one of them."""
        if entity.iri and self.iris:
            return entity.iri in self.iris
        return normalise(entity.label) in self.labels

    def has_label(self, label: str | None) -> bool:
        """Tell whether a qualifier's label is that of one of them."""
        return label is not None and normalise(label) in self.labels

    def link(self, entity: Entity) -> Link | None:
        """Return the step to an entity that is broader than all of them."""
        return self.above.get(entity.iri or "")


def of(name: str, context: Context | None = None, *, broader: bool = False) -> Meaning:
    """Return what a name stands for; without a graph, whatever is called so.

    Raises
    ------
    UnknownNameError
        When nothing in the graph is called so.
    """
    if context is None:
        return Meaning(frozenset(), frozenset({normalise(name)}))
    named = (*context.names.entity(name), *(n for n in context.names.find(name) if terms.is_entity(n.iri)))
    iris = frozenset(one.iri for one in named)
    labels = frozenset(normalise(one.label) for one in named)
    start = Entity(named[0].label, named[0].iri)
    steps = {iri: link for iri, link in above(context.store, start) if iri not in iris} if broader else {}
    return Meaning(iris, labels, steps)


def above(store: Readable, start: Entity) -> Iterator[tuple[str, Link]]:
    """Go through everything that is broader than a concept, nearest first, each once."""
    yield from _walk(store, start, up=True)


def below(store: Readable, start: Entity) -> Iterator[tuple[str, Link]]:
    """Go through everything that is narrower than a concept, nearest first, each once."""
    yield from _walk(store, start, up=False)


def _walk(store: Readable, start: Entity, *, up: bool) -> Iterator[tuple[str, Link]]:
    import pyoxigraph as ox

    broader, union = ox.NamedNode(terms.SKOS + "broader"), ox.DefaultGraph()
    reader = decode.Reader(store)
    first = encode.node_of(start).value  # words of a document have a node too, though no IRI of the vocabulary
    waiting, seen = [first], {first}
    for iri in waiting:  # grows while it is walked: level by level
        node = ox.NamedNode(iri)
        subject, object_ = (node, None) if up else (None, node)
        quads = store.quads_for_pattern(subject, broader, object_, union)
        for next_iri in sorted({str(getattr(q.object if up else q.subject, "value", "")) for q in quads} - seen):
            seen.add(next_iri)
            waiting.append(next_iri)
            other = reader.entity(next_iri)
            yield next_iri, Link(start, other) if up else Link(other, start)
