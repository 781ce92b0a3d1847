"""Lines of N-Quads: sorted in runs as in one go, and taken apart as the terms have it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.errors import GraphError
from kg.graph import lines, terms, turtle, written
from kg.graph import store as stores

A, B = ox.NamedNode(terms.BASE + "fact/a"), ox.NamedNode(terms.BASE + "fact/b")
GRAPH = ox.NamedNode(terms.GRAPH + "one.txt")
SAYS, START = ox.NamedNode(terms.RDFS + "comment"), ox.NamedNode(terms.OA + "start")
COUNT = ox.NamedNode(terms.XSD + "nonNegativeInteger")

VALUES = {
    "an IRI": B,
    "words": ox.Literal("words"),
    "words of a language": ox.Literal("words", language="en-GB"),
    "a date": ox.Literal("2026-01-01", datatype=ox.NamedNode(terms.XSD + "date")),
    "marks and lines": ox.Literal('a "b" \\ c\n\r\td\x0b\x85\u2028e'),
    "what looks like the end": ox.Literal('> <urn:x> .\n<urn:y> <urn:z> "1" .'),
    "what looks like a blank node": ox.Literal("_:b <<x>>"),
    "what looks like a count": ox.Literal(f' <{START.value}> "1"^^<{terms.XSD}integer> '),
    "what looks like a type": ox.Literal(f"<urn:a> <{terms.RDF_TYPE}> <urn:b> ."),
    "another script": ox.Literal("\U0001f48a\u00e9"),
    "nothing": ox.Literal(""),
}


def _left(*quads: ox.Quad) -> list[lines.Name]:
    return lines.names(stores.from_quads(quads))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_leaves_is_what_was_said(value: ox.NamedNode | ox.Literal) -> None:
    expected = (str(GRAPH), str(A), str(SAYS), str(value))
    assert _left(ox.Quad(A, SAYS, value, GRAPH)) == [expected]
    assert written.term(str(value)) == value
    assert turtle.rewrite([expected[1:]]) == turtle.write([(A, SAYS, value)])


@pytest.mark.parametrize(
    ("predicate", "datatype", "left"),
    [(START, "integer", "nonNegativeInteger"), (SAYS, "integer", "integer"), (START, "string", "string")],
)
def test_counts_alone_get_their_type_back(predicate: ox.NamedNode, datatype: str, left: str) -> None:
    value = ox.Literal("7", datatype=ox.NamedNode(terms.XSD + datatype))
    ((_, _, _, found),) = _left(ox.Quad(A, predicate, value, GRAPH))
    assert written.datatype(found) == terms.XSD + left


def test_blank_nodes_get_names_and_triples_within_triples_do_not_leave() -> None:
    blank = ox.BlankNode("x")
    ((graph, subject, _, value),) = _left(ox.Quad(blank, SAYS, blank, blank))
    assert graph == subject == value == f"<{lines.GENID}x>"
    with pytest.raises(GraphError, match="a triple about a triple"):
        _left(ox.Quad(A, SAYS, ox.Triple(A, SAYS, B), GRAPH))


@pytest.mark.parametrize("run", [1, 40, 1_000_000])
def test_lines_are_sorted_the_same_in_any_number_of_runs(run: int) -> None:
    pieces = [f"<urn:{n * 7919 % 101}> <urn:p> <urn:{n}> .\n<urn:same> <urn:p> <urn:q> .\n".encode() for n in range(60)]
    every = b"".join(pieces).splitlines(keepends=True)
    assert b"".join(lines.ordered(pieces, run)) == b"".join(sorted(set(every)))
    assert b"".join(lines.ordered([], run)) == b""
