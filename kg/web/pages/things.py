"""The page of a condition, a group of people, an activity, a food: which drugs have to do with it, and how."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg.care import scale
from kg.graph import encode
from kg.records import Entity, Fact
from kg.results import meaning, plain
from kg.vocabulary import schema
from kg.web.pages import describing, drugs
from kg.web.pages.site import Asked, Shown

AFFIRMED = "affirmed"
MOST = 60
"""How many drugs of a group are shown before the rest is folded."""

_CARE = ("contraindication", "caution")
_TITLES = (
    ("care", "Which drugs need care with it", _CARE),
    ("treats", "Which drugs are used for it", ("indication",)),
    ("interacts", "Which drugs interact with it", ("interaction",)),
    ("causes", "Which drugs may cause it", ("adverse_effect",)),
    ("stopping", "Which drugs may cause it when they are stopped", ("withdrawal_effect",)),
    ("dosing", "Doses that are given for it", ("dosage",)),
)


class Group(NamedTuple):
    """Facts of a section: at one level of care, or all that are denied."""

    level: str | None
    is_levelled: bool
    is_denied: bool
    facts: tuple[Fact, ...]


class Section(NamedTuple):
    """A section of the page."""

    key: str
    title: str
    drugs: int
    groups: tuple[Group, ...]


def make(asked: Asked, types: tuple[str, ...]) -> Shown:
    """Show which drugs have to do with a thing."""
    graph, iri = asked.graph, asked.iri
    thing = entity(asked, iri)
    facts = tuple(graph.facts_on([thing]))
    sections = tuple(_sections(facts))
    above = above_of(asked, thing)
    below = [link.narrower for _, link in meaning.below(graph.store, thing)]
    values = {
        "thing": thing,
        "what": drugs.what(types),
        "sections": sections,
        "above": above[:12],
        "below": below[:40],
        "more_below": max(0, len(below) - 40),
        "drugs": len({fact.subject for fact in facts}),
        "documents": len({name for fact in facts for name in fact.documents}),
        "most": MOST,
    }

    def written() -> dict[str, object]:
        return {
            "thing": plain.entity(thing),
            "types": list(types),
            "broader": [plain.entity(one) for one in above],
            "narrower": [plain.entity(one) for one in below],
            "facts": [plain.fact(fact) for fact in facts],
        }

    return Shown("thing.html", thing.label, values, "page thing", written, describing.triples(graph, iri))


def entity(asked: Asked, iri: str) -> Entity:
    """Return what an IRI names as facts have it: words of a document have no IRI."""
    from kg.graph import decode

    found = decode.Reader(asked.graph.store).entity(iri)
    return found if encode.node_of(found).value == iri else Entity(found.label, iri)


def above_of(asked: Asked, thing: Entity) -> list[Entity]:
    """Return what a thing is a kind of, nearest first."""
    return [link.broader for _, link in meaning.above(asked.graph.store, thing)]


def by_level(facts: tuple[Fact, ...]) -> tuple[Section, ...]:
    """Group facts by their kind, and those of a kind by their level."""
    kinds = dict.fromkeys(kind for kind in schema.load().kinds if any(fact.kind == kind for fact in facts))
    return tuple(
        Section(kind, kind, 0, tuple(_groups([fact for fact in facts if fact.kind == kind]))) for kind in kinds
    )


def _sections(facts: tuple[Fact, ...]) -> Iterable[Section]:
    told = {kind for _, _, kinds in _TITLES for kind in kinds}
    others = tuple(kind for kind in schema.load().kinds if kind not in told)
    for key, title, kinds in (*_TITLES, ("other", "What else is said of it", others)):
        of_kind = [fact for fact in facts if fact.kind in kinds]
        if of_kind or key in ("care", "treats"):
            count = len({fact.subject for fact in of_kind if fact.polarity == AFFIRMED})
            yield Section(key, title, count, tuple(_groups(of_kind)))


def _groups(facts: list[Fact]) -> Iterable[Group]:
    """Group by level, the most severe first; what is stated to be safe and what is denied come last, each apart."""
    by_level: dict[str | None, list[Fact]] = {}
    for fact in facts:
        if fact.polarity == AFFIRMED:
            by_level.setdefault(fact.level, []).append(fact)
    for level in sorted(by_level, key=scale.rank, reverse=True):
        is_levelled = level is not None or len(by_level) > 1
        yield Group(level, is_levelled, False, _by_drug(by_level[level]))
    if denied := [fact for fact in facts if fact.polarity != AFFIRMED]:
        yield Group(None, False, True, _by_drug(denied))


def _by_drug(facts: list[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: (fact.subject.label.casefold(), fact.iri)))
