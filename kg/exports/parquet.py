"""Parquet: the quads, and the facts with a row for each place that says them, in typed columns.

The quads lose nothing; the table of facts is that of `csv` with numbers as numbers and empty cells as nulls.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.exports import tabular
from kg.graph import foreign
from kg.graph.store import DEFAULT

if TYPE_CHECKING:
    from kg.api import Graph

QUADS = ("graph", "subject", "predicate", "object", "object_kind", "datatype", "language")


def encode(graph: Graph) -> tuple[bytes, ...]:
    """Write the table of quads and the table of facts."""
    import pyarrow as pa

    text = pa.string()
    quads = [_quad(quad) for quad in foreign.leaving(graph.store)]
    facts = list(tabular.rows(graph))
    fields = [(name, pa.int64() if name in tabular.NUMBERS else text) for name in tabular.columns()]
    return (
        _file(pa.Table.from_pylist(quads, pa.schema([(name, text) for name in QUADS]))),
        _file(pa.Table.from_pylist([_fact(row) for row in facts], pa.schema(fields))),
    )


def _file(table: Any) -> bytes:
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def _quad(quad: ox.Quad) -> dict[str, str | None]:
    value, graph = quad.object, quad.graph_name
    row: dict[str, str | None] = {
        "graph": None if graph == DEFAULT else getattr(graph, "value", str(graph)),
        "subject": getattr(quad.subject, "value", str(quad.subject)),
        "predicate": quad.predicate.value,
        "object": getattr(value, "value", str(value)),
        "object_kind": "literal" if isinstance(value, ox.Literal) else "iri",
    }
    if isinstance(value, ox.Literal):
        row |= {"datatype": value.datatype.value, "language": value.language}
    return row


def _fact(row: dict[str, str]) -> dict[str, str | int]:
    return {name: int(value) if name in tabular.NUMBERS else value for name, value in row.items() if value}
