"""Alternatives to a drug, for a condition, without what is to be avoided: each with the facts for and against it.

Nothing here calls a drug safe. A drug that documents warn about is excluded, with the facts that exclude it; a drug of
which they say nothing is "not stated".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from kg.network import results
from kg.network.results import NARROWER, NOT_STATED, SAME, WIDER, Line, Result, Walked
from kg.network.view import AFFIRMED, CLASS_TYPE, DENIED, Edge, View
from kg.records import Entity

USE, NAMED = "indication", "alternative"
EFFECTS = ("adverse_effect", "withdrawal_effect")
CARE = ("contraindication", "caution", "interaction")
TOGETHER = ("contraindication", "interaction")
STATED_ALTERNATIVE, SAME_CLASS, USE_DENIED = "stated alternative", "same class", "use denied"
EXCLUDED = "excluded"
MAXIMUM_DRUGS = 1_000
_USED = (SAME, NARROWER, WIDER)
_FITS = (*_USED, STATED_ALTERNATIVE, SAME_CLASS, USE_DENIED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a drug is an alternative: its use fits ("same", "narrower", "wider"), it is a stated alternative, a class."""

    how: str
    object: Entity
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Avoided:
    """What documents say of a drug and one thing that is to be avoided.

    Attributes
    ----------
    thing : Entity
        What is to be avoided.
    verdict : str
        "excluded", "denied" (documents deny it, and none states it), the level where only "no data" or "stated safe" is
        stated, or "not stated".
    edges : tuple of Edge
        The facts behind it; for an excluded drug also those that deny the same, as documents differ.
    """

    thing: Entity
    verdict: str
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drug that might take the place of another, why, and what is said of what is to be avoided."""

    drug: Entity
    reasons: tuple[Reason, ...]
    avoided: tuple[Avoided, ...]

    @property
    def is_excluded(self) -> bool:
        """Whether a document warns of what is to be avoided, or the use is denied and nowhere affirmed."""
        ways = {reason.how for reason in self.reasons}
        return any(a.verdict == EXCLUDED for a in self.avoided) or (USE_DENIED in ways and SAME not in ways)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The facts for it and against it."""
        reasons = (edge for reason in self.reasons for edge in reason.edges)
        return (*reasons, *(edge for item in self.avoided for edge in item.edges))


@dataclass(frozen=True, kw_only=True)
class Alternatives(Result):
    """Alternatives to a drug: those that remain, those that are excluded, in the order of how well their use fits."""

    columns: ClassVar[tuple[str, ...]] = ("part", "drug", "why", "avoided", "verdict", "level", "documents")
    drug: Entity
    condition: Entity | None
    avoiding: tuple[Entity, ...]
    candidates: tuple[Candidate, ...]
    excluded: tuple[Candidate, ...]
    labels: Mapping[str, str] = field(repr=False, compare=False)

    @property
    def title(self) -> str:
        """What was asked."""
        use = f" for {self.condition.label}" if self.condition else ""
        without = f", avoiding {' and '.join(thing.label for thing in self.avoiding)}" if self.avoiding else ""
        return f"What may take the place of {self.drug.label}{use}{without}?"

    def lines(self) -> Iterator[Line]:
        """Give for each drug a row with why it is an alternative, and one for each thing that is to be avoided."""
        for part, found in (("alternatives", self.candidates), (EXCLUDED, self.excluded)):
            for candidate in found:
                reasons = tuple(edge for reason in candidate.reasons for edge in reason.edges)
                why = results.cell(dict.fromkeys(_words(reason) for reason in candidate.reasons))
                if self.condition and not any(r.how in (*_USED, USE_DENIED) for r in candidate.reasons):
                    why = results.cell((why, f"use for {self.condition.label} {NOT_STATED}"))
                cells = (part, candidate.drug.label, why)
                yield Line((*cells, "", "", "", results.cell(results.said_in(reasons))), reasons)
                for item in candidate.avoided:
                    edges = [e for e in item.edges if e.kind in (*EFFECTS, *CARE)]
                    said = (results.levels(edges), results.cell(results.said_in(edges)))
                    yield Line((*cells, self._about(item), item.verdict, *said), item.edges)

    def _about(self, item: Avoided) -> str:
        """Name what is to be avoided, and what is really stated where that is narrower or wider."""
        facts = [edge for edge in item.edges if edge.kind in (*EFFECTS, *CARE)]
        if any(item.thing.iri in (edge.subject, edge.object) for edge in facts):
            return item.thing.label
        stated = dict.fromkeys(self.labels[edge.object] for edge in facts)
        return f"{item.thing.label} (stated: {', '.join(stated)})" if stated else item.thing.label


def alternatives(
    graph: Walked,
    drug: str,
    for_: str | None = None,
    avoiding: str | Sequence[str] = (),
    *,
    limit: int = 50,
) -> Alternatives:
    """Find what might take the place of a drug.

    A candidate is used for the condition (or a narrower or wider one), or named as an alternative by a document; that
    it is of the same class is told. Without a condition, all that are of the same class are candidates too. Excluded is
    what may cause a thing to be avoided, or asks for care where it is, by its own facts or those of its class.

    Parameters
    ----------
    graph : Graph
        The graph to walk.
    drug : str
        A drug by name in any spelling, or by IRI.
    for_ : str, optional
        The condition that it is to be used for.
    avoiding : str or sequence of str
        Effects, conditions, drugs or classes: what the drug must not cause, or what the patient has or takes.
    limit : int
        The most candidates, and the most excluded drugs.

    Raises
    ------
    UnknownNameError
        When nothing is called so.
    QueryError
        When the limit is out of range.
    """
    results.in_range("limit", limit, MAXIMUM_DRUGS)
    view = graph.view
    node = results.drug(graph, drug)
    conditions = results.entities(graph, for_) if for_ is not None else ()
    names = [avoiding] if isinstance(avoiding, str) else list(avoiding)
    things = [_Unwanted(view, results.entities(graph, name)) for name in names]
    reasons = _candidates(view, node, conditions)
    sizes = {r.object.iri: len(view.members(str(r.object.iri))) for why in reasons.values() for r in why}
    found = [
        Candidate(
            drug=view.entity(other),
            reasons=tuple(sorted(why, key=lambda r: (_FITS.index(r.how), sizes[r.object.iri], r.object.label))),
            avoided=tuple(_avoided(view, other, thing) for thing in things),
        )
        for other, why in reasons.items()
    ]
    found.sort(key=lambda candidate: _order(candidate, sizes))
    kept = [candidate for candidate in found if not candidate.is_excluded]
    left_out = [candidate for candidate in found if candidate.is_excluded]
    shown = (*kept[:limit], *left_out[:limit])
    documents = view.documents(*reasons) if reasons else view.documents(node)
    return Alternatives(
        drug=view.entity(node),
        condition=view.entity(conditions[0]) if conditions else None,
        avoiding=tuple(thing.entity for thing in things),
        candidates=tuple(kept[:limit]),
        excluded=tuple(left_out[:limit]),
        labels=MappingProxyType({e.object: view.label(e.object) for c in shown for e in c.edges}),
        truncated=len(kept) > limit or len(left_out) > limit,
        summary=_summary(view, node, kept, left_out, documents),
        documents=documents,
        open=graph.fact,
    )


def _candidates(view: View, drug: str, conditions: Sequence[str]) -> dict[str, list[Reason]]:
    """Give the drugs that might take its place, and why."""
    found: dict[str, list[Reason]] = {}

    def add(other: str, how: str, thing: str, edges: Iterable[Edge]) -> None:
        if other != drug and CLASS_TYPE not in view.types(other) and drug not in view.above(other):
            found.setdefault(other, []).append(Reason(how, view.entity(thing), tuple(edges)))

    for condition in conditions:
        for thing in (condition, *view.below(condition), *view.above(condition)):
            how = results.relation(view, thing, condition)
            for other, edges in _by_subject(view, thing, USE, AFFIRMED).items():
                add(other, how, thing, edges)
        for other, edges in _by_subject(view, condition, USE, DENIED).items():
            add(other, USE_DENIED, condition, edges)
    for edge in view.facts(drug, (NAMED,)):
        for other in (edge.object, *(view.members(edge.object) if CLASS_TYPE in view.types(edge.object) else ())):
            add(other, STATED_ALTERNATIVE, edge.object, (edge,))
    named = frozenset(found)
    for place, steps in view.above(drug).items():
        if len(steps) == 1:  # its own classes: all the drugs of classes of classes would be no answer
            for other in _members(view, place):
                if not conditions or other in named:
                    add(other, SAME_CLASS, place, (*steps, *view.above(other)[place]))
    affirmed = {other for other, why in found.items() if any(r.how != USE_DENIED for r in why)}
    return {other: found[other] for other in sorted(affirmed)}


def _members(view: View, place: str) -> Iterator[str]:
    if CLASS_TYPE in view.types(place):
        yield from (other for other in view.members(place) if len(view.above(other)[place]) == 1)


def _by_subject(view: View, thing: str, kind: str, polarity: str) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in view.into(thing):
        if edge.kind == kind and edge.polarity == polarity:
            found.setdefault(edge.subject, []).append(edge)
    return found


class _Unwanted:
    """One thing that is to be avoided, under all IRIs of its name: which facts are about it.

    An effect that is narrower is one of them. Care asked for in a wider condition, or with a wider class, concerns what
    is narrower; care asked for in a narrower one may concern it, and excludes too.
    """

    def __init__(self, view: View, nodes: Sequence[str]) -> None:
        self.entity = view.entity(nodes[0])
        self._effects = {lower for node in nodes for lower in (node, *view.below(node))}
        self._care = self._effects | {upper for node in nodes for upper in view.above(node)}
        self._said: dict[str, list[Edge]] = {}
        for place in sorted({*nodes, *(upper for node in nodes for upper in view.above(node))}):
            for edge in view.facts(place, TOGETHER):
                self._said.setdefault(edge.object, []).append(edge)

    def is_concerned(self, edge: Edge) -> bool:
        """Tell whether a fact is about it; a denial for something wider says nothing of it that could be relied on."""
        if edge.kind in CARE and edge.polarity != DENIED:
            return edge.object in self._care
        return edge.kind in (*CARE, *EFFECTS) and edge.object in self._effects

    def said_of(self, drug: str) -> list[Edge]:
        """Return what is said of the thing itself, or of its classes, where it is a drug: that it goes ill with one."""
        return self._said.get(drug, [])


def _avoided(view: View, drug: str, thing: _Unwanted) -> Avoided:
    """Judge a drug by one thing that is to be avoided; facts about its classes hold for it too."""
    against: list[Edge] = []
    others: list[Edge] = []
    denials: list[Edge] = []
    for place, steps in {drug: (), **view.above(drug)}.items():
        for edge in (*filter(thing.is_concerned, view.out(place)), *thing.said_of(place)):
            if edge.polarity == DENIED:
                denials += [edge] if not steps else []
            elif edge.carries:
                into = others if edge.level in results.REASSURING else against
                into += [edge, *steps]
    if against:
        return Avoided(thing.entity, EXCLUDED, (*_unique(against), *_unique(denials)))
    if others:
        verdict = results.severest(others).replace("_", " ")
        return Avoided(thing.entity, verdict, (*_unique(others), *_unique(denials)))
    return Avoided(thing.entity, DENIED if denials else NOT_STATED, _unique(denials))


def _unique(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    found = {(edge.iri, edge.subject, edge.object): edge for edge in edges}
    return tuple(sorted(found.values(), key=lambda e: (not e.is_said, -results.rank(e.level), e.iri, e.subject)))


def _words(reason: Reason) -> str:
    if reason.how in _USED:
        return f"used for {reason.object.label}" + ("" if reason.how == SAME else f" ({reason.how})")
    if reason.how == USE_DENIED:
        return f"use for {reason.object.label} is denied"
    return f"{reason.how} ({reason.object.label})" if reason.how == SAME_CLASS else reason.how


def _order(candidate: Candidate, sizes: Mapping[str | None, int]) -> tuple[object, ...]:
    """The best use first, then what documents deny of what is to be avoided, the smallest class, the most documents."""
    denied = sum(item.verdict == DENIED for item in candidate.avoided)
    smallest = min((sizes[r.object.iri] for r in candidate.reasons if r.how == SAME_CLASS), default=float("inf"))
    support = len(results.said_in(edge for reason in candidate.reasons for edge in reason.edges))
    label = candidate.drug.label.casefold()
    return (_FITS.index(candidate.reasons[0].how), -denied, smallest, -support, label, candidate.drug.iri)


def _summary(
    view: View, drug: str, kept: Sequence[Candidate], left_out: Sequence[Candidate], documents: Sequence[str]
) -> str:
    if not documents:
        return results.conclude("", (), documents, view.label(drug))
    silent = sum(all(item.verdict == NOT_STATED for item in c.avoided) for c in kept if c.avoided)
    parts = [f"{results.count(len(kept), 'drug')} remain{'s' if len(kept) == 1 else ''}"]
    if left_out:
        parts.append(f"{results.count(len(left_out), 'drug')} excluded by what documents say")
    if silent:
        parts.append(f"of {silent} that remain nothing is stated on what is to be avoided, which does not mean safe")
    return f"{'; '.join(parts)} (of them speak: {results.count(len(documents), 'document')})."
