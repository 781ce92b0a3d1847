"""Facts as edges: what is said of what, by whom, read from a store in a few passes, without the places that say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph import decode, terms
from kg.graph.readable import Readable
from kg.records import NO_QUALIFIERS
from kg.vocabulary import schema

VOCABULARY = "vocabulary"
"""The kind of an edge that no document says: a concept is narrower than another, or a brand is one of a drug."""

AFFIRMED = "affirmed"
_EVIDENCE = terms.DRUGS + "evidence"


class Edge(NamedTuple):
    """A fact as an edge from its subject to its object, or a step of the vocabulary from narrower to broader.

    `iri` names the fact, or the relation where `kind` is "vocabulary". `qualifiers` are as of a fact; `concepts` has
    the IRIs of those qualifiers that are entities themselves ("with", "effect", "population").
    """

    iri: str
    kind: str
    subject: str
    object: str
    polarity: str = AFFIRMED
    level: str | None = None
    documents: tuple[str, ...] = ()
    evidence: int = 0
    qualifiers: Mapping[str, str] = NO_QUALIFIERS
    concepts: Mapping[str, str] = NO_QUALIFIERS

    def __hash__(self) -> int:
        """Hash what names the edge; mappings have no hash."""
        return hash((self.iri, self.subject, self.object))

    @property
    def is_said(self) -> bool:
        """Whether a document says it."""
        return self.kind != VOCABULARY

    @property
    def carries(self) -> bool:
        """Whether one may walk along it: what is denied leads nowhere."""
        return self.polarity == AFFIRMED


def labels(store: Readable) -> dict[str, str]:
    """Read what concepts are preferably called."""
    found: dict[str, str] = {}
    for node, label in decode.pairs(store, terms.SKOS + "prefLabel"):
        found[node] = min(label, found.get(node, label))
    return found


def words(iri: str) -> str:
    """Return the words that an IRI ends with, for what has no label."""
    return unquote(iri.rsplit("/", 1)[-1])


def facts(store: Readable, called: Mapping[str, str]) -> Iterator[Edge]:
    """Read all facts; `called` are the labels of concepts.

    Raises
    ------
    GraphError
        When a fact lacks what every fact has.
    """
    language = schema.load()
    shared: dict[str, str] = {}  # one string for a name, however often it is read
    subjects, objects = (
        {fact: shared.setdefault(value, value) for fact, value in decode.pairs(store, terms.DRUGS + name)}
        for name in ("subject", "object")
    )
    polarities = _listed(store, terms.DRUGS + "polarity", {one.iri: one.name for one in language.polarities.values()})
    kinds = _listed(store, terms.RDF_TYPE, {one.iri: one.name for one in language.kinds.values()})
    qualifiers, concepts = _qualifiers(store, called, shared)
    parts = (kinds, subjects, objects, polarities)
    follows = _listed(store, terms.RDF_TYPE, {terms.DRUGS + "DerivedFact": ""})
    for fact, proofs in _documents(store).items():
        if fact in follows:
            continue  # whatever else it is said to be, no document says it
        if not (fact in subjects and fact in objects and fact in kinds and fact in polarities):
            lacks = next(problem for has, problem in zip(parts, _PROBLEMS, strict=True) if fact not in has)
            raise GraphError(fact, lacks, "run `kg check` on this graph")
        narrowed = qualifiers.get(fact, {})
        yield Edge(
            iri=fact,
            kind=kinds[fact],
            subject=subjects[fact],
            object=objects[fact],
            polarity=polarities[fact],
            level="contraindicated" if kinds[fact] == "contraindication" else narrowed.get("level"),
            documents=tuple(dict.fromkeys(proofs)) if len(proofs) > 1 else tuple(proofs),
            evidence=len(proofs),
            qualifiers=MappingProxyType(dict(sorted(narrowed.items()))) if narrowed else NO_QUALIFIERS,
            concepts=MappingProxyType(concepts[fact]) if fact in concepts else NO_QUALIFIERS,
        )


_PROBLEMS = ("is no fact of a known kind", "has no subject", "has no object", "has no known polarity")


def _listed(store: Readable, predicate: str, values: Mapping[str, str]) -> dict[str, str]:
    """Read which facts have which of some values; the facts alone are fetched, which is what takes the time."""
    found: dict[str, str] = {}
    for value, name in values.items():
        rows = _rows(store, f"SELECT ?fact {{ ?fact <{predicate}> <{value}> }}")
        found.update((fact.value, name) for (fact,) in rows if isinstance(fact, ox.NamedNode))
    return found


def _qualifiers(
    store: Readable, called: Mapping[str, str], shared: dict[str, str]
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Read the qualifiers of all facts as words, and the IRIs of those that are entities."""
    language = schema.load()
    found: dict[str, dict[str, str]] = {}
    concepts: dict[str, dict[str, str]] = {}
    for iri, qualifier in language.qualifiers.items():
        for fact, value in decode.pairs(store, iri):
            if qualifier.is_text:
                said = value
            elif value in language.values:
                said = language.values[value].name
            else:
                said = called.get(value) or words(value)
                concepts.setdefault(fact, {}).setdefault(qualifier.name, shared.setdefault(value, value))
            found.setdefault(fact, {}).setdefault(qualifier.name, shared.setdefault(said, said))
    return found, concepts


def _documents(store: Readable) -> dict[str, list[str]]:
    """Read for each fact the document of each piece of its evidence, sorted by name."""
    return _by_graph(store) or _by_source(store)


def _by_graph(store: Readable) -> dict[str, list[str]]:
    """Take the documents from their named graphs, the quickest way; nothing where these do not hold all evidence."""
    if not isinstance(store, ox.Store):
        return {}
    found: dict[str, list[str]] = {}
    for iri, name in sorted(decode.Reader(store).graphs().items(), key=lambda pair: pair[1]):
        for (fact,) in _rows(store, f"SELECT ?fact {{ GRAPH <{iri}> {{ ?fact <{_EVIDENCE}> ?proof }} }}"):
            found.setdefault(fact.value, []).append(name)
    ((number,),) = _rows(store, f"SELECT (COUNT(*) AS ?number) {{ ?fact <{_EVIDENCE}> ?proof }}")
    return found if sum(map(len, found.values())) == int(number.value) else {}


def _by_source(store: Readable) -> dict[str, list[str]]:
    names: dict[str, str] = {}
    sources: dict[str, str] = {}
    for proof, source in decode.pairs(store, terms.OA + "hasSource"):
        if source not in names:
            names[source] = unquote(source.removeprefix(terms.DOCUMENT))
        sources[proof] = names[source]
    found: dict[str, list[str]] = {}
    for fact, proof in decode.pairs(store, _EVIDENCE):
        if proof not in sources:
            raise GraphError(proof, "has no source", "run `kg check` on this graph")
        found.setdefault(fact, []).append(sources[proof])
    return {fact: sorted(proofs) for fact, proofs in found.items()}


def types(store: Readable, nodes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read the types of concepts by their names in the ontology ("Condition")."""
    found: dict[str, set[str]] = {}
    if isinstance(store, ox.Store):
        for node, type_ in _rows(store, f"SELECT ?node ?type {{ ?node <{terms.SKOS}prefLabel> ?label ; a ?type }}"):
            if isinstance(type_, ox.NamedNode) and type_.value.startswith(terms.DRUGS):
                found.setdefault(getattr(node, "value", ""), set()).add(type_.value.removeprefix(terms.DRUGS))
    return {one: tuple(found.get(one) or decode.types(store, ox.NamedNode(one))) for one in nodes}


def _rows(store: Readable, query: str) -> Iterator[tuple[Any, ...]]:
    """Run a SELECT of our own."""
    return iter(store.query(query))  # type: ignore[arg-type]
