"""Decoding: derived facts are read back from a store, each with the stated facts that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

import pyoxigraph as ox

from kg import vocabulary as vocabularies
from kg.derivation import engine, naming
from kg.errors import GraphError
from kg.graph import decode, terms
from kg.graph.readable import Readable
from kg.records import NO_QUALIFIERS, Concept, Derived, Fact, Link
from kg.vocabulary import Vocabulary, schema

_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(terms.RDF_TYPE)
_CLASS = ox.NamedNode(terms.DRUGS + "DerivedFact")
_REMEDY = "run `kg check` on this graph"

Values = dict[str, list[str]]


def read(store: Readable, subject: str | None = None, object: str | None = None) -> tuple[Derived, ...]:  # noqa: A002
    """Read what follows from the facts of a store, sorted: about a drug, about an object (their IRIs), or all.

    Raises
    ------
    GraphError
        When a derived fact lacks what every one has.
    """
    return Reader(store).read(subject, object)


class Reader:
    """Reads derived facts from one store; each stated fact is read once."""

    def __init__(self, store: Readable, facts: decode.Reader | None = None) -> None:
        """Read from a store, with a reader of facts of the same store where there is one."""
        self._store = store
        self._reader = facts or decode.Reader(store)
        self._facts: dict[str, Fact] = {}
        self._links: dict[str, Link] = {}

    def read(self, subject: str | None = None, object_: str | None = None) -> tuple[Derived, ...]:
        """Read derived facts, as `read` does."""
        found: set[ox.NamedNode] | None = None
        for name, iri in (("derivedSubject", subject), ("derivedObject", object_)):
            if iri is not None:
                nodes = self._subjects(ox.NamedNode(terms.DRUGS + name), ox.NamedNode(iri))
                found = nodes if found is None else found & nodes
        if found is None:
            found = self._subjects(_TYPE, _CLASS)
        return tuple(sorted(map(self._derived, found), key=engine.order))

    def fact(self, iri: str) -> Fact:
        """Read a stated fact, without its quotes; once, however much rests on it."""
        found = self._facts.get(iri)
        if found is None:
            found = self._facts[iri] = self._reader.fact(ox.NamedNode(iri))
        return found

    def _subjects(self, predicate: ox.NamedNode, value: ox.NamedNode) -> set[ox.NamedNode]:
        found = (quad.subject for quad in self._store.quads_for_pattern(None, predicate, value, _DEFAULT))
        return {node for node in found if isinstance(node, ox.NamedNode)}

    def _derived(self, node: ox.NamedNode) -> Derived:
        said = _about(self._store, node)
        language = schema.load()
        kind = language.kinds_by_iri.get(_one(node, said, naming.KIND))
        if kind is None:
            raise GraphError(node.value, "is derived of no known kind", _REMEDY)
        qualifiers = {}
        for qualifier in kind.qualifiers:
            for value in said.get(qualifier.iri, ())[:1]:
                listed = language.values.get(value)
                if qualifier.is_text:
                    qualifiers[qualifier.name] = value
                else:
                    qualifiers[qualifier.name] = listed.name if listed else self._reader.entity(value).label
        return Derived(
            rule=_one(node, said, naming.RULE).removeprefix(terms.DERIVATION),
            why=_one(node, said, terms.DRUGS + "because"),
            kind=kind.name,
            subject=self._reader.entity(_one(node, said, terms.DRUGS + "derivedSubject")),
            object=self._reader.entity(_one(node, said, terms.DRUGS + "derivedObject")),
            facts=self._facts_of(said, terms.PROV + "wasDerivedFrom"),
            links=tuple(sorted(map(self._link, said.get(terms.DRUGS + "derivedThrough", ())), key=engine.link_order)),
            qualifiers=MappingProxyType(dict(sorted(qualifiers.items()))) if qualifiers else NO_QUALIFIERS,
            iri=node.value,
            outranked_by=self._facts_of(said, terms.DRUGS + "outrankedBy"),
        )

    def _facts_of(self, said: Values, predicate: str) -> tuple[Fact, ...]:
        return tuple(map(self.fact, sorted(said.get(predicate, ()))))

    def _link(self, iri: str) -> Link:
        found = self._links.get(iri)
        if found is None:
            node = ox.NamedNode(iri)
            said = _about(self._store, node)
            ends = [self._reader.entity(_one(node, said, terms.DRUGS + end)) for end in ("stepFrom", "stepTo")]
            found = self._links[iri] = Link(*ends)
        return found


def vocabulary(store: Readable) -> Vocabulary:
    """Return the vocabulary that the facts of a store were made with, as far as they use it.

    The concepts of the package are what the package says; those of others are what the store says of them.
    """
    concept = ox.NamedNode(terms.SKOS + "Concept")
    nodes = (quad.subject for quad in store.quads_for_pattern(None, _TYPE, concept, _DEFAULT))
    names = (node.value for node in nodes if isinstance(node, ox.NamedNode))
    return vocabulary_of(names, lambda iri: _about(store, ox.NamedNode(iri)))


def vocabulary_of(names: Iterable[str], about: decode.About) -> Vocabulary:
    """Return the package's vocabulary with those of some concepts that it lacks; `about` tells what is said of them."""
    packaged = vocabularies.load()
    others = [
        _concept(iri, about(iri))
        for iri in names
        if terms.is_entity(iri) and not iri.startswith(terms.TERM) and iri not in packaged.concepts
    ]
    if not others:
        return packaged
    known = vocabularies.from_concepts(others)
    return Vocabulary({**known.concepts, **packaged.concepts}, {**known.by_label, **packaged.by_label})


def _concept(iri: str, said: decode.Given) -> Concept:
    return Concept(
        iri=iri,
        label=min(said.get(terms.SKOS + "prefLabel", ()), default=iri),
        labels=tuple(sorted(said.get(terms.SKOS + "altLabel", ()))),
        types=frozenset(
            name.removeprefix(terms.DRUGS) for name in said[terms.RDF_TYPE] if name.startswith(terms.DRUGS)
        ),
        broader=tuple(sorted(said.get(terms.SKOS + "broader", ()))),
    )


def _one(node: ox.NamedNode, said: Values, iri: str) -> str:
    values = said.get(iri)
    if not values:
        raise GraphError(node.value, f"has no {iri.rsplit('/', 1)[-1]}", _REMEDY)
    return min(values)


def _about(store: Readable, node: ox.NamedNode) -> Values:
    said: Values = {}
    for quad in store.quads_for_pattern(node, None, None, _DEFAULT):
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            said.setdefault(quad.predicate.value, []).append(quad.object.value)
    return said
