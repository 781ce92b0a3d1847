"""Public identifiers: the entities of facts under the names that the readers of other formats know."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.graph import terms
from kg.graph.store import DEFAULT
from kg.records import Fact
from kg.vocabulary import schema
from kg.vocabulary.format import declared_prefixes

if TYPE_CHECKING:
    from kg.api import Graph

OWN = "drugfacts."
"""How the prefixes of what has no public identifier begin: `drugfacts.concept:liver-disease`.

A prefix for each namespace, since many readers take no CURIE with a slash in it.
"""

DERIVED = ox.NamedNode(terms.DRUGS + "DerivedFact")
"""The class of what follows from facts, which no document says."""

_TYPE = ox.NamedNode(terms.RDF_TYPE)
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_EXACT_MATCH = ox.NamedNode(terms.SKOS + "exactMatch")


def said(graph: Graph) -> list[Fact]:
    """Return the facts that documents state; what is derived is not among them, whatever else it is."""
    derived = {quad.subject for quad in graph.store.quads_for_pattern(None, _TYPE, DERIVED, None)}
    return [fact for fact in graph.facts() if fact.evidence and ox.NamedNode(fact.iri) not in derived]


def stated(graph: Graph) -> list[Fact]:
    """Return the facts that documents state, sorted by IRI."""
    return sorted(said(graph), key=lambda fact: fact.iri)


def matches(graph: Graph, iri: str) -> tuple[str, ...]:
    """Return the IRIs that other vocabularies give the same concept, sorted."""
    found = graph.store.quads_for_pattern(ox.NamedNode(iri), _EXACT_MATCH, None, DEFAULT)
    return tuple(sorted(quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)))


def types(graph: Graph, iri: str) -> tuple[str, ...]:
    """Return the types of an entity by their names in the ontology ("Condition"), sorted."""
    found = graph.store.quads_for_pattern(ox.NamedNode(iri), _TYPE, None, DEFAULT)
    values = (quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode))
    return tuple(sorted(v.removeprefix(terms.DRUGS) for v in values if v.startswith(terms.DRUGS)))


def qualifier_nodes(graph: Graph, fact: Fact) -> dict[str, str]:
    """Return the IRIs of the qualifiers of a fact that are concepts or listed values, by the qualifier's name."""
    language = schema.load()
    found = {}
    for quad in graph.store.quads_for_pattern(ox.NamedNode(fact.iri), None, None, DEFAULT):
        qualifier = language.qualifiers.get(quad.predicate.value)
        if qualifier is not None and isinstance(quad.object, ox.NamedNode):
            found[qualifier.name] = quad.object.value
    return dict(sorted(found.items()))


@functools.cache
def _namespaces(spelling: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return namespace and prefix, the longest namespace first; `spelling` renames the prefixes of the ontology."""
    known = declared_prefixes()
    return tuple(sorted(((known[ours], prefix) for prefix, ours in spelling), key=lambda item: (-len(item[0]), item)))


def split(iri: str, spelling: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Split an IRI into prefix, namespace and the rest, by the prefixes of `spelling` or as one of our own.

    >>> split(terms.LOCAL + "brand/x", {})
    ('drugfacts.local.brand', 'https://w3id.org/drug-facts/local/brand/', 'x')
    """
    if iri.startswith(terms.BASE):
        path, _, rest = iri.removeprefix(terms.BASE).rpartition("/")
        return (OWN + path.replace("/", "."), f"{terms.BASE}{path}/", rest) if path and rest else None
    for namespace, prefix in _namespaces(tuple(sorted(spelling.items()))):
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return prefix, namespace, iri[len(namespace) :]
    return None


def curie(iri: str, spelling: Mapping[str, str]) -> str:
    """Shorten an IRI by the prefixes of `spelling`; what has none stays as it is.

    >>> curie(terms.CONCEPT + "gout", {"HP": "hp"}), curie("http://purl.obolibrary.org/obo/HP_0001997", {"HP": "hp"})
    ('drugfacts.concept:gout', 'HP:0001997')
    """
    found = split(iri, spelling)
    return iri if found is None else f"{found[0]}:{found[2]}"


def clean(text: str) -> str:
    r"""Put everything on one line without control characters, for formats that have no way to write them.

    >>> clean("a\tb\r\nc\x07")
    'a b c'
    """
    return " ".join(_CONTROL.sub(" ", text).split())


def spaced(name: str) -> str:
    """Return the name of a type in words.

    >>> spaced("DrugClass")
    'Drug class'
    """
    return re.sub(r"(?<=[a-z])[A-Z]", lambda match: f" {match[0].lower()}", name)


def described(fact: Fact) -> str:
    """Say a fact in one line, with all its qualifiers: what a format has no property for is at least readable."""
    language = schema.load()
    narrowed = "; ".join(f"{name}: {value}" for name, value in fact.qualifiers.items())
    denied = "not so: " if fact.polarity == "denied" else ""
    kind = language.kind(fact.kind).label
    return f"{denied}{fact.subject.label}, {kind}: {fact.object.label}" + (f" ({narrowed})" if narrowed else "")


def is_warning_of_nothing(fact: Fact) -> bool:
    """Tell whether a fact is of a level that has no short edge: "no data", "stated safe"."""
    language = schema.load()
    level = language.levels.get(fact.qualifiers.get("level", ""))
    return level is not None and level.iri in language.kind(fact.kind).no_short_edge_for


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return values once each, sorted."""
    return tuple(sorted(set(values)))
