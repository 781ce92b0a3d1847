"""What a data set says of itself is made again from the graph: every count, every document, and the name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.graph import dataset, terms, written
from kg.validation.data import Data
from kg.validation.quotes import Problem

_REMEDY = "Build the facts again, which counts anew, or leave the description out."
_COUNTS = (terms.VOID + "triples", terms.VOID + "entities")
_SHA256 = terms.DRUGS + "sha256"

_Said = set[tuple[str, str, str]]


def check(data: Data) -> Iterator[Problem]:
    """Compare the description of the data with one that is made of them; data without a description are left alone."""
    names = sorted({iri.partition("#")[0] for iri in data.about if iri.startswith(dataset.NAMESPACE)})
    if not names:
        return
    if len(names) > 1:
        problem = "The graph has more than one description of itself."
        yield Problem(names[1], "", problem, "Keep the one of the whole graph, or none.", f"{len(names)} descriptions")
        return
    name = names[0]
    found = _described(data)
    agents = sorted(iri for iri in data.about if iri.startswith(dataset.SOFTWARE))
    made_by = agents[0].removeprefix(dataset.SOFTWARE) if agents else ""
    documents = {
        iri: min(data.texts(iri, _SHA256), default="")
        for iri in data.about
        if terms.DRUGS + "Document" in data.iris(iri, terms.RDF_TYPE)
    }
    again = dataset.describe(dataset.count(data.about), documents, made_by)
    (expected_name,) = {s.value for s, p, _ in again if p.value == terms.VOID + "vocabulary"}
    expected = {(s.value, p.value, written.of(o)) for s, p, o in again if dataset.is_description(s.value)}
    if found == expected:
        return
    yield from _differences(found, expected, name, expected_name)


def _differences(found: _Said, expected: _Said, name: str, expected_name: str) -> Iterator[Problem]:
    """Name each wrong count, then whatever else differs; where only the name does, name that."""
    wanted = {tuple(part.replace(expected_name, name) for part in said) for said in expected}
    counts = {(s, p): value for s, p, value in wanted if p in _COUNTS}
    missing, more = sorted(wanted - found), sorted(found - wanted)
    for subject, predicate, value in more:
        if predicate in _COUNTS:
            right = _number(counts.get((subject, predicate), "0"))
            problem = "The description of the data set has a wrong count."
            yield Problem(subject, "", problem, _REMEDY, f"{_number(value)}, and it is {right}")
        else:
            problem = "The description of the data set says what does not follow from the graph."
            yield Problem(subject, "", problem, _REMEDY, f"{predicate} {value}")
    told = {(s, p) for s, p, _ in more}
    for subject, predicate, value in missing:
        if (subject, predicate) not in told or predicate not in _COUNTS:
            problem = "The description of the data set lacks what follows from the graph."
            yield Problem(subject, "", problem, _REMEDY, f"{predicate} {_number(value)}")
    if not missing and not more:
        yield Problem(name, "", "The name of the description does not fit its content.", _REMEDY, expected_name)


def _described(data: Data) -> _Said:
    """Give what the data say of the description's own nodes."""
    return {
        (iri, predicate, value)
        for iri in data.about
        if dataset.is_description(iri)
        for predicate, value in _pairs(data, iri)
    }


def _pairs(data: Data, iri: str) -> Iterable[tuple[str, str]]:
    return ((predicate, value) for predicate, values in data.about[iri].items() for value in values)


def _number(value: str) -> str:
    return value.partition("^^")[0].strip('"') if "XMLSchema#integer" in value else value
