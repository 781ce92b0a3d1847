"""What a store must offer to be read: the embedded one (`pyoxigraph.Store`) does, and so does one behind an address.

The default graph is the union of all that was said, each triple once; see `kg.graph.store`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyoxigraph as ox

Found = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""What a query gives."""


class Readable(Protocol):
    """A store that is read, wherever it is."""

    def quads_for_pattern(
        self,
        subject: ox.NamedNode | ox.BlankNode | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,  # noqa: A002
        graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None = None,
        /,
    ) -> Iterator[ox.Quad]:
        """Give the quads of a pattern; None stands for anything."""

    def query(
        self,
        query: str,
        /,
        *,
        prefixes: dict[str, str] | None = None,
        substitutions: dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple] | None = None,
    ) -> Found:
        """Answer a query, with terms in the place of variables."""

    def contains_named_graph(self, graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph, /) -> bool:
        """Tell whether there is a named graph."""

    def __contains__(self, quad: object, /) -> bool:
        """Tell whether a quad is in the store."""

    def __iter__(self) -> Iterator[ox.Quad]:
        """Give all quads."""

    def __len__(self) -> int:
        """Count the quads."""
