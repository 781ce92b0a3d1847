"""The door to pyshacl: SHACL Core shapes judge a graph, and nothing passes because nobody looked.

Only graphs in memory go in, never names of files or addresses; shapes with rules, scripts or SPARQL are refused, since
pyshacl would run them; imports are not followed; every run has shapes of its own, since pyshacl keeps notes in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import resources
from kg.errors import GraphError
from kg.graph import terms
from kg.validation.findings import VIOLATION, WARNING, Finding, of_graph

if TYPE_CHECKING:
    import rdflib

_SH = terms.SHACL
_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")
_SILENT = "A shape does not hold, and does not say why. Give the shape a message."
_REFERENCES = ("property", "node", "not", "and", "or", "xone", "qualifiedValueShape")
_BEYOND_CORE = ("sparql", "js", "rule", "target", "validator", "nodeValidator", "propertyValidator", "expression")
_SEVERITIES = {_SH + "Violation": VIOLATION, _SH + "Warning": WARNING, _SH + "Info": WARNING}


@dataclass(frozen=True, slots=True)
class Result:
    """What a shape says about one node."""

    node: str
    shape: str
    severity: str
    problem: str
    remedy: str
    value: str = ""


def packaged() -> rdflib.Graph:
    """Return a fresh copy of the shapes that come with the package."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for path in resources.files("ontology", "shapes/*.ttl"):
        graph.parse(data=path.read_bytes(), format="turtle")
    return graph


def names(shapes: rdflib.Graph) -> list[str]:
    """List the shapes of a graph, sorted."""
    import rdflib

    kinds = (rdflib.URIRef(_SH + "NodeShape"), rdflib.URIRef(_SH + "PropertyShape"))
    return sorted({str(shape) for kind in kinds for shape in shapes.subjects(rdflib.RDF.type, kind)})


def idle(shapes: rdflib.Graph) -> Iterator[Finding]:
    """Find what would let data pass unseen: no shapes at all, a shape that nothing reaches, a shape switched off."""
    import rdflib

    every = names(shapes)
    if not every:
        yield of_graph("There are no shapes, so nothing would be judged.", "Name shapes, or leave them out.", "shapes")
    reached = {str(s) for t in _TARGETS for s in shapes.subjects(rdflib.URIRef(_SH + t), None)}
    waiting = list(reached)
    while waiting:
        for found in _referenced(shapes, waiting.pop()):
            if found not in reached:
                reached.add(found)
                waiting.append(found)
    for shape in every:
        if shape not in reached:
            remedy = "Give it a target, or refer to it from a shape that has one."
            yield of_graph("A shape has no target, so it judges nothing.", remedy, shape, shape)
    for node, off in shapes.subject_objects(rdflib.URIRef(_SH + "deactivated")):
        if str(off).lower() not in ("false", "0"):
            yield of_graph("A shape is switched off.", "Remove sh:deactivated.", str(node), str(node))


def focus_nodes(shapes: rdflib.Graph, data: rdflib.Graph) -> set[str]:
    """Return the nodes of the data that some shape has as its target."""
    import rdflib

    found: set[object] = set()
    for _, kind in shapes.subject_objects(rdflib.URIRef(_SH + "targetClass")):
        for sub in data.transitive_subjects(rdflib.RDFS.subClassOf, kind):
            found.update(data.subjects(rdflib.RDF.type, sub))
    for _, predicate in shapes.subject_objects(rdflib.URIRef(_SH + "targetSubjectsOf")):
        found.update(data.subjects(_predicate(predicate), None))
    for _, predicate in shapes.subject_objects(rdflib.URIRef(_SH + "targetObjectsOf")):
        found.update(data.objects(None, _predicate(predicate)))
    found.update(shapes.objects(None, rdflib.URIRef(_SH + "targetNode")))
    return {str(node) for node in found}


def objects_of(shapes: rdflib.Graph) -> set[str]:
    """Return the properties whose objects some shape has as its target."""
    import rdflib

    return {str(predicate) for predicate in shapes.objects(None, rdflib.URIRef(_SH + "targetObjectsOf"))}


def judge(data: rdflib.Graph, shapes: rdflib.Graph) -> list[Result]:
    """Judge data by shapes.

    Raises
    ------
    GraphError
        When either is no graph in memory, or the shapes are malformed.
    """
    import pyshacl
    import rdflib
    from pyshacl.errors import ReportableRuntimeError, ShapeLoadError

    for place, graph in (("data", data), ("shapes", shapes)):
        if not isinstance(graph, rdflib.Graph):
            raise GraphError(place, "no graph in memory", "read it with kg.open or rdflib first")
    for name in _BEYOND_CORE:
        if (None, rdflib.URIRef(_SH + name), None) in shapes:
            raise GraphError("shapes", f"sh:{name} is more than SHACL Core", "say it in a check query")
    try:
        _, report, text = pyshacl.validate(
            data,
            shacl_graph=shapes,
            advanced=False,
            js=False,
            inference="none",
            do_owl_imports=False,
            meta_shacl=False,
            abort_on_first=False,
        )
    except (ShapeLoadError, ReportableRuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise GraphError("shapes", f"not well-formed ({reason})", "mend the shape that it names") from None
    if not isinstance(report, rdflib.Graph):
        reason = " ".join(str(text).split())[:200]
        raise GraphError("shapes", f"could not be applied ({reason})", "mend the shape that it names")
    return list(_results(report, shapes))


def _results(report: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[Result]:
    import rdflib

    results = report.subjects(rdflib.RDF.type, rdflib.URIRef(_SH + "ValidationResult"))
    for result in results:
        shape = _one(report, result, "sourceShape")
        message = _one(shapes, rdflib.URIRef(shape), "message") or _one(report, result, "resultMessage") or _SILENT
        problem, _, remedy = message.partition(". ")
        yield Result(
            node=_one(report, result, "focusNode"),
            shape=shape,
            severity=_SEVERITIES.get(_one(report, result, "resultSeverity"), VIOLATION),
            problem=problem.rstrip(".") + ".",
            remedy=remedy or "Mend the value that it names.",
            value=_one(report, result, "value"),
        )


def _one(graph: rdflib.Graph, subject: rdflib.term.Node, name: str) -> str:
    import rdflib

    return min((str(value) for value in graph.objects(subject, rdflib.URIRef(_SH + name))), default="")


def _predicate(node: rdflib.term.Node) -> rdflib.URIRef:
    import rdflib

    return rdflib.URIRef(str(node))


def _referenced(shapes: rdflib.Graph, shape: str) -> Iterable[str]:
    """Give the shapes that a shape refers to, those in lists included."""
    import rdflib
    from rdflib.collection import Collection

    for name in _REFERENCES:
        for value in shapes.objects(rdflib.URIRef(shape), rdflib.URIRef(_SH + name)):
            if (value, rdflib.RDF.first, None) in shapes:
                yield from (str(item) for item in Collection(shapes, value))
            yield str(value)
