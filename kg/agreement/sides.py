"""Sides: what facts say in comparable terms, who says it, and how results show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kg.agreement.copies import Copies
from kg.graph import encode, terms
from kg.vocabulary import schema

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.graph.decode import Reader
    from kg.graph.readable import Readable
    from kg.records import Entity, Fact

Scope = tuple[tuple[str, str], ...]
"""The qualifiers that say where a fact holds."""

CARE = frozenset({"contraindication", "caution", "interaction"})
"""The kinds that stand on the one scale of care."""

SILENT = frozenset({"no_data"})
"""Levels that say nothing of the care that is needed; they contradict nothing."""

AFFIRMED, DENIED = "affirmed", "denied"

_MUTUAL = frozenset({"contraindication", "interaction"})
_VALUES = frozenset({"level", "effect", "dose", "frequency", "topic", "authority"})


class Named(Protocol):
    """Something that bears a name in the graph."""

    @property
    def iri(self) -> str:
        """Its IRI."""

    @property
    def label(self) -> str:
        """Its preferred label."""


class Names(Protocol):
    """The names of a graph, as `kg.questions.names` finds them."""

    def drug(self, name: str) -> Named:
        """Return the drug of a name."""

    def entity(self, name: str) -> tuple[Named, ...]:
        """Return all that bear a name."""


class Stated(Protocol):
    """What a graph must offer so that its facts can be held against each other."""

    @property
    def store(self) -> Readable:
        """The store with everything in it."""

    @property
    def reader(self) -> Reader:
        """What reads facts from the store."""

    @property
    def documents(self) -> tuple[encode.Source, ...]:
        """What is known about the documents."""

    @property
    def names(self) -> Names:
        """The names in the graph."""

    def copies(self) -> Copies:
        """Return which documents have the same text."""

    def fact(self, iri: str) -> Fact:
        """Return a fact by its IRI, with quotes where the texts are at hand."""


@dataclass(frozen=True, slots=True)
class Side:
    """What some of the documents say: the value in words, the facts, and who says it, copies counted once."""

    value: str
    facts: tuple[Fact, ...]
    documents: tuple[str, ...]
    independent: int


def side(value: str, facts: Iterable[Fact], copies: Copies, documents: Iterable[str] | None = None) -> Side:
    """Put facts on one side, said by all their documents or by those that are named."""
    kept = tuple(sorted({fact.iri: fact for fact in facts}.values(), key=lambda fact: fact.iri))
    named = {name for fact in kept for name in fact.documents} if documents is None else set(documents)
    return Side(value, kept, tuple(sorted(named)), copies.independent(named))


def scope(fact: Fact) -> Scope:
    """Return where a fact holds: all its qualifiers but those that say how much, how often or how careful."""
    return tuple((name, value) for name, value in sorted(fact.qualifiers.items()) if name not in _VALUES)


def in_words(qualifiers: Iterable[tuple[str, str]]) -> str:
    """Return qualifiers as they are shown.

    >>> in_words([("population", "older adults"), ("severity", "severe")])
    'population: older adults; severity: severe'
    """
    return "; ".join(f"{name}: {value.replace('_', ' ')}" for name, value in qualifiers)


def iri(entity: Entity) -> str:
    """Return the IRI of an entity, that of its own words where it is no concept."""
    return entity.iri or encode.node_of(entity).value


def pair(fact: Fact) -> tuple[str, str]:
    """Return the two that a fact is about; in one order where each may stand first, as with interactions."""
    two = iri(fact.subject), iri(fact.object)
    return (min(two), max(two)) if fact.kind in _MUTUAL else two


def rank(level: str | None) -> int:
    """Return the place of a level on the scale of care; 0 where there is none."""
    value = schema.load().levels.get(level or "")
    return (value.rank or 0) if value else 0


def stated(fact: Fact) -> str:
    """Return what a fact says of its object: "denied", its level of care, or "affirmed"."""
    if fact.polarity == DENIED:
        return f"denied ({fact.level})" if fact.level and fact.kind != "contraindication" else DENIED
    return fact.level if fact.kind in CARE and fact.level else AFFIRMED


def voices(fact: Fact, copies: Copies) -> frozenset[str]:
    """Return the independent documents that say a fact, each by the first document of its text."""
    return frozenset(copies.voices(fact.documents))


def facts_on(reader: Reader, subject: str | None, things: Iterable[str] = ()) -> list[Fact]:
    """Read the facts about a subject (where it is named) and certain objects (where they are named), sorted.

    What others say of the subject as their object belongs to it where each may stand first.
    """
    wanted = frozenset(things)
    if subject is None and not wanted:
        return reader.facts()
    entities = sorted(wanted if subject is None else {subject})
    nodes = {node for one in entities for role in ("subject", "object") for node in reader.ids(role, one)}
    kept = (node for node in nodes if not wanted or not wanted.isdisjoint(reader.ends(node)))
    found = [reader.fact(node) for node in kept]
    fitting = (f for f in found if subject in (None, iri(f.subject)) or f.kind in _MUTUAL)
    return sorted(fitting, key=lambda fact: fact.iri)


def said_apart(facts: Iterable[Fact], copies: Copies) -> list[Fact]:
    """Keep the facts on the same two entities that more than one independent document speaks of, and all figures.

    Only what is said apart can contradict.
    """
    facts = tuple(facts)
    spoken: dict[frozenset[str], set[str]] = {}
    two = [frozenset((iri(fact.subject), iri(fact.object))) for fact in facts]
    for both, fact in zip(two, facts, strict=True):
        spoken.setdefault(both, set()).update(copies.voices(fact.documents))
    return [f for both, f in zip(two, facts, strict=True) if len(spoken[both]) > 1 or f.kind == "pharmacokinetics"]


def facts_of_several(reader: Reader, copies: Copies) -> list[Fact]:
    """Read the facts on the same two entities that more than one independent document speaks of, and all figures.

    In a large graph most facts are said by one document alone; only what is said apart can contradict.
    """
    import pyoxigraph as ox

    def pairs(name: str) -> Iterator[tuple[ox.NamedNode, str]]:
        for quad in reader.store.quads_for_pattern(None, ox.NamedNode(name), None, ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                yield quad.subject, quad.object.value

    source = {node.value: copies.of(terms.document_name(value)) for node, value in pairs(terms.OA + "hasSource")}
    objects = dict(pairs(terms.DRUGS + "object"))
    said: dict[ox.NamedNode, set[str]] = {}
    for node, proof in pairs(terms.DRUGS + "evidence"):
        said.setdefault(node, set()).add(source.get(proof, ""))
    spoken: dict[frozenset[str], set[str]] = {}
    two = {node: frozenset((value, objects[node])) for node, value in pairs(terms.DRUGS + "subject") if node in objects}
    for node, both in two.items():
        spoken.setdefault(both, set()).update(said.get(node, ()))
    found = {node for node, both in two.items() if len(spoken[both]) > 1}
    figures = ox.NamedNode(schema.load().kind("pharmacokinetics").iri)
    for quad in reader.store.quads_for_pattern(None, ox.NamedNode(terms.RDF_TYPE), figures, ox.DefaultGraph()):
        found |= {quad.subject} if isinstance(quad.subject, ox.NamedNode) else set()
    return [reader.fact(node) for node in sorted(found, key=lambda node: node.value)]


def by_voice(facts: Iterable[Fact], copies: Copies) -> Iterator[tuple[str, Fact]]:
    """Give each fact with each of the independent documents that say it."""
    for fact in facts:
        for voice in sorted(voices(fact, copies)):
            yield voice, fact
