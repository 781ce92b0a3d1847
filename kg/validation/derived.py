"""Derived facts are derived again: each must be what the rules give, and all that the rules give must be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg import derivation
from kg.derivation import decode as conclusions
from kg.derivation import encode as encoding
from kg.errors import KgError
from kg.graph import decode, terms
from kg.records import Derived, Fact
from kg.validation.data import Data
from kg.validation.findings import VIOLATION, WARNING, Finding
from kg.vocabulary import schema

SOURCE = "derivation"
_OURS = (terms.DERIVED, terms.DERIVATION, terms.LINK)
_MARKS = frozenset(terms.DRUGS + name for name in ("derivedBy", "derivedSubject", "derivedObject", "derivedKind"))
_CLASSES = frozenset(terms.DRUGS + name for name in ("DerivedFact", "DerivationRule", "VocabularyStep"))
_BUILD = "Build the facts again."
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
    vocabulary = conclusions.vocabulary(data.store)
    derived = derivation.derive(_stated(data, facts), vocabulary)
    said: _Said = {}
    for subject, predicate, value in encoding.triples(derived, vocabulary):
        said.setdefault(subject.value, set()).add((predicate.value, str(value)))
    return Expected({one.iri: one for one in derived}, said)


def compare(data: Data, given: Expected) -> Iterator[Finding]:
    """Say where the data differ from what the rules give.

    A graph without any derived fact is one of stated facts alone: that is said once, and is a warning.
    """
    found: _Said = {
        node: {(predicate, str(value)) for predicate, values in said.items() for value in values}
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


def _is_ours(node: str, said: dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]) -> bool:
    types = {getattr(value, "value", "") for value in said.get(terms.RDF_TYPE, ())}
    return node.startswith(_OURS) or bool(_MARKS & said.keys()) or bool(_CLASSES & types)


def _stated(data: Data, facts: Iterable[str]) -> Iterator[Fact]:
    """Read the facts; one that cannot be read is for the shapes to find, and gives nothing."""
    reader = decode.Reader(data.store)
    for iri in facts:
        try:
            yield reader.fact(ox.NamedNode(iri))
        except (KgError, ValueError):
            continue


def _finding(
    data: Data,
    derived: Derived | None,
    node: str,
    problem: str,
    remedy: str,
    differing: Iterable[tuple[str, str]] = (),
) -> Finding:
    what = "A derived fact" if not node.startswith((terms.DERIVATION, terms.LINK)) else "A rule or step"
    differences = [f"{predicate} {value}" for predicate, value in sorted(differing)]
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
