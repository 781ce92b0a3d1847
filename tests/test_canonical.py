"""Of two forms that ask much the same, the one that says more: the table's own cases, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import QueryError
from kg.questions import canonical, forms, understanding
from tests import asked

RULES = canonical.load()


def form(question: str) -> str:
    """Return the form that a question with names put in is understood as."""
    named = question.replace("DRUG", "clonazepam").replace("THING", "seizures")
    return understanding.understand(named, asked.graph().names).form.name


@pytest.mark.parametrize(("name", "case"), [(rule.name, case) for rule in RULES for case in rule.cases])
def test_what_a_rule_is_for_is_the_form_that_says_more(name: str, case: str) -> None:
    assert form(case) == name


@pytest.mark.parametrize(("name", "case"), [(rule.name, case) for rule in RULES for case in rule.others])
def test_what_a_rule_is_not_for_stays_what_it_was(name: str, case: str) -> None:
    assert form(case) != name


@pytest.mark.parametrize(
    ("text", "of", "name"),
    [
        ("had to stop it as it gave me a rash", "causes", None),
        ("a rash after it was stopped", "causes", "stopping_causes"),
        ("does the rash go away once it is stopped", "causes", None),
        ("how to come off it with gout", "stopping", None),
        ("if I come off it, will I get gout", "stopping", "stopping_causes"),
        ("off label in gout", "treats", "off_label"),
        ("is it labelled for gout", "treats", None),
        ("that is why I take it, is a rash known", "causes", None),
        ("why does it give a rash", "causes", "explain"),
        ("medicines that lower the gout threshold", "drugs_for", None),
    ],
)
def test_a_rule_is_followed_where_its_words_are_and_nothing_speaks_against_it(
    text: str, of: str, name: str | None
) -> None:
    found = next(one for one in forms.load().forms if one.name == of)
    other = canonical.form(found, text.lower().split(), {forms.DRUG: 1, forms.THING: 1}, [frozenset({"gout"})])
    assert (other.name if other else None) == name


def test_rules_name_forms_that_there_are() -> None:
    names = {one.name for one in forms.load().forms}
    assert all(rule.of | {rule.name} <= names for rule in RULES)


@pytest.mark.parametrize(
    ("text", "form", "things"),
    [
        ("Is clonazepam alright in pregnancy?", "pregnancy", []),
        ("Is clonazepam alright in pregnancy and gout?", "care", ["pregnancy", "gout"]),
        ("How often does clonazepam cause dizziness?", "adverse_effects_by_frequency", ["dizziness"]),
        ("How come people with gout are kept off clonazepam?", "explain", ["gout"]),
        ("could clonazepam be why I have dizziness", "causes", ["dizziness"]),
        ("unlicensed use of clonazepam in gout", "off_label", ["gout"]),
        ("Which drugs are bad for people with gout?", "drugs_needing_care", ["gout"]),
        ("does clonazepam raise blood pressure", "causes", ["hypertension"]),
        ("my kidneys are not great, may I take clonazepam", "care", ["renal impairment"]),
        ("clonazepam is a benzodiazepine, isn't it?", "class_of", []),
    ],
)
def test_nothing_that_was_named_is_lost(text: str, form: str, things: list[str]) -> None:
    found = understanding.understand(text, asked.graph().names)
    assert (found.form.name, [thing.label for thing in found.things]) == (form, things)


def test_a_table_that_lacks_something_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "canonical.toml"
    place.write_text('[[rule]]\nof = "care"\n')
    with pytest.raises(QueryError, match="a rule is incomplete"):
        canonical.load(place)
