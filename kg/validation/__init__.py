"""Validation: shapes, quotes, names and check queries judge a graph; every finding names place, problem and remedy.

>>> from kg.validation import check
>>> import pyoxigraph
>>> [finding.problem for finding in check(pyoxigraph.Store()).findings]
['The graph is empty, so there is nothing to judge.']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import evidence as quoting
from kg import memory
from kg.errors import GraphError
from kg.evidence import Texts
from kg.graph import terms, written
from kg.validation import beside, checks, copies, dataset, derived, identity, judging, proofs, quotes, shapes
from kg.validation import data as judged
from kg.validation.data import Data
from kg.validation.findings import VIOLATION, WARNING, Finding, Looked, Report, of_graph
from kg.validation.places import Places
from kg.validation.results import Result
from kg.validation.stretches import Stretches

if TYPE_CHECKING:
    import rdflib

__all__ = ["VIOLATION", "WARNING", "Finding", "Report", "check"]


_NAME = "Name a graph that holds facts, for instance one that `kg build` wrote."


def check(
    source: ox.Store | Path | str,
    documents: Path | Mapping[str, str] | None = None,
    *,
    shape_graph: rdflib.Graph | None = None,
    queries: tuple[checks.Check, ...] | None = None,
    validator: str = judging.FAST,
) -> Report:
    """Judge a graph and say what is wrong with it.

    Parameters
    ----------
    source : pyoxigraph.Store or path
        A store, a folder of facts, or any RDF file.
    documents : path or mapping, optional
        The folder of the documents, or their texts by name; by default the texts in the graph's own folder. Without
        texts, quotes are checked as far as that goes, and counted as unchecked.
    shape_graph : rdflib.Graph, optional
        Other shapes than the package's.
    queries : tuple of Check, optional
        Other check queries than the package's.
    validator : str
        "fast" judges by sets wherever it knows all that the shapes ask for, and leaves the rest to the reference;
        "pyshacl" is that reference; "both" compares the two, and every difference is a finding.

    Raises
    ------
    KgError
        When the source cannot be read, or shapes or queries are malformed.
    """
    known(validator)
    with memory.uncollected():
        return _checked(source, documents, shape_graph, queries, validator)


def _checked(
    source: ox.Store | Path | str,
    documents: Path | Mapping[str, str] | None,
    shape_graph: rdflib.Graph | None,
    queries: tuple[checks.Check, ...] | None,
    validator: str,
) -> Report:
    data = judged.read(source)
    if not data.about and not data.nameless:
        return Report((of_graph("The graph is empty, so there is nothing to judge.", _NAME, "coverage"),))
    facts, places = judged.fact_nodes(data), Places(data)
    rules = shapes.packaged() if shape_graph is None else shape_graph
    with beside.running(data.store, len(data.about), queries, is_union=data.is_union) as waited:
        verdict = judging.judge(data, rules, validator, own=shape_graph is None)
        follows = list(derived.check(data, facts))
        texts, stretches = _texts(data, source, documents), Stretches(data)
        evidence = proofs.read(data, stretches)
        quoted, same = quotes.check(data, texts, stretches, evidence), copies.check(data, texts)
        problems = [
            *((problem, "quotes") for problem in quoted.problems),
            *((problem, "copies") for problem in same.problems),
            *((problem, "identity") for problem in identity.check(data, facts, evidence)),
            *((problem, "dataset") for problem in dataset.check(data)),
        ]
        rows = waited()
    results, unseen = verdict.judged.results, [fact for fact in facts if fact not in verdict.judged.focus]
    nodes = (*(one.node for one in results), *unseen, *(one.node for one, _ in problems), *(row.node for row in rows))
    places.expect(nodes)
    found = [*shapes.idle(rules), *verdict.differences, *_coverage(facts, unseen, places), *follows]
    found += [_placed(result, places) for result in results]
    found += [_of_problem(problem, name, places) for problem, name in problems]
    found += [_of_row(row, places) for row in rows]
    return Report(
        findings=tuple(sorted(set(found), key=lambda finding: finding.order)),
        fact_nodes=len(facts),
        focus_nodes=len(facts) - len(unseen),
        documents=len(data.typed.get(terms.DRUGS + "Document", ())),
        checked_quotes=quoted.checked,
        unchecked_quotes=quoted.unchecked,
        checked_copies=same.checked,
        unchecked_copies=same.unchecked,
        shapes=len(shapes.names(rules)),
        queries=len(checks.catalogue() if queries is None else queries),
        validator=verdict.validator,
        reason=verdict.reason,
        judged=tuple(Looked(shape, count) for shape, count in sorted(verdict.judged.counts.items())),
    )


def _of_problem(problem: quotes.Problem, source: str, places: Places) -> Finding:
    return places.finding(
        VIOLATION, problem.node, problem.problem, problem.remedy, source, problem.value, problem.document
    )


def _of_row(row: checks.Row, places: Places) -> Finding:
    known = row.check
    source = f"checks/{known.name}"
    return places.finding(known.severity, row.node, known.title + ".", known.remedy, source, row.value, row.document)


def known(validator: str) -> None:
    """See to it that there is a validator of a name.

    Raises
    ------
    GraphError
        When there is none.
    """
    if validator not in judging.VALIDATORS:
        raise GraphError(validator, "no such validator", f"use {', '.join(judging.VALIDATORS)}")


def _placed(result: Result, places: Places) -> Finding:
    node = written.text(result.node) if written.is_literal(result.node) else result.node
    value = written.text(result.value) if result.value else ""
    return places.finding(result.severity, node, result.problem, result.remedy, result.shape, value)


def _coverage(facts: list[str], unseen: list[str], places: Places) -> Iterator[Finding]:
    if not facts:
        yield of_graph("The graph holds no facts, so there is nothing to judge.", _NAME, "coverage")
    for fact in unseen:
        remedy = "Give it the class of its kind, a subject, an object and evidence."
        yield places.finding(VIOLATION, fact, "No shape looks at this fact.", remedy, "coverage", "")


def _texts(data: Data, source: ox.Store | Path | str, documents: Path | Mapping[str, str] | None) -> Texts:
    """Return the texts at hand for the documents of the data."""
    sources = quotes.sources(data)
    if isinstance(documents, Mapping):
        texts = dict(documents)
        return Texts(sources, lambda name: [texts[name]] if name in texts else [])
    folder = Path(source) if isinstance(source, (str, Path)) else None
    return quoting.texts(sources, documents, folder)
