"""Facts whose evidence is read when somebody looks at it: of what a page or an answer weighs, most is never opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import NamedTuple, Protocol

from kg.records import Evidence, Fact


class Shelf(Protocol):
    """Where the evidence of facts is read."""

    def proofs(self, iri: str, /) -> tuple[Evidence, ...]:
        """Read the evidence of a fact, in order."""

    def said_by(self, iri: str, /) -> tuple[str, ...]:
        """Return the names of the documents that say a fact, sorted."""


class LateFact(Fact):
    """A fact that reads its evidence from a shelf, once, when it is looked at; equal to one that has it already.

    What `dataclasses.replace` makes of one has all of it, and no shelf.
    """

    __slots__ = ("_said_by", "_shelf")

    _said_by: tuple[str, ...]
    _shelf: Shelf | None

    def __getattr__(self, name: str) -> object:
        """Read what was not looked at before."""
        found: object = None
        if name == "evidence" and self._shelf is not None:
            found = self._shelf.proofs(self.iri)
        elif name == "_said_by" and self._shelf is not None:
            found = self._shelf.said_by(self.iri)
        elif name == "_said_by":
            found = tuple(sorted({one.document for one in self.evidence}))
        elif name != "_shelf":
            raise AttributeError(name)
        object.__setattr__(self, name, found)
        return found

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents that say it, sorted."""
        return self._said_by

    def __eq__(self, other: object) -> bool:
        """Compare as facts are compared; the same fact of the same shelf is not read for it."""
        if not isinstance(other, Fact):
            return NotImplemented
        if isinstance(other, LateFact) and self._shelf is not None and self._shelf == other._shelf:
            return self.iri == other.iri
        return all(getattr(self, one.name) == getattr(other, one.name) for one in fields(Fact))

    __hash__ = Fact.__hash__


class _Shown(NamedTuple):
    """The evidence of a fact with something done to it."""

    fact: Fact
    show: Callable[[Evidence], Evidence]

    def proofs(self, _: str, /) -> tuple[Evidence, ...]:
        return tuple(map(self.show, self.fact.evidence))

    def said_by(self, _: str, /) -> tuple[str, ...]:
        return self.fact.documents


def late(fact: Fact, shelf: Shelf, said_by: tuple[str, ...] | None = None) -> LateFact:
    """Return a fact whose evidence is on a shelf, and who says it where that is known; its own is not looked at."""
    made = object.__new__(LateFact)
    put = object.__setattr__
    put(made, "kind", fact.kind)
    put(made, "subject", fact.subject)
    put(made, "object", fact.object)
    put(made, "polarity", fact.polarity)
    put(made, "qualifiers", fact.qualifiers)
    put(made, "iri", fact.iri)
    put(made, "_shelf", shelf)
    if said_by is not None:
        put(made, "_said_by", said_by)
    return made


def shown(fact: Fact, show: Callable[[Evidence], Evidence]) -> Fact:
    """Return a fact with something done to its evidence: now, or where it is late, when that is looked at."""
    if isinstance(fact, LateFact):
        return late(fact, _Shown(fact, show))
    return replace(fact, evidence=tuple(map(show, fact.evidence)))
