"""The fast validator: shapes judge all their focus nodes at once, by sets of names instead of node by node.

It judges what `kg.validation.compiled` could read and refuses the rest, which goes to the reference validator. Both
give the same results: the cases of the specification and thousands of spoilt graphs are judged by both in the tests.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from typing import cast

from kg.graph import terms, written
from kg.validation import shapes
from kg.validation.compiled import Constraint, RefusedError, Shape
from kg.validation.converted import INTEGERS
from kg.validation.data import Data, mentioned, ontology
from kg.validation.results import Judged, Result, result

_SUBCLASS = terms.RDFS + "subClassOf"
_RESOURCE = terms.RDFS + "Resource"
_INTEGER = f'"^^<{terms.XSD}integer>'

Column = dict[str, tuple[str, ...]]


@dataclass
class View:
    """What the shapes see: the data, the ontology, and the concepts of the vocabulary that the data mention."""

    columns: dict[str, Column]
    _distinct: dict[str, set[str]] = field(default_factory=dict)
    _instances: dict[str, set[str]] = field(default_factory=dict)
    _several: dict[str, Column] = field(default_factory=dict)

    def column(self, predicate: str) -> Column:
        """Return the values of a property by their subjects."""
        return self.columns.get(predicate, {})

    def distinct(self, predicate: str) -> set[str]:
        """Return all values of a property."""
        found = self._distinct.get(predicate)
        if found is None:
            found = self._distinct[predicate] = set(itertools.chain.from_iterable(self.column(predicate).values()))
        return found

    def several(self, predicate: str) -> Column:
        """Return the subjects that have more than one value of a property."""
        found = self._several.get(predicate)
        if found is None:
            column = self.column(predicate)
            found = self._several[predicate] = {node: values for node, values in column.items() if len(values) > 1}
        return found

    def instances(self, kind: str) -> set[str]:
        """Return the nodes that have a class, or one below it, as a type."""
        found = self._instances.get(kind)
        if found is None:
            kinds, waiting = {kind}, [kind]
            while waiting:
                below = set(self._below.get(waiting.pop(), ())) - kinds
                kinds |= below
                waiting += below
            found = self._instances[kind] = set().union(*(self._typed.get(one, ()) for one in kinds))
        return found

    @functools.cached_property
    def _typed(self) -> dict[str, set[str]]:
        return _turned(self.column(terms.RDF_TYPE))

    @functools.cached_property
    def _below(self) -> dict[str, set[str]]:
        return _turned(self.column(_SUBCLASS))


def view(data: Data) -> View:
    """Look at data as the reference sees them.

    Raises
    ------
    RefusedError
        When the data hold triples within triples, or texts with a direction.
    """
    columns = dict(data.columns)
    touched: set[str] = set()
    for subject, said in itertools.chain(ontology().items(), mentioned(data).items()):
        for predicate, values in said.items():
            if predicate not in touched:
                touched.add(predicate)
                columns[predicate] = dict(columns.get(predicate, {}))
            known = columns[predicate].get(subject)
            columns[predicate][subject] = tuple(dict.fromkeys((*known, *values))) if known else values
    found = View(columns)
    for value in () if data.is_plain else itertools.chain.from_iterable(map(found.distinct, columns)):
        if value.startswith("<<") or written.has_direction(value):
            raise RefusedError("a triple within a triple, or a text with a direction")
    return found


def judge(seen: View, rules: tuple[Shape, ...]) -> Judged:
    """Judge by shapes."""
    focus: set[str] = set()
    counts: dict[str, int] = {}
    results: list[Result] = []
    for shape in rules:
        nodes = _focus(seen, shape)
        focus |= nodes
        counts[shape.iri] = len(nodes)
        for constraint in shape.constraints:
            if nodes:
                for node, path, value in _violations(seen, shape, constraint, nodes):
                    results.append(
                        result(
                            node,
                            path,
                            value,
                            component=constraint.component,
                            shape=shape.iri,
                            severity=shape.severity,
                            message=shape.message,
                        )
                    )
    return Judged(focus, counts, list(dict.fromkeys(results)))


def _focus(seen: View, shape: Shape) -> set[str]:
    found: set[str] = set()
    for target, iri in shape.targets:
        if target == "targetClass":
            found |= seen.instances(iri)
        elif target == "targetSubjectsOf":
            found |= seen.column(iri).keys()
        else:
            found |= seen.distinct(iri)
    return found


Violations = Iterator[tuple[str, str, str]]
"""Focus node, path and value; the value is empty where there is none."""


def _violations(seen: View, shape: Shape, constraint: Constraint, nodes: set[str]) -> Violations:
    if constraint.name in _OF_FOCUS:
        yield from _OF_FOCUS[constraint.name](seen, shape, constraint, nodes)
        return
    if not shape.path:
        yield from ((node, "", node) for node in _wrong(seen, constraint, nodes))
        return
    wrong = _wrong(seen, constraint, seen.distinct(shape.path))
    if wrong:
        column = seen.column(shape.path)
        for node in nodes & column.keys():
            if not wrong.isdisjoint(column[node]):
                yield from ((node, shape.path, value) for value in column[node] if value in wrong)


def _wrong(seen: View, constraint: Constraint, values: Set[str]) -> set[str]:
    """Return the values that do not fulfil a constraint."""
    if constraint.name in _BY_SHAPES:
        given = cast(tuple[Shape, ...], constraint.argument)
        return _BY_SHAPES[constraint.name](seen, given, values)
    if constraint.name == "class":
        return set(values) - seen.instances(cast(str, constraint.argument))
    fits = _BY_VALUE[constraint.name]
    argument = constraint.argument
    return {value for value in values if not fits(value, argument)}


def _failing(seen: View, shape: Shape, nodes: Set[str]) -> set[str]:
    """Return the nodes that do not conform to a shape of nodes."""
    failing: set[str] = set()
    for constraint in shape.constraints:
        if constraint.name == "closed":
            failing.update(node for node, _, _ in _closed(seen, shape, constraint, set(nodes)))
        else:
            failing |= _wrong(seen, constraint, nodes)
    return failing


def _none_of(seen: View, given: tuple[Shape, ...], values: Set[str]) -> set[str]:
    wrong = set(values)
    for shape in given:
        wrong &= _failing(seen, shape, wrong)
    return wrong


def _one_of(seen: View, given: tuple[Shape, ...], values: Set[str]) -> set[str]:
    return set(values) - _failing(seen, given[0], values)


# -- constraints that look at one value ------------------------------------------------------------------------------


def number(name: str) -> int | None:
    """Return the value of a literal that is a whole number and may be looked at; None for all else."""
    if name.endswith(_INTEGER):  # as the store writes them
        text = name[1 : -len(_INTEGER)]
        if text.isascii() and text.isdecimal() and len(text) < 19:
            return int(text)
    if not name.startswith('"'):
        return None
    pattern = INTEGERS.get(written.datatype(name))
    return int(written.text(name)) if pattern and pattern.fullmatch(written.text(name)) else None


def _is_of(value: str, datatype: object) -> bool:
    if not value.startswith('"') or written.datatype(value) != datatype:
        return False
    return datatype not in INTEGERS or number(value) is not None


def _is_kind(value: str, kind: object) -> bool:
    own = "Literal" if written.is_literal(value) else "BlankNode" if written.is_blank(value) else "IRI"
    return own in cast(str, kind).split("Or")


def _at_least(value: str, minimum: object) -> bool:
    if not written.is_literal(value):
        return False
    known = number(value)
    return shapes.at_least(value, cast(int, minimum)) if known is None else known >= cast(int, minimum)


_BY_VALUE: dict[str, Callable[[str, object], bool]] = {
    "datatype": _is_of,
    "nodeKind": _is_kind,
    "minLength": lambda value, n: n == 0 or (not written.is_blank(value) and len(written.text(value)) >= cast(int, n)),
    "maxLength": lambda value, n: not written.is_blank(value) and len(written.text(value)) <= cast(int, n),
    "minInclusive": _at_least,
    "pattern": lambda value, p: not written.is_blank(value) and p.search(written.text(value)) is not None,  # type: ignore[attr-defined]
    "in": lambda value, allowed: value in cast(frozenset[str], allowed),
}
_BY_SHAPES = {"or": _none_of, "not": _one_of}


# -- constraints that look at the focus node --------------------------------------------------------------------------


def _min_count(seen: View, shape: Shape, constraint: Constraint, nodes: set[str]) -> Violations:
    column, least = seen.column(shape.path), cast(int, constraint.argument)
    if least == 1:
        yield from ((node, shape.path, "") for node in nodes - column.keys())
    elif least:
        yield from ((node, shape.path, "") for node in nodes if len(column.get(node, ())) < least)


def _max_count(seen: View, shape: Shape, constraint: Constraint, nodes: set[str]) -> Violations:
    most = cast(int, constraint.argument)
    column = seen.several(shape.path) if most else seen.column(shape.path)
    for node in nodes & column.keys() if len(nodes) < len(column) else column.keys() & nodes:
        if len(column[node]) > most:
            yield node, shape.path, ""


def _less_than(seen: View, shape: Shape, constraint: Constraint, nodes: set[str]) -> Violations:
    others = seen.column(cast(str, constraint.argument))
    for node, values in seen.column(shape.path).items():
        if node not in nodes:
            continue
        for value, other in itertools.product(values, others.get(node, ())):
            one, two = number(value), number(other)
            known = one is not None and two is not None
            if not (cast(int, one) < cast(int, two) if known else shapes.less_than(value, other)):
                yield node, shape.path, value


def _disjoint(seen: View, shape: Shape, constraint: Constraint, nodes: set[str]) -> Violations:
    column, others = seen.column(shape.path), seen.column(cast(str, constraint.argument))
    for node in nodes & column.keys() & others.keys():
        yield from ((node, shape.path, value) for value in set(column[node]).intersection(others[node]))


def _closed(seen: View, _: Shape, constraint: Constraint, nodes: set[str]) -> Violations:
    allowed = cast(frozenset[str], constraint.argument)
    for predicate, column in seen.columns.items():
        if predicate in allowed:
            continue
        for node in nodes & column.keys():
            for value in column[node]:
                if (predicate, value) != (terms.RDF_TYPE, _RESOURCE):
                    yield node, predicate, value


_OF_FOCUS: dict[str, Callable[[View, Shape, Constraint, set[str]], Violations]] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "lessThan": _less_than,
    "disjoint": _disjoint,
    "closed": _closed,
}


def _turned(column: Column) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for subject, values in column.items():
        for value in values:
            found.setdefault(value, set()).add(subject)
    return found
