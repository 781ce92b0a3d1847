"""Names that prove their content: facts and evidence are named after what they say.

A fact that was altered by hand, cut short or copied under another name no longer fits its name. The terms of the
ontology and the concepts of the vocabulary are the package's: data can use them, not change them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

import pyoxigraph as ox

from kg import assembly
from kg.assembly import Property
from kg.graph import terms
from kg.records import Evidence, Span
from kg.validation.data import Data, packaged
from kg.validation.quotes import Problem, stretches
from kg.vocabulary import schema

_BUILD = "Build the facts again, or add what was meant as a decision of a reader."
_OWN = tuple(terms.PREFIXES[prefix] for prefix in ("drugs", "scheme", "level", "polarity", "frequency", "severity"))
_VALUES = tuple(terms.PREFIXES[prefix] for prefix in ("use", "approval", "stage", "topic", "category"))
_CLASSES = frozenset({terms.RDFS + "subClassOf", terms.RDFS + "subPropertyOf", terms.OWL + "equivalentClass"})


def check(data: Data, facts: Iterable[str]) -> Iterator[Problem]:
    """Check the names of facts, evidence and documents, and that the data leave the package's terms alone."""
    for fact in facts:
        if fact != assembly.fact_iri(_properties(data, fact)):
            yield Problem(fact, "", "The name of the fact does not fit its content.", _BUILD)
    for iri in sorted(data.about):
        kinds = data.iris(iri, terms.RDF_TYPE)
        if terms.DRUGS + "Evidence" in kinds:
            yield from _evidence(data, iri)
        if terms.DRUGS + "Document" in kinds:
            names = data.texts(iri, terms.DCTERMS + "identifier")
            if any(iri != terms.DOCUMENT + quote(name, safe="") for name in names):
                yield Problem(iri, min(names), "The name of the document does not fit its identifier.", _BUILD)
        if iri.startswith(terms.TERM):
            for label in data.texts(iri, terms.SKOS + "prefLabel"):
                if iri != assembly.term_iri(label):
                    yield Problem(iri, "", "The name of the term does not fit its words.", _BUILD, label)
    yield from _redefined(data)


def _properties(data: Data, fact: str) -> Iterator[Property]:
    for predicate, values in data.about.get(fact, {}).items():
        if predicate != terms.DRUGS + "evidence":
            for value in values:
                text = value.value if isinstance(value, (ox.NamedNode, ox.Literal)) else str(value)
                yield Property(predicate, text, is_text=isinstance(value, ox.Literal))


def _evidence(data: Data, iri: str) -> Iterator[Problem]:
    names = [n for d in data.iris(iri, terms.OA + "hasSource") for n in data.texts(d, terms.DCTERMS + "identifier")]
    spans = [
        _spans(data, iri, p)
        for p in (terms.OA + "hasSelector", *(terms.DRUGS + n for n in ("objectSelector", "headingSelector")))
    ]
    hashes, rules = (data.texts(iri, terms.DRUGS + name) for name in ("quoteSha256", "rule"))
    if not all(len(values) == 1 for values in (names, spans[0], spans[1], hashes, rules)) or len(spans[2]) > 1:
        return  # the shapes say what is missing or double
    heading = spans[2][0] if spans[2] else None
    proof = Evidence(names[0], spans[0][0], hashes[0], spans[1][0], "", rules[0], heading)
    if iri != assembly.evidence_iri(proof):
        yield Problem(iri, names[0], "The name of the evidence does not fit its content.", _BUILD)


def _spans(data: Data, evidence: str, predicate: str) -> list[Span]:
    return [Span(place.start, place.end) for place in stretches(data, evidence, predicate)]


def _redefined(data: Data) -> Iterator[Problem]:
    """Find data that say something about the package's own terms and concepts, or declare classes."""
    edges = {edge for kind in schema.load().kinds.values() for edge in (kind.short_edge, kind.off_label_short_edge)}
    remedy = "Leave ontology and vocabulary to the package; say it in ontology/ where it belongs there."
    for subject, predicate, value in data.own:
        name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
        if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
            yield Problem(
                name,
                "",
                "The data hold a blank node, which no document can be asked about.",
                "Name it by an IRI.",
                str(value),
            )
        own_term = name.startswith(_OWN) or name.startswith(_VALUES)
        if predicate in _CLASSES or own_term:
            yield Problem(name, "", "The data say what the terms of the ontology mean.", remedy, str(value))
        elif predicate not in edges and _is_concept(name):
            yield Problem(name, "", "The data change a concept of the vocabulary.", remedy, f"{predicate} {value}")


def _is_concept(name: str) -> bool:
    return name.startswith(terms.CONCEPT) and any(packaged().quads_for_pattern(ox.NamedNode(name), None, None, None))
