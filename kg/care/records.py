"""The records of graded care. All frozen; every one opens to the facts and quotes under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.care import scale
from kg.records import NO_QUALIFIERS, Derived, Entity, Fact, Link

NOTICE = "Information about documents, not medical advice."

STATED, DENIED, BOTH = "stated", "denied", "stated and denied"
WIDER, FOLLOWS, RELATED, NOT_STATED = "stated of something wider", "follows", "only related", "not stated"
"""The verdicts: of the thing itself; of a class or of something wider; only by rules; only of something narrower."""

Step = Link | Fact
"""Why a fact about something else concerns the drug: a step of the vocabulary, or a fact that puts it in a class."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Facts that say the same level of the same thing, from the same origin: who says which.

    `steps` lead from the drug, or from the thing asked about, to what the documents speak of; empty where they speak
    of these themselves.
    """

    level: str | None
    polarity: str
    origin: str
    facts: tuple[Fact, ...]
    steps: tuple[Step, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents that say it, sorted."""
        return tuple(sorted({name for fact in self.facts for name in fact.documents}))

    @property
    def effects(self) -> tuple[str, ...]:
        """What an interaction leads to, where documents say so, sorted."""
        return tuple(sorted({fact.qualifiers["effect"] for fact in self.facts if "effect" in fact.qualifiers}))


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs care with a drug (or is stated safe, or denied), under one set of limits.

    Attributes
    ----------
    object : Entity
        The condition, person, activity, drug or substance.
    concern : str
        Which of these it is: "condition", "person", "activity", "drug", "substance" or "other".
    scope : mapping
        What limits it: `severity`, `population`, `with`, `condition`. Never dropped.
    sayings : tuple of Saying
        The levels with who says which: the strongest origin first, then the most severe. Empty where it only follows.
    derived : tuple of Derived
        What follows for the same object by rules, below what is stated.
    against : tuple of Saying
        What documents say to the contrary of the same thing: stated safe, denied, or (of a denied item) affirmed.
    pending : mapping
        The part of the scope of which it is not known that it holds where the answer is wanted.
    independent : int
        How many independent documents say it.
    """

    object: Entity
    concern: str
    scope: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS)
    sayings: tuple[Saying, ...] = ()
    derived: tuple[Derived, ...] = ()
    against: tuple[Saying, ...] = ()
    pending: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS)
    independent: int = 0

    @property
    def origin(self) -> str:
        """The strongest origin of what is said: "stated", "class", "vocabulary" or "derived"."""
        return self.sayings[0].origin if self.sayings else scale.DERIVED

    @property
    def level(self) -> str | None:
        """The most severe level from the strongest origin; None where no level is given."""
        if self.sayings:
            return scale.worst(s.level for s in self.sayings if s.origin == self.origin)
        return scale.worst(d.level for d in self.derived)

    @property
    def highest(self) -> str | None:
        """The most severe level that a document says, of the drug, its class or something wider; else what follows."""
        return scale.worst(s.level for s in self.sayings) if self.sayings else self.level

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact under it, what is said before what only supports a derivation."""
        found = {f.iri: f for s in self.sayings for f in s.facts}
        found |= {f.iri: f for s in self.sayings for f in s.steps if isinstance(f, Fact) and f.iri not in found}
        found |= {f.iri: f for d in self.derived for f in d.facts if f.iri not in found}
        return tuple(found.values())

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents that say it, or from which it follows where none does, sorted."""
        behind: Iterable[Saying | Derived] = self.sayings or self.derived
        return tuple(sorted({name for said in behind for name in said.documents}))

    @property
    def when(self) -> str:
        """What limits it, in words: "if severe; in older adults"."""
        return scale.when(self.scope)

    @property
    def disagreement(self) -> tuple[str, ...]:
        """In what the documents differ: "level", "polarity", both, or neither."""
        said = [s for s in (*self.sayings, *self.against) if s.origin == scale.STATED]
        return tuple(
            name for name, differ in (("level", _levels_differ), ("polarity", _polarities_differ)) if differ(said)
        )


def _levels_differ(said: Iterable[Saying]) -> bool:
    """Whether the most severe level of one document is not that of another; where no level is given, none differs."""
    ranks: dict[str, int] = {}
    for saying in said:
        if saying.polarity == "affirmed" and saying.level is not None:
            for name in saying.documents:
                ranks[name] = max(ranks.get(name, 0), scale.rank(saying.level))
    return len(set(ranks.values())) > 1


def _polarities_differ(said: Iterable[Saying]) -> bool:
    """Whether one document denies what another affirms: the same kind, level and effect."""
    by_content: dict[tuple[str, str | None, str | None], dict[str, set[str]]] = {}
    for fact in (f for saying in said for f in saying.facts):
        content = (fact.kind, fact.level, fact.qualifiers.get("effect"))
        by_content.setdefault(content, {}).setdefault(fact.polarity, set()).update(fact.documents)
    return any(len(sides) > 1 and len(set().union(*sides.values())) > 1 for sides in by_content.values())


@dataclass(frozen=True, slots=True)
class CautionAnswer:
    """What warrants care with a drug, all of it or with one thing.

    Attributes
    ----------
    drug : Entity
        The drug that was asked about.
    things : tuple of Entity
        What was asked about together with it; empty where everything was.
    severity : str or None
        The severity that was asked about.
    items : tuple of Item
        What warrants care: what is stated before what is said of a class, of something wider, and what follows; in
        each of these the most severe first, then what most independent documents say.
    stated_safe, denied : tuple of Item
        What documents state to be safe, and what they say not to be so. Neither is among `items`.
    only_for : tuple of Item
        What is said of something narrower than what was asked about: it holds for that alone.
    near : tuple of Item
        What is said, in a document's own words, of another form of what the thing is a kind of ("significant liver
        disease" where cirrhosis was asked about): whether it holds for the thing is not known.
    for_everyone : tuple of Item
        Where a population was asked about: what is said without one, and so holds for its members too.
    harms : tuple of Fact
        Unwanted effects that documents state of the thing, the combination, or the people asked about.
    documents : tuple of str
        The documents that speak of the drug, sorted.
    """

    drug: Entity
    things: tuple[Entity, ...] = ()
    severity: str | None = None
    items: tuple[Item, ...] = ()
    stated_safe: tuple[Item, ...] = ()
    denied: tuple[Item, ...] = ()
    only_for: tuple[Item, ...] = ()
    near: tuple[Item, ...] = ()
    for_everyone: tuple[Item, ...] = ()
    harms: tuple[Fact, ...] = ()
    documents: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """What can be said at all: one of the verdicts of this module. Not stated is neither "no" nor "safe"."""
        stated = any(i.origin == scale.STATED for i in (*self.items, *self.stated_safe))
        denied = any(i.origin == scale.STATED for i in self.denied)
        if stated or denied:
            return BOTH if stated and denied and self.things else STATED if stated else DENIED
        if any(i.origin != scale.DERIVED for i in (*self.items, *self.stated_safe, *self.denied)):
            return WIDER
        if self.items:
            return FOLLOWS
        return RELATED if self.only_for or self.near or self.harms else NOT_STATED

    @property
    def stating(self) -> tuple[str, ...]:
        """The documents behind what is said, sorted."""
        parts = (*self.items, *self.stated_safe, *self.denied, *self.only_for, *self.near)
        return tuple(sorted({name for item in parts for name in item.documents}))

    @property
    def summary(self) -> str:
        """One sentence that says how many of the documents say it, and of what."""
        from kg.care import words

        return words.summary(self)

    @property
    def notice(self) -> str:
        """What every answer has to say about itself."""
        return NOTICE

    def to_dict(self) -> dict[str, object]:
        """Return what can be written as JSON: every item with its evidence."""
        from kg.care import written

        return written.answer(self)


@dataclass(frozen=True, slots=True)
class DrugInNeed:
    """One drug that needs care with the things asked about: for each of them the items, most severe first."""

    drug: Entity
    answers: tuple[CautionAnswer, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of all things, in their order; those of something narrower where there are no others."""
        found = tuple(item for answer in self.answers for item in answer.items)
        return found or tuple(item for answer in self.answers for item in answer.only_for)

    @property
    def worst(self) -> Item | None:
        """The item that weighs most: stated before all others, then the most severe."""
        return self.items[0] if len(self.answers) == 1 and self.items else min(self.items, key=_weight, default=None)


def _weight(item: Item) -> tuple[int, int]:
    return scale.ORIGINS.index(item.origin), -scale.rank(item.level)


@dataclass(frozen=True, slots=True)
class NeedingAnswer:
    """The drugs that need care with some things, those that need most first.

    `total` counts all that were found; `truncated` says that more were found than are shown. `only_for` has further
    drugs, of which documents say so only of something narrower than what was asked about (in `only_for` of their
    answers): it does not hold for the thing itself, and nobody says that it does not. `only_for_total` counts them.
    """

    things: tuple[tuple[Entity, ...], ...]
    combine: str
    drugs: tuple[DrugInNeed, ...]
    total: int
    documents: tuple[str, ...] = ()
    only_for: tuple[DrugInNeed, ...] = ()
    only_for_total: int = 0

    @property
    def truncated(self) -> bool:
        """Whether drugs were found that are not shown."""
        return self.total > len(self.drugs)

    @property
    def notice(self) -> str:
        """What every answer has to say about itself."""
        return NOTICE

    @property
    def summary(self) -> str:
        """One sentence that says how many drugs, and from how many documents."""
        from kg.care import words

        return words.needing(self)

    def to_dict(self) -> dict[str, object]:
        """Return what can be written as JSON: every item with its evidence."""
        from kg.care import written

        return written.needing(self)


@dataclass(frozen=True, slots=True)
class Cell:
    """One drug with one thing about the patient: the worst level that holds, and the answer that it was taken from.

    `level` is None where no level is given or nothing is stated; `item` is what decides, None where nothing is said.
    """

    answer: CautionAnswer
    item: Item | None

    @property
    def level(self) -> str | None:
        """The worst level."""
        return self.item.highest if self.item else None

    @property
    def is_stated(self) -> bool:
        """Whether anything is said or follows that holds here; where not, it is unknown, and never safe."""
        return self.item is not None

    @property
    def reason(self) -> str:
        """Why, in a few words; "not stated in any of N documents" where nothing is said."""
        from kg.care import words

        return words.reason(self)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that say the worst level; where none says any, those that it follows from."""
        if self.item is None:
            return ()
        behind: Iterable[Saying | Derived] = self.item.sayings or self.item.derived
        return tuple({fact.iri: fact for one in behind if one.level == self.level for fact in one.facts}.values())

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents that say the worst level, sorted."""
        return tuple(sorted({name for fact in self.facts for name in fact.documents}))


@dataclass(frozen=True, slots=True)
class FitRow:
    """One drug of a table: its place (drugs that weigh the same share one; None: nothing is stated), and its cells."""

    drug: Entity
    place: int | None
    cells: tuple[Cell, ...]

    @property
    def not_stated(self) -> int:
        """How many cells are unknown."""
        return sum(not cell.is_stated for cell in self.cells)


@dataclass(frozen=True, slots=True)
class FitTable:
    """Which of some drugs ask for least care in one patient, with the reason in every cell.

    The order has no score: see `kg.care.fit`. Nothing here says that a drug is safe or suitable.
    """

    patient: tuple[str, ...]
    rows: tuple[FitRow, ...]

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents that speak of the drugs, sorted."""
        return tuple(sorted({name for row in self.rows for cell in row.cells for name in cell.answer.documents}))

    @property
    def summary(self) -> str:
        """One sentence that says how many drugs are compared, and how many cells are unknown."""
        from kg.care import words

        return words.fitting(self)

    @property
    def rule(self) -> str:
        """The rule of the order, in words."""
        from kg.care import words

        return words.FIT_RULE

    @property
    def notice(self) -> str:
        """What every answer has to say about itself."""
        return NOTICE

    def to_dict(self) -> dict[str, object]:
        """Return what can be written as JSON: every cell with its evidence."""
        from kg.care import written

        return written.fit(self)
