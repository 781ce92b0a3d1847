"""The other way round: which drugs need care with some conditions, persons, activities, foods or drugs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kg.care import follows, gather, scale
from kg.care.answers import is_medicine, merged, things_of
from kg.care.gather import Graph, Reached, Shelf
from kg.care.items import Situation, sort, weight
from kg.care.records import CautionAnswer, DrugInNeed, Item, NeedingAnswer, Step
from kg.errors import UnknownNameError
from kg.records import Derived

LIMIT = 50
AND, OR = "and", "or"


def drugs_needing_care(
    graph: Graph, things: Iterable[str], combine: str = AND, limit: int | None = LIMIT
) -> NeedingAnswer:
    """Return the drugs that need care with all of some things, or with any of them, those that need most first.

    A drug counts where a document asks for care with the thing, or with something that it is a kind of; where one says
    so of a class that the drug belongs to; and, after all of these, where it follows by a rule. Drugs of which it is
    said only of something narrower do not count: they stand apart, in `only_for`.

    Parameters
    ----------
    graph : Graph
        The graph to ask.
    things : iterable of str
        Conditions, persons, activities, foods or drugs, by name or IRI.
    combine : str
        "and": only drugs that need care with each of them; "or": with at least one.
    limit : int, optional
        How many drugs are given at most; None for all.

    Raises
    ------
    UnknownNameError
        When nothing is called as a name says, or `combine` is neither of the two.
    """
    if combine not in (AND, OR):
        raise UnknownNameError(combine, "is no way to combine", f'use "{AND}" or "{OR}"')
    shelf = gather.shelf(graph)
    asked = tuple(things_of(graph, name) for name in things)
    found = [_drugs(shelf, iris, severity) for severity, iris in asked]
    drugs = _ordered(shelf, found, _combined(found, combine))
    narrow = [_narrowly(shelf, iris, severity) for severity, iris in asked]
    beside = [{**only_for, **answers} for only_for, answers in zip(narrow, found, strict=True)]
    narrowly = _ordered(shelf, beside, _combined(beside, combine) - {gather.iri_of(one.drug) for one in drugs})
    first = slice(None if limit is None else max(0, limit))
    return NeedingAnswer(
        things=tuple(tuple(map(shelf.entity, iris)) for _, iris in asked),
        combine=combine,
        drugs=tuple(_opened(shelf, drug) for drug in drugs[first]),
        total=len(drugs),
        documents=shelf.all_documents(),
        only_for=tuple(_opened(shelf, drug) for drug in narrowly[first]),
        only_for_total=len(narrowly),
    )


def _ordered(shelf: Shelf, found: list[dict[str, CautionAnswer]], chosen: set[str]) -> list[DrugInNeed]:
    """Return the chosen drugs with their answers, those that need most care first."""
    drugs = (DrugInNeed(shelf.entity(iri), tuple(one[iri] for one in found if iri in one)) for iri in chosen)
    return sorted(drugs, key=_order)


def _combined(found: list[dict[str, CautionAnswer]], combine: str) -> set[str]:
    if not found:
        return set()
    return set.intersection(*map(set, found)) if combine == AND else set().union(*found)


def _drugs(shelf: Shelf, things: tuple[str, ...], severity: str | None) -> dict[str, CautionAnswer]:
    """Return the answer of each drug that needs care with a thing."""
    is_drug = any(is_medicine(shelf, one) for one in things)
    up = merged(shelf.classes(one) if is_drug else shelf.wider(one) for one in things)
    piles: dict[str, list[Reached]] = {}
    for thing, steps in up.items():
        for iri in shelf.care_ids_on(thing):
            _hand_out(shelf, piles, iri, is_reverse=False, steps=steps)
        if is_drug:
            for iri in shelf.care_ids_about(thing):
                _hand_out(shelf, piles, iri, is_reverse=True, steps=steps)
    following: dict[str, list[Derived]] = {}
    for one in follows.of_things(shelf, up):
        following.setdefault(gather.iri_of(one.subject), []).append(one)
    people = frozenset(shelf.entity(key).label for key in up if "Population" in shelf.types(key))
    entities = tuple(map(shelf.entity, things))
    answers = {}
    for drug in sorted({*piles, *following} - set(things)):
        found = sort(piles.get(drug, ()), following.get(drug, ()), shelf, Situation(severity, people))
        if found.warning:
            answers[drug] = CautionAnswer(
                shelf.entity(drug), entities, severity, found.warning, found.safe, found.denied
            )
    return answers


def _narrowly(shelf: Shelf, things: tuple[str, ...], severity: str | None) -> dict[str, CautionAnswer]:
    """Return the answer of each drug of which a document asks for care with something narrower than a thing."""
    if any(is_medicine(shelf, one) for one in things):
        return {}
    wider = merged(map(shelf.wider, things))
    piles: dict[str, list[Reached]] = {}
    for thing, steps in merged(map(shelf.narrower, things)).items():
        for iri in shelf.care_ids_on(thing) if thing not in wider else ():
            _hand_out(shelf, piles, iri, is_reverse=False, steps=steps)
    entities = tuple(map(shelf.entity, things))
    answers = {}
    for drug in sorted(piles):
        if items := sort(piles[drug], (), shelf, Situation(severity)).warning:
            answers[drug] = CautionAnswer(shelf.entity(drug), entities, severity, only_for=items)
    return answers


def _hand_out(
    shelf: Shelf, piles: dict[str, list[Reached]], iri: str, *, is_reverse: bool, steps: tuple[Step, ...]
) -> None:
    """Give a fact to the drug that it is about; where that is a class, to its members of which documents speak."""
    fact = shelf.fact(iri)
    drug = gather.iri_of(fact.object if is_reverse else fact.subject)
    if is_reverse and not is_medicine(shelf, drug):
        return
    is_wide = shelf.is_class(drug) and (is_reverse or shelf.hands_on(drug))
    members = shelf.members(drug) if is_wide else {drug: ()}
    for member, to_class in members.items():
        if member == drug or shelf.is_subject(member):
            piles.setdefault(member, []).append(gather.reached(fact, is_reverse, to_class, steps))


def _order(drug: DrugInNeed) -> tuple[int, float, int, int, str, str]:
    """Return the place of a drug: by what weighs most, then by how many of the things it needs care with."""
    item = drug.worst
    origin, heaviest, independent = _place(item) if item else (len(scale.ORIGINS), 0.0, 0)
    return (
        origin,
        heaviest,
        -len(drug.answers),
        independent,
        drug.drug.label.casefold(),
        gather.iri_of(drug.drug),
    )


def _place(item: Item) -> tuple[int, float, int]:
    return scale.ORIGINS.index(item.origin), -weight(item), -item.independent


def _opened(shelf: Shelf, drug: DrugInNeed) -> DrugInNeed:
    """Show the quotes under what follows, and the documents that speak of the drug: only of drugs that are shown."""
    return replace(drug, answers=tuple(_with_quotes(shelf, answer) for answer in drug.answers))


def _with_quotes(shelf: Shelf, answer: CautionAnswer) -> CautionAnswer:
    items = (replace(item, derived=tuple(follows.quoted(shelf, one) for one in item.derived)) for item in answer.items)
    return replace(answer, items=tuple(items), documents=shelf.documents(gather.iri_of(answer.drug)))
