"""What documents say of one drug, or of one class of drugs, kind by kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.graph import encode
from kg.records import Entity, Fact
from kg.results import closed, html, meaning
from kg.results.closed import Approval, Frequency, Kind, Level, Polarity, Severity, Stage, Topic, suggesting
from kg.results.facts import Facts
from kg.results.sequences import Records

if TYPE_CHECKING:
    from kg.api import Graph

_CONTRAINDICATION: Kind = "contraindication"
_REASSURING = frozenset({"stated_safe"})


@dataclass(frozen=True)
class DrugView:
    """What the documents say of one drug.

    Each method gives the affirmed facts of a kind; what is said *not* to be so is in `denied`. What no document
    mentions is in neither: an empty answer never means "no" or "safe". Keywords narrow an answer down; names in them
    may be in any spelling, and what is misspelt is an error that says what there is.

    >>> import kg
    >>> klonopin = kg.load().drug("Klonopin")
    >>> klonopin
    <DrugView of clonazepam>
    >>> klonopin.cautions(min_level="contraindicated", in_population="elderly")
    <0 facts>
    >>> klonopin.cautions(min_levle="avoid")
    Traceback (most recent call last):
    kg.errors.UnknownNameError: min_levle: cautions takes no such keyword; use ... (did you mean min_level?)
    """

    graph: Graph = field(repr=False)
    entity: Entity

    def __repr__(self) -> str:
        """Say which drug it is."""
        return f"<{type(self).__name__} of {html.short(self.label, 60)}>"

    @property
    def label(self) -> str:
        """The drug's name."""
        return self.entity.label

    @suggesting
    def facts(self, kind: Kind | None = None, polarity: Polarity | None = None, *, said_by: str | None = None) -> Facts:
        """Return all facts about the drug: of a kind, of a polarity, said by a document.

        >>> import kg
        >>> kg.load().drug("clonazepam").facts(kind="drug_class", polarity="affirmed").on("benzodiazepine")
        <1 fact: clonazepam drug_class benzodiazepine>
        """
        iri = self.entity.iri or encode.node_of(self.entity).value
        found = self.graph.facts(kind, iri, polarity=polarity)
        return found if said_by is None else found.said_by(said_by)

    def denied(self, kind: Kind | None = None) -> Facts:
        """Return what documents say not to be so.

        >>> import kg
        >>> {fact.polarity for fact in kg.load().drug("clonazepam").denied()} <= {"denied"}
        True
        """
        return self.facts(kind, "denied")

    @suggesting
    def cautions(self, min_level: Level | None = None, *, in_population: str | None = None) -> Facts:
        """Return what warrants care, most severe first: contraindications, then cautions by their level.

        Drugs and substances that need care are in `interactions`; what is stated to be safe is in `facts`. With
        `in_population`, only what is said of this group of people (see `Facts.in_population`).

        Raises
        ------
        UnknownNameError
            When `min_level` is not on the scale of care, or nothing is called like the population.

        >>> import kg
        >>> kg.load().drug("Klonopin").cautions("avoid").on("driving")
        <1 fact: clonazepam caution driving (avoid)>
        """
        least = closed.rank(closed.level(min_level))
        found = self._affirmed(_CONTRAINDICATION) + self._affirmed("caution")
        wanted = found.filter(lambda f: f.level not in _REASSURING and closed.rank(f.level) >= least)
        return _of_group(wanted, in_population).sorted_by(_most_care_first)

    @suggesting
    def contraindications(self, *, in_population: str | None = None) -> Facts:
        """Return where the drug must not be used.

        >>> import kg
        >>> {fact.level for fact in kg.load().drug("Klonopin").contraindications()} <= {"contraindicated"}
        True
        """
        return _of_group(self._affirmed(_CONTRAINDICATION), in_population)

    @suggesting
    def interactions(self, with_: str | None = None, *, min_level: Level | None = None, broader: bool = False) -> Facts:
        """Return the drugs, classes and substances that it interacts with, those that need most care first.

        `with_` names one of them; with `broader`, what is said of a class that this one belongs to is found too, and
        `Facts.through` tells which facts these are. `min_level` leaves out what is said without a level of care.

        Raises
        ------
        UnknownNameError
            When `min_level` is not on the scale of care, or nothing is called like `with_`.

        >>> import kg
        >>> found = kg.load().drug("Klonopin").interactions(with_="oxycodone", broader=True)
        >>> "opioid" in {found.through(fact).broader.label for fact in found if found.through(fact)}
        True
        """
        found = self._affirmed("interaction")
        if min_level is not None:
            found = found.where(min_level=min_level)
        if with_ is not None:
            found = found.on(with_, broader=broader)
        return found.sorted_by(_most_care_first)

    @suggesting
    def indications(self, *, approval: Approval | None = None, in_population: str | None = None) -> Facts:
        """Return what it is used for, off-label uses included; `approval` keeps those whose approval is said.

        >>> import kg
        >>> uses = kg.load().drug("Rivotril").indications(approval="off_label")
        >>> {fact.qualifiers["approval"] for fact in uses} <= {"off_label"}
        True
        """
        found = self._affirmed("indication")
        return _of_group(found if approval is None else found.where(approval=approval), in_population)

    @suggesting
    def adverse_effects(
        self,
        *,
        min_frequency: Frequency | None = None,
        severity: Severity | None = None,
        in_population: str | None = None,
        with_: str | None = None,
    ) -> Facts:
        """Return the unwanted effects of its use.

        `min_frequency` holds words and printed figures against the word's smallest share, and leaves out effects whose
        frequency is not said; `with_` keeps those that are said of its use together with another drug.

        Raises
        ------
        UnknownNameError
            When a frequency or a severity is not on its list, or a name is unknown.

        >>> import kg
        >>> kg.load().drug("clonazepam").adverse_effects(severity="life threatening").filter(lambda f: f.level)
        <0 facts>
        """
        found = self._affirmed("adverse_effect")
        if min_frequency is not None:
            found = found.at_least_as_frequent(min_frequency)
        if severity is not None:
            found = found.where(severity=severity)
        if with_ is not None:
            found = found.where(with_=with_)
        return _of_group(found, in_population)

    @suggesting
    def withdrawal_effects(self, *, severity: Severity | None = None) -> Facts:
        """Return the unwanted effects of stopping it."""
        found = self._affirmed("withdrawal_effect")
        return found if severity is None else found.where(severity=severity)

    @suggesting
    def dosages(
        self, *, for_: str | None = None, stage: Stage | None = None, in_population: str | None = None
    ) -> Facts:
        """Return how it is given: for a condition, in a stage of treatment, to a group of people.

        >>> import kg
        >>> kg.load().drug("clonazepam").dosages(for_="panic disorder", stage="maximum").objects
        <1 record: panic disorder>
        """
        found = self._affirmed("dosage")
        if for_ is not None:
            found = found.on(for_)
        if stage is not None:
            found = found.where(stage=stage)
        return _of_group(found, in_population)

    @suggesting
    def advice(self, *, topic: Topic | None = None) -> Facts:
        """Return what those who take, give or store it are told to do."""
        found = self._affirmed("advice")
        return found if topic is None else found.where(topic=topic)

    def pharmacologic_effects(self) -> Facts:
        """Return its wanted or characteristic effects."""
        return self._affirmed("pharmacologic_effect")

    def mechanisms(self) -> Facts:
        """Return how it works."""
        return self._affirmed("mechanism")

    def classes(self) -> Facts:
        """Return the classes that documents put it in."""
        return self._affirmed("drug_class")

    def brands(self) -> Facts:
        """Return the names that it is sold under."""
        return self._affirmed("brand_name")

    def pharmacokinetics(self) -> Facts:
        """Return what the body does to it."""
        return self._affirmed("pharmacokinetics")

    def pregnancy_categories(self) -> Facts:
        """Return its pregnancy categories."""
        return self._affirmed("pregnancy_category")

    def alternatives(self) -> Facts:
        """Return what may take its place."""
        return self._affirmed("alternative")

    def to_html(self, *, with_quotes: bool = False) -> str:
        """Return a report of it as one page of HTML; see `Graph.report`."""
        return self.graph.report(self.entity.iri or self.label, with_quotes=with_quotes)

    def _affirmed(self, kind: Kind) -> Facts:
        return self.facts(kind, "affirmed")


@dataclass(frozen=True, repr=False)
class ClassView(DrugView):
    """What the documents say of a class of drugs: as of a drug, and who belongs to it.

    >>> import kg
    >>> benzodiazepines = kg.load().drug_class("benzodiazepines")
    >>> benzodiazepines
    <ClassView of benzodiazepine>
    >>> "clonazepam" in [drug.label for drug in benzodiazepines.members()]
    True
    """

    def members(self) -> Records[Entity]:
        """Return the drugs of this graph that belong to it, by what documents say or by the vocabulary; by label."""
        below = (link.narrower for _, link in meaning.below(self.graph.store, self.entity))
        found = {encode.node_of(one).value: one for one in (*below, *(fact.subject for fact in self.memberships()))}
        names = self.graph.names
        drugs = (one for iri, one in found.items() if names.is_subject(iri) and not self._is_class(one))
        return Records(sorted(drugs, key=lambda drug: (drug.label, drug.iri or "")))

    def _is_class(self, one: Entity) -> bool:
        return "DrugClass" in self.graph.types(one)

    def memberships(self) -> Facts:
        """Return what documents say of who belongs to it, or to a class below it."""
        classes = [self.entity, *(link.narrower for _, link in meaning.below(self.graph.store, self.entity))]
        return self.graph.facts_on(classes, ("drug_class",)).where(polarity="affirmed")

    def said_of(self, kind: Kind | None = None) -> Facts:
        """Return what documents say of it in facts about drugs: interactions with it, alternatives in it."""
        return self.graph.facts_on([self.entity], (kind,) if kind else None)


def _of_group(found: Facts, population: str | None) -> Facts:
    return found if population is None else found.in_population(population)


def _most_care_first(fact: Fact) -> tuple[int, str, str]:
    return (-closed.rank(fact.level), fact.object.label.casefold(), fact.iri)
