"""The door to pyshacl: SHACL Core shapes judge a graph, and nothing passes because nobody looked.

Only graphs in memory go in, never names of files or addresses; shapes with rules, scripts or SPARQL are refused, since
pyshacl would run them; imports are not followed; every run has shapes of its own, since pyshacl keeps notes in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from kg import resources
from kg.errors import GraphError
from kg.graph import terms, written
from kg.validation import converted
from kg.validation.compiled import SEVERITIES
from kg.validation.findings import VIOLATION, Finding, of_graph
from kg.validation.results import Result, result

if TYPE_CHECKING:
    import rdflib

_SH = terms.SHACL
_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")
_REFERENCES = ("property", "node", "not", "and", "or", "xone", "qualifiedValueShape")
_BEYOND_CORE = ("sparql", "js", "rule", "target", "validator", "nodeValidator", "propertyValidator", "expression")


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


def focus_nodes(shapes: rdflib.Graph, data: rdflib.Graph) -> dict[str, set[str]]:
    """Return the nodes of the data that each shape has as its targets."""
    import rdflib

    def targets(name: str) -> Iterator[tuple[set[str], rdflib.URIRef]]:
        for shape, target in shapes.subject_objects(rdflib.URIRef(_SH + name)):
            yield found.setdefault(str(shape), set()), rdflib.URIRef(str(target))

    found: dict[str, set[str]] = {shape: set() for shape in names(shapes)}
    for nodes, kind in targets("targetClass"):
        for sub in data.transitive_subjects(rdflib.RDFS.subClassOf, kind):
            nodes.update(map(converted.name, data.subjects(rdflib.RDF.type, sub)))
    for nodes, predicate in targets("targetSubjectsOf"):
        nodes.update(map(converted.name, data.subjects(predicate, None)))
    for nodes, predicate in targets("targetObjectsOf"):
        nodes.update(map(converted.name, data.objects(None, predicate)))
    for shape, node in shapes.subject_objects(rdflib.URIRef(_SH + "targetNode")):
        found.setdefault(str(shape), set()).add(converted.name(node))
    return found


def objects_of(shapes: rdflib.Graph) -> set[str]:
    """Return the properties whose objects some shape has as its target."""
    import rdflib

    return {str(predicate) for predicate in shapes.objects(None, rdflib.URIRef(_SH + "targetObjectsOf"))}


def only_core(shapes: rdflib.Graph) -> None:
    """See to it that shapes are a graph in memory, and of SHACL Core alone.

    Raises
    ------
    GraphError
        When they are not.
    """
    import rdflib

    _in_memory("shapes", shapes)
    for name in _BEYOND_CORE:
        if (None, rdflib.URIRef(_SH + name), None) in shapes:
            raise GraphError("shapes", f"sh:{name} is more than SHACL Core", "say it in a check query")


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

    _in_memory("data", data)
    only_core(shapes)
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
    except (ShapeLoadError, ReportableRuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise GraphError("shapes", f"not well-formed ({reason})", "mend the shape that it names") from None
    if not isinstance(report, rdflib.Graph):
        reason = " ".join(str(text).split())[:200]
        raise GraphError("shapes", f"could not be applied ({reason})", "mend the shape that it names")
    return list(_results(report, shapes))


def at_least(name: str, minimum: int) -> bool:
    """Tell whether the reference finds a literal that is no whole number to be at least as much as one."""
    import rdflib
    from pyshacl.rdfutil.compare import compare_literal

    value = cast(rdflib.Literal, converted.term(name))
    if isinstance(value.value, str):
        return False
    try:
        return bool(compare_literal(value, rdflib.Literal(minimum)) >= 0)  # type: ignore[no-untyped-call]
    except (TypeError, NotImplementedError):
        return False


def less_than(name: str, other: str) -> bool:
    """Tell whether the reference finds a value to be less than another, where they are not both whole numbers.

    What cannot be compared is not less, as the specification has it; there the reference gives up.
    """
    if written.is_blank(name) or written.is_blank(other):
        return False
    one, two = (_comparable(converted.term(n)) for n in (name, other))
    if (type(one) is str) != (type(two) is str):
        return False
    try:
        return bool(one < two)
    except TypeError:
        return False


def _comparable(term: Any) -> Any:
    """Return what the reference compares: the text of strings and IRIs, other literals as they are."""
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return str(term)
    return str(term.value) if isinstance(term.value, str) else term


def _in_memory(place: str, graph: object) -> None:
    import rdflib

    if not isinstance(graph, rdflib.Graph):
        raise GraphError(place, "no graph in memory", "read it with kg.open or rdflib first")


def _results(report: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[Result]:
    import rdflib

    for found in report.subjects(rdflib.RDF.type, rdflib.URIRef(_SH + "ValidationResult")):
        shape = _one(report, found, "sourceShape")
        yield result(
            node=_name(report, found, "focusNode"),
            path=_name(report, found, "resultPath"),
            value=_name(report, found, "value"),
            component=_one(report, found, "sourceConstraintComponent"),
            shape=shape,
            severity=SEVERITIES.get(_one(report, found, "resultSeverity"), VIOLATION),
            message=_one(shapes, rdflib.URIRef(shape), "message") or _one(report, found, "resultMessage"),
        )


def _name(report: rdflib.Graph, subject: rdflib.term.Node, name: str) -> str:
    import rdflib

    return min(map(converted.name, report.objects(subject, rdflib.URIRef(_SH + name))), default="")


def _one(graph: rdflib.Graph, subject: rdflib.term.Node, name: str) -> str:
    import rdflib

    return min((str(value) for value in graph.objects(subject, rdflib.URIRef(_SH + name))), default="")


def _referenced(shapes: rdflib.Graph, shape: str) -> Iterable[str]:
    """Give the shapes that a shape refers to, those in lists included."""
    import rdflib
    from rdflib.collection import Collection

    for name in _REFERENCES:
        for value in shapes.objects(rdflib.URIRef(shape), rdflib.URIRef(_SH + name)):
            if (value, rdflib.RDF.first, None) in shapes:
                yield from (str(item) for item in Collection(shapes, value))
            yield str(value)
