"""The graded caution answer: what warrants care with a drug, with anything or with one thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kg.care import follows, gather, scale
from kg.care.gather import Graph, Shelf, Steps
from kg.care.items import Situation, sort
from kg.care.records import CautionAnswer, Item, Step
from kg.errors import UnknownNameError
from kg.records import Entity


def cautions(
    graph: Graph,
    drug: str,
    *,
    min_level: str | None = None,
    in_population: str | None = None,
    about: str | None = None,
) -> CautionAnswer:
    """Return what warrants care with a drug: stated of it, of its classes, and what follows.

    Parameters
    ----------
    graph : Graph
        The graph to ask.
    drug : str
        The drug, brand or class, by name or IRI.
    min_level : str, optional
        The least level of care that some document names, of the drug or of its class; what is less severe, and what
        has no level given, is left out.
    in_population : str, optional
        Only what is said of these people. What is said without a population holds for them too and is in
        `for_everyone`; what is said of other people is left out.
    about : str, optional
        One thing instead of everything; see `care`.

    Raises
    ------
    UnknownNameError
        When the level is not on the scale, or nothing is called as a name says.
    """
    least = scale.check_level(min_level) if min_level is not None else 0
    answer = care(graph, drug, about) if about is not None else _of_everything(graph, drug)
    if in_population is not None:
        answer = _in_population(answer, graph, in_population)
    if min_level is None:
        return answer
    return replace(
        answer,
        items=_from(answer.items, least),
        only_for=_from(answer.only_for, least),
        near=_from(answer.near, least),
        for_everyone=_from(answer.for_everyone, least),
    )


def care(
    graph: Graph, drug: str, thing: str, *, severity: str | None = None, people: Iterable[str] = ()
) -> CautionAnswer:
    """Return what warrants care with a drug in one condition, person, activity, or with one food or drug.

    What is said of something wider concerns the thing too, and says by which steps; what is said of something narrower
    is in `only_for` and does not hold for it. A severity of the condition that is not the one asked about, and a
    population that the person is not known to be of, stay in the item's `pending`: such an item holds only then.

    Parameters
    ----------
    graph : Graph
        The graph to ask.
    drug : str
        The drug, brand or class, by name or IRI.
    thing : str
        What it is about, by name or IRI; a severity may stand before it ("severe liver disease").
    severity : str, optional
        The severity, where the name does not give it.
    people : iterable of str, optional
        Populations that the person is known to be of, by name.

    Raises
    ------
    UnknownNameError
        When nothing is called as a name says.
    """
    shelf = gather.shelf(graph)
    asked = _drug(graph, shelf, drug)
    found, things = things_of(graph, thing)
    severity = severity or found
    iri = gather.iri_of(asked)
    up = merged(shelf.classes(one) if is_medicine(shelf, one) else shelf.wider(one) for one in things)
    down = {key: steps for key, steps in merged(map(shelf.narrower, things)).items() if key not in up}
    known = _groups(shelf, (one for name in people for one in things_of(graph, name)[1]))
    persons = [one for one in things if "Population" in shelf.types(one)]
    situation = Situation(severity, known | _groups(shelf, persons))
    reached = [*gather.of_pair(shelf, iri, up), *gather.of_people(shelf, iri, persons)]
    sorted_ = sort(reached, follows.derived(shelf, iri, up), shelf, situation)
    beside = {} if is_medicine(shelf, things[0]) else merged(map(shelf.near, things))
    near = {key: steps for key, steps in beside.items() if key not in up and key not in down}
    return CautionAnswer(
        drug=asked,
        things=tuple(map(shelf.entity, things)),
        severity=severity,
        items=sorted_.warning,
        stated_safe=sorted_.safe,
        denied=sorted_.denied,
        only_for=_all(shelf, iri, down, situation),
        near=_all(shelf, iri, near, situation),
        harms=shelf.harms(iri, things, up),
        documents=shelf.documents(iri),
    )


def _all(shelf: Shelf, drug: str, things: Steps, situation: Situation) -> tuple[Item, ...]:
    """Return what is said of a drug with some things, whatever it is: warnings, then what is safe, then denials."""
    found = sort(gather.of_pair(shelf, drug, things), (), shelf, situation)
    return found.warning + found.safe + found.denied


def _of_everything(graph: Graph, drug: str) -> CautionAnswer:
    shelf = gather.shelf(graph)
    asked = _drug(graph, shelf, drug)
    iri = gather.iri_of(asked)
    found = sort(gather.of_drug(shelf, iri), follows.derived(shelf, iri), shelf)
    return CautionAnswer(
        drug=asked,
        items=found.warning,
        stated_safe=found.safe,
        denied=found.denied,
        documents=shelf.documents(iri),
    )


def _in_population(answer: CautionAnswer, graph: Graph, name: str) -> CautionAnswer:
    """Keep what is said of some people; set apart what is said of everyone."""
    shelf = gather.shelf(graph)
    _, things = things_of(graph, name)
    labels = _groups(shelf, things)

    def kept(items: Iterable[Item]) -> tuple[Item, ...]:
        return tuple(item for item in items if item.object.label in labels or item.scope.get("population") in labels)

    return replace(
        answer,
        things=answer.things or tuple(map(shelf.entity, things)),
        items=kept(answer.items),
        stated_safe=kept(answer.stated_safe),
        denied=kept(answer.denied),
        only_for=kept(answer.only_for),
        near=kept(answer.near),
        for_everyone=tuple(
            item
            for item in answer.items
            if item.object.label not in labels and "population" not in item.scope and item.concern != "person"
        ),
    )


def _groups(shelf: Shelf, people: Iterable[str]) -> frozenset[str]:
    """Return the labels of some populations and of all that they are part of."""
    return frozenset(shelf.entity(wider).label for one in people for wider in shelf.wider(one))


def _from(items: Iterable[Item], least: int) -> tuple[Item, ...]:
    return tuple(item for item in items if scale.rank(item.highest) >= least)


def _drug(graph: Graph, shelf: Shelf, name: str) -> Entity:
    return shelf.entity(name if "://" in name else graph.names.drug(name).iri)


def things_of(graph: Graph, name: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the IRIs of all that bear a name, or, where none does, of what follows a severity in it, and that."""
    if "://" in name:
        return None, (name,)
    severity, rest = scale.split_severity(name)
    try:
        return None, tuple(named.iri for named in graph.names.entity(name))
    except UnknownNameError:
        if severity is None:
            raise
    return severity, tuple(named.iri for named in graph.names.entity(rest))


def is_medicine(shelf: Shelf, iri: str) -> bool:
    """Tell whether something is a drug, a brand or a class of drugs."""
    return any(scale.CONCERNS.get(type_) == "drug" for type_ in shelf.types(iri))


def merged(closures: Iterable[Steps]) -> Steps:
    """Put closures together, each concept by its fewest steps."""
    found: dict[str, tuple[Step, ...]] = {}
    for key, steps in (pair for closure in closures for pair in closure.items()):
        if key not in found or len(steps) < len(found[key]):
            found[key] = steps
    return found
