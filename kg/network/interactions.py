"""What documents say of the drugs of a list taken together, pair by pair, and what one more would add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import ClassVar

from kg.errors import QueryError
from kg.network import results
from kg.network.results import NOT_STATED, Line, Result, Walked
from kg.network.view import DENIED, Edge, View
from kg.records import Entity

MAXIMUM_LIST = 50
MAXIMUM_ROWS = 5_000
KINDS = ("contraindication", "interaction")
EFFECT = "adverse_effect"
SERIOUS = frozenset({"serious", "severe", "life_threatening"})
"""Severities of effects that count when two drugs have them both."""

BY_DRUG, BY_CLASS, BOTH_CAUSE, NO = "by drug", "by class", "both may cause", "denied"
_REASSURED = tuple(sorted(level.replace("_", " ") for level in results.REASSURING))
_ORDER = (BY_DRUG, BY_CLASS, BOTH_CAUSE, *_REASSURED, NO)


@dataclass(frozen=True, slots=True)
class Together:
    """One thing that is said of two drugs taken together.

    Attributes
    ----------
    how : str
        "by drug" (one names the other), "by class" (one, or its class, names the other, or its class), "both may
        cause" (a weaker sign: the same serious effect is stated of both), "no data", "stated safe" or "denied".
    subject : Entity or None
        The drug or class that it is said of; None for what both may cause.
    object : Entity
        The drug or class that is named, or the effect.
    level : str
        The level of care that is asked for; empty where none is stated.
    edges : tuple of Edge
        The facts, and behind them the steps from a drug to the class that they name.
    via : str
        The same steps in words; empty where the drugs themselves are named.
    """

    how: str
    subject: Entity | None
    object: Entity
    level: str
    edges: tuple[Edge, ...]
    via: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two drugs of the list, and what is said of them together; nothing said is "not stated", never "safe"."""

    first: Entity
    second: Entity
    said: tuple[Together, ...]

    @property
    def is_stated(self) -> bool:
        """Whether a document says that they interact, by name or by class."""
        return any(item.how in (BY_DRUG, BY_CLASS) for item in self.said)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All facts behind it."""
        return tuple(edge for item in self.said for edge in item.edges)


@dataclass(frozen=True, kw_only=True)
class Interactions(Result):
    """The pairs of a list: those that ask for most care first, those of which nothing is stated last."""

    columns: ClassVar[tuple[str, ...]] = ("part", "how", "level", "subject", "object", "via", "qualifiers", "documents")
    drugs: tuple[Entity, ...]
    adding: tuple[Entity, ...]
    pairs: tuple[Pair, ...]

    @property
    def title(self) -> str:
        """What was asked."""
        names = ", ".join(drug.label for drug in self.drugs)
        if self.adding:
            return f"What would {', '.join(drug.label for drug in self.adding)} add to {names}?"
        return f"What is said of {names} together?"

    def lines(self) -> Iterator[Line]:
        """Give a row for each fact of each pair, and one for each pair of which nothing is stated."""
        for pair in self.pairs:
            part = f"{pair.first.label} + {pair.second.label}"
            if not pair.said:
                yield Line((part, NOT_STATED, *[""] * 6), ())
            for item in pair.said:
                facts = [edge for edge in item.edges if edge.kind in (*KINDS, EFFECT)]
                said = results.cell(_narrowed(facts))
                documents = results.cell(results.said_in(facts))
                subject = item.subject.label if item.subject else "both"
                cells = (part, item.how, item.level, subject, item.object.label, item.via, said, documents)
                yield Line(cells, item.edges)


def interactions_among(
    graph: Walked, drugs: Sequence[str], adding: str | Sequence[str] | None = None, *, limit: int = 500
) -> Interactions:
    """Find what documents say of drugs taken together.

    Parameters
    ----------
    graph : Graph
        The graph to walk.
    drugs : sequence of str
        Drugs by name in any spelling, or by IRI.
    adding : str or sequence of str, optional
        What is to be added: then only the pairs that it makes with the list are given.
    limit : int
        The most pairs.

    Raises
    ------
    UnknownNameError
        When no drug is called so.
    QueryError
        When fewer than two drugs are named, more than fifty, or one of them twice.
    """
    results.in_range("limit", limit, MAXIMUM_ROWS)
    named = [drugs] if isinstance(drugs, str) else list(drugs)
    added = [] if adding is None else [adding] if isinstance(adding, str) else list(adding)
    if not 2 <= len(named) + len(added) <= MAXIMUM_LIST or not named:
        problem = f"{results.count(len(named) + len(added), 'drug')} to be looked at together"
        raise QueryError("drugs", problem, f"name 2 to {MAXIMUM_LIST}")
    view = graph.view
    nodes = results.several(graph, (*named, *added))
    new = frozenset(nodes[len(named) :])
    pairs = [_pair(view, a, b) for a, b in combinations(nodes, 2) if not new or {a, b} & new]
    places = {node: place for place, node in enumerate(nodes)}
    pairs.sort(key=lambda pair: (*_weight(pair), places[str(pair.first.iri)], places[str(pair.second.iri)]))
    documents = view.documents(*nodes)
    return Interactions(
        drugs=tuple(view.entity(node) for node in nodes[: len(named)]),
        adding=tuple(view.entity(node) for node in nodes[len(named) :]),
        pairs=tuple(pairs[:limit]),
        truncated=len(pairs) > limit,
        summary=_summary(pairs, documents, [view.label(node) for node in nodes if not view.documents(node)]),
        documents=documents,
        open=graph.fact,
    )


def _pair(view: View, a: str, b: str) -> Pair:
    said = [item for one, other in ((a, b), (b, a)) for item in _stated(view, one, other)]
    said += _both_cause(view, a, b)
    alike: dict[tuple[object, ...], Together] = {}
    for item in sorted(said, key=_place):  # what differs in its qualifiers only is one item
        key = (item.how, item.subject, item.object, item.level)
        known = alike.get(key)
        edges = tuple(dict.fromkeys((*known.edges, *item.edges))) if known else item.edges
        alike[key] = replace(known or item, edges=edges)
    return Pair(view.entity(a), view.entity(b), tuple(alike.values()))


def _stated(view: View, one: str, other: str) -> Iterator[Together]:
    """Give what is said of one drug, or of its classes, about the other or its classes."""
    subjects = {one: (), **view.above(one)}
    objects = {other: (), **view.above(other)}
    for subject, upwards in subjects.items():
        for edge in view.out(subject):
            named = _names(edge, objects)
            if named is None:
                continue
            steps = (*upwards, *objects[named])
            how = BY_CLASS if steps else BY_DRUG
            if edge.polarity == DENIED:
                how = NO
            elif edge.level is not None and edge.level in results.REASSURING:
                how = edge.level.replace("_", " ")
            if edge.carries or (how == NO and not steps):
                via = results.cell(filter(None, (results.chain(view, upwards), results.chain(view, objects[named]))))
                ends = (view.entity(subject), view.entity(named))
                yield Together(how, *ends, edge.level or "", (edge, *steps), via)


def _names(edge: Edge, objects: Iterable[str]) -> str | None:
    """Tell which of the other drug and its classes a fact names as what must be thought of together."""
    named = edge.object if edge.kind in KINDS else edge.concepts.get("with") if edge.kind == EFFECT else None
    return named if named is not None and named in objects else None


def _both_cause(view: View, a: str, b: str) -> Iterator[Together]:
    one, two = _serious(view, a), _serious(view, b)
    for thing in sorted(one.keys() & two.keys()):
        yield Together(BOTH_CAUSE, None, view.entity(thing), "", (*one[thing], *two[thing]))


def _serious(view: View, drug: str) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in view.facts(drug, (EFFECT,)):
        if edge.qualifiers.get("severity") in SERIOUS:
            found.setdefault(edge.object, []).append(edge)
    return found


def _place(item: Together) -> tuple[object, ...]:
    iris = sorted(edge.iri for edge in item.edges)
    return (_ORDER.index(item.how), -results.rank(item.level), item.object.label.casefold(), iris)


def _narrowed(edges: Iterable[Edge]) -> list[str]:
    """Tell what some facts say more closely, each thing once; the drugs and the level have places of their own."""
    told = (f"{n}: {v}" for e in edges for n, v in e.qualifiers.items() if n not in ("level", "with"))
    return list(dict.fromkeys(told))


def _weight(pair: Pair) -> tuple[object, ...]:
    """The pairs that ask for most care come first."""
    stated = [item for item in pair.said if item.how in (BY_DRUG, BY_CLASS)]
    first = min((_ORDER.index(item.how) for item in pair.said), default=len(_ORDER))
    return (-max((results.rank(item.level) for item in stated), default=0), first, -len(stated))


def _summary(pairs: Sequence[Pair], documents: Sequence[str], unknown: Sequence[str]) -> str:
    stated = sum(pair.is_stated for pair in pairs)
    silent = sum(not pair.said for pair in pairs)
    if not documents:
        return results.conclude("", (), documents, " or ".join(unknown))
    parts = [f"Something is stated of {stated} of {results.count(len(pairs), 'pair')}"]
    weaker = len(pairs) - stated - silent
    if weaker:
        parts.append(f"of {weaker} only that both may cause something serious, that there is no data, or a denial")
    if silent:
        parts.append(f"of {silent} nothing is stated, which does not mean that they do not interact")
    if unknown:
        parts.append(f"no document speaks of {' or '.join(unknown)}")
    return f"{'; '.join(parts)} ({results.count(len(documents), 'document')})."
