"""CSV and TSV: a row for each fact and place that says it. Raw for machines (RFC 4180), defused for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.exports import identifiers
from kg.graph import encode as graphs
from kg.records import Evidence, Fact
from kg.vocabulary import schema

if TYPE_CHECKING:
    from kg.api import Graph

NUMBERS = frozenset({"start", "end", "object_start", "object_end", "heading_start", "heading_end"})
"""The columns whose values are offsets."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BEFORE = ("fact", "kind", "polarity", "subject", "subject_iri", "object", "object_iri")
_AFTER = (
    "document", "start", "end", "object_start", "object_end", "object_text",
    "heading_start", "heading_end", "quote_sha256", "rule", "quote",
)  # fmt: skip


def columns() -> tuple[str, ...]:
    """Return the columns: the fact, a column for each qualifier of the ontology, the evidence."""
    return (*_BEFORE, *sorted({q.name for q in schema.load().qualifiers.values()}), *_AFTER)


def encode(graph: Graph) -> bytes:
    """Write what the graph says and nothing else: a cell may begin with "=", so this is for programs."""
    return _write(graph, safe=False)


def encode_safe(graph: Graph) -> bytes:
    """Write for spreadsheets: a cell that would be taken for a formula begins with an apostrophe."""
    return _write(graph, safe=True)


def encode_tabs(graph: Graph) -> bytes:
    """Write for people, tabs between the cells; formulas are defused, and control characters are spaces."""
    names = columns()
    lines = ["\t".join(_defused(identifiers.clean(cells.get(name, ""))) for name in names) for cells in rows(graph)]
    return "".join(f"{line}\n" for line in ("\t".join(names), *lines)).encode()


def _write(graph: Graph, *, safe: bool) -> bytes:
    names = columns()
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(names)
    for cells in rows(graph):
        values = [cells.get(name, "") for name in names]
        writer.writerow([_defused(v) for v in values] if safe else values)
    return stream.getvalue().encode()


def _defused(value: str) -> str:
    return f"'{value}" if is_formula(value) else value


def rows(graph: Graph) -> Iterator[dict[str, str]]:
    """Give a row for each fact and place that says it, sorted as the facts are."""
    for fact in identifiers.said(graph):
        for evidence in fact.evidence:
            yield dict(_cells(fact, evidence))


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet would take a text for a formula.

    >>> is_formula("=1+1"), is_formula("1+1")
    (True, False)
    """
    return text.startswith(_FORMULA)


def _cells(fact: Fact, evidence: Evidence) -> Iterator[tuple[str, str]]:
    yield "fact", fact.iri
    yield "kind", fact.kind
    yield "polarity", fact.polarity
    yield "subject", fact.subject.label
    yield "subject_iri", graphs.node_of(fact.subject).value
    yield "object", fact.object.label
    yield "object_iri", graphs.node_of(fact.object).value
    yield from fact.qualifiers.items()
    yield "document", evidence.document
    for name, span in (("", evidence.span), ("object_", evidence.object_span), ("heading_", evidence.heading)):
        if span is not None:
            yield f"{name}start", str(span[0])
            yield f"{name}end", str(span[1])
    yield "object_text", evidence.object_text
    yield "quote_sha256", evidence.quote_sha256
    yield "rule", evidence.rule
    yield "quote", evidence.quote or ""
