"""What two drugs have in common that asks for care: effects, cautions, interactions, and what one adds to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from kg.network import results
from kg.network.results import NARROWER, SAME, WIDER, Line, Result, Walked
from kg.network.view import AFFIRMED, DENIED, Edge, View
from kg.records import Entity

EFFECTS, STOPPING = ("adverse_effect",), ("withdrawal_effect",)
CARE, INTERACTION = ("contraindication", "caution"), ("interaction",)
MAXIMUM_ROWS = 1_000


class Part(NamedTuple):
    """Kinds of facts of the one drug that meet kinds of facts of the other."""

    title: str
    first: tuple[str, ...]
    second: tuple[str, ...]


PARTS = (
    Part("both need care in", CARE, CARE),
    Part("both may cause", EFFECTS, EFFECTS),
    Part("stopping either may cause", STOPPING, STOPPING),
    Part("both interact with", INTERACTION, INTERACTION),
    Part("the first may cause what asks for care with the second", EFFECTS, CARE),
    Part("the second may cause what asks for care with the first", CARE, EFFECTS),
)


@dataclass(frozen=True, slots=True)
class SharedRisk:
    """One risk of two drugs.

    Attributes
    ----------
    part : str
        In which way it is shared.
    first, second : Entity
        What documents say of the one drug, and of the other; the same thing unless `match` says otherwise.
    match : str
        "same", or how `first` fits `second` in the vocabulary: "narrower" or "wider"; a weaker match.
    of_first, of_second : tuple of Edge
        The facts of the one drug and of the other.
    denied : tuple of Edge
        Facts that deny the same of either: documents that differ.
    """

    part: str
    first: Entity
    second: Entity
    match: str
    of_first: tuple[Edge, ...]
    of_second: tuple[Edge, ...]
    denied: tuple[Edge, ...]

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All facts that it rests on."""
        return (*self.of_first, *self.of_second, *self.denied)


@dataclass(frozen=True, kw_only=True)
class SharedRisks(Result):
    """The risks that two drugs share, in parts; the most severe first, exact matches before weaker ones."""

    columns: ClassVar[tuple[str, ...]] = (
        *("part", "first", "first_level", "first_documents"),
        *("match", "second", "second_level", "second_documents", "denied_in"),
    )
    first: Entity
    second: Entity
    risks: tuple[SharedRisk, ...]

    @property
    def title(self) -> str:
        """What was asked."""
        return f"Which risks do {self.first.label} and {self.second.label} share?"

    def lines(self) -> Iterator[Line]:
        """Give a row for each risk."""
        for risk in self.risks:
            first, second = (
                (entity.label, results.levels(edges), results.cell(results.said_in(edges)))
                for entity, edges in ((risk.first, risk.of_first), (risk.second, risk.of_second))
            )
            denied = results.cell(results.said_in(risk.denied))
            yield Line((risk.part, *first, risk.match, *second, denied), risk.edges)


def shared_risks(graph: Walked, a: str, b: str, *, limit: int = 200) -> SharedRisks:
    """Find what asks for care with both of two drugs.

    Levels that ask for no care ("no data", "stated safe") are left out.

    Parameters
    ----------
    graph : Graph
        The graph to walk.
    a, b : str
        Drugs or classes by name in any spelling, or by IRI.
    limit : int
        The most rows.

    Raises
    ------
    UnknownNameError
        When no drug is called so.
    QueryError
        When both names are those of one drug, or the limit is out of range.
    """
    results.in_range("limit", limit, MAXIMUM_ROWS)
    view = graph.view
    first, second = results.several(graph, (a, b))
    risks = [risk for part in PARTS for risk in _part(view, part, first, second)]
    documents = view.documents(first, second)
    names = f"{view.label(first)} or {view.label(second)}"
    exact = sum(risk.match == SAME for risk in risks)
    stated = f"{results.count(exact, 'risk')} stated for both" if exact else ""
    weaker = f"{results.count(len(risks) - exact, 'weaker match')} by the vocabulary" if len(risks) > exact else ""
    found = " and ".join(filter(None, (stated, weaker.replace("matchs", "matches"))))
    return SharedRisks(
        first=view.entity(first),
        second=view.entity(second),
        risks=tuple(risks[:limit]),
        truncated=len(risks) > limit,
        summary=results.conclude(found, (e for risk in risks for e in risk.edges), documents, names),
        documents=documents,
        open=graph.fact,
    )


def stated(view: View, drug: str, kinds: Iterable[str], polarity: str = AFFIRMED) -> dict[str, list[Edge]]:
    """Return what is said of a drug by some kinds of facts and asks for care, by object."""
    found: dict[str, list[Edge]] = {}
    for edge in view.facts(drug, kinds, polarity):
        if edge.level not in results.REASSURING:
            found.setdefault(edge.object, []).append(edge)
    return found


def _part(view: View, part: Part, first: str, second: str) -> list[SharedRisk]:
    one, two = stated(view, first, part.first), stated(view, second, part.second)
    denials = [stated(view, drug, kinds, DENIED) for drug, kinds in ((first, part.first), (second, part.second))]
    pairs = [(thing, SAME, thing) for thing in one if thing in two]
    pairs += _related(view, one, two)
    risks = [
        SharedRisk(
            part=part.title,
            first=view.entity(thing),
            second=view.entity(other),
            match=match,
            of_first=_sorted(one[thing]),
            of_second=_sorted(two[other]),
            denied=_sorted([*denials[0].get(thing, ()), *denials[1].get(other, ())]),
        )
        for thing, match, other in pairs
        if not {thing, other} & {first, second}
    ]
    return sorted(risks, key=_order)


def _related(
    view: View, one: Mapping[str, Sequence[Edge]], two: Mapping[str, Sequence[Edge]]
) -> Iterator[tuple[str, str, str]]:
    """Give the pairs of a narrower and a wider thing, of those that have no exact match; the nearest for each."""
    for thing in one:
        if thing not in two and (wider := next((n for n in view.above(thing) if n in two), None)):
            yield thing, NARROWER, wider
    for other in two:
        if other not in one and (wider := next((n for n in view.above(other) if n in one), None)):
            yield wider, WIDER, other


def _sorted(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    return tuple(sorted(edges, key=lambda e: (-results.rank(e.level), -len(e.documents), e.iri)))


def _order(risk: SharedRisk) -> tuple[object, ...]:
    ranks = [results.rank(results.severest(edges)) for edges in (risk.of_first, risk.of_second)]
    support = min(len(results.said_in(risk.of_first)), len(results.said_in(risk.of_second)))
    labels = (risk.first.label.casefold(), risk.second.label.casefold(), risk.first.iri, risk.second.iri)
    return (risk.match != SAME, -min(ranks), -max(ranks), -support, *labels)
