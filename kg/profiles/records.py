"""The records of a profile. All frozen; each opens to the facts and quotes under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.care import scale, words
from kg.records import Derived, Entity, Fact
from kg.schema import NOTICE

if TYPE_CHECKING:
    from kg.agreement.contradictions import Contradictions
    from kg.care import CautionAnswer
    from kg.graph.encode import Source

AFFIRMED, DENIED = "affirmed", "denied"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact as a page shows it.

    Attributes
    ----------
    fact : Fact
        The fact, with its evidence; quotes are there where the texts are at hand.
    independent : int
        How many documents say it when copies of one text count once; `fact.documents` names all of them.
    limits : tuple of (name, value)
        What narrows it down or says more, in words; the level of care and what the group says already are left out.
    origin : str
        "stated" of the drug, or said of a "class" or of something wider ("vocabulary"); see `kg.care.scale`.
    why : str
        Why a fact about something else concerns the drug; empty where it is about the drug.
    """

    fact: Fact
    independent: int
    limits: tuple[tuple[str, str], ...] = ()
    origin: str = scale.STATED
    why: str = ""

    @property
    def level(self) -> str:
        """The level of care in words; empty where none is said."""
        return words.level(self.fact.level) if self.fact.level else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is said of the drug, with every fact that says it.

    `derived` is what follows for the same thing by rules, `differs` in what the documents differ ("level", "polarity").
    """

    object: Entity
    lines: tuple[Line, ...]
    derived: tuple[Derived, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts of its lines, in their order."""
        return tuple(line.fact for line in self.lines)


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of a section that have something in common: a level of care, a frequency, a kind, that all are denied.

    `key` is the value in statements ("not_recommended"), empty where it is not said; `title` has it in words, empty
    where a section has one group without a name; `origin` is as of a line.
    """

    key: str
    title: str
    entries: tuple[Entry, ...]
    polarity: str = AFFIRMED
    origin: str = scale.STATED


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page; `key` is a name for its address. Without groups, nothing of it is stated.

    `is_graded` says that its groups are levels of care, from origin to origin.
    """

    key: str
    title: str
    groups: tuple[Group, ...]
    is_graded: bool = False

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of the groups."""
        return tuple(entry for group in self.groups for entry in group.entries)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts, in the order of the groups."""
        return tuple(fact for entry in self.entries for fact in entry.facts)


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of the page: its number, what is known about it, and how many facts of the page it says.

    `speaks_of_it` is false of a document that says something only of a class of the drug, or of what it follows from.
    """

    number: int
    source: Source
    facts: int
    speaks_of_it: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What documents say of one drug, section by section.

    Attributes
    ----------
    drug : Entity
        The drug, brand or class.
    types : tuple of str
        What it is in the ontology ("Drug").
    names : tuple of str
        What else the vocabulary calls it, brands included.
    matches : tuple of str
        The IRIs that public vocabularies give it.
    sections : tuple of Section
        The parts of the page, in order; always the same ones.
    contradictions : Contradictions
        Where independent documents contradict each other about it.
    documents : tuple of Listed
        The documents behind it: those that speak of it before the others, by name; numbered from 1.
    caution : CautionAnswer
        The graded answer that the sections on care and interactions show.
    """

    drug: Entity
    types: tuple[str, ...]
    names: tuple[str, ...]
    matches: tuple[str, ...]
    sections: tuple[Section, ...]
    contradictions: Contradictions
    documents: tuple[Listed, ...]
    caution: CautionAnswer

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact that has a line, in the order of the page, each once."""
        return tuple(fact for section in self.sections for fact in section.facts)

    @property
    def speaking(self) -> int:
        """How many documents speak of it."""
        return sum(one.speaks_of_it for one in self.documents)

    @property
    def numbers(self) -> Mapping[str, int]:
        """The number of each document by its name."""
        return {one.source.name: one.number for one in self.documents}

    @property
    def not_stated(self) -> str:
        """What an empty section says: not stated in so many documents; never "no", never "safe"."""
        return words.not_stated(self.caution) if self.speaking else f"No document speaks of {self.drug.label}."

    @property
    def notice(self) -> str:
        """What every page has to say about itself."""
        return NOTICE
