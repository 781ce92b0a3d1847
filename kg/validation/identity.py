"""Names that prove their content: facts and evidence are named after what they say.

A fact that was altered by hand, cut short or copied under another name no longer fits its name. The terms of the
ontology and the concepts of the vocabulary are the package's: data can use them, not change them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from kg import assembly
from kg.graph import terms, written
from kg.validation.data import Data, Said, vocabulary
from kg.validation.proofs import Proof
from kg.validation.quotes import Problem
from kg.vocabulary import schema

_EVIDENCE = terms.DRUGS + "evidence"
_BUILD = "Build the facts again, or add what was meant as a decision of a reader."
_OWN = tuple(
    terms.PREFIXES[prefix]
    for prefix in (
        *("drugs", "scheme", "level", "polarity", "frequency", "severity"),
        *("use", "approval", "stage", "topic", "category"),
    )
)
_CLASSES = frozenset({terms.RDFS + "subClassOf", terms.RDFS + "subPropertyOf", terms.OWL + "equivalentClass"})


def check(data: Data, facts: Iterable[str], proofs: Mapping[str, Proof | None]) -> Iterator[Problem]:
    """Check the names of facts, evidence and documents, and that the data leave the package's terms alone."""
    for fact in facts:
        if fact != assembly.fact_of(_lines(data.about.get(fact, {}))):
            yield Problem(fact, "", "The name of the fact does not fit its content.", _BUILD)
    for iri, proof in proofs.items():
        if proof is not None and iri != _named(proof):  # the shapes say what is missing or double
            yield Problem(iri, proof.name, "The name of the evidence does not fit its content.", _BUILD)
    for iri in data.typed.get(terms.DRUGS + "Document", ()):
        names = data.texts(iri, terms.DCTERMS + "identifier")
        if any(iri != terms.DOCUMENT + quote(name, safe="") for name in names):
            yield Problem(iri, min(names), "The name of the document does not fit its identifier.", _BUILD)
    for iri in sorted(name for name in data.about if name.startswith(terms.TERM)):
        for label in data.texts(iri, terms.SKOS + "prefLabel"):
            if iri != assembly.term_iri(label):
                yield Problem(iri, "", "The name of the term does not fit its words.", _BUILD, label)
    yield from _redefined(data)


def _lines(said: Said) -> Iterator[str]:
    for predicate, values in said.items():
        if predicate != _EVIDENCE:
            for value in values:
                is_text = value.startswith('"')
                yield assembly.line(predicate, written.text(value) if is_text else value, is_text=is_text)


def _named(proof: Proof) -> str:
    spans = [None if one is None else (one.start, one.end) for one in (proof.quote, proof.object, proof.heading)]
    return assembly.proof_iri(proof.name, spans, proof.sha256, proof.rule)


def _redefined(data: Data) -> Iterator[Problem]:
    """Find data that say something about the package's own terms and concepts, or declare classes."""
    edges = {edge for kind in schema.load().kinds.values() for edge in (kind.short_edge, kind.off_label_short_edge)}
    remedy = "Leave ontology and vocabulary to the package; say it in ontology/ where it belongs there."
    known = vocabulary()
    declared = {name for predicate in _CLASSES for name in data.column(predicate)}
    for name in sorted(declared.union(filter(_is_packaged, data.about))):
        own_term = name.startswith(_OWN)
        concept = name.startswith(terms.CONCEPT) and name in known
        for predicate, values in (data.about.get(name) or data.nameless[name]).items():
            if own_term or predicate in _CLASSES:
                problem, shown = "The data say what the terms of the ontology mean.", ""
            elif concept and predicate not in edges:
                problem, shown = "The data change a concept of the vocabulary.", f"{predicate} "
            else:
                continue
            for value in values:
                yield Problem(name, "", problem, remedy, shown + _shown(value))
    if not data.is_plain:
        yield from _nameless(data)


def _is_packaged(name: str) -> bool:
    return name.startswith((terms.CONCEPT, *_OWN))


def _nameless(data: Data) -> Iterator[Problem]:
    problem = "The data hold a blank node, which no document can be asked about."
    for column in data.columns.values():
        for name, values in column.items():
            for value in values:
                if value.startswith("_:") or name.startswith("_:"):
                    yield Problem(name, "", problem, "Name it by an IRI.", _shown(value))


def _shown(value: str) -> str:
    return f"<{value}>" if written.is_iri(value) else value
