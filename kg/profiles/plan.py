"""The plan of a profile: which section shows which kinds of facts, and by which qualifier they are grouped."""

from __future__ import annotations

from typing import NamedTuple

from kg.records import Fact
from kg.results import closed

OTHERWISE = "otherwise"
"""The group of values that are on no list and are no figure either."""


class Part(NamedTuple):
    """Facts of a kind, with one value of the qualifier `by` if `only` names it, else grouped by its values."""

    kind: str
    by: str = ""
    only: str = ""

    def takes(self, fact: Fact) -> bool:
        """Tell whether a fact belongs here."""
        return fact.kind == self.kind and (not self.only or fact.qualifiers.get(self.by) == self.only)

    def group(self, fact: Fact) -> str:
        """Return the value that a fact is grouped under, empty where it says none; a figure belongs to its word.

        >>> from kg.records import Entity
        >>> told = Fact("adverse_effect", Entity("x"), Entity("dizziness"), (), qualifiers={"frequency": "12 %"})
        >>> Part("adverse_effect", "frequency").group(told)
        'very_common'
        """
        said = fact.qualifiers.get(self.by, "")
        values = closed.values(self.by) if self.by else {}
        if not said or not values or said in values:
            return said if values else ""
        ranked = sorted(values.values(), key=lambda value: -(value.rank or 0))
        return next((one.name for one in ranked if closed.is_frequent(said, one.name)), OTHERWISE)


class Plan(NamedTuple):
    """A section: a name for its address, its title, and the parts that it shows."""

    key: str
    title: str
    parts: tuple[Part, ...] = ()


CARE, INTERACTIONS = "care", "interactions"

PLAN: tuple[Plan, ...] = (
    Plan("identity", "What it is", (Part("drug_class"), Part("brand_name"))),
    Plan("uses", "What it is for", (Part("indication", "approval"),)),
    Plan("working", "How it works", (Part("mechanism"), Part("pharmacologic_effect"), Part("pharmacokinetics"))),
    Plan(CARE, "What warrants caution", (Part("pregnancy_category"),)),
    Plan("effects", "Adverse effects", (Part("adverse_effect", "frequency"),)),
    Plan(INTERACTIONS, "Interactions"),
    Plan("dosing", "Dosing", (Part("dosage", "stage"),)),
    Plan("stopping", "Stopping", (Part("withdrawal_effect"), Part("advice", "topic", "stopping"))),
    Plan("advice", "Advice", (Part("advice", "topic"),)),
    Plan("alternatives", "What may take its place", (Part("alternative"),)),
)
"""The sections in order. A fact belongs to the first part that takes it; contraindications, cautions and interactions
are on the scale of care, so that `kg.care` says where they stand in the sections on care and interactions."""
