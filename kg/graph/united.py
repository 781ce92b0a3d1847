"""Graphs that are kept apart, read as one: the default graph is their union, as `kg.graph.readable` has it."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.graph.readable import Found

_DEFAULT = ox.DefaultGraph()


class United:
    """A store in which nothing is in the default graph that is in a named one (`kg.graph.store`, without `union`).

    Fit for looking at nodes one by one and at what few nodes have; a query meets a triple once for each graph that
    holds it.
    """

    def __init__(self, store: ox.Store) -> None:
        """Read from a store, which stays as it is."""
        self._store = store

    def quads_for_pattern(
        self,
        subject: ox.NamedNode | ox.BlankNode | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,  # noqa: A002
        graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None = None,
        /,
    ) -> Iterator[ox.Quad]:
        """Give the quads of a pattern; None stands for anything."""
        if graph_name != _DEFAULT:
            yield from self._store.quads_for_pattern(subject, predicate, object, graph_name)
            return
        seen: set[ox.Triple] = set()
        for quad in self._store.quads_for_pattern(subject, predicate, object, None):
            triple = quad.triple
            if triple not in seen:
                seen.add(triple)
                yield ox.Quad(quad.subject, quad.predicate, quad.object, _DEFAULT)

    def query(
        self,
        query: str,
        /,
        *,
        prefixes: dict[str, str] | None = None,
        substitutions: dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple] | None = None,
    ) -> Found:
        """Answer a query over the union."""
        return self._store.query(query, prefixes=prefixes, substitutions=substitutions, use_default_graph_as_union=True)

    def contains_named_graph(self, graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph, /) -> bool:
        """Tell whether there is a named graph."""
        return self._store.contains_named_graph(graph_name)

    def __contains__(self, quad: object) -> bool:
        """Tell whether a quad is in a graph, or in the union."""
        if not isinstance(quad, ox.Quad):
            return False
        found = self.quads_for_pattern(quad.subject, quad.predicate, quad.object, quad.graph_name)
        return next(found, None) is not None

    def __iter__(self) -> Iterator[ox.Quad]:
        """Give all quads, those of the union among them."""
        yield from self.quads_for_pattern(None, None, None, _DEFAULT)
        yield from (quad for quad in self._store if quad.graph_name != _DEFAULT)

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)
