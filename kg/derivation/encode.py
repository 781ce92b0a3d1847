"""Encoding: derived facts as triples, with the rules that made them and the steps of the vocabulary that they take.

A derived fact has a class and properties of its own, so that no question and no shape takes it for what a document
says; it has no short edge. All of them are in `graph:derived`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.derivation import naming, table
from kg.derivation.table import Table
from kg.graph import terms
from kg.graph.encode import Triple, node_of
from kg.graph.store import DERIVED
from kg.records import Derived, Link
from kg.vocabulary import Vocabulary

_TYPE = ox.NamedNode(terms.RDF_TYPE)
_LABEL = ox.NamedNode(terms.RDFS + "label")
_FROM = ox.NamedNode(terms.PROV + "wasDerivedFrom")


def triples(
    derived: Iterable[Derived], vocabulary: Vocabulary | None = None, rules: Table | None = None
) -> Iterator[Triple]:
    """Encode derived facts, each rule and each step once."""
    known = rules or table.load()
    used: set[str] = set()
    steps: dict[str, Link] = {}
    for one in derived:
        node = ox.NamedNode(one.iri)
        yield node, _TYPE, _drugs("DerivedFact")
        for item in naming.content(one, vocabulary):
            yield node, ox.NamedNode(item.iri), ox.Literal(item.value) if item.is_text else ox.NamedNode(item.value)
        yield node, _drugs("because"), ox.Literal(one.why, language="en")
        for fact in one.facts:
            yield node, _FROM, ox.NamedNode(fact.iri)
        for fact in one.outranked_by:
            yield node, _drugs("outrankedBy"), ox.NamedNode(fact.iri)
        for link in one.links:
            name = naming.link_iri(link)
            steps[name] = link
            yield node, _drugs("derivedThrough"), ox.NamedNode(name)
        used.add(one.rule)
    for name, link in steps.items():
        yield ox.NamedNode(name), _TYPE, _drugs("VocabularyStep")
        yield ox.NamedNode(name), _drugs("stepFrom"), node_of(link.narrower)
        yield ox.NamedNode(name), _drugs("stepTo"), node_of(link.broader)
    for rule in (known.rule(name) for name in used):
        yield ox.NamedNode(rule.iri), _TYPE, _drugs("DerivationRule")
        yield ox.NamedNode(rule.iri), _LABEL, ox.Literal(rule.title, language="en")


def quads(derived: Iterable[Derived], vocabulary: Vocabulary | None = None) -> Iterator[ox.Quad]:
    """Encode derived facts in their graph."""
    yield from (
        ox.Quad(subject, predicate, value, DERIVED) for subject, predicate, value in triples(derived, vocabulary)
    )


def _drugs(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.DRUGS + name)
