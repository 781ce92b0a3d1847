"""Thousands of spoilt graphs are judged by the fast validator and by the reference: not one result may differ.

Each mutant is a small world of its own (`tests/test_mutations.py`): one in which one triple was dropped, retyped,
misdirected, left dangling or doubled, or one in which some triples got a value, a property or a type that was drawn by
lot, hostile ones among them. They stand in a few graphs together, since both validators say which node a result is of.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.graph import store as stores
from kg.graph import terms
from kg.validation import data as judged
from kg.validation import judging, shapes
from kg.vocabulary import schema
from tests.test_mutations import OBJECTS, World, _quads, mutants, world

SEED = 20
DRAWN = 2_000
"""Mutants by lot; those by plan are two thirds as many."""

TYPES = ("integer", "nonNegativeInteger", "decimal", "date", "anyURI", "unsignedInt", "normalizedString", "boolean")
TEXTS = (
    "",
    " ",
    "\u001c\u001d",
    "\u00a0",
    "7",
    "-7",
    "007",
    "+7",
    "7.0",
    "a" * 64,
    "a" * 64 + "\n",
    "9" * 5_000,
    "x" * 301,
)


def planned() -> Iterator[tuple[World, list[ox.Quad]]]:
    """Spoil every triple of a world in every way, one a world."""
    numbers = itertools.count()
    for kind in OBJECTS:
        original = world(next(numbers), kind)
        yield original, list(_quads(original, None))
        for index in range(sum(1 for _ in mutants(original, kind))):
            made = world(next(numbers), kind)
            yield made, list(_quads(made, next(itertools.islice(mutants(made, kind), index, None))))


def drawn(lot: random.Random) -> Iterator[tuple[World, list[ox.Quad]]]:
    """Spoil one to four quads of a world by lot."""
    predicates = [ox.NamedNode(iri) for iri in sorted({*schema.load().qualifiers, terms.RDF_TYPE, *_USED})]
    for number in range(DRAWN):
        made = world(number, lot.choice(list(OBJECTS)))
        quads = list(_quads(made, None))
        for _ in range(lot.randint(1, 4)):
            place = lot.randrange(len(quads))
            quad = quads[place]
            spoilt = ox.Quad(quad.subject, quad.predicate, _value(lot, quads), quad.graph_name)
            if lot.random() < 0.2:
                spoilt = ox.Quad(quad.subject, lot.choice(predicates), quad.object, quad.graph_name)
            if lot.random() < 0.5:
                quads.append(spoilt)
            else:
                quads[place] = spoilt
        yield made, quads


_USED = tuple(terms.DRUGS + name for name in ("subject", "object", "evidence", "polarity", "length", "sha256", "about"))


def _value(lot: random.Random, quads: list[ox.Quad]) -> ox.NamedNode | ox.Literal | ox.BlankNode:
    choice = lot.randrange(6)
    text = lot.choice(TEXTS)
    if choice == 0:
        return ox.Literal(text)
    if choice == 1:
        return ox.Literal(text, language=lot.choice(("en", "de-CH")))
    if choice == 2:
        return ox.Literal(text, datatype=ox.NamedNode(terms.XSD + lot.choice(TYPES)))
    if choice == 3:
        return lot.choice([q.subject for q in quads if isinstance(q.subject, ox.NamedNode)])
    if choice == 4:
        return ox.NamedNode(lot.choice(sorted(schema.load().kinds_by_iri)))
    return lot.choice([q.object for q in quads if isinstance(q.object, ox.NamedNode | ox.Literal)])


@pytest.mark.slow
@pytest.mark.parametrize("how", ["planned", "drawn"])
def test_the_fast_validator_says_of_thousands_of_mutants_what_the_reference_says(how: str) -> None:
    worlds = list(planned() if how == "planned" else drawn(random.Random(SEED)))  # noqa: S311 - the same lots each time
    data = judged.read(stores.from_quads(quad for _, quads in worlds for quad in quads))
    verdict = judging.judge(data, shapes.packaged(), "both")
    assert (verdict.validator, verdict.reason, verdict.differences) == ("both", "", ())
    assert len(worlds) > 1_000
    results = verdict.judged.results
    assert len(results) > len(worlds), "most mutants are wrong in more than one way"
    said = {result.component for result in results}
    assert len(said) >= 10, sorted(said)
