"""Assembly: what makes two statements one fact, what keeps them apart, and what a fact is called."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from kg import assembly
from kg.errors import OntologyError
from kg.records import Entity, Fact, Statement
from tests import made

BASE = "https://w3id.org/drug-facts/"
ALIKE: tuple[tuple[str, made.Said, made.Said, bool], ...] = (
    (
        "the same",
        ("caution", "driving", {"level": "avoid"}, "affirmed"),
        ("caution", "driving", {"level": "avoid"}, "affirmed"),
        True,
    ),
    (
        "another level",
        ("caution", "driving", {"level": "avoid"}, "affirmed"),
        ("caution", "driving", {"level": "caution"}, "affirmed"),
        False,
    ),
    ("denied", ("indication", "insomnia", {}, "affirmed"), ("indication", "insomnia", {}, "denied"), False),
    (
        "another kind",
        ("adverse_effect", "seizure", {}, "affirmed"),
        ("withdrawal_effect", "seizure", {}, "affirmed"),
        False,
    ),
    (
        "another object",
        ("adverse_effect", "seizure", {}, "affirmed"),
        ("adverse_effect", "insomnia", {}, "affirmed"),
        False,
    ),
    (
        "one more qualifier",
        ("adverse_effect", "seizure", {}, "affirmed"),
        ("adverse_effect", "seizure", {"severity": "mild"}, "affirmed"),
        False,
    ),
    (
        "two names of a population",
        ("caution", "seizure", {"level": "monitor", "population": "older adults"}, "affirmed"),
        ("caution", "seizure", {"level": "monitor", "population": "elderly"}, "affirmed"),
        True,
    ),
)

PROPERTIES: tuple[tuple[str, Mapping[str, str], str, str], ...] = (
    ("adverse_effect", {"frequency": "rare"}, "ontology/frequency", BASE + "frequency/rare"),
    ("adverse_effect", {"frequency": "12 %"}, "ontology/frequencyFigure", "12 %"),
    ("dosage", {"frequency": "rare"}, "ontology/doseFrequency", "rare"),
    ("caution", {"level": "no_data"}, "ontology/level", BASE + "level/no_data"),
    ("caution", {"population": "older adults"}, "ontology/population", BASE + "concept/older-adults"),
    ("caution", {"population": "three tall men"}, "ontology/population", BASE + "term/three-tall-men"),
    ("advice", {"topic": "storage"}, "ontology/topic", BASE + "topic/storage"),
)

KNOWN_NAME = "ac55e6ff3ec38e84323c7ac2ab782e44c156517ab7f1fdd29178279f879355cd"

REFUSED: tuple[tuple[str, Mapping[str, str], str], ...] = (
    ("rumour", {}, "the ontology declares no such kind"),
    ("caution", {"level": "perhaps"}, "'perhaps' is not on the list"),
    ("brand_name", {"level": "avoid"}, "the kind does not allow this qualifier"),
)


def statements(*said: made.Said) -> list[Statement]:
    return made.page(said=said)[1]


@pytest.mark.parametrize(("first", "second", "same"), [case[1:] for case in ALIKE], ids=[case[0] for case in ALIKE])
def test_what_is_one_fact(first: made.Said, second: made.Said, same: bool) -> None:
    facts = assembly.assemble(statements(first, second))
    assert len(facts) == (1 if same else 2)
    assert sum(len(fact.evidence) for fact in facts) == 2


def test_evidence_of_several_documents_comes_together_in_order() -> None:
    said = (("caution", "driving", {"level": "avoid"}, "affirmed"),)
    found = [statement for name in ("b.txt", "a.txt") for statement in made.page(name, said)[1]]
    (fact,) = assembly.assemble(found)
    assert fact.documents == ("a.txt", "b.txt")
    assert [evidence.document for evidence in fact.evidence] == ["a.txt", "b.txt"]


def test_the_order_of_statements_does_not_matter() -> None:
    found = [statement for name in ("a.txt", "b.txt") for statement in made.page(name)[1]]
    expected = assembly.assemble(found)
    shuffler = random.Random(7)  # noqa: S311
    for _ in range(5):
        shuffler.shuffle(found)
        assert assembly.assemble(found) == expected


def test_the_name_of_a_fact_never_changes() -> None:
    (fact,) = assembly.assemble(statements(("caution", "driving", {"level": "avoid"}, "affirmed")))
    assert fact.iri == BASE + "fact/" + KNOWN_NAME


def test_the_same_place_counts_once() -> None:
    twice = statements(("caution", "driving", {"level": "avoid"}, "affirmed")) * 2
    assert [len(fact.evidence) for fact in assembly.assemble(twice)] == [1]


@pytest.mark.parametrize(("kind", "qualifiers", "iri", "value"), PROPERTIES)
def test_qualifiers_become_the_properties_of_the_ontology(
    kind: str, qualifiers: Mapping[str, str], iri: str, value: str
) -> None:
    fact = Fact(kind, Entity("clonazepam"), Entity("own words"), (), qualifiers=qualifiers)
    found = {p.iri.removeprefix(BASE): p.value for p in assembly.expand(fact)}
    assert found[iri] == value


@pytest.mark.parametrize(("kind", "qualifiers", "problem"), REFUSED)
def test_what_the_ontology_does_not_know_is_refused(kind: str, qualifiers: Mapping[str, str], problem: str) -> None:
    with pytest.raises(OntologyError) as caught:
        assembly.assemble(statements((kind, "own words", qualifiers, "affirmed")))
    assert caught.value.problem == problem
    assert "\n" not in str(caught.value)


def test_an_object_from_a_closed_list_is_its_value() -> None:
    (fact,) = assembly.assemble(statements(("pregnancy_category", "d", {}, "affirmed")))
    assert fact.object == Entity("D", BASE + "category/D")


def test_long_words_are_cut_and_stay_a_slice() -> None:
    words = "one two three four five six seven eight nine ten"
    document, found = made.page(said=(("advice", words, {"condition": words}, "affirmed"),))
    (fact,) = assembly.assemble(found)
    assert fact.object.label == fact.qualifiers["condition"] == "one two three four five six seven eight …"
    (evidence,) = fact.evidence
    assert evidence.object_text == "one two three four five six seven eight" == evidence.object_span.of(document.text)


def test_an_unlisted_term_has_one_broader_concept_everywhere() -> None:
    first, second = statements(
        ("adverse_effect", "odd sleepiness", {}, "affirmed"), ("withdrawal_effect", "odd sleepiness", {}, "affirmed")
    )
    broader = made.entity_of("drowsiness").iri
    narrower = Statement(
        first.kind, first.subject, Entity("odd sleepiness", None, broader), first.evidence, "affirmed", {}
    )
    assert {fact.object.broader for fact in assembly.assemble([narrower, second])} == {broader}


@pytest.mark.parametrize(
    ("one", "other"), [("α-blocker", "β-blocker"), ("own words", "Own words"), ("a b", "a-b"), ("α", "β")]
)
def test_different_words_have_different_names(one: str, other: str) -> None:
    assert assembly.term_iri(one) != assembly.term_iri(other)


def test_a_term_without_words_has_no_name() -> None:
    with pytest.raises(OntologyError, match="no words to name it by"):
        assembly.term_iri(" ")
