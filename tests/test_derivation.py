"""Derivation: what follows from facts, what does not, and that what is stated comes first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import derivation, resources, vocabulary
from kg.derivation import members, table
from kg.errors import OntologyError
from kg.records import Derived, Fact
from tests import derived as lines

RULES = table.load().rules
ACCEPTED = [(rule.name, example) for rule in RULES for example in rule.accept]
REFUSED = [(rule.name, example) for rule in RULES for example in rule.refuse]


def said(*given_lines: str) -> set[str]:
    """What follows from lines, each as "rule: drug | kind: object; qualifiers"."""
    return {written(one) for one in derivation.derive(lines.facts(*given_lines))}


def written(one: Derived) -> str:
    qualifiers = "".join(f"; {name}={value}" for name, value in one.qualifiers.items())
    return f"{one.rule}: {one.subject.label} | {one.kind}: {one.object.label}{qualifiers}"


# ------------------------------------------------------------------------------------------------ the table's examples


def example(text: str) -> list[Fact]:
    """Read an example of the table: one drug, a class and its member, or two drugs."""
    found = []
    for number, part in enumerate(text.split(" & ")):
        for line in part.split(" + "):
            drug = lines.CLASS if line.startswith("of the class ") else (lines.DRUG, lines.OTHER)[number]
            found.append(f"{drug} | {line.removeprefix('of the class ')} @ {lines.DRUG}.txt")
    return lines.facts(*found, f"{lines.DRUG} | advice: keep it dry", f"{lines.DRUG} | advice: keep it cool")


@pytest.mark.parametrize(("rule", "text"), ACCEPTED)
def test_what_a_rule_accepts_leads_to_something(rule: str, text: str) -> None:
    found = [one for one in derivation.derive(example(text)) if one.rule == rule]
    assert found
    for one in found:
        assert one.facts and all(fact.polarity == "affirmed" for fact in one.facts)
        assert one.subject.label in one.why and "{" not in one.why


@pytest.mark.parametrize(("rule", "text"), REFUSED)
def test_what_a_rule_refuses_leads_to_nothing_by_it(rule: str, text: str) -> None:
    assert [one for one in derivation.derive(example(text)) if one.rule == rule] == []


def test_every_rule_concludes_at_most_caution_and_says_why() -> None:
    assert len(RULES) > 15
    assert {rule.level for rule in RULES} == {"", "caution"}
    assert {rule.name for rule in RULES if rule.inherits} == {"class-to-member"}
    assert all(rule.accept and rule.refuse for rule in RULES)


def test_rules_name_effects_and_conditions_but_no_drug_or_brand() -> None:
    known = vocabulary.load().concepts
    for rule in RULES:
        for case in rule.cases:
            for iri in (*case.premises, *case.but_not, *case.other, *case.conclusions):
                assert not known[iri].types & {"Drug", "Brand"}, f"{rule.name}: {iri}"


CASES = 'cases = [{ if = ["drowsiness"], then = ["driving"] }]'
GOOD = f"""
[limits]
widest_class = 1
most_members = 1
most_partners = 1
enough_documents = 1

[[rule]]
name = "r"
title = "t"
why = "{{subject}}"
premise = {{ kinds = ["adverse_effect"] }}
conclusion = {{ kind = "caution", level = "caution" }}
{CASES}
accept = ["adverse_effect: drowsiness"]
refuse = ["adverse_effect: cough"]
"""
BAD = (
    ("widest_class = 1\n", "", "derivations.toml limits: are not as expected"),
    ("widest_class = 1", "widest_class = 0", "limits: are not as expected"),
    ('title = "t"', "", "derivations.toml r: has no title"),
    ('why = "{subject}"', 'why = "{drug}"', "no such place: 'drug'"),
    ('level = "caution"', 'level = "avoid"', "concludes avoid, which no document says"),
    (', level = "caution"', "", "concludes without a level of care"),
    ('kind = "caution"', 'kind = "hunch"', "the ontology declares no such kind"),
    (CASES, "", "must either inherit or conclude"),
    (CASES, f"inherits = true\n{CASES}", "must either inherit or conclude"),
    ('["driving"]', '["flying-saucers"]', "no concept 'flying-saucers' in ontology/concepts"),
    ('["driving"]', "[]", "a case is empty"),
    ('then = ["driving"]', 'other = ["driving"]', "has neither `then` nor `other`"),
    ('refuse = ["adverse_effect: cough"]', "refuse = []", "has no refuse"),
    ('kinds = ["adverse_effect"] ', 'kinds = ["adverse_effect"], ignore = [] ', "unknown key 'ignore'"),
    ("[[rule]]", "[[rule]", "not TOML"),
)


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "derivations.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert [rule.name for rule in table.load(path).rules] == ["r"]
    path = tmp_path / "twice.toml"
    path.write_text(GOOD + GOOD[GOOD.index("[[rule]]") :], encoding="utf-8")
    with pytest.raises(OntologyError, match="two rules have this name"):
        table.load(path)


@pytest.mark.parametrize(("old", "new", "problem"), BAD, ids=[problem for _, _, problem in BAD])
def test_a_wrong_table_is_refused(old: str, new: str, problem: str, tmp_path: Path) -> None:
    assert old in GOOD
    path = tmp_path / "derivations.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(OntologyError) as caught:
        table.load(path)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_rule_is_found_by_another_name() -> None:
    assert table.load().rule("alertness").name == "alertness"
    with pytest.raises(OntologyError, match="there is no such rule"):
        table.load().rule("alertnes")


# ------------------------------------------------------------------------------------------------------ classes

MEMBER = "lorazepam | drug_class: benzodiazepine"
CLASS = "benzodiazepine | caution: sleep apnea; level=avoid @ lorazepam.txt"
FOLLOWS = "class-to-member: lorazepam | caution: sleep apnea; level=avoid"


@pytest.mark.parametrize(
    ("given_lines", "follows"),
    [
        ((MEMBER, CLASS), True),
        (("lorazepam | advice: keep it dry", CLASS), True),  # the vocabulary knows the member
        (("inventine | drug_class: benzodiazepine", CLASS), False),
        (("lorazepam | denied drug_class: benzodiazepine", CLASS), False),
        ((MEMBER, CLASS.replace("caution", "denied caution", 1)), False),
        ((MEMBER, "benzodiazepine | indication: insomnia @ lorazepam.txt"), False),
        ((MEMBER, CLASS, "lorazepam | caution: sleep apnea; level=avoid"), False),  # it is stated
    ],
)  # fmt: skip
def test_members_have_what_is_said_of_their_class(given_lines: tuple[str, ...], follows: bool) -> None:
    assert (FOLLOWS in said(*given_lines)) is follows


def test_a_member_that_a_document_names_has_it_too() -> None:
    found = said("inventine | drug_class: benzodiazepine", CLASS.replace("lorazepam", "inventine"))
    assert found == {FOLLOWS.replace("lorazepam", "inventine")}


@pytest.mark.parametrize(("documents", "follows"), [(1, False), (2, True)])
def test_a_class_that_the_vocabulary_does_not_give_a_known_drug_needs_several_documents(
    documents: int, follows: bool
) -> None:
    members_said = [f"sertraline | drug_class: benzodiazepine @ {number}.txt" for number in range(documents)]
    assert any("sertraline" in one for one in said(MEMBER, CLASS, *members_said)) is follows


def test_nothing_is_said_of_a_class_because_it_is_said_of_a_member() -> None:
    found = said("lorazepam | caution: sleep apnea; level=avoid", MEMBER, "benzodiazepine | advice: keep it dry")
    assert found == set()


def test_what_is_inherited_keeps_its_level_and_all_its_limits() -> None:
    found = said(
        MEMBER,
        "benzodiazepine | caution: breastfeeding; level=stated_safe @ lorazepam.txt",
        "benzodiazepine | caution: liver disease; level=caution; severity=severe; population=children @ lorazepam.txt",
    )
    assert found == {
        "class-to-member: lorazepam | caution: breastfeeding; level=stated_safe",
        "class-to-member: lorazepam | caution: liver disease; level=caution; population=children; severity=severe",
    }


def test_a_class_and_its_member_do_not_make_the_member_meet_itself() -> None:
    found = said(MEMBER, "benzodiazepine | interaction: lorazepam @ lorazepam.txt")
    assert found == set()


@pytest.mark.parametrize(
    ("documents", "follows"), [(("sertraline",), False), (("sertraline", "warfarin"), True), (("diazepam",), True)]
)
def test_a_class_is_spoken_of_by_its_own_or_by_several(documents: tuple[str, ...], follows: bool) -> None:
    own = [f"{name} | advice: keep it {how}" for name in documents for how in ("dry", "cool")]
    passing = [f"benzodiazepine | caution: sleep apnea; level=avoid @ {name}.txt" for name in documents]
    assert (FOLLOWS in said(MEMBER, *own, *passing)) is follows


@pytest.mark.parametrize("other", ["Ativan", "lorazepam and inventine"])
def test_what_is_said_of_a_drug_or_its_class_is_not_said_of_a_brand_or_combination_or_back(other: str) -> None:
    found = said(
        MEMBER,
        CLASS,
        "lorazepam | adverse_effect: drowsiness",
        f"{other} | adverse_effect: hyponatremia",
        f"{other} | pharmacokinetics: hepatic metabolism",
    )
    about: dict[str, set[str]] = {}
    for one in found:
        rule, rest = one.split(": ", 1)
        about.setdefault(rest.split(" | ")[0], set()).add(rule)
    assert about == {
        "lorazepam": {"class-to-member", "alertness", "adds-up"},
        other: {"salts", "cleared-by-the-liver"},
    }


def test_a_class_that_is_a_heading_gives_its_members_nothing() -> None:
    heading = vocabulary.load().find("psychotropic drug")
    assert heading is not None
    assert members.width(heading.iri) > table.load().widest_class
    assert (
        said("lorazepam | advice: keep it dry", "psychotropic drug | caution: glaucoma; level=avoid @ lorazepam.txt")
        == set()
    )
    few = replace(table.load(), most_members=1)
    both = lines.facts(MEMBER, "diazepam | drug_class: benzodiazepine", CLASS)
    assert [one for one in derivation.derive(both, rules=few) if one.rule == "class-to-member"] == []


# ------------------------------------------------------------------------------------------------ two steps, no more


def test_rules_look_at_what_is_inherited_and_never_at_what_they_conclude() -> None:
    found = derivation.derive(
        lines.facts(MEMBER, "benzodiazepine | adverse_effect: respiratory depression @ lorazepam.txt")
    )
    by_rule = {(one.rule, one.subject.label, one.object.label): one for one in found}
    one = by_rule["breathing", "lorazepam", "sleep apnea"]
    assert {fact.kind for fact in one.facts} == {"adverse_effect", "drug_class"}
    assert [(link.narrower.label, link.broader.label) for link in one.links] == [("lorazepam", "benzodiazepine")]
    assert ("breathing", "benzodiazepine", "sleep apnea") in by_rule
    assert ("class-to-member", "lorazepam", "sleep apnea") not in by_rule
    assert one.documents == ("lorazepam.txt",)


def test_one_conclusion_of_several_facts_is_one_with_all_of_them() -> None:
    found = derivation.derive(
        lines.facts("adverse_effect: drowsiness", "adverse_effect: vertigo", "pharmacologic_effect: sedative")
    )
    (one,) = (one for one in found if (one.rule, one.object.label) == ("alertness", "driving"))
    assert len(one.facts) == 3
    assert "drowsiness, sedative and vertigo" in one.why
    assert [(link.narrower.label, link.broader.label) for link in one.links] == [("vertigo", "dizziness")]


@pytest.mark.parametrize(
    ("line", "conclusion"),
    [
        ("adverse_effect: drowsiness; population=children", "driving; level=caution; population=children"),
        ("adverse_effect: drowsiness; severity=severe", "driving; level=caution"),
        ("adverse_effect: drowsiness; condition=in overdose", None),
        ("adverse_effect: drowsiness; with=alcohol", None),
        ("adverse_effect: history of something < drowsiness", None),
    ],
)
def test_a_limit_is_carried_or_nothing_follows(line: str, conclusion: str | None) -> None:
    found = {one for one in said(line) if one.startswith("alertness") and ": driving" in one}
    assert found == ({f"alertness: clonazepam | caution: {conclusion}"} if conclusion else set())


def test_what_holds_without_limits_is_not_repeated_with_them() -> None:
    found = said("adverse_effect: drowsiness; population=children", "adverse_effect: sedation")
    assert {one for one in found if ": driving" in one} == {"alertness: clonazepam | caution: driving; level=caution"}


def test_two_drugs_meet_at_an_enzyme_and_too_many_partners_are_none() -> None:
    first = "pharmacokinetics: metabolism by CYP3A4"
    second = "sertraline | drug_class: strong CYP3A4 inhibitor"
    wanted = "blocks-the-enzyme-of-another: clonazepam | interaction: sertraline; level=caution"
    assert wanted in said(first, second)
    none = replace(table.load(), most_partners=1)
    third = "warfarin | drug_class: CYP3A4 inhibitor"
    found = {written(one) for one in derivation.derive(lines.facts(first, second, third), rules=none)}
    assert not any(one.startswith("blocks") for one in found)
    assert "enzyme-of-the-liver: clonazepam | interaction: CYP3A4 inhibitor; level=caution" in found


# ---------------------------------------------------------------------------------------------------- stated first

LIVER = "pharmacokinetics: hepatic metabolism"


@pytest.mark.parametrize(
    ("stated", "is_derived", "outranking"),
    [
        ("caution: liver disease; level=caution", False, 0),
        ("caution: liver disease; level=monitor", True, 1),
        ("contraindication: liver disease", True, 1),
        ("contraindication: liver disease; severity=severe", True, 1),
        ("caution: cirrhosis; level=caution", True, 1),
        ("denied caution: liver disease; level=caution", True, 1),
        ("denied caution: cirrhosis; level=caution", True, 0),
        ("caution: kidney disease; level=caution", True, 0),
        ("sertraline | caution: liver disease; level=caution", True, 0),
    ],
)
def test_what_is_stated_comes_first(stated: str, is_derived: bool, outranking: int) -> None:
    found = [one for one in derivation.derive(lines.facts(LIVER, stated)) if one.object.label == "liver disease"]
    assert [len(one.outranked_by) for one in found] == [outranking] * is_derived


def test_a_broader_caution_that_is_stated_covers_a_narrower_one() -> None:
    breathing = "adverse_effect: respiratory depression"
    assert any("chronic obstructive" in one for one in said(breathing))
    assert not any(
        "chronic obstructive" in one for one in said(breathing, "caution: respiratory disease; level=caution")
    )


# ------------------------------------------------------------------------------------------------------ properties

OBJECTS = {
    "adverse_effect": ("drowsiness", "seizure", "respiratory depression", "hemorrhage", "own words"),
    "withdrawal_effect": ("seizure",),
    "pharmacokinetics": ("hepatic metabolism", "metabolism by CYP3A4"),
    "drug_class": ("benzodiazepine", "CYP3A4 inhibitor"),
    "caution": ("driving; level=caution", "sleep apnea; level=avoid"),
    "indication": ("seizure",),
}
SUBJECTS = ("lorazepam", "sertraline", "inventine", "benzodiazepine")
EFFECTS = tuple(kind for kind in OBJECTS if kind not in ("caution", "indication"))


def line_of(kinds: Iterable[str]) -> st.SearchStrategy[str]:
    """One affirmed line about one of some subjects, in the document about it or about lorazepam."""
    said_of = [f"{kind}: {object_}" for kind in kinds for object_ in OBJECTS[kind]]
    drugs = st.sampled_from([f"{drug} | {line}" for drug in SUBJECTS[:3] for line in said_of])
    classes = st.sampled_from(
        [f"benzodiazepine | {line} @ lorazepam.txt" for line in said_of if "drug_class" not in line]
    )
    return drugs | classes


# Enough is said of lorazepam in its document for it to be what that is mainly about, whatever else stands there.
ANCHOR = tuple(f"lorazepam | advice: point {number}" for number in range(40))


@given(st.lists(line_of(OBJECTS), max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_facts_does_not_matter(given_lines: list[str], random: object) -> None:
    facts = lines.facts(*given_lines)
    first = derivation.derive(facts)
    random.shuffle(facts)  # type: ignore[attr-defined]
    assert derivation.derive(facts) == first


@given(st.lists(line_of(EFFECTS), max_size=10), st.lists(line_of(EFFECTS), max_size=5))
@settings(max_examples=60, deadline=None)
def test_more_affirmed_facts_take_nothing_away(given_lines: list[str], more: list[str]) -> None:
    few = derivation.derive(lines.facts(*ANCHOR, *given_lines))
    many = lines.facts(*ANCHOR, *given_lines, *more)
    kept = {one.iri for one in derivation.derive(many)}
    stated = {(f.kind, f.subject, f.object.label) for f in many}
    lost = [one for one in few if one.iri not in kept]
    assert all((one.kind, one.subject, one.object.label) in stated for one in lost)  # now a document says it


@given(st.lists(line_of(OBJECTS), max_size=10))
@settings(max_examples=60, deadline=None)
def test_nothing_follows_from_denials(given_lines: list[str]) -> None:
    facts = lines.facts(*ANCHOR, *given_lines)
    assert derivation.derive([replace(fact, polarity="denied") for fact in facts]) == ()
    for one in derivation.derive(facts):
        assert one.facts
        assert all(fact.polarity == "affirmed" for fact in one.facts)


def test_the_table_is_what_the_package_ships() -> None:
    said_rules = tomllib.loads((resources.folder("ontology") / table.FILE).read_text(encoding="utf-8"))["rule"]
    assert [rule["name"] for rule in said_rules] == [rule.name for rule in RULES]
