"""The page of a drug: its profile, section by section, each line of which opens to its quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from kg.care import scale
from kg.questions.finding import OTHER, TYPES
from kg.results import plain
from kg.vocabulary import schema
from kg.web.pages import describing, look
from kg.web.pages.site import Asked, Shown

if TYPE_CHECKING:
    from kg.agreement.copies import Copies
    from kg.profiles import Entry, Group, Line, Profile, Section
    from kg.records import Derived, Entity

MOST_ENTRIES, MOST_NAMES = 12, 8
"""How much of a group and of the names is open from the beginning."""

_MEDICINE = "medicine, in words of its documents"
_ORIGINS = {
    scale.CLASS: "said of its class",
    scale.VOCABULARY: "said of something wider",
    scale.DERIVED: "follows from what documents say",
}


class EntryShown(NamedTuple):
    """A line of the page: the thing, the facts, what follows, and how many independent documents are behind it.

    `alone` names the fact where all that is to be told is one fact about the drug: it is fetched when it is opened.
    """

    object: Entity
    lines: tuple[Line, ...]
    derived: tuple[Derived, ...]
    differs: tuple[str, ...]
    documents: str
    alone: str


class GroupShown(NamedTuple):
    """A group of lines under its title, or under its level of care."""

    title: str
    level: str | None
    polarity: str
    origin_words: str
    entries: tuple[EntryShown, ...]


class SectionShown(NamedTuple):
    """A section of the page."""

    key: str
    title: str
    groups: tuple[GroupShown, ...]


def make(asked: Asked) -> Shown:
    """Show what documents say of a drug."""
    from kg.profiles import profile

    found = profile(asked.graph, asked.iri)
    copies = asked.graph.copies()
    shown = {
        "drug": found.drug,
        "names": found.names,
        "sections": [_section(one, copies) for one in found.sections],
        "documents": found.documents,
        "contradictions": found.contradictions,
        "caution": found.caution,
        "facts": found.facts,
        "speaking": found.speaking,
        "not_stated": found.not_stated,
    }
    values = {
        "page": shown,
        "what": _MEDICINE if what(found.types) == OTHER else what(found.types),
        "most_entries": MOST_ENTRIES,
        "most_names": MOST_NAMES,
    }
    return Shown(
        "drug.html",
        found.drug.label,
        values,
        "page drug",
        lambda: written(found),
        describing.triples(asked.graph, asked.iri),
    )


def what(types: tuple[str, ...]) -> str:
    """Return what a thing is, in one word."""
    return next((word for type_, word in TYPES.items() if type_ in types), OTHER)


def _section(section: Section, copies: Copies) -> SectionShown:
    return SectionShown(section.key, section.title, tuple(_group(one, copies) for one in section.groups))


def _group(group: Group, copies: Copies) -> GroupShown:
    level = group.key if group.key in schema.load().levels else None
    entries = tuple(_entry(one, copies) for one in group.entries)
    return GroupShown(group.title, level, group.polarity, _ORIGINS.get(group.origin, ""), entries)


def _entry(entry: Entry, copies: Copies) -> EntryShown:
    behind = entry.facts or entry.derived
    independent = copies.independent({name for one in behind for name in one.documents})
    is_alone = len(entry.lines) == 1 and not entry.derived and not entry.lines[0].why
    alone = look.tail(entry.lines[0].fact.iri) if is_alone else ""
    said = look.count(independent, "document")
    return EntryShown(entry.object, entry.lines, entry.derived, entry.differs, said, alone)


def written(found: Profile) -> Mapping[str, object]:
    """Return a profile as what JSON can hold."""
    return {
        "drug": plain.entity(found.drug),
        "types": list(found.types),
        "names": list(found.names),
        "matches": list(found.matches),
        "summary": found.caution.summary,
        "documents": [one.source.name for one in found.documents],
        "contradictions": found.contradictions.total,
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "groups": [
                    {
                        "key": group.key,
                        "title": group.title,
                        "polarity": group.polarity,
                        "origin": group.origin,
                        "entries": [
                            {
                                "object": plain.entity(entry.object),
                                "differs": list(entry.differs),
                                "facts": [plain.fact(fact) for fact in entry.facts],
                                "derived": [plain.derived(one) for one in entry.derived],
                            }
                            for entry in group.entries
                        ],
                    }
                    for group in section.groups
                ],
            }
            for section in found.sections
        ],
    }
