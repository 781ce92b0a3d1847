"""Gathering: from one store, everything that may concern a drug, with the steps that lead to it."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

import pyoxigraph as ox

from kg.care import rules, scale
from kg.care.records import Step
from kg.derivation import decode as conclusions
from kg.errors import GraphError
from kg.evidence import Texts
from kg.graph import decode, encode, terms
from kg.graph import store as stores
from kg.graph.encode import Source
from kg.graph.readable import Readable
from kg.records import Derived, Entity, Fact, Link
from kg.vocabulary import schema

_ALL = ox.DefaultGraph()
_SUBJECT, _OBJECT, _WITH = (ox.NamedNode(terms.DRUGS + name) for name in ("subject", "object", "with"))
_BROADER = ox.NamedNode(terms.SKOS + "broader")
_POPULATION = ox.NamedNode(terms.DRUGS + "population")

_OF_KINDS = (
    "SELECT ?fact ?subject ?it {{ ?fact <{role}> ?it ; a ?kind ; drugs:subject ?subject FILTER(?kind IN ({kinds})) }}"
)
"""Role and kinds are the ontology's own; what plays the role is bound."""

_HARMS = """
SELECT ?fact ?effect ?company ?it {
  { ?fact drugs:subject ?it ; a ?kind ; drugs:object ?effect FILTER(?kind IN (drugs:AdverseEffect)) }
  UNION { ?fact drugs:subject ?it ; a ?kind ; drugs:with ?company FILTER(?kind IN (drugs:AdverseEffect)) }
  UNION { ?fact drugs:subject ?it ; a ?kind ; drugs:population ?company FILTER(?kind IN (drugs:AdverseEffect)) }
}
"""
"""Each branch starts from the drug: a kind that is no variable, or an OPTIONAL, would be read of all facts."""

_GRAPHS = """
SELECT DISTINCT ?graph ?it {
  GRAPH ?graph { { ?fact drugs:subject ?it } UNION { ?fact drugs:object ?it } UNION { ?fact drugs:with ?it } }
}
"""

Steps = Mapping[str, tuple[Step, ...]]
"""Concepts by their IRI, with the steps that lead to them; the first has none."""


class Named(Protocol):
    """Something that bears a name."""

    @property
    def iri(self) -> str:
        """Its IRI."""

    @property
    def label(self) -> str:
        """What the vocabulary calls it."""


class Naming(Protocol):
    """What knows the names of a graph."""

    def drug(self, name: str) -> Named:
        """Return the drug, or the class, of a name."""

    def entity(self, name: str) -> tuple[Named, ...]:
        """Return all that bear a name."""


class Graph(Protocol):
    """What a graph must offer to be asked about care."""

    @property
    def store(self) -> Readable:
        """The store with everything in it."""

    @property
    def reader(self) -> decode.Reader:
        """What reads facts from the store."""

    @property
    def names(self) -> Naming:
        """The names in the store."""

    @property
    def documents(self) -> tuple[Source, ...]:
        """What is known about the documents."""

    @property
    def texts(self) -> Texts:
        """The texts at hand."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A fact that concerns the drug: what it is about there, from which origin, by which steps."""

    fact: Fact
    object: Entity
    origin: str
    steps: tuple[Step, ...] = ()


class Shelf:
    """What was read of one graph, each fact and each concept once: a graph does not change while it is asked."""

    def __init__(self, graph: Graph) -> None:
        """Look at a graph; nothing is read yet."""
        self._graph = weakref.ref(graph)  # a shelf must not keep the graph alive whose life it shares
        self.store = graph.store
        self._reader = graph.reader
        self._facts: dict[str, Fact] = {}
        self._ids: dict[tuple[str, str, frozenset[str]], list[str]] = {}
        self._subjects: dict[str, str] = {}
        self._steps: dict[tuple[str, bool], Steps] = {}
        self._classes: dict[str, Steps] = {}
        self._conclusions = conclusions.Reader(graph.store, self._reader)
        self._derived: dict[tuple[str | None, str | None], tuple[Derived, ...]] = {}
        self._harms: dict[str, tuple[tuple[str | None, ...], ...]] = {}
        self._types: dict[str, frozenset[str]] = {}
        self._documents: dict[str, tuple[str, ...]] = {}
        self._first = {one.name: getattr(one, "same_text_as", "") or one.name for one in graph.documents}
        kinds = schema.load().kinds
        self._care = frozenset(kinds[name].iri for name in scale.CARE_KINDS)
        self._class = frozenset({kinds["drug_class"].iri})

    def fact(self, iri: str) -> Fact:
        """Return a fact, with quotes where the texts are at hand."""
        found = self._facts.get(iri)
        if found is None:
            graph = self._graph()
            if graph is None:
                raise GraphError(iri, "the graph is closed", "keep the graph while you ask it")
            found = self._facts[iri] = graph.texts.fact(self._conclusions.fact(iri))
        return found

    def entity(self, iri: str) -> Entity:
        """Return a concept or an unlisted term."""
        return self._reader.entity(iri)

    def types(self, iri: str) -> frozenset[str]:
        """Return the types of a concept ("Condition"); those of what is above it where it is an unlisted term."""
        found = self._types.get(iri)
        if found is None:
            found = frozenset(decode.types(self.store, ox.NamedNode(iri)))
            broader = self.entity(iri).broader if iri.startswith(terms.TERM) else None
            found = self._types[iri] = self.types(broader) if broader else found
        return found

    def is_class(self, iri: str) -> bool:
        """Tell whether it is a class of drugs."""
        return "DrugClass" in self.types(iri)

    def wider(self, iri: str) -> Steps:
        """Return a concept and everything that it is a kind of, nearest first."""
        return self._closure(iri, up=True)

    def narrower(self, iri: str) -> Steps:
        """Return a concept and everything that is a kind of it, unlisted terms included, nearest first."""
        return self._closure(iri, up=False)

    def classes(self, drug: str) -> Steps:
        """Return a drug and the classes that it belongs to: by the vocabulary, and by what documents state.

        A class that a document denies it is not among them.
        """
        if drug not in self._classes:
            found: dict[str, tuple[Step, ...]] = dict(self.wider(drug))
            said = [self.fact(iri) for iri in self.ids(_SUBJECT, drug, self._class)]
            for fact in (one for one in said if one.polarity == "affirmed"):
                for wider, steps in self.wider(iri_of(fact.object)).items():
                    found.setdefault(wider, (fact, *steps))
            for fact in (one for one in said if one.polarity != "affirmed"):
                found.pop(iri_of(fact.object), None)
            self._classes[drug] = found
        return self._classes[drug]

    def members(self, iri: str) -> Steps:
        """Return a drug alone, or a class with what is in it by the vocabulary, or directly by what documents state."""
        if not self.is_class(iri):
            return {iri: ()}
        found = {member: steps[::-1] for member, steps in self.narrower(iri).items()}
        said = [self.fact(fact) for fact in self.ids(_OBJECT, iri, self._class)]
        found = {**{iri_of(fact.subject): (fact,) for fact in said if fact.polarity == "affirmed"}, **found}
        return {m: s for m, s in found.items() if m not in {iri_of(f.subject) for f in said if f.polarity == "denied"}}

    def near(self, iri: str) -> Steps:
        """Return what documents call, in words of their own, another form of what a thing is directly a kind of."""
        found: dict[str, tuple[Step, ...]] = {}
        for parent in self._beside(iri, up=True):
            for term in self._beside(parent, up=False):
                if term.startswith(terms.TERM) and term != iri:
                    found.setdefault(term, (self._link(iri, parent), self._link(term, parent)))
        return found

    def derived(self, subject: str | None = None, object_: str | None = None) -> tuple[Derived, ...]:
        """Return what follows about a drug, or about an object."""
        key = (subject, object_)
        if key not in self._derived:
            self._derived[key] = self._conclusions.read(subject, object_)
        return self._derived[key]

    def hands_on(self, iri: str) -> bool:
        """Tell whether what is said of a class holds for its members: one with very many is but a heading."""
        if not self.care_ids_about(iri):
            return False
        return sum("Drug" in self.types(member) for member in self.narrower(iri)) <= rules.widest_class()

    def care_about(self, iri: str) -> list[Fact]:
        """Return the facts that ask for care whose subject it is."""
        return [self.fact(fact) for fact in self.care_ids_about(iri)]

    def care_ids_about(self, iri: str) -> list[str]:
        """Return the IRIs of the facts that ask for care whose subject it is, sorted."""
        return self.ids(_SUBJECT, iri, self._care)

    def care_ids_on(self, iri: str) -> list[str]:
        """Return the IRIs of the facts that ask for care whose object it is, sorted."""
        return self.ids(_OBJECT, iri, self._care)

    def care_in(self, iri: str) -> list[str]:
        """Return the IRIs of the facts that ask for care in a population, sorted."""
        return self.ids(_POPULATION, iri, self._care)

    def harms(self, drug: str, things: Iterable[str], company: Iterable[str]) -> tuple[Fact, ...]:
        """Return the unwanted effects of a drug that are things themselves, or come with some company or people."""
        if drug not in self._harms:
            self._harms[drug] = tuple(stores.select(self.store, _HARMS, it=ox.NamedNode(drug)))
        wanted, together = set(things), set(company)
        found = {
            fact: self.fact(fact)
            for fact, effect, other, _ in self._harms[drug]
            if fact and (effect in wanted or other in together)
        }
        return tuple(sorted(found.values(), key=lambda f: (-len(f.documents), f.object.label.casefold(), f.iri)))

    def subject(self, fact: str) -> str:
        """Return the IRI of what a fact is about, without reading the fact."""
        if fact not in self._subjects:
            whole = self._reader.whole
            known = whole.facts.get(fact) if whole is not None else None
            self._subjects[fact] = known.subject if known else self.value(ox.NamedNode(fact), _SUBJECT) or ""
        return self._subjects[fact]

    def is_subject(self, iri: str) -> bool:
        """Tell whether facts are about it."""
        return next(iter(self.store.quads_for_pattern(None, _SUBJECT, ox.NamedNode(iri), _ALL)), None) is not None

    def documents(self, drug: str) -> tuple[str, ...]:
        """Return the names of the documents that speak of a drug, in whatever role, sorted."""
        if drug not in self._documents:
            node = ox.NamedNode(drug)
            graphs = (graph for graph, _ in stores.select(self.store, _GRAPHS, it=node))
            found = {unquote(name.removeprefix(terms.GRAPH)) for name in graphs if name}
            if not found <= self._first.keys():  # a plain file of triples, which has no graph for each document
                roles = (_SUBJECT, _OBJECT, _WITH)
                quads = [q for role in roles for q in self.store.quads_for_pattern(None, role, node, _ALL)]
                facts = {q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)}
                found = {name for iri in facts for name in self.fact(iri).documents}
            self._documents[drug] = tuple(sorted(found))
        return self._documents[drug]

    def all_documents(self) -> tuple[str, ...]:
        """Return the names of all documents, sorted."""
        return tuple(sorted(self._first))

    def independent(self, documents: Iterable[str]) -> int:
        """Return how many of some documents are left when copies of one text count once."""
        return len({self._first.get(name, name) for name in documents})

    def ids(self, role: ox.NamedNode, iri: str, kinds: frozenset[str]) -> list[str]:
        """Return the IRIs of the facts of some kinds in which something plays a role, sorted."""
        key = (role.value, iri, kinds)
        if key not in self._ids and (whole := self._reader.whole) is not None and role in (_SUBJECT, _OBJECT):
            names = {one.name for one in schema.load().kinds.values() if one.iri in kinds}
            known = whole.about(iri) if role == _SUBJECT else whole.on(iri)
            self._ids[key] = sorted(fact for fact in known if whole.facts[fact].kind in names)
        if key not in self._ids:
            wanted = ", ".join(f"<{kind}>" for kind in sorted(kinds))
            rows = stores.select(self.store, _OF_KINDS.format(role=role.value, kinds=wanted), it=ox.NamedNode(iri))
            found = {fact: subject for fact, subject, _ in rows if fact and subject}
            self._subjects.update(found)
            self._ids[key] = sorted(found)
        return self._ids[key]

    def value(self, node: ox.NamedNode, role: ox.NamedNode) -> str | None:
        """Return what a node's property refers to."""
        quads = self.store.quads_for_pattern(node, role, None, _ALL)
        return min((q.object.value for q in quads if isinstance(q.object, ox.NamedNode)), default=None)

    def _closure(self, iri: str, *, up: bool) -> Steps:
        if (iri, up) not in self._steps:
            found: dict[str, tuple[Step, ...]] = {iri: ()}
            waiting = [iri]
            while waiting:  # level by level, so that each is reached by the fewest steps
                nearer, waiting = waiting, []
                for here in nearer:
                    for there in self._beside(here, up=up):
                        if there not in found:
                            pair = (here, there) if up else (there, here)
                            found[there] = (*found[here], self._link(*pair))
                            waiting.append(there)
            self._steps[iri, up] = found
        return self._steps[iri, up]

    def _link(self, narrower: str, broader: str) -> Link:
        return Link(self.entity(narrower), self.entity(broader))

    def _beside(self, iri: str, *, up: bool) -> list[str]:
        node = ox.NamedNode(iri)
        if up:
            quads = self.store.quads_for_pattern(node, _BROADER, None, _ALL)
            return sorted(q.object.value for q in quads if isinstance(q.object, ox.NamedNode))
        quads = self.store.quads_for_pattern(None, _BROADER, node, _ALL)
        return sorted(q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode))


_SHELVES: weakref.WeakKeyDictionary[Graph, Shelf] = weakref.WeakKeyDictionary()


def shelf(graph: Graph) -> Shelf:
    """Return what was read of a graph; it lives as long as the graph does."""
    found = _SHELVES.get(graph)
    if found is None:
        found = _SHELVES[graph] = Shelf(graph)
    return found


def iri_of(entity: Entity) -> str:
    """Return the IRI of an entity, that of its term where it is in no vocabulary."""
    return entity.iri or encode.node_of(entity).value


def of_drug(shelf: Shelf, drug: str) -> Iterator[Reached]:
    """Give what is said of a drug and of its classes, and what other medicines' documents say of it."""
    for subject, steps in shelf.classes(drug).items():
        if steps and not shelf.hands_on(subject):
            continue
        for fact in shelf.care_about(subject):
            yield Reached(fact, fact.object, scale.CLASS if steps else scale.STATED, steps)
    for iri in shelf.care_ids_on(drug):
        fact = shelf.fact(iri)
        if iri_of(fact.subject) != drug:
            yield Reached(fact, fact.subject, scale.STATED)


def of_pair(shelf: Shelf, drug: str, things: Steps) -> Iterator[Reached]:
    """Give what is said of a drug, or its classes, with some things or what these are kinds of; in either direction."""
    classes = shelf.classes(drug)
    for thing, to_thing in things.items():
        for iri in shelf.care_ids_on(thing):
            if (subject := shelf.subject(iri)) in classes:
                yield reached(shelf.fact(iri), False, classes[subject], to_thing)
    if any(scale.CONCERNS.get(t) == "drug" for thing in things for t in shelf.types(thing)):
        for kind, to_class in classes.items():
            for iri in shelf.care_ids_on(kind):
                if (subject := shelf.subject(iri)) in things and subject != drug:
                    yield reached(shelf.fact(iri), True, to_class, things[subject])


def of_people(shelf: Shelf, drug: str, people: Iterable[str]) -> Iterator[Reached]:
    """Give what is said of a drug, or its classes, in some populations: of whatever object."""
    classes = shelf.classes(drug)
    for population in people:
        for iri in shelf.care_in(population):
            if (subject := shelf.subject(iri)) in classes:
                yield reached(shelf.fact(iri), False, classes[subject], ())


def reached(fact: Fact, is_reverse: bool, to_class: tuple[Step, ...], to_thing: tuple[Step, ...]) -> Reached:
    """Say by which steps a fact concerns a drug; `is_reverse` where the drug, or its class, is the fact's object."""
    origin = scale.VOCABULARY if to_thing else scale.CLASS if to_class else scale.STATED
    return Reached(fact, fact.subject if is_reverse else fact.object, origin, (*to_class, *to_thing))
