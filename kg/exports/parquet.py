"""Parquet: the quads, and the facts with a row for each place that says them, in typed columns.

The quads lose nothing; the table of facts is that of `csv` with numbers as numbers and empty cells as nulls.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from kg.exports import tabular
from kg.graph import lines, written

if TYPE_CHECKING:
    from kg.api import Graph

QUADS = ("graph", "subject", "predicate", "object", "object_kind", "datatype", "language")


def encode(graph: Graph) -> tuple[bytes, ...]:
    """Write the table of quads and the table of facts."""
    import pyarrow as pa

    text = pa.string()
    facts = list(tabular.rows(graph))
    fields = [(name, pa.int64() if name in tabular.NUMBERS else text) for name in tabular.columns()]
    quads = {name: pa.array(column, text) for name, column in zip(QUADS, _quads(graph), strict=True)}
    return (
        _file(pa.table(quads)),
        _file(pa.Table.from_pylist([_fact(row) for row in facts], pa.schema(fields))),
    )


def _file(table: Any) -> bytes:
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def _quads(graph: Graph) -> list[list[str | None]]:
    """Give the columns of the table of quads."""
    names = lines.names(graph.store)
    values = {name: _value(name) for name in {name[3] for name in names}}
    shared: dict[str, str] = {name: name[1:-1] for found in names for name in found[:3]}
    columns: list[list[str | None]] = [[shared[name[place]] for name in names] for place in range(3)]
    return columns + [[values[name[3]][part] for name in names] for part in range(4)]


def _value(name: str) -> tuple[str, str, str | None, str | None]:
    if name.startswith("<"):
        return name[1:-1], "iri", None, None
    return written.text(name), "literal", written.datatype(name), written.language(name)


def _fact(row: dict[str, str]) -> dict[str, str | int]:
    return {name: int(value) if name in tabular.NUMBERS else value for name, value in row.items() if value}
