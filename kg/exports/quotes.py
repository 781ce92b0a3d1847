"""Sentences of others: they leave the house only where they are asked for, whatever the format.

The object's own few words stay, as they stay in the facts; a passage's and a heading's words go or come together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import evidence
from kg.graph import terms
from kg.graph.readable import Readable
from kg.graph.store import DEFAULT

if TYPE_CHECKING:
    from kg.api import Graph

_TYPE = ox.NamedNode(terms.RDF_TYPE)
_EXACT = ox.NamedNode(terms.OA + "exact")
_TEXT_QUOTE = ox.NamedNode(terms.OA + "TextQuoteSelector")
_OF_PASSAGES = (ox.NamedNode(terms.OA + "hasSelector"), ox.NamedNode(terms.DRUGS + "headingSelector"))
_OF_OBJECTS = ox.NamedNode(terms.DRUGS + "objectSelector")


def without(graph: Graph) -> Graph:
    """Return the graph without any quote: no texts at hand, and no sentence in the store."""
    store = graph.store
    quoted = {
        node
        for predicate in _OF_PASSAGES
        for node in _objects(store, predicate)
        if next(store.quads_for_pattern(node, _EXACT, None, None), None) is not None
    } - _objects(store, _OF_OBJECTS)
    if quoted:
        store = ox.Store()
        store.extend(quad for quad in graph.store if not _is_quote(quad, quoted))
    return type(graph)(store, evidence.texts_of((), ()), graph.documents)


def within(graph: Graph) -> Graph:
    """Return the graph with the quotes of its texts in the store, each beside the place that it stands at.

    A quote that the store brought along and no text at hand confirms is left out.
    """
    store = ox.Store()
    store.extend(iter(without(graph).store))
    store.extend(_quotes(graph))
    return type(graph)(store, graph.texts, graph.documents)


def _quotes(graph: Graph) -> Iterator[ox.Quad]:
    for fact in graph.facts():
        for proof in fact.evidence:
            for span, words in ((proof.span, proof.quote), (proof.heading, proof.heading_text)):
                if span is None or words is None:
                    continue
                node = ox.NamedNode(terms.selector(proof.document, *span))
                for place in (DEFAULT, ox.NamedNode(terms.graph(proof.document))):
                    yield ox.Quad(node, _TYPE, _TEXT_QUOTE, place)
                    yield ox.Quad(node, _EXACT, ox.Literal(words), place)


def _objects(store: Readable, predicate: ox.NamedNode) -> set[ox.NamedNode]:
    found = store.quads_for_pattern(None, predicate, None, None)
    return {quad.object for quad in found if isinstance(quad.object, ox.NamedNode)}


def _is_quote(quad: ox.Quad, quoted: set[ox.NamedNode]) -> bool:
    if quad.subject not in quoted:
        return False
    return quad.predicate == _EXACT or (quad.predicate == _TYPE and quad.object == _TEXT_QUOTE)
