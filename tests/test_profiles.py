"""A drug's profile: every fact in one line, who says it counted, what is denied or not stated told apart."""

from __future__ import annotations

import itertools

import pytest

import kg
from kg import profiles
from kg.care import scale
from kg.profiles.plan import OTHERWISE, PLAN, Part
from kg.records import Entity, Fact
from kg.vocabulary import schema


def test_every_kind_of_fact_has_a_section() -> None:
    shown = {part.kind for section in PLAN for part in section.parts if not part.only}
    assert shown | set(scale.CARE_KINDS) == set(schema.load().kinds)


def test_sections_have_names_of_their_own() -> None:
    assert len({section.key for section in PLAN}) == len(PLAN)


def test_every_fact_has_one_line_with_its_documents() -> None:
    graph = kg.load()
    page = profiles.profile(graph, "Klonopin")
    shown = [fact.iri for fact in page.facts]
    assert len(shown) == len(set(shown))
    assert {fact.iri for fact in graph.drug("clonazepam").facts()} == set(shown)
    for section in page.sections:
        for line in itertools.chain.from_iterable(entry.lines for entry in section.entries):
            assert 1 <= line.independent <= len(line.fact.documents)
            assert set(line.fact.documents) <= set(page.numbers)
    assert [one.number for one in page.documents] == list(range(1, len(page.documents) + 1))


@pytest.mark.parametrize(
    ("said", "group"),
    [
        ("common", "common"),
        ("unknown", "unknown"),
        ("12 %", "very_common"),
        ("1 in 5,000", "rare"),
        ("<0.01%", "very_rare"),
        ("now and then", OTHERWISE),
        (None, ""),
    ],
)
def test_effects_are_grouped_by_frequency(said: str | None, group: str) -> None:
    qualifiers = {} if said is None else {"frequency": said}
    fact = Fact("adverse_effect", Entity("x"), Entity("y"), (), qualifiers=qualifiers)
    assert Part("adverse_effect", "frequency").group(fact) == group
