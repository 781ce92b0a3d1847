"""A profile is made of what a graph answers: facts, graded care, contradictions, and what is known of documents."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.care import CautionAnswer, Item, Saying, scale, words
from kg.graph import encode, terms
from kg.profiles.plan import CARE, INTERACTIONS, OTHERWISE, PLAN, Part
from kg.profiles.records import AFFIRMED, DENIED, Entry, Group, Line, Listed, Profile, Section
from kg.records import NO_QUALIFIERS, Entity, Fact
from kg.results import closed
from kg.vocabulary import schema

if TYPE_CHECKING:
    from kg.agreement.copies import Copies
    from kg.api import Graph
    from kg.graph.encode import Source
    from kg.graph.readable import Readable

NOT_SO = "Said not to be so"
_SUBSTANCES = frozenset({"drug", "substance"})
_ALL = ox.DefaultGraph()
_TYPE = ox.NamedNode(terms.RDF_TYPE)
_FOLLOWS = ox.NamedNode(terms.DRUGS + "DerivedFact")


def profile(graph: Graph, drug: str) -> Profile:
    """Gather what documents say of a drug, section by section.

    Parameters
    ----------
    graph : Graph
        The graph to ask; quotes are those of the texts at hand.
    drug : str
        The drug, brand or class, by name in any spelling, or its IRI.

    Raises
    ------
    UnknownNameError
        When no drug, brand or class is called so.

    >>> import kg
    >>> page = profile(kg.load(), "Klonopin")
    >>> page.drug.label, len(page.facts) == len({fact.iri for fact in page.facts})
    ('clonazepam', True)
    """
    caution = graph.cautions(drug)
    entity, iri = caution.drug, encode.node_of(caution.drug).value
    copies, derived = graph.copies(), _Derived(graph)
    graded = {
        CARE: list(_graded(caution, copies, derived, of_substances=False)),
        INTERACTIONS: list(_graded(caution, copies, derived, of_substances=True)),
    }
    groups = {section.key: graded.get(section.key, []) for section in PLAN}
    waiting = [
        fact for fact in graph.facts(subject=iri) if fact.kind not in scale.CARE_KINDS and fact.iri not in derived
    ]
    for section in PLAN:
        for part in section.parts:
            taken = [fact for fact in waiting if part.takes(fact)]
            waiting = [fact for fact in waiting if not part.takes(fact)]
            is_alone = len(section.parts) == 1 and section.key != CARE
            groups[section.key].extend(_grouped(part, taken, copies, is_alone=is_alone))
    sections = tuple(Section(one.key, one.title, tuple(groups[one.key]), one.key in graded) for one in PLAN)
    return Profile(
        drug=entity,
        types=graph.types(entity),
        names=_names(graph.store, iri, entity.label),
        matches=_iris(graph.store, iri, terms.SKOS + "exactMatch"),
        sections=sections,
        contradictions=graph.contradictions(entity.label if "://" in drug else drug),
        documents=_listed(graph.documents, caution.documents, sections),
        caution=caution,
    )


class _Derived:
    """The facts that only follow, whatever else somebody typed them as: no document says them."""

    def __init__(self, graph: Graph) -> None:
        self._store, self._said = graph.store, graph.reader.whole.facts if graph.reader.whole else {}

    def __contains__(self, iri: str) -> bool:
        return iri not in self._said and ox.Quad(ox.NamedNode(iri), _TYPE, _FOLLOWS, _ALL) in self._store


def _graded(answer: CautionAnswer, copies: Copies, derived: _Derived, *, of_substances: bool) -> Iterator[Group]:
    """Give the items of one of the two sections on care: by origin and level, then what is safe, then denials."""

    def entries(items: Iterable[Item]) -> tuple[Entry, ...]:
        chosen = (item for item in items if (item.concern in _SUBSTANCES) == of_substances)
        found = (_entry(item, answer.drug, copies, derived) for item in chosen)
        return tuple(entry for entry in found if entry.lines or entry.derived)

    for (origin, level), items in itertools.groupby(answer.items, lambda item: (item.origin, item.level)):
        if found := entries(items):
            yield Group(level or "", _capital(words.level(level)), found, origin=origin)
    if found := entries(answer.stated_safe):
        yield Group(scale.SAFE, _capital(words.level(scale.SAFE)), found)
    if found := entries(answer.denied):
        yield Group(DENIED, NOT_SO, found, polarity=DENIED)


def _entry(item: Item, drug: Entity, copies: Copies, derived: _Derived) -> Entry:
    lines = (
        _line(fact, copies, said=saying, drug=drug)
        for saying in item.sayings
        for fact in saying.facts
        if fact.iri not in derived
    )
    return Entry(item.object, tuple(lines), item.derived, item.disagreement)


def _grouped(part: Part, facts: Iterable[Fact], copies: Copies, *, is_alone: bool) -> Iterator[Group]:
    """Give the facts of a part in groups: by the values of its qualifier in their order, then what is denied."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(part.group(fact) if fact.polarity == AFFIRMED else DENIED, []).append(fact)
    values = closed.values(part.by) if part.by and not part.only else {}
    kind = _capital(schema.load().kind(part.kind).label)
    titles = {key: _capital(value.label) for key, value in values.items()}
    titles |= {part.only: kind} if part.only else {}
    titles |= {OTHERWISE: f"{_capital(part.by)} said in other words"}
    is_split = len(found.keys() - {"", DENIED}) > 0  # where no group has a value, that none has is no group's name
    titles |= {"": f"{_capital(part.by)} not stated" if values and is_split else "" if is_alone else kind}
    titles |= {DENIED: NOT_SO if is_alone else f"{kind}: {NOT_SO.lower()}"}
    for key, title in titles.items():
        if key in found:
            polarity = DENIED if key == DENIED else AFFIRMED
            yield Group(key, title, _by_object(found[key], copies, {part.by: key}), polarity)


def _by_object(facts: Iterable[Fact], copies: Copies, told: Mapping[str, str]) -> tuple[Entry, ...]:
    """Put facts on the same thing together; what most independent documents say comes first."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(encode.node_of(fact.object).value, []).append(fact)
    entries = []
    for same in found.values():
        lines = tuple(sorted((_line(fact, copies, told) for fact in same), key=_support))
        entries.append((copies.independent({name for fact in same for name in fact.documents}), lines))
    entries.sort(key=lambda entry: (-entry[0], entry[1][0].fact.object.label.casefold(), entry[1][0].fact.iri))
    return tuple(Entry(lines[0].fact.object, lines) for _, lines in entries)


def _support(line: Line) -> tuple[object, ...]:
    """Put first what most independent documents say, then what is said with the fewest limits."""
    return -line.independent, len(line.limits), line.limits, line.fact.iri


def _line(
    fact: Fact,
    copies: Copies,
    told: Mapping[str, str] = NO_QUALIFIERS,
    said: Saying | None = None,
    drug: Entity | None = None,
) -> Line:
    """Make the line of a fact; `told` is what its group says already, `said` how it concerns the drug."""
    limits = tuple(
        (name, value.replace("_", " ") if value in closed.values(name) else value)
        for name, value in fact.qualifiers.items()
        if name != "level" and told.get(name) != value
    )
    line = Line(fact, copies.independent(fact.documents), limits)
    if said is None or drug is None:
        return line
    why = "; ".join(filter(None, (words.of_whom(said, drug), words.because(said.steps))))
    return replace(line, origin=said.origin, why=why)


def _names(store: Readable, iri: str, label: str) -> tuple[str, ...]:
    """Return what else the vocabulary calls a drug, and the brands that it knows of it."""
    node = ox.NamedNode(iri)
    brands = store.quads_for_pattern(None, ox.NamedNode(terms.DRUGS + "brandOf"), node, _ALL)
    named = [(node, "altLabel"), *((quad.subject, "prefLabel") for quad in brands)]
    found = {
        quad.object.value
        for one, name in named
        for quad in store.quads_for_pattern(one, ox.NamedNode(terms.SKOS + name), None, _ALL)
        if isinstance(quad.object, ox.Literal)
    }
    return tuple(sorted(found - {label}, key=lambda name: (name.casefold(), name)))


def _iris(store: Readable, iri: str, predicate: str) -> tuple[str, ...]:
    found = store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None, _ALL)
    return tuple(sorted({quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)}))


def _listed(sources: Iterable[Source], speaking: Iterable[str], sections: Iterable[Section]) -> tuple[Listed, ...]:
    """Number the documents: those that speak of the drug, then those that say what else the page shows."""
    entries = [entry for section in sections for entry in section.entries]
    says = Counter(name for entry in entries for fact in entry.facts for name in fact.documents)
    below = {name for entry in entries for derived in entry.derived for name in derived.documents}
    of_it = set(speaking)
    named = [source for source in sources if source.name in of_it | set(says) | below]
    named.sort(key=lambda source: (source.name not in of_it, source.name))
    return tuple(Listed(n, one, says[one.name], one.name in of_it) for n, one in enumerate(named, 1))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
