"""Validation: shapes, quotes, names and check queries judge a graph; every finding names place, problem and remedy.

>>> from kg.validation import check
>>> import pyoxigraph
>>> [finding.problem for finding in check(pyoxigraph.Store()).findings]
['The graph is empty, so there is nothing to judge.']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import evidence
from kg.evidence import Texts
from kg.graph import terms
from kg.validation import checks, copies, dataset, derived, identity, quotes, shapes
from kg.validation import data as judged
from kg.validation.data import Data
from kg.validation.findings import VIOLATION, WARNING, Finding, Report, of_graph
from kg.validation.places import Places

if TYPE_CHECKING:
    import rdflib

__all__ = ["VIOLATION", "WARNING", "Finding", "Report", "check"]


PART = 20_000
"""Nodes that are judged at once: a graph of some hundred documents has ten times as many."""

_NAME = "Name a graph that holds facts, for instance one that `kg build` wrote."


def check(
    source: ox.Store | Path | str,
    documents: Path | Mapping[str, str] | None = None,
    *,
    shape_graph: rdflib.Graph | None = None,
    queries: tuple[checks.Check, ...] | None = None,
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

    Raises
    ------
    KgError
        When the source cannot be read, or shapes or queries are malformed.
    """
    data = judged.read(source)
    facts = judged.fact_nodes(data)
    if not data.own:
        return Report((of_graph("The graph is empty, so there is nothing to judge.", _NAME, "coverage"),))
    places = Places(data)
    rules = shapes.packaged() if shape_graph is None else shape_graph
    found = list(shapes.idle(rules))
    focus, results = _judged(data, shape_graph)
    found += _coverage(facts, focus, places)
    found += [places.finding(r.severity, r.node, r.problem, r.remedy, r.shape, r.value) for r in results]
    found += derived.check(data, facts)
    texts = _texts(data, source, documents)
    proofs, same = quotes.check(data, texts), copies.check(data, texts)
    problems = [("quotes", problem) for problem in proofs.problems]
    problems += [("copies", problem) for problem in same.problems]
    problems += [("identity", problem) for problem in identity.check(data, facts)]
    problems += [("dataset", problem) for problem in dataset.check(data)]
    found += [
        places.finding(VIOLATION, p.node, p.problem, p.remedy, source, p.value, p.document) for source, p in problems
    ]
    for row in checks.run(data.store, queries):
        known = row.check
        name = f"checks/{known.name}"
        found.append(
            places.finding(known.severity, row.node, known.title + ".", known.remedy, name, row.value, row.document)
        )
    return Report(
        findings=tuple(sorted(set(found), key=lambda finding: finding.order)),
        fact_nodes=len(facts),
        focus_nodes=sum(fact in focus for fact in facts),
        documents=sum(terms.DRUGS + "Document" in data.iris(iri, terms.RDF_TYPE) for iri in data.about),
        checked_quotes=proofs.checked,
        unchecked_quotes=proofs.unchecked,
        checked_copies=same.checked,
        unchecked_copies=same.unchecked,
        shapes=len(shapes.names(rules)),
        queries=len(checks.catalogue() if queries is None else queries),
    )


def _judged(data: Data, shape_graph: rdflib.Graph | None) -> tuple[set[str], list[shapes.Result]]:
    """Judge data by shapes: return the nodes that some shape looks at, and what the shapes say.

    The package's shapes look at a node, what it mentions and what that mentions; so a large graph is judged in parts,
    in the memory of one. Other shapes may look anywhere.
    """
    focus: set[str] = set()
    results: list[shapes.Result] = []
    users = data.users(shapes.objects_of(shapes.packaged()))
    for part in judged.parts(data, PART) if shape_graph is None else [frozenset(data.about)]:
        rules = shapes.packaged() if shape_graph is None else shape_graph
        graph = judged.to_rdflib(data, part, users)
        elsewhere = data.about.keys() - part
        focus |= shapes.focus_nodes(rules, graph) - elsewhere
        results += [result for result in shapes.judge(graph, rules) if result.node not in elsewhere]
    return focus, results


def _coverage(facts: Iterable[str], focus: set[str], places: Places) -> Iterator[Finding]:
    facts = list(facts)
    if not facts:
        yield of_graph("The graph holds no facts, so there is nothing to judge.", _NAME, "coverage")
    for fact in facts:
        if fact not in focus:
            remedy = "Give it the class of its kind, a subject, an object and evidence."
            yield places.finding(VIOLATION, fact, "No shape looks at this fact.", remedy, "coverage", "")


def _texts(data: Data, source: ox.Store | Path | str, documents: Path | Mapping[str, str] | None) -> Texts:
    """Return the texts at hand for the documents of the data."""
    sources = quotes.sources(data)
    if isinstance(documents, Mapping):
        texts = dict(documents)
        return Texts(sources, lambda name: [texts[name]] if name in texts else [])
    folder = Path(source) if isinstance(source, (str, Path)) else None
    return evidence.texts(sources, documents, folder)
