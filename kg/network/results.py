"""What all traversals have in common: names become nodes, and results are rows that open to facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from kg.errors import QueryError, UnknownNameError
from kg.network.view import Edge, View
from kg.results.plain import evidence
from kg.vocabulary import schema

if TYPE_CHECKING:
    from kg.records import Fact

NOTICE = "Information about documents, not medical advice."
SEVERAL = "; "
"""What stands between several names in one cell."""

SAME, NARROWER, WIDER, CLASS = "same", "narrower", "wider", "class"
"""How what is stated fits what is asked: exactly, of a narrower or a wider concept, or of the drug's class."""

NOT_STATED = "not stated"
REASSURING = frozenset({"no_data", "stated_safe"})
"""Levels that ask for no care; they are stated all the same."""

_NOT_NO = "What is not listed is not stated, which is neither no nor safe."


class Named(Protocol):
    """Something that bears a name."""

    @property
    def iri(self) -> str:
        """Its node."""


class Naming(Protocol):
    """What finds nodes by name, in any spelling; it raises UnknownNameError where nothing is called so."""

    def drug(self, name: str) -> Named:
        """Return the drug, or the class, of a name."""

    def entity(self, name: str) -> Sequence[Named]:
        """Return all that bear a name."""


class Walked(Protocol):
    """What a graph must offer to be walked."""

    @property
    def names(self) -> Naming:
        """The names in the graph."""

    @property
    def view(self) -> View:
        """The network."""

    def fact(self, iri: str) -> Fact:
        """Return a fact by its IRI, with quotes where the texts are at hand."""


class Table(NamedTuple):
    """A result as text: columns, rows, and the facts behind each row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    facts: tuple[tuple[Fact, ...], ...]


class Line(NamedTuple):
    """One row of a result: its cells, and the facts and steps of the vocabulary that it rests on."""

    cells: tuple[str, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What every traversal gives.

    Attributes
    ----------
    summary : str
        One sentence or two: how much was found, in how many documents. Nothing stated is neither "no" nor "safe".
    truncated : bool
        Whether there is more than is shown.
    documents : tuple of str
        The documents that were asked: those that speak of what the question is about.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    summary: str
    truncated: bool = False
    documents: tuple[str, ...] = ()
    open: Callable[[str], Fact] = field(repr=False, compare=False)

    def lines(self) -> Iterator[Line]:
        """Give the rows, in order."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What was asked, with the names that the vocabulary prefers."""
        raise NotImplementedError

    def rows(self) -> Table:
        """Return the result as text, with the facts of each row, their evidence, and quotes where texts are at hand."""
        opened: dict[str, Fact] = {}
        found = list(self.lines())
        facts = tuple(tuple(self._opened(line.edges, opened)) for line in found)
        return Table(self.columns, tuple(line.cells for line in found), facts)

    @property
    def stating(self) -> tuple[str, ...]:
        """The documents behind the rows, sorted."""
        return tuple(sorted({name for line in self.lines() for edge in line.edges for name in edge.documents}))

    def to_dict(self) -> dict[str, object]:
        """Return what can be written as JSON: every row with its facts and their evidence."""
        table = self.rows()
        return {
            "understood_as": self.title,
            "summary": self.summary,
            "truncated": self.truncated,
            "stating": list(self.stating),
            "documents": list(self.documents),
            "rows": [
                {**dict(zip(self.columns, cells, strict=True)), "facts": [_fact(fact) for fact in facts]}
                for cells, facts in zip(table.rows, table.facts, strict=True)
            ],
            "notice": NOTICE,
        }

    def _opened(self, edges: Iterable[Edge], opened: dict[str, Fact]) -> Iterator[Fact]:
        for iri in dict.fromkeys(edge.iri for edge in edges if edge.is_said):
            if iri not in opened:
                opened[iri] = self.open(iri)
            yield opened[iri]


def drug(graph: Walked, name: str) -> str:
    """Return the node of a drug or class by name in any spelling, or by IRI.

    Raises
    ------
    UnknownNameError
        When no drug, brand or class is called so.
    """
    return _known(graph, name) if "://" in name else graph.names.drug(name).iri


def entities(graph: Walked, name: str) -> tuple[str, ...]:
    """Return all nodes that bear a name (a condition and a population may share one), or that of an IRI.

    Raises
    ------
    UnknownNameError
        When nothing in the graph is called so.
    """
    return (_known(graph, name),) if "://" in name else tuple(named.iri for named in graph.names.entity(name))


def _known(graph: Walked, iri: str) -> str:
    if iri not in graph.view:
        raise UnknownNameError(iri, "the graph has nothing of that IRI", "name it by its label")
    return iri


def rank(level: str | None) -> int:
    """Return the place of a level on the scale of care; 0 where there is none."""
    value = schema.load().levels.get(level or "")
    return (value.rank or 0) if value else 0


def severest(edges: Iterable[Edge]) -> str:
    """Return the level that asks for most care, or nothing."""
    return max((edge.level or "" for edge in edges), key=rank, default="")


def levels(edges: Iterable[Edge]) -> str:
    """Return all levels of some facts, the severest first: where documents differ, both are shown."""
    return SEVERAL.join(sorted({e.level for e in edges if e.level}, key=rank, reverse=True))


def said_in(edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return the documents that say some facts, sorted."""
    return tuple(sorted({name for edge in edges for name in edge.documents}))


def cell(names: Iterable[str]) -> str:
    """Return several names as one cell."""
    return SEVERAL.join(names)


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "document"), count(2, "alternative")
    ('1 document', '2 alternatives')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def conclude(found: str, edges: Iterable[Edge], documents: Sequence[str], about: str) -> str:
    """Say what was found in how many of the documents asked, and what it means that something was not."""
    if not documents:
        return f"No document speaks of {about}."
    total = f"{count(len(documents), 'document')} that speak{'s' if len(documents) == 1 else ''} of {about}"
    if not found:
        return f"Not stated in {'any of ' if len(documents) > 1 else ''}the {total}; not stated is neither no nor safe."
    return f"{found}, in {len(said_in(edges)):,} of the {total}. {_NOT_NO}"


def _fact(fact: Fact) -> Mapping[str, object]:
    return {
        "iri": fact.iri,
        "kind": fact.kind,
        "subject": {"label": fact.subject.label, "iri": fact.subject.iri},
        "object": {"label": fact.object.label, "iri": fact.object.iri},
        "polarity": fact.polarity,
        "level": fact.level,
        "qualifiers": dict(fact.qualifiers),
        "evidence": [evidence(item) for item in fact.evidence],
    }


def in_range(name: str, value: int, most: int) -> None:
    """Check a limit.

    Raises
    ------
    QueryError
        When it is below 1 or above what is allowed.
    """
    if not 1 <= value <= most:
        raise QueryError(name, f"{value} is out of range", f"give a number from 1 to {most:,}")


def narrowed(edge: Edge) -> str:
    """Return the qualifiers of a fact as one cell, the level of care left out."""
    return cell(f"{name}: {value}" for name, value in edge.qualifiers.items() if name != "level")


def several(graph: Walked, names: Iterable[str]) -> tuple[str, ...]:
    """Return the nodes of several different drugs.

    Raises
    ------
    UnknownNameError
        When no drug is called so.
    QueryError
        When two names are those of one drug.
    """
    found: dict[str, str] = {}
    for name in names:
        node = drug(graph, name)
        if node in found:
            same = f"{found[node]!r} and {name!r} are both {graph.view.label(node)}"
            raise QueryError("drugs", same, "name each drug once")
        found[node] = name
    return tuple(found)


def chain(view: View, steps: Sequence[Edge]) -> str:
    """Return steps upwards in words, from the narrowest to the broadest."""
    labels = [view.label(steps[0].subject), *(view.label(step.object) for step in steps)] if steps else []
    return " → ".join(labels)


def relation(view: View, one: str, other: str) -> str:
    """Tell how one thing fits another: "same", "narrower", "wider", or nothing."""
    if one == other:
        return SAME
    return NARROWER if other in view.above(one) else WIDER if one in view.above(other) else ""
