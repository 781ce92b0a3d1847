"""Agreement as methods of a graph: each calls the function of its name in `kg.agreement`, which documents it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from kg.agreement.belief import Belief
    from kg.agreement.compare import Comparison
    from kg.agreement.contradictions import Contradictions
    from kg.agreement.copies import Copies, Told
    from kg.agreement.sides import Stated
    from kg.records import Fact


class Agreements:
    """What a graph inherits to hold its documents against each other; copies are looked for once, and kept."""

    _copies: Copies | None = None

    def copies(self) -> Copies:
        """Return which documents have the same text and so count once."""
        from kg.agreement import copies

        self._copies = self._copies or copies.copies_of(cast("Told", self))
        return self._copies

    def contradictions(
        self: Stated,
        drug: str | None = None,
        thing: str | None = None,
        types: Iterable[str] | None = None,
        limit: int = 100,
        within: bool = False,
    ) -> Contradictions:
        """Find where documents contradict each other; see `kg.agreement.contradictions`."""
        from kg.agreement import contradictions

        return contradictions.contradictions(self, drug, thing, types, limit, within=within)

    def compare(self: Stated, *names: str, limit: int = 1000) -> Comparison:
        """Compare two to five documents, or drugs: what all say, what only some say, and where they differ."""
        from kg.agreement import compare

        return compare.compare(self, *names, limit=limit)

    def belief(self: Stated, fact: Fact) -> Belief:
        """Say how far a fact can be believed, and what makes the number; see `kg.agreement.belief`."""
        from kg.agreement import belief

        return belief.belief(fact, belief.context(self, fact))
