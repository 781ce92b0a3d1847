"""Shapes read as data for the fast validator: exactly the constructs that it knows, and everything else is refused.

What is refused is judged by the reference validator. Nothing is skipped in silence: a property, a value, a list or a
kind of shape that is not listed here ends the reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.graph import terms
from kg.validation.converted import INTEGERS, PLAIN
from kg.validation.findings import VIOLATION, WARNING

if TYPE_CHECKING:
    import rdflib

SH = terms.SHACL
TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf")
KINDS = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
SEVERITIES = {SH + "Violation": VIOLATION, SH + "Warning": WARNING, SH + "Info": WARNING}

_TYPES = {SH + "NodeShape": False, SH + "PropertyShape": True}
_NOTES = frozenset((terms.RDFS + "label", terms.RDFS + "comment", SH + "name", SH + "description"))
_DATATYPES = PLAIN | INTEGERS.keys()
_ON_PROPERTIES = frozenset(("minCount", "maxCount", "lessThan", "disjoint"))
_ON_NODES = frozenset(("closed",))

Argument = str | int | re.Pattern[str] | frozenset[str] | tuple["Shape", ...]


class RefusedError(Exception):
    """The fast validator does not know this, and leaves it to the reference."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a shape asks for: the local name of its parameter, and the parameter."""

    name: str
    argument: Argument

    @property
    def component(self) -> str:
        """The IRI of the constraint component."""
        return f"{SH}{self.name[0].upper()}{self.name[1:]}ConstraintComponent"


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape: what it looks at, where, and what it asks for there."""

    iri: str
    path: str
    severity: str
    message: str
    targets: tuple[tuple[str, str], ...]
    constraints: tuple[Constraint, ...]


def compiled(shapes: rdflib.Graph) -> tuple[Shape, ...]:
    """Read the shapes of a graph, sorted.

    Raises
    ------
    RefusedError
        When the graph holds anything that the fast validator does not know.
    """
    return _Compiler(shapes).all()


class _Compiler:
    """Reads shapes, each once; a shape that refers to itself is refused."""

    def __init__(self, shapes: rdflib.Graph) -> None:
        import rdflib

        self._said: dict[str, dict[str, list[rdflib.term.Node]]] = {}
        self._made: dict[str, Shape] = {}
        self._open: set[str] = set()
        for subject, predicate, value in shapes:
            if not isinstance(subject, rdflib.URIRef) or isinstance(value, rdflib.BNode):
                raise RefusedError("a blank node in the shapes")
            self._said.setdefault(str(subject), {}).setdefault(str(predicate), []).append(value)

    def all(self) -> tuple[Shape, ...]:
        """Read every shape; a node that is neither shape nor part of a list is refused."""
        for node, said in self._said.items():
            if terms.RDF_TYPE in said:
                self._shape(node)
            elif said.keys() != {terms.RDF + "first", terms.RDF + "rest"}:
                raise RefusedError(f"<{node}>, which is neither shape nor list")
        return tuple(shape for _, shape in sorted(self._made.items()))

    def _shape(self, node: str) -> Shape:
        if node in self._made:
            return self._made[node]
        if node in self._open:
            raise RefusedError(f"<{node}>, which refers to itself")
        self._open.add(node)
        said = self._said.get(node, {})
        kinds = [str(kind) for kind in said.get(terms.RDF_TYPE, ())]
        if len(kinds) != 1 or kinds[0] not in _TYPES:
            raise RefusedError(f"<{node}>, which is not of one kind of shape")
        on_property = _TYPES[kinds[0]]
        if on_property != (SH + "path" in said):
            raise RefusedError(f"<{node}>, whose kind and path do not fit")
        self._only_known(node, said, on_property)
        severity = self._iri(node, "severity") if SH + "severity" in said else SH + "Violation"
        if severity not in SEVERITIES or SH + "message" not in said:
            raise RefusedError(f"<{node}>, which has another severity or no message")
        self._made[node] = made = Shape(
            iri=node,
            path=self._iri(node, "path") if on_property else "",
            severity=SEVERITIES[severity],
            message=min(str(message) for message in said[SH + "message"]),
            targets=tuple(sorted((t, iri) for t in TARGETS for iri in self._iris(node, t))),
            constraints=tuple(self._constraints(node, said)),
        )
        return made

    def _only_known(self, node: str, said: dict[str, list[rdflib.term.Node]], on_property: bool) -> None:
        wrong = _ON_NODES if on_property else _ON_PROPERTIES
        known = {SH + name for name in (*TARGETS, *_PARAMETERS, "message", "severity", "ignoredProperties")}
        known -= {SH + name for name in wrong}
        known |= {terms.RDF_TYPE, SH + "path", *_NOTES}
        for predicate in sorted(said):
            if predicate not in known:
                raise RefusedError(f"{predicate.replace(SH, 'sh:')} of <{node}>")
        if SH + "ignoredProperties" in said and SH + "closed" not in said:
            raise RefusedError(f"sh:ignoredProperties of <{node}>, which is not closed")

    def _constraints(self, node: str, said: dict[str, list[rdflib.term.Node]]) -> Iterator[Constraint]:
        for name, (read, several) in _PARAMETERS.items():
            values = said.get(SH + name, [])
            if len(values) > 1 and not several:
                raise RefusedError(f"sh:{name} of <{node}>, which is given twice")
            for value in sorted(values, key=str):
                yield Constraint(name, read(self, node, value))

    def _iris(self, node: str, name: str) -> list[str]:
        import rdflib

        values = self._said.get(node, {}).get(SH + name, [])
        if not all(isinstance(value, rdflib.URIRef) for value in values):
            raise RefusedError(f"sh:{name} of <{node}>, which is no IRI")
        return sorted(map(str, values))

    def _iri(self, node: str, name: str) -> str:
        found = self._iris(node, name)
        if len(found) != 1:
            raise RefusedError(f"sh:{name} of <{node}>, which is not given once")
        return found[0]

    def _list(self, start: rdflib.term.Node) -> list[str]:
        """Read a list of IRIs, one value a step, without a circle, with something in it."""
        import rdflib

        found: list[str] = []
        node, seen = start, set[str]()
        while node != rdflib.RDF.nil:
            said = self._said.get(str(node), {})
            first, rest = said.get(terms.RDF + "first", []), said.get(terms.RDF + "rest", [])
            if len(first) != 1 or len(rest) != 1 or str(node) in seen or not isinstance(first[0], rdflib.URIRef):
                raise RefusedError(f"<{start}>, which is no list of IRIs")
            seen.add(str(node))
            found.append(str(first[0]))
            node = rest[0]
        if not found:
            raise RefusedError("an empty list")
        return found

    # -- parameters ---------------------------------------------------------------------------------------------------

    def as_iri(self, node: str, value: rdflib.term.Node) -> str:
        """Read an IRI."""
        import rdflib

        if not isinstance(value, rdflib.URIRef):
            raise RefusedError(f"a parameter of <{node}>, which is no IRI")
        return str(value)

    def as_datatype(self, node: str, value: rdflib.term.Node) -> str:
        """Read a datatype whose literals the fast validator can judge."""
        found = self.as_iri(node, value)
        if found not in _DATATYPES:
            raise RefusedError(f"the datatype <{found}>")
        return found

    def as_kind(self, node: str, value: rdflib.term.Node) -> str:
        """Read a kind of node."""
        found = self.as_iri(node, value).removeprefix(SH)
        if found not in KINDS:
            raise RefusedError(f"the kind of node of <{node}>")
        return found

    def as_number(self, node: str, value: rdflib.term.Node) -> int:
        """Read a whole number."""
        import rdflib

        number = value.value if isinstance(value, rdflib.Literal) and value.datatype == rdflib.XSD.integer else None
        if not isinstance(number, int) or number < 0:
            raise RefusedError(f"a number of <{node}>")
        return number

    def as_pattern(self, node: str, value: rdflib.term.Node) -> re.Pattern[str]:
        """Read a pattern."""
        import rdflib

        if not isinstance(value, rdflib.Literal) or value.datatype not in (None, rdflib.XSD.string) or value.language:
            raise RefusedError(f"the pattern of <{node}>")
        try:
            return re.compile(str(value))
        except re.error:
            raise RefusedError(f"the pattern of <{node}>") from None

    def as_terms(self, _: str, value: rdflib.term.Node) -> frozenset[str]:
        """Read a list of terms."""
        return frozenset(self._list(value))

    def as_shapes(self, _: str, value: rdflib.term.Node) -> tuple[Shape, ...]:
        """Read a list of shapes of nodes."""
        return tuple(self._node_shape(iri) for iri in self._list(value))

    def as_shape(self, node: str, value: rdflib.term.Node) -> tuple[Shape, ...]:
        """Read one shape of nodes."""
        return (self._node_shape(self.as_iri(node, value)),)

    def as_closed(self, node: str, value: rdflib.term.Node) -> frozenset[str]:
        """Read the properties that a closed shape allows: those that it ignores, as shapes are not nested here."""
        import rdflib

        if value != rdflib.Literal(True):
            raise RefusedError(f"sh:closed of <{node}>, which is not true")
        lists = self._said[node].get(SH + "ignoredProperties", [])
        if len(lists) > 1:
            raise RefusedError(f"sh:ignoredProperties of <{node}>, which is given twice")
        return frozenset(iri for start in lists for iri in self._list(start))

    def _node_shape(self, iri: str) -> Shape:
        found = self._shape(iri)
        if found.path:
            raise RefusedError(f"<{iri}>, which is referred to and has a path")
        return found


_PARAMETERS: dict[str, tuple[Callable[[_Compiler, str, rdflib.term.Node], Argument], bool]] = {
    "class": (_Compiler.as_iri, True),
    "datatype": (_Compiler.as_datatype, False),
    "nodeKind": (_Compiler.as_kind, False),
    "minCount": (_Compiler.as_number, False),
    "maxCount": (_Compiler.as_number, False),
    "minLength": (_Compiler.as_number, False),
    "maxLength": (_Compiler.as_number, False),
    "minInclusive": (_Compiler.as_number, False),
    "pattern": (_Compiler.as_pattern, True),
    "in": (_Compiler.as_terms, False),
    "or": (_Compiler.as_shapes, True),
    "not": (_Compiler.as_shape, True),
    "lessThan": (_Compiler.as_iri, True),
    "disjoint": (_Compiler.as_iri, True),
    "closed": (_Compiler.as_closed, False),
}
"""Parameter → how it is read, and whether a shape may have several."""
