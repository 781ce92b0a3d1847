"""Questions in plain words: what must be understood, what must be refused, and what an answer says."""

from __future__ import annotations

import csv
import dataclasses
import json
import socket
from pathlib import Path

import pytest

from kg.errors import NotUnderstoodError, QueryError, UnknownNameError
from kg.questions import ask, forms, header
from kg.questions.answer import Answer
from tests import asked

FOLDER = Path(__file__).parent / "questions"


def wordings(name: str) -> list[dict[str, str]]:
    """Read a table of wordings."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def reading(wording: str) -> tuple[str, str, str]:
    """Understand a question: its form, drug and thing."""
    found = ask.understand(wording, asked.graph().names)
    return found.form.question, found.drug.label if found.drug else "", found.thing[0].label if found.thing else ""


def answer(question: str) -> Answer:
    """Ask the small graph."""
    return ask.ask(question, asked.graph())


@pytest.mark.parametrize("case", wordings("wordings.tsv"), ids=lambda case: case["wording"])
def test_wordings_that_must_be_understood(case: dict[str, str]) -> None:
    assert reading(case["wording"]) == (case["form"], case["drug"], case["thing"] or "")


def test_wordings_that_were_written_last() -> None:
    cases = wordings("held_out.tsv")
    refused, wrong = [], []
    for case in cases:
        try:
            if reading(case["wording"]) != (case["form"], case["drug"], case["thing"] or ""):
                wrong.append(case["wording"])
        except (NotUnderstoodError, UnknownNameError):
            refused.append(case["wording"])
    understood = len(cases) - len(refused) - len(wrong)
    assert understood >= 0.9 * len(cases), f"refused: {refused}; misread: {wrong}"
    assert len(wrong) <= 0.03 * len(cases), f"misread: {wrong}"  # a refusal says so; a misreading does not


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
        "What is the difference between Klonopin and Xanax?",
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


def test_a_refusal_lists_what_can_be_asked() -> None:
    with pytest.raises(NotUnderstoodError) as caught:
        answer("What warrants caution with Klonopin on Mars?")
    assert "no form has the words: mars" in str(caught.value)
    assert all(sentence in str(caught.value) for sentence in ask.can_be_asked())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("What warrants caution with Klonopim?", "klonopim: no drug of that name is known; did you mean Klonopin"),
        ("clonazepan side effects", "clonazepan: no drug of that name is known; did you mean clonazepam"),
        ("Does Klonopin cause dizzines?", "dizzines: no drug, condition, person, activity or food of that name"),
        ("What is zzyzzx?", "zzyzzx: no drug of that name is known; check the spelling"),
    ],
)
def test_unknown_names_are_named(text: str, message: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        answer(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "verdict", "summary"),
    [
        ("Does clonazepam cause drowsiness?", "stated", "Stated in 3 of the 3 documents that speak of clonazepam."),
        ("Does clonazepam cause weight gain?", "stated and denied", "Stated in 1, denied in 1 of the 3 documents"),
        ("Does clonazepam cause nausea?", "not stated", "Not stated in any of the 3 documents that speak of"),
        ("Is clonazepam used for anxiety?", "denied", "Denied in 1 of the 3 documents that speak of clonazepam."),
        ("Is clonazepam used for migraine?", "not stated", "Not stated in any of the 3 documents"),
        ("Can I take clonazepam with alcohol?", "stated", "Stated in 2 of the 3 documents"),
        ("Can I take clonazepam with oxycodone?", "only related", "Not stated of oxycodone itself in any of the 3"),
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
        ("stated safe", 1),
        ("interactions", 2),
        ("said not to be so", 1),
    ]
    assert found.parts()[0].rows.to_dicts()[1] | {"fact": ""} == {
        "level": "contraindicated",
        "object": "liver disease",
        "polarity": "affirmed",
        "qualifiers": "severity: severe",
        "documents": "alpha.md",
        "fact": "",
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
    assert [(row["match"], row["object"]) for row in found.rows.to_dicts()] == [("wider", "opioid")]


@pytest.mark.parametrize("form", forms.load().forms, ids=lambda form: form.understood)
def test_forms_have_their_questions(form: forms.Form) -> None:
    needed = {parameter.name for parameter in header.question(form.question).parameters}
    given = set(form.fixed) | ({"drug"} if form.needs_drug else set())
    given |= {"thing"} if any(wording.has_thing for wording in form.wordings) else set()
    assert given == needed


def test_what_is_asked_in_words_is_a_question_of_the_catalogue() -> None:
    assert {form.question for form in forms.load().forms} <= set(header.catalogue())


@pytest.mark.parametrize(
    ("text", "message"),
    [("fillers = ", "not TOML"), ("form = []", "a form is incomplete ('fillers')"), ("fillers = ''\n[[form]]\n", "'q")],
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
