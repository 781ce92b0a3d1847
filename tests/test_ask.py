"""Questions in plain words: what must be understood, what must be refused, and what an answer says."""

from __future__ import annotations

import dataclasses
import json
import socket
from pathlib import Path

import pytest

from kg import resources
from kg.errors import NotUnderstoodError, QueryError, UnknownNameError
from kg.questions import answerers, ask, forms, header, page, telling, understanding
from kg.questions.answer import Answer
from tests import asked, questioned
from training import questions

# Forms that were split off from those of the older tables.
REFINED = {
    "advice_on": {"storage", "emergency", "administration", "missed_dose"},
    "dosage": {"maximum_dose"},
    "brands": {"generic_of"},
    "pharmacokinetics": {"half_life"},
    "disagreements": {"contradictions"},
    "class_mates": {"alike"},
}
DEVELOPMENT = questioned.table("worth_asking.tsv")
AGAIN = questioned.table("asked_again.tsv")
REFUSED = [case for name in ("refused.tsv", "refused_again.tsv") for case in questioned.table(name)]
OLDER = [case for name in ("wordings.tsv", "held_out.tsv") for case in questioned.table(name)]
NAMES = {"DRUG": ("sertraline", "metformin", "ramipril"), "THING": ("insomnia", "asthma"), "PEOPLE": ("older adults",)}
NAMES |= {"TARGET": ("GABA-A receptor",)}


def answer(question: str) -> Answer:
    """Ask the small graph."""
    return ask.ask(question, asked.graph())


@pytest.mark.parametrize("case", DEVELOPMENT, ids=lambda case: case["wording"])
def test_questions_that_must_be_understood(case: questioned.Case) -> None:
    assert questioned.problem(case) == ""


@pytest.mark.parametrize("case", OLDER, ids=lambda case: case["wording"])
def test_older_wordings_are_still_understood(case: questioned.Case) -> None:
    found = understanding.understand(case["wording"], asked.graph().names)
    names = [drug.label for drug in found.drugs] + [thing.label for thing in found.things]
    names += [found.form.fixed["thing"]] if "thing" in found.form.fixed else []
    assert found.form.name in {case["form"], *REFINED.get(case["form"], ())}
    assert names[: 2 if case["thing"] else 1] == [part for part in (case["drug"], case["thing"]) if part]


def test_of_the_second_set_nearly_all_is_understood() -> None:
    wrong = [case["wording"] for case in AGAIN if questioned.problem(case)]
    assert len(wrong) <= 6, wrong


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["why"])
def test_questions_of_the_table_that_must_be_refused(case: questioned.Case) -> None:
    assert questioned.is_refused(case["wording"])


def test_our_own_questions_are_understood_as_their_form() -> None:
    cases = questioned.table("ours.tsv")
    assert sum(questioned.form(case["wording"]) in case["form"].split("|") for case in cases) >= 0.97 * len(cases)


@pytest.mark.parametrize(
    ("name", "share"), [("asked_anew.tsv", 0.8), ("asked_tersely.tsv", 0.9), ("refused_anew.tsv", 0.9)]
)
def test_of_what_is_learned_from_most_is_understood(name: str, share: float) -> None:
    counts = questioned.totals(name, every=8)
    assert counts[True] >= share * counts.total(), f"{counts[True]} of {counts.total()} right"


def test_the_weights_of_telling_words_are_current() -> None:
    head = (resources.folder("queries") / "telling.tsv").read_text(encoding="utf-8").partition("\n")[0]
    assert head.endswith(questions.inputs()), (
        "run `python -m training.questions > t.tsv && mv t.tsv queries/telling.tsv`"
    )


def test_what_is_learned_speaks_for_the_form_that_was_right() -> None:
    pytest.importorskip("scipy")
    asked_of = {"dosage": "dose", "storage": "keep"}
    both = tuple(asked_of)
    lessons = [
        questions.Lesson(frozenset({form}), (questions.Choice(frozenset({word, "the"}), both),))
        for form, word in asked_of.items()
        for _ in range(3)
    ]
    lessons += [questions.Lesson(frozenset({telling.REFUSED}), (questions.Choice(frozenset({"price"}), both),))] * 3
    weights = questions.learned(lessons)
    assert weights["dose"]["dosage"] > 0.5 > -0.5 > weights["dose"]["storage"]
    assert weights["price"][telling.REFUSED] > 0.5
    assert abs(weights["the"]["dosage"] - weights["the"]["storage"]) < 0.5


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("worth_asking_untouched.tsv", 88),
        ("asked_again_untouched.tsv", 101),
        ("asked_plainly_untouched.tsv", 90),
        ("asked_by_roles_untouched.tsv", 95),
        ("asked_anew_untouched.tsv", 158),
        ("asked_naturally_untouched.tsv", 145),
        ("asked_by_role_untouched.tsv", 195),
        ("asked_in_speech_untouched.tsv", 73),
        ("refused_untouched.tsv", 17),
        ("refused_plainly_untouched.tsv", 6),
        ("refused_again_untouched.tsv", 15),
        ("refused_by_roles_untouched.tsv", 26),
        ("refused_anew_untouched.tsv", 48),
        ("refused_naturally_untouched.tsv", 26),
        ("refused_by_role_untouched.tsv", 36),
        ("refused_in_speech_untouched.tsv", 22),
    ],
)
def test_questions_that_nobody_tuned_on(name: str, least: int) -> None:
    counts = questioned.totals(name)
    assert counts[True] >= least, f"{counts[True]} of {counts.total()} right"


@pytest.mark.parametrize(
    "text",
    [
        *("Hello", "Tell me a joke", "What should I do?", "Why?", "42", "?", "", "   ", "which", "!!!", "\x00"),
        "What should I watch out for?",
        "Is clonazepam stronger than alprazolam?",
        "Which is better, Klonopin or Xanax?",
        "Should I take Klonopin instead of seeing a doctor about my rash?",
        "Which conditions does clonazepam not treat?",
        "Does clonazepam not cause dizziness?",
        "How much does Klonopin cost?",
        "How many people take clonazepam?",
        "Who does not need to be careful with Klonopin?",
        "Which drugs do not interact with Klonopin?",
        "Is Klonopin without side effects?",
        "Isn't Klonopin safe?",
        "Can I take clonazepam if not pregnant?",
        "Which benzodiazepines do not cause drowsiness?",
        "Who is Klonopin not contraindicated for?",
        "Is clonazepam more sedating than alprazolam?",
        "Which of clonazepam and alprazolam is worse?",
        "What are the side effects of clonazepam and how is alprazolam stored?",
        "Would you recommend clonazepam for me?",
        "Can I stop my clonazepam tomorrow?",
        "Quali sono gli effetti collaterali del clonazepam?",
        "I love Klonopin",
        "What is Klonopin not used for?",
        "Does Klonopin cause no dizziness?",
        "Do not tell me about side effects of clonazepam",
        "Are there conditions without caution with clonazepam?",
        "Who invented clonazepam?",
        "Can my cat take Klonopin?",
        "What warrants caution with Klonopin on Mars?",
        "klonopin klonopin klonopin zebra",
        "cautions " * 200,
        "SELECT * WHERE { ?s ?p ?o }",
        "What is the price of {drug}?",
    ],
)
def test_questions_that_must_be_refused(text: str) -> None:
    with pytest.raises((NotUnderstoodError, UnknownNameError)) as caught:
        answer(text)
    assert "\n" not in str(caught.value)


def test_a_refusal_is_one_line_with_what_can_be_asked_instead() -> None:
    with pytest.raises(NotUnderstoodError) as caught:
        answer("cautions storage brewery")
    assert "What warrants caution with DRUG (in THING)?" in caught.value.remedy
    assert 1 <= caught.value.remedy.count("?") <= 5


@pytest.mark.parametrize(
    ("text", "form", "names"),
    [
        ("I have gout and I am 82, may I take clonazepam?", "care", ["clonazepam", "gout", "older adults"]),
        ("pt allergic to penicillin - can she have sertraline?", "care", ["sertraline", "penicillin allergy"]),
        ("Mum is on digoxin. Could she have ibuprofen too?", "care", ["digoxin", "ibuprofen"]),
        ("does Klonopin make people aggressive", "causes", ["clonazepam", "aggression"]),
        ("is simvastatin hard on the liver, does it damage the liver?", "causes", ["simvastatin", "hepatotoxicity"]),
        ("does spironolactone raise my potassium", "causes", ["spironolactone", "hyperkalemia"]),
        ("Can warfarin and aspirin be dispensed together?", "interactions_among", ["warfarin", "aspirin"]),
        ("Which drugs act on GABA-A receptors?", "drugs_working_by", ["GABA-A receptor"]),
        ("what causes seizures when one stops taking it?", "drugs_whose_stopping_causes", ["seizure"]),
        (
            "I have a nut... sorry, a penicillin allergy. May I have sertraline?",
            "care",
            ["sertraline", "penicillin allergy"],
        ),
        ("is carvedilol, a beta blocker, acceptable in asthma?", "care", ["carvedilol", "asthma"]),
        ("Why should people with asthma not take atenolol?", "explain", ["atenolol", "asthma"]),
        ("does potassium go up on spironolactone?", "causes", ["spironolactone", "hyperkalemia"]),
        ("Does sertraline impair memory?", "causes", ["sertraline", "memory impairment"]),
        ("does ramipril affect concentration", "causes", ["ramipril", "attention disturbance"]),
        ("anything against metformin over 75?", "care", ["metformin", "older adults"]),
    ],
)
def test_what_is_told_of_a_person_and_said_in_other_words_is_understood(text: str, form: str, names: list[str]) -> None:
    found = understanding.understand(text, asked.graph().names)
    assert found.form.name == form
    assert {getattr(one, "label", "") for one in (*found.drugs, *found.things)} == {*names}


def test_of_a_single_pair_the_answer_is_the_same_however_it_is_asked() -> None:
    among, care = answer("Do clonazepam and oxycodone interact?"), answer("Can I take clonazepam with oxycodone?")
    assert (among.form, care.form) == ("interactions_among", "care")
    assert (among.rows, among.verdict) == (care.rows, care.verdict)


@pytest.mark.parametrize(
    ("text", "things", "without"),
    [
        ("an alternative to naproxen that does not cause heartburn", [], ["heartburn"]),
        ("substitute for naproxen in gout", ["gout"], []),
        ("an alternative to naproxen for gout", ["gout"], []),
        ("what treats gout without causing nausea", ["gout"], ["nausea"]),
    ],
)
def test_what_a_thing_is_used_for_is_never_what_is_to_be_left_out(
    text: str, things: list[str], without: list[str]
) -> None:
    found = understanding.understand(text, asked.graph().names)
    assert ([one.label for one in found.things], [one.label for one in found.without]) == (things, without)


def test_people_beside_an_effect_are_told_and_not_passed_over() -> None:
    found = understanding.understand("Does clonazepam cause dizziness in children?", asked.graph().names)
    assert [thing.label for thing in found.things] == ["dizziness"]
    assert [people.label for people in found.beside] == ["children"]
    assert "in children: see of whom it is said" in found.sentence


@pytest.mark.parametrize(
    ("text", "form", "beside"),
    [
        ("How does metformin lower blood sugar?", "mechanism", "glucose"),
        ("How often are INR checks needed on warfarin?", "monitoring", "INR"),
    ],
)
def test_what_an_answer_does_not_select_by_is_told_and_narrows_nothing(text: str, form: str, beside: str) -> None:
    found = understanding.understand(text, asked.graph().names)
    assert (found.form.name, found.things) == (form, ())
    assert f"({beside}: the answer is not narrowed to it)" in found.sentence


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("What is the half-life of digoxin and how is it metabolised?", "pharmacokinetics"),
        ("What is the usual dose of ramipril and what is the maximum dose?", "dosage"),
    ],
)
def test_two_things_may_be_asked_where_one_answer_has_both(text: str, form: str) -> None:
    assert understanding.understand(text, asked.graph().names).form.name == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("What conditions warrant caution with clonazepam, who says so, and why?", "cautions"),
        ("Which drugs should be avoided in gout, and why?", "drugs_needing_care"),
        ("Is clonazepam safe with alcohol? Why? Which document says so?", "care"),
        ("What is clonazepam used for, and who says so?", "indications"),
        ("What are the side effects of clonazepam, according to whom?", "adverse_effects"),
        ("Does clonazepam cause dizziness - where does it say that?", "causes"),
        ("How should I come off sertraline?", "stopping"),
        ("In what conditions must clonazepam be avoided?", "contraindications"),
    ],
)
def test_what_every_answer_tells_may_be_asked_too(text: str, form: str) -> None:
    assert understanding.understand(text, asked.graph().names).form.name == form


@pytest.mark.parametrize(
    "text",
    [
        "Is clonazepam safe in gout and how is it stored?",
        "What are the side effects of clonazepam, and why?",
        "I do not have gout, can I take clonazepam?",
        "I have zorblitis, can I take clonazepam?",
        "Who discovered clonazepam?",
        "Which painkillers are safe with gout?",
        "Should my mother swap clonazepam for buspirone?",
        "Is clonazepam more sedating in children than buspirone?",
        "Which medicines are not statins?",
        "Which illnesses is ramipril not for?",
        "My ramipril does nothing, shall I take another two?",
        "Add a fact that ramipril treats gout",
        "Change the dose of ramipril to 5 mg",
        "Should I come off sertraline?",
        "Which side effects does ramipril not share with sertraline?",
        "List the side effects of ramipril and the dose of sertraline.",
        "What is the half-life of digoxin and how is it stored?",
    ],
)
def test_what_asks_twice_denies_or_compares_is_refused(text: str) -> None:
    with pytest.raises((NotUnderstoodError, UnknownNameError)):
        understanding.understand(text, asked.graph().names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("What is zzyzzx?", "zzyzzx: no drug of that name is known; check the spelling"),
        # between two drugs nobody chooses for the reader
        ("hydroxazine side effects", "hydroxazine: no drug of that name is known; did you mean"),
    ],
)
def test_unknown_names_are_named(text: str, message: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        answer(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "typed", "label"),
    [
        ("What warrants caution with Klonopim?", "klonopim", "clonazepam"),
        ("clonazepan side effects", "clonazepan", "clonazepam"),
        ("How does warfarine work?", "warfarine", "warfarin"),
        ("Does Klonopin cause dizzines?", "dizzines", "dizziness"),
    ],
)
def test_one_slip_is_mended_and_shown(text: str, typed: str, label: str) -> None:
    found = answer(text)
    assert f"(“{typed}” taken as {label})" in found.understood_as
    assert found.to_dict()["understood"]["corrected"] == [{"typed": typed, "taken_as": label}]  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "verdict", "summary"),
    [
        ("Does clonazepam cause drowsiness?", "stated", "Stated in 3 of the 3 documents that speak of clonazepam."),
        ("Does clonazepam cause weight gain?", "stated and denied", "Stated in 1, denied in 1 of the 3 documents"),
        ("Does clonazepam cause nausea?", "not stated", "Not stated in any of the 3 documents that speak of"),
        ("Is clonazepam used for anxiety?", "denied", "Denied in 1 of the 3 documents that speak of clonazepam."),
        ("Is clonazepam used for migraine?", "not stated", "Not stated in any of the 3 documents"),
        ("Can I take clonazepam with alcohol?", "stated", "Stated in 2 of the 3 documents"),
        ("Can I take clonazepam with oxycodone?", "stated of something wider", "Not stated of oxycodone itself in"),
        ("Can people with asthma take clonazepam?", "denied", "Denied in 1 of the 3 documents"),
        ("Can people with gout take clonazepam?", "not stated", "Not stated in any of the 3 documents"),
        ("Is clonazepam a benzodiazepine?", "stated", "Stated in 1 of the 3 documents"),
        ("Is clonazepam addictive?", "not stated", "Not stated in any of the 3 documents"),
        ("off label uses of clonazepam", "stated", "Stated in 1 of the 3 documents"),
        ("What are the side effects of sertraline?", "not stated", "No document speaks of sertraline."),
        ("Which drugs cause drowsiness?", "stated", "Stated in 3 of the 3 documents."),
        ("Which drugs cause nausea?", "not stated", "Not stated in any of the 3 documents."),
        ("Does clonazepam cause seizures?", "only related", "Not stated of seizure itself in any of the 3 documents"),
        ("Does stopping clonazepam cause seizures?", "stated", "Stated in 1 of the 3 documents"),
        ("What interacts with opioids?", "stated", "Stated in the one document that speaks of opioid."),
        ("Which documents are there?", "stated", "From 3 of the 3 documents."),
    ],
)
def test_three_answers_never_two(text: str, verdict: str, summary: str) -> None:
    found = answer(text)
    assert (found.verdict, summary in found.summary) == (verdict, True), found.summary


@pytest.mark.parametrize(
    ("text", "verdict", "summary", "parts"),
    [
        ("Which drugs cause drowsiness and dizziness?", "stated", "All of it is stated of 1 drug (", 2),
        (
            "Which drugs cause drowsiness and rash?",
            "stated in part",
            "All of it is stated of no drug (drowsiness: of 1; ",
            1,
        ),
        (
            "Which drugs cause gout and rash?",
            "not stated",
            "All of it is stated of no drug (gout: of 0; rash: of 0).",
            0,
        ),
        ("Which drugs cause drowsiness or rash?", "stated", "drowsiness: Stated in 3 of the 3 documents. rash: ", 1),
    ],
)
def test_drugs_of_which_several_things_are_said(text: str, verdict: str, summary: str, parts: int) -> None:
    found = answer(text)
    assert (found.verdict, found.summary.startswith(summary)) == (verdict, True), found.summary
    assert len({row["part"] for row in found.rows.to_dicts()}) == parts
    assert len(found.facts) == len(found.rows)


@pytest.mark.parametrize(
    "text",
    [
        "What conditions warrant caution with Klonopin?",
        "what conditions warrant caution with CLONAZEPAM",
        "klonopin risks",
    ],
)
def test_the_main_question_is_graded(text: str) -> None:
    found = answer(text)
    assert found.understood_as == "What warrants caution with clonazepam?"
    assert [(part.title, len(part.rows)) for part in found.parts()] == [
        ("conditions, people and activities", 9),
        ("drugs and substances", 2),
        ("stated safe", 1),
        ("said not to be so", 1),
    ]
    assert found.parts()[0].rows.to_dicts()[1] | {"facts": ""} == {
        "concern": "condition",
        "level": "contraindicated",
        "object": "liver disease",
        "origin": "stated",
        "polarity": "affirmed",
        "qualifiers": "severity: severe",
        "differs": "",
        "why": "",
        "documents": "alpha.md",
        "facts": "",
    }


def test_every_row_carries_evidence_with_its_quote() -> None:
    found = answer("What conditions warrant caution with Klonopin?")
    assert all(facts and all(fact.evidence for fact in facts) for facts in found.facts)
    for row, facts in zip(found.rows.to_dicts(), found.facts, strict=True):
        assert [fact.object.label for fact in facts] == [row["object"]]
        assert "; ".join(facts[0].documents) == row["documents"]
        assert all(e.quote and e.object_text in e.quote for e in facts[0].evidence)


def test_an_answer_can_be_written_as_json() -> None:
    found = json.loads(json.dumps(answer("What do the documents agree on about Klonopin?").to_dict()))
    assert found["notice"] == "Information about documents, not medical advice."
    assert [len(row["evidence"]) for row in found["rows"]] == [3, 2, 2, 2, 2]
    assert found["rows"][0]["evidence"][0]["object"]["text"] == "drowsiness"


def test_a_combination_with_a_narrower_drug_shows_what_is_said_of_the_wider_class() -> None:
    found = answer("Can I take clonazepam with oxycodone?")
    assert [(row["origin"], row["object"], row["why"]) for row in found.rows.to_dicts()] == [
        ("vocabulary", "opioid", "oxycodone is a kind of opioid agonist, and that of opioid"),
        ("stated", "respiratory depression", ""),
    ]


@pytest.mark.parametrize(
    ("text", "verdict", "parts"),
    [
        ("Does clonazepam cause drowsiness and nausea?", "stated in part", {"drowsiness"}),
        ("Does clonazepam cause nausea or drowsiness?", "stated", {"drowsiness"}),
        ("Does clonazepam cause nausea or vomiting?", "not stated", set()),
        ("Does clonazepam cause nausea and gout?", "not stated", set()),
        ("Side effects of clonazepam and sertraline", "stated in part", {"clonazepam"}),
    ],
)
def test_several_things_are_answered_one_by_one(text: str, verdict: str, parts: set[str]) -> None:
    found = answer(text)
    assert (found.verdict, {part.title.partition(": ")[0] for part in found.parts()}) == (verdict, parts)
    assert len(found.rows) == len(found.facts)


@pytest.mark.parametrize(
    ("text", "verdict", "summary"),
    [
        (
            "What does clonazepam deny... what do documents say clonazepam does not do?",
            "stated",
            "Denied of clonazepam",
        ),
        ("Which effects of clonazepam are denied?", "stated", "Denied of clonazepam: 3 facts, in 2 of the 3"),
        ("How sure is it that clonazepam causes drowsiness?", "stated", "for clonazepam, adverse effect, drowsiness"),
        ("How sure is it that clonazepam causes gout?", "not stated", "Nothing of clonazepam and gout is stated"),
        (
            "Which boxed warnings does clonazepam have?",
            "not stated",
            "Nothing of clonazepam is stated under the",
        ),
        ("What treats panic disorder without causing drowsiness?", "stated", "of 0 of them drowsiness is not stated"),
        (
            "What treats panic disorder without causing gout?",
            "stated",
            "of 1 of them gout is not stated, which is",
        ),
        ("Which drugs need care in liver disease and depression?", "stated", "1 drug needs care with"),
        ("What follows by rules for clonazepam?", "not stated", "Nothing follows by a rule for clonazepam"),
        (
            "Where do the documents contradict each other about Klonopin?",
            "stated",
            "found among 3 independent",
        ),
        ("Compare clonazepam and sertraline", "stated", "clonazepam and sertraline: only one speaks of"),
        ("How is clonazepam connected with alcohol?", "stated", "clonazepam and alcohol are connected directly"),
        ("Do clonazepam, oxycodone and sertraline interact?", "stated", "Something is stated of 1 of 3 pairs"),
        ("Which benzodiazepines cause drowsiness?", "stated", "Stated of drugs of the class benzodiazepine in 3 of"),
        ("Which statins cause drowsiness?", "not stated", "Not stated of drugs of the class statin in any document"),
        ("Which benzodiazepines are used for panic disorder?", "stated", "of the class benzodiazepine in 2 of the 3"),
        ("Which benzodiazepines need care in liver disease?", "stated", "1 drug needs care with"),
        ("Which statins need care in liver disease?", "not stated", "Not stated of any drug in any of"),
    ],
)
def test_forms_that_functions_answer(text: str, verdict: str, summary: str) -> None:
    found = answer(text)
    assert (found.verdict, summary in found.summary) == (verdict, True), found.summary
    assert len(found.rows) == len(found.facts)
    json.dumps(found.to_dict())


@pytest.mark.parametrize("form", forms.load().forms, ids=lambda form: form.understood)
def test_forms_have_who_answers_them(form: forms.Form) -> None:
    assert bool(form.question) or form.name in answerers.FUNCTIONS
    if form.name not in answerers.FUNCTIONS or form.question == "alternatives":
        needed = {parameter.name for parameter in header.question(form.question).parameters}
        given = {slot.strip("{}") for slot in form.takes} | set(form.fixed)
        assert needed <= given | {"drug"} | ({"thing"} if {"kind", "people"} & given else set())


@pytest.mark.parametrize("form", forms.load().forms, ids=lambda form: form.understood)
def test_examples_are_understood_as_their_form(form: forms.Form) -> None:
    for example in form.examples:
        text = example.replace("CLASS", "benzodiazepine")
        for slot, names in NAMES.items():
            for name in names * 2:
                text = text.replace(slot, name, 1)
        found = understanding.understand(text, asked.graph().names)
        assert found.form.name == form.name, f"{text}: {found.sentence}"


def test_functions_answer_forms_that_there_are() -> None:
    assert set(answerers.FUNCTIONS) <= {form.name for form in forms.load().forms}
    assert len({form.name for form in forms.load().forms}) >= 55


def test_questions_of_forms_are_in_the_catalogue() -> None:
    assert {form.question for form in forms.load().forms} - {""} <= set(header.catalogue())


def test_the_page_of_the_documentation_is_current() -> None:
    path = Path(__file__).parents[1] / "docs" / "asking.md"
    assert path.read_text(encoding="utf-8") == page.page(), "run `python -m kg.questions.page > docs/asking.md`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("form = ", "not TOML"),
        ("form = []", "incomplete ('negations')"),
        ("negations=''\ntopics=''\nusual=''\n[[form]]", "'w"),
    ],
)
def test_bad_tables_of_forms(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "forms.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError) as caught:
        forms.load(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_answers_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer("klonopin risks").verdict = "safe"  # type: ignore[misc]


def test_asking_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    assert len(answer("klonopin risks").rows)
