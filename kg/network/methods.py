"""The traversals as methods of a graph: each calls the function of its name in `kg.network`, which documents it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

    from kg import network
    from kg.graph.decode import Reader
    from kg.graph.readable import Readable
    from kg.network.view import View
    from kg.questions.names import Names
    from kg.records import Fact


class Traversals:
    """What a graph inherits to be walked; the network is read when it is first needed, and kept."""

    _view: View | None = None

    if TYPE_CHECKING:
        store: Readable
        reader: Reader

        @property
        def names(self) -> Names:
            """The names in the graph."""

        def fact(self, iri: str) -> Fact:
            """Return a fact by its IRI."""

    @property
    def view(self) -> View:
        """The network of all facts and the vocabulary, read from the store once."""
        if self._view is None:
            from kg.network import view

            whole = self.reader.whole
            self._view = view.build(self.store) if whole is None else view.whole(self.store, whole)
        return self._view

    def to_networkx(self, *, vocabulary: bool = False) -> nx.MultiDiGraph[str]:
        """Make a directed multigraph: entities are nodes, facts are edges from subject to object.

        With `vocabulary`, the steps from narrower to broader concepts are edges too, of the kind "vocabulary".
        """
        from kg import network

        return network.to_networkx(self.view, vocabulary=vocabulary)

    def explain(self, a: str, b: str, *, max_hops: int = 4, limit: int = 5) -> network.Explanation:
        """Find the shortest and the strongest paths between two things, every hop with its facts."""
        from kg import network

        return network.explain(self, a, b, max_hops=max_hops, limit=limit)

    def neighbourhood(
        self, entity: str, radius: int = 1, kinds: Iterable[str] | None = None, limit: int = 500
    ) -> network.Neighbourhood:
        """Cut out what stands around something, nearest first."""
        from kg import network

        return network.neighbourhood(self, entity, radius, kinds, limit)

    def shared_risks(self, a: str, b: str, *, limit: int = 200) -> network.SharedRisks:
        """Find what asks for care with both of two drugs."""
        from kg import network

        return network.shared_risks(self, a, b, limit=limit)

    def alike(self, drug: str, limit: int = 10, *, why: int = 5) -> network.MostAlike:
        """Find the drugs that are most alike to one by what documents say, and why."""
        from kg import network

        return network.alike(self, drug, limit, why=why)

    def alternatives_to(
        self, drug: str, for_: str | None = None, avoiding: str | Sequence[str] = (), *, limit: int = 50
    ) -> network.Alternatives:
        """Find what might take the place of a drug, and what documents say of what is to be avoided."""
        from kg import network

        return network.alternatives(self, drug, for_, avoiding, limit=limit)

    def interactions_among(
        self, drugs: Sequence[str], adding: str | Sequence[str] | None = None, *, limit: int = 500
    ) -> network.Interactions:
        """Find what documents say of drugs taken together, pair by pair, or what one more would add."""
        from kg import network

        return network.interactions_among(self, drugs, adding, limit=limit)

    def class_pattern(self, class_: str, share: float = 0.8, *, limit: int = 100) -> network.ClassPattern:
        """Find what the members of a class share, and who differs."""
        from kg import network

        return network.class_pattern(self, class_, share, limit=limit)
