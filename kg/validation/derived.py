"""Derived facts are derived again: each must be what the rules give, and all that the rules give must be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from kg import derivation
from kg.derivation import decode as conclusions
from kg.derivation import encode as encoding
from kg.errors import KgError
from kg.graph import decode, terms, written
from kg.records import Derived, Evidence, Fact, Span
from kg.validation.data import Data, Said, vocabulary
from kg.validation.findings import VIOLATION, WARNING, Finding
from kg.vocabulary import schema

SOURCE = "derivation"
_OURS = (terms.DERIVED, terms.DERIVATION, terms.LINK)
_MARKS = frozenset(terms.DRUGS + name for name in ("derivedBy", "derivedSubject", "derivedObject", "derivedKind"))
_CLASSES = frozenset(terms.DRUGS + name for name in ("DerivedFact", "DerivationRule", "VocabularyStep"))
_BUILD = "Build the facts again."
_EVIDENCE = terms.DRUGS + "evidence"
_SHOWN = 3

_Said = dict[str, set[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rules give for the facts of a graph: the derived facts by name, and all that is said of each node."""

    derived: Mapping[str, Derived]
    said: _Said


def check(data: Data, facts: Iterable[str]) -> Iterator[Finding]:
    """Compare the derived facts of the data with what the rules give for their facts."""
    yield from compare(data, expected(data, facts))


def expected(data: Data, facts: Iterable[str]) -> Expected:
    """Derive everything again."""
    concepts = data.typed.get(terms.SKOS + "Concept", ())
    known = conclusions.vocabulary_of(concepts, lambda iri: _texts(data.about[iri]))
    derived = derivation.derive(_stated(data, facts), known)
    said: _Said = {}
    for subject, predicate, value in encoding.triples(derived, known):
        said.setdefault(subject.value, set()).add((predicate.value, written.of(value)))
    return Expected({one.iri: one for one in derived}, said)


def compare(data: Data, given: Expected) -> Iterator[Finding]:
    """Say where the data differ from what the rules give.

    A graph without any derived fact is one of stated facts alone: that is said once, and is a warning.
    """
    found: _Said = {
        node: {(predicate, value) for predicate, values in said.items() for value in values}
        for node, said in data.about.items()
        if _is_ours(node, said)
    }
    if given.said and not found:
        count = f"{len(given.derived)} derived facts are missing: the graph has none."
        yield Finding(WARNING, "", "", "", count, "Build the facts again, if they are wanted.", SOURCE)
        return
    for node in sorted(given.said.keys() - found.keys()):
        yield _finding(data, given.derived.get(node), node, "{what} is missing that the rules give.", _BUILD)
    for node in sorted(found.keys() - given.said.keys()):
        remedy = "Remove it, or build the facts again."
        yield _finding(data, None, node, "{what} does not follow from the facts of the graph.", remedy)
    for node in sorted(found.keys() & given.said.keys()):
        for problem, differing in (
            ("{what} says more than its rule gives.", found[node] - given.said[node]),
            ("{what} lacks what its rule gives.", given.said[node] - found[node]),
        ):
            if differing:
                yield _finding(data, given.derived.get(node), node, problem, _BUILD, differing)


def _is_ours(node: str, said: Mapping[str, tuple[str, ...]]) -> bool:
    types = said.get(terms.RDF_TYPE, ())
    return node.startswith(_OURS) or not _MARKS.isdisjoint(said) or not _CLASSES.isdisjoint(types)


def _stated(data: Data, facts: Iterable[str]) -> Iterator[Fact]:
    """Read the facts; one that cannot be read is for the shapes to find, and gives nothing."""
    reader = decode.Reader(data.store, values=lambda iri, predicate: _values(data, iri, predicate))
    sources, evidence = data.column(terms.OA + "hasSource"), data.column(_EVIDENCE)
    proofs: dict[str, Evidence] = {}
    for iri in facts:
        documents = sorted([s for e in evidence.get(iri, ()) for s in sources.get(e, ())[:1]])
        for document in documents:
            if document not in proofs:
                proofs[document] = _proof(document)
        try:
            yield reader.fact(iri, lambda iri: _texts(data.about.get(iri, {})), tuple([proofs[d] for d in documents]))
        except (KgError, ValueError):
            continue


def _texts(said: Said) -> decode.Given:
    """Return what is said with the texts of literals in the place of their names."""
    return {
        predicate: values
        if len(values) == 1 and not values[0].startswith('"')
        else [written.text(value) if written.is_literal(value) else value for value in values]
        for predicate, values in said.items()
    }


def _values(data: Data, iri: str, predicate: str) -> Iterator[str]:
    for said in (data.about.get(iri), vocabulary().get(iri)):
        yield from map(written.text, said.get(predicate, ()) if said else ())


def _proof(document: str) -> Evidence:
    """Say which document a proof is from; the rules ask for no more."""
    nowhere = Span(0, 0)
    return Evidence(unquote(document.removeprefix(terms.DOCUMENT)), nowhere, "", nowhere, "", "")


def _finding(
    data: Data,
    derived: Derived | None,
    node: str,
    problem: str,
    remedy: str,
    differing: Iterable[tuple[str, str]] = (),
) -> Finding:
    what = "A derived fact" if not node.startswith((terms.DERIVATION, terms.LINK)) else "A rule or step"
    differences = [
        f"{predicate} <{value}>" if written.is_iri(value) else f"{predicate} {value}"
        for predicate, value in sorted(differing)
    ]
    if len(differences) > _SHOWN:
        differences = [*differences[:_SHOWN], f"and {len(differences) - _SHOWN} more"]
    rules = (
        [derived.rule]
        if derived
        else [iri.removeprefix(terms.DERIVATION) for iri in data.iris(node, terms.DRUGS + "derivedBy")]
    )
    return Finding(
        severity=VIOLATION,
        where=node,
        fact=_words(data, derived, node),
        document=", ".join(derived.documents) if derived else "",
        problem=problem.format(what=what),
        remedy=remedy,
        source=SOURCE,
        value="; ".join([*(f"rule {rule}" for rule in rules), *differences]),
    )


def _words(data: Data, derived: Derived | None, node: str) -> str:
    """Say what a derived fact is about, as the data or the rules have it."""
    kinds = schema.load()
    if derived:
        return f"{derived.subject.label} - {kinds.kind(derived.kind).label} - {derived.object.label}"
    subjects, objects, classes = (
        data.iris(node, terms.DRUGS + f"derived{name}") for name in ("Subject", "Object", "Kind")
    )
    if not subjects and not objects:
        return ""
    labels = [kinds.kinds_by_iri[iri].label for iri in classes if iri in kinds.kinds_by_iri]
    parts = (map(data.label, subjects), labels, map(data.label, objects))
    return " - ".join(min(part, default="?") for part in parts)
