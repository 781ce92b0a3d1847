"""Neo4j: the two tables that `neo4j-admin database import` reads, entities and facts.

A relationship has the name of our short edge only where a fact has one: what is denied is `DENIED_MAY_CAUSE`, and a
level that warns of nothing is a type of its own (`STATED_SAFE`), so that a query for `MAY_CAUSE` never meets a denial.
Places and quotes are lost; control characters and line ends become a space.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.exports import identifiers
from kg.graph import encode, terms
from kg.records import Fact
from kg.vocabulary import schema

if TYPE_CHECKING:
    from kg.api import Graph

NODES = ("iri:ID", "name", "matches:string[]", ":LABEL")
_BEFORE = ("iri", "kind", "polarity")
_AFTER = ("documents:string[]", "evidence:int", ":START_ID", ":END_ID", ":TYPE")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def tables(graph: Graph) -> tuple[bytes, ...]:
    """Write the table of nodes and the table of relationships, sorted by IRI."""
    facts = list(identifiers.stated(graph))
    entities = {encode.node_of(e).value: e for fact in facts for e in (fact.subject, fact.object)}
    nodes = (
        (iri, entity.label, identifiers.matches(graph, iri), ("Entity", *identifiers.types(graph, iri)))
        for iri, entity in sorted(entities.items())
    )
    names = sorted({qualifier.name for qualifier in schema.load().qualifiers.values()})
    edges = (
        (
            fact.iri,
            fact.kind,
            fact.polarity,
            *(fact.qualifiers.get(name, "") for name in names),
            [terms.document(name) for name in fact.documents],
            str(len(fact.evidence)),
            encode.node_of(fact.subject).value,
            encode.node_of(fact.object).value,
            type_of(fact),
        )
        for fact in facts
    )
    return _table(NODES, nodes), _table((*_BEFORE, *names, *_AFTER), edges)


def type_of(fact: Fact) -> str:
    """Return the type of a fact's relationship.

    >>> from kg.records import Entity
    >>> fact = Fact("adverse_effect", Entity("clonazepam"), Entity("rash"), ())
    >>> type_of(fact), type_of(Fact("adverse_effect", fact.subject, fact.object, (), "denied"))
    ('MAY_CAUSE', 'DENIED_MAY_CAUSE')
    """
    edge = encode.short_edge(fact)
    name = _HUMP.sub("_", (edge or schema.load().kind(fact.kind).short_edge).rsplit("/", 1)[-1]).upper()
    if edge is not None:
        return name
    return f"DENIED_{name}" if fact.polarity == "denied" else fact.qualifiers["level"].upper()


def _table(names: tuple[str, ...], rows: Iterable[Iterable[str | Iterable[str]]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = (cell if isinstance(cell, str) else ";".join(item.replace(";", "%3B") for item in cell) for cell in row)
        writer.writerow([identifiers.clean(cell) for cell in cells])
    return stream.getvalue().encode()
