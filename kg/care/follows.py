"""What follows from facts for a drug: read from the derivations, with quotes, and never what is shown anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.care import rules
from kg.care.gather import Shelf, Steps, iri_of
from kg.care.records import Step
from kg.care.scale import CARE_KINDS
from kg.records import Derived, Link


def derived(shelf: Shelf, drug: str, things: Steps | None = None) -> Iterator[Derived]:
    """Give what follows for a drug and asks for care: of anything, or of some things.

    The steps from a thing that was asked about to what it follows for are added to the derivation's own.
    """
    for one in shelf.derived(subject=drug):
        object_ = iri_of(one.object)
        if is_wanted(one) and (things is None or object_ in things):
            yield quoted(shelf, _with_steps(one, things[object_] if things is not None else ()))


def of_things(shelf: Shelf, things: Steps) -> Iterator[Derived]:
    """Give what follows for any drug with some things; without quotes."""
    for object_, steps in things.items():
        yield from (_with_steps(one, steps) for one in shelf.derived(object_=object_) if is_wanted(one))


def is_wanted(one: Derived) -> bool:
    """Tell whether it asks for care, and is more than what a class hands on: that is shown as said of the class."""
    return one.kind in CARE_KINDS and one.rule not in rules.inheriting()


def quoted(shelf: Shelf, one: Derived) -> Derived:
    """Return a derivation whose facts show their quotes where the texts are at hand."""
    return replace(one, facts=tuple(shelf.fact(fact.iri) for fact in one.facts))


def _with_steps(one: Derived, steps: tuple[Step, ...]) -> Derived:
    return replace(one, links=(*one.links, *(step for step in steps if isinstance(step, Link))))
