"""Nanopublications (https://nanopub.net): for each stated fact one assertion, where it comes from, and how it was made.

The name of a nanopublication is the SHA-256 of the names of its fact and evidence, so it says the same for ever. It
bears no date and no signature: both belong to whoever publishes it (`nanopub sign`), and no two runs would agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.exports import identifiers, quads
from kg.graph import encode, terms
from kg.graph import store as stores
from kg.graph.turtle import Triple
from kg.records import Fact

if TYPE_CHECKING:
    from kg.api import Graph

NANOPUB = terms.BASE + "nanopub/"
NP = "http://www.nanopub.org/nschema#"
NPX = "http://purl.org/nanopub/x/"
PREFIXES = {**terms.PREFIXES, "nanopub": NANOPUB, "np": NP, "npx": NPX}
SOFTWARE = ox.NamedNode(terms.BASE)
"""The agent behind every nanopublication: this project's program."""

_TYPE = ox.NamedNode(terms.RDF_TYPE)
_LABEL = ox.NamedNode(terms.RDFS + "label")
_PREF_LABEL = terms.SKOS + "prefLabel"
_EVIDENCE = terms.DRUGS + "evidence"
_SELECTORS = frozenset((terms.OA + "hasSelector", terms.DRUGS + "objectSelector", terms.DRUGS + "headingSelector"))
_CC0 = ox.NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")
_NOTE = ox.Literal("What documents say, read by a program. Not medical advice.", language="en")


def encode_trig(graph: Graph) -> bytes:
    """Write TriG: four graphs for each fact, in the order of the facts' names."""
    return quads.blocks(_graphs(graph), PREFIXES)


def name_of(fact: Fact, evidence: Iterable[str]) -> str:
    """Return the name of the nanopublication of a fact with this evidence."""
    content = "\n".join((fact.iri, *sorted(evidence)))
    return NANOPUB + hashlib.sha256(content.encode()).hexdigest()


def _graphs(graph: Graph) -> Iterator[tuple[quads.Name, list[Triple]]]:
    for fact in identifiers.stated(graph):
        said = _about(graph, fact.iri)
        proofs = sorted(value.value for _, predicate, value in said if predicate.value == _EVIDENCE)
        name = name_of(fact, proofs)
        publication, head, assertion, provenance, publishing = (
            ox.NamedNode(name + part) for part in ("", "#Head", "#assertion", "#provenance", "#pubinfo")
        )
        yield (
            head,
            [
                (publication, _TYPE, _np("Nanopublication")),
                (publication, _np("hasAssertion"), assertion),
                (publication, _np("hasProvenance"), provenance),
                (publication, _np("hasPublicationInfo"), publishing),
            ],
        )
        yield assertion, [t for t in said if t[1].value != _EVIDENCE] + list(_surroundings(graph, fact, said))
        yield provenance, list(_provenance(graph, fact, assertion, ox.NamedNode(name + "#reading"), proofs))
        yield publishing, list(_publishing(fact, publication))


def _surroundings(graph: Graph, fact: Fact, said: Iterable[Triple]) -> Iterator[Triple]:
    """Give the short edge, where the fact has one, and the names of all that it speaks of."""
    edge = encode.short_edge(fact)
    if edge is not None:
        yield encode.node_of(fact.subject), ox.NamedNode(edge), encode.node_of(fact.object)
    for _, predicate, value in said:
        if isinstance(value, ox.NamedNode) and predicate.value not in (_EVIDENCE, terms.RDF_TYPE):
            yield from (t for t in _about(graph, value.value) if t[1].value == _PREF_LABEL)


def _provenance(
    graph: Graph, fact: Fact, assertion: ox.NamedNode, reading: ox.NamedNode, proofs: Iterable[str]
) -> Iterator[Triple]:
    yield assertion, _prov("wasGeneratedBy"), reading
    yield reading, _TYPE, _prov("Activity")
    yield reading, _prov("wasAssociatedWith"), SOFTWARE
    yield SOFTWARE, _TYPE, _prov("SoftwareAgent")
    for document in (ox.NamedNode(terms.document(name)) for name in fact.documents):
        yield assertion, _prov("hadPrimarySource"), document
        yield reading, _prov("used"), document
        yield from _about(graph, document.value)
    for proof in proofs:
        yield assertion, _prov("wasDerivedFrom"), ox.NamedNode(proof)
        for subject, predicate, value in _about(graph, proof):
            yield subject, predicate, value
            if predicate.value in _SELECTORS:
                yield from _about(graph, value.value)


def _publishing(fact: Fact, publication: ox.NamedNode) -> Iterator[Triple]:
    yield publication, _LABEL, ox.Literal(identifiers.described(fact), language="en")
    yield publication, ox.NamedNode(terms.RDFS + "comment"), _NOTE
    yield publication, ox.NamedNode(NPX + "introduces"), ox.NamedNode(fact.iri)
    yield publication, ox.NamedNode(terms.DCTERMS + "creator"), SOFTWARE
    yield publication, ox.NamedNode(terms.DCTERMS + "license"), _CC0


def _about(graph: Graph, iri: str) -> list[Triple]:
    found = stores.restored_of(graph.store, ox.NamedNode(iri))
    return [
        (quad.subject, quad.predicate, quad.object)
        for quad in found
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal)
    ]


def _np(name: str) -> ox.NamedNode:
    return ox.NamedNode(NP + name)


def _prov(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.PROV + name)
