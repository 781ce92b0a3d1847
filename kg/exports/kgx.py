"""KGX: nodes and edges in the words of the Biolink Model, as tables (TSV) or as lines of JSON.

The tables hold no quotes and no `sources`, since a cell cannot hold what has commas, bars and lines of its own; the
lines of JSON hold both. The addresses of evidence (`has_evidence`) and of texts (`xref` of a document) hold the places:
`kg load` gives the facts back. In the tables, tabs, line ends and control characters of names become a space, and
a bar, which readers take for the end of an item wherever it stands, a broken bar. What the words of Biolink lose is
said in `kg.exports.biolink` and in `docs/exports.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.exports import biolink, identifiers

if TYPE_CHECKING:
    from kg.api import Graph

NODES = ("id", "category", "name", "xref", "type", "synonym", "publication_type")
EDGES = (
    "id", "category", "subject", "predicate", "object", "negated", "qualifiers", "frequency_qualifier",
    "population_context_qualifier", "clinical_approval_status", "description", "primary_knowledge_source",
    "knowledge_level", "agent_type", "publications", "has_evidence", "original_subject", "original_predicate",
    "original_object",
)  # fmt: skip


def tables(graph: Graph) -> tuple[bytes, ...]:
    """Write the table of nodes and the table of edges."""
    said = biolink.Said(graph)
    return _table(NODES, said.nodes()), _table(EDGES, said.edges())


def lines(graph: Graph) -> tuple[bytes, ...]:
    """Write a line of JSON for each node, and for each edge; what is empty is left out."""
    said = biolink.Said(graph)
    return _lines(said.nodes()), _lines(said.edges())


def _table(names: tuple[str, ...], rows: Iterable[biolink.Row]) -> bytes:
    found = ["\t".join(names)]
    found += ["\t".join(_cell(row.get(name, "")) for name in names) for row in rows]
    return ("\n".join(found) + "\n").encode()


def _cell(value: biolink.Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    items = (value,) if isinstance(value, str) else value
    return "|".join(identifiers.clean(str(item)).replace("|", "¦") for item in items)


def _lines(rows: Iterable[biolink.Row]) -> bytes:
    kept = ({name: value for name, value in row.items() if value not in ("", (), [])} for row in rows)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept).encode()
