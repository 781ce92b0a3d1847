"""Which validator judges: the fast one where it knows all that the shapes ask for, the reference everywhere else."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.graph import written
from kg.validation import compiled, converted, fast, shapes
from kg.validation.compiled import RefusedError, Shape
from kg.validation.data import Data
from kg.validation.findings import Finding, of_graph
from kg.validation.results import Judged, Result

if TYPE_CHECKING:
    import rdflib

FAST, REFERENCE, BOTH = "fast", "pyshacl", "both"
VALIDATORS = (FAST, REFERENCE, BOTH)

PART = 20_000
"""Nodes that the reference judges at once: a graph of some hundred documents has ten times as many."""

_DIFFERENCE = "The two validators differ, and the reference decides."
_REMEDY = "Use --validator pyshacl on this graph, and report what it is about."
_SHOWN = 20
"""Differences that are listed; the others are counted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What shapes say, which validator said it, why it was not the fast one, and where the two differ."""

    judged: Judged
    validator: str
    reason: str = ""
    differences: tuple[Finding, ...] = ()


def judge(data: Data, rules: rdflib.Graph, validator: str = FAST, *, own: bool = True) -> Verdict:
    """Judge data by shapes; `own` tells that they are the package's.

    Raises
    ------
    GraphError
        When the shapes are malformed, or more than SHACL Core.
    """
    shapes.only_core(rules)
    if validator == REFERENCE:
        return Verdict(_by_reference(data, rules, own), REFERENCE)
    try:
        seen = fast.view(data)
        quick = fast.judge(seen, _packaged() if own else compiled.compiled(rules))
    except RefusedError as refused:
        return Verdict(_by_reference(data, rules, own), REFERENCE, f"the fast one does not judge {refused}")
    if validator == FAST:
        return Verdict(quick, FAST)
    slow = _by_reference(data, rules, own)
    return Verdict(slow, BOTH, "", tuple(_differences(quick, slow)))


@functools.cache
def _packaged() -> tuple[Shape, ...]:
    return compiled.compiled(shapes.packaged())


def _by_reference(data: Data, rules: rdflib.Graph, own: bool) -> Judged:
    """Judge by pyshacl.

    The package's shapes look at a node, what it mentions and what that mentions; so a large graph is judged in parts,
    in the memory of one. Other shapes may look anywhere.
    """
    focus: dict[str, set[str]] = {}
    results: list[Result] = []
    users = data.users(shapes.objects_of(rules))
    for part in converted.parts(data, PART) if own else [frozenset(data.about)]:
        fresh = shapes.packaged() if own else rules
        graph = converted.to_rdflib(data, part, users)
        elsewhere = data.about.keys() - part
        for shape, nodes in shapes.focus_nodes(fresh, graph).items():
            focus.setdefault(shape, set()).update(nodes - elsewhere)
        results += [result for result in shapes.judge(graph, fresh) if result.node not in elsewhere]
    counts = {shape: len(nodes) for shape, nodes in sorted(focus.items())}
    return Judged(set().union(*focus.values()), counts, list(dict.fromkeys(results)))


def _differences(quick: Judged, slow: Judged) -> Iterator[Finding]:
    """Say where the fast validator differs from the reference: in results, or in what a shape looked at."""
    found = {_bare(one) for one in quick.results}
    given = {_bare(one) for one in slow.results}
    differing = [("only the fast one", one) for one in found - given]
    differing += [("only the reference", one) for one in given - found]
    for who, one in sorted(differing, key=str)[:_SHOWN]:
        said = " ".join((one.path, written.text(one.value) if one.value else "", one.component.rsplit("#", 1)[-1]))
        yield of_graph(_DIFFERENCE, _REMEDY, one.shape, f"{who}: {one.node} {said}")
    if len(differing) > _SHOWN:
        yield of_graph(_DIFFERENCE, _REMEDY, "shapes", f"{len(differing) - _SHOWN} more")
    for shape in sorted(quick.counts.keys() | slow.counts.keys()):
        looked, given_to = quick.counts.get(shape, 0), slow.counts.get(shape, 0)
        if looked != given_to:
            yield of_graph(_DIFFERENCE, _REMEDY, shape, f"{looked} focus nodes, and {given_to} of the reference")


def _bare(result: Result) -> Result:
    """A result without its words, which no validator invents."""
    return replace(result, problem="", remedy="")
