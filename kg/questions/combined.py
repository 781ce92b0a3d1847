"""Questions about several drugs or things: each is answered by itself, and the answers are put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from kg.questions.answer import BOTH, DENIED, NOT_STATED, PARTLY, STATED, Answer
from kg.questions.names import Named
from kg.questions.run import Rows
from kg.questions.understanding import Thing, Understood

_PART, _DRUG = "part", "drug"
AFFIRMED = "affirmed"


def each(understood: Understood, one: Callable[[Named | None, Thing | None], Answer]) -> Answer:
    """Answer for each drug and each thing; of a pair of drugs the second is the thing."""
    drugs: Sequence[Named | None] = understood.drugs or (None,)
    things: Sequence[Thing | None] = understood.things or (None,)
    if understood.is_pair:
        drugs, things = understood.drugs[:1], (Thing(understood.drugs[1:]),)
    asked = [(drug, thing) for drug in drugs for thing in things]
    answers = [one(drug, thing) for drug, thing in asked]
    if len(answers) == 1:
        return answers[0]
    labels = [
        " and ".join(filter(None, (_label(drug) if len(drugs) > 1 else "", _label(thing) if len(things) > 1 else "")))
        for drug, thing in asked
    ]
    if len(things) > 1 and not understood.either and answers[0].columns[0] == _DRUG and answers[0].graded is None:
        return common(answers, labels)
    return together(answers, labels, either=understood.either)


def common(answers: Sequence[Answer], labels: Sequence[str]) -> Answer:
    """Put answers that list drugs together, and keep the drugs of which each of them is affirmed.

    Where there is none, the answers stand by themselves, and that is said.
    """
    lists = [{row[_DRUG] for row in a.rows.to_dicts() if row.get("polarity", AFFIRMED) == AFFIRMED} for a in answers]
    drugs = set.intersection(*lists)
    each_alone = "; ".join(f"{label}: of {len(found):,}" for label, found in zip(labels, lists, strict=True))
    number = f"{len(drugs):,} drug{'' if len(drugs) == 1 else 's'}" if drugs else "no drug"
    said = f"All of it is stated of {number} ({each_alone}). What is not listed is not stated, which is not a no."
    if not drugs:
        found = together(answers, labels)
        return replace(found, summary=said, verdict=PARTLY if any(lists) else found.verdict)
    whole = together([_only(answer, drugs) for answer in answers], labels)
    documents = tuple(sorted({name for answer in answers for name in answer.documents}))
    return replace(whole, summary=said, verdict=STATED, documents=documents)


def _only(answer: Answer, drugs: Collection[str]) -> Answer:
    place = answer.columns.index(_DRUG)
    kept = [(row, facts) for row, facts in zip(answer.rows.rows, answer.facts, strict=True) if row[place] in drugs]
    return replace(
        answer,
        rows=Rows(answer.columns, tuple(row for row, _ in kept), answer.rows.truncated),
        facts=tuple(facts for _, facts in kept),
        stating=tuple(sorted({e.document for _, facts in kept for fact in facts for e in fact.evidence})),
    )


def together(answers: Sequence[Answer], labels: Sequence[str], *, either: bool = False) -> Answer:
    """Put answers of one form together: each has its own parts, named by its label."""
    columns = answers[0].columns
    has_part = _PART in columns
    rows = tuple(
        _labelled(row, label, columns) for answer, label in zip(answers, labels, strict=True) for row in answer.rows
    )
    return replace(
        answers[0],
        rows=Rows(columns if has_part else (_PART, *columns), rows),
        facts=tuple(facts for answer in answers for facts in answer.facts),
        verdict=verdict((answer.verdict for answer in answers), either=either),
        summary=" ".join(f"{label}: {answer.summary}" for answer, label in zip(answers, labels, strict=True)),
        stating=tuple(sorted({name for answer in answers for name in answer.stating})),
        documents=tuple(sorted({name for answer in answers for name in answer.documents})),
        graded=None,
        truncated=any(answer.truncated for answer in answers),
    )


def verdict(verdicts: Iterable[str], *, either: bool = False) -> str:
    """Say in one word what is stated of several things; of alternatives one is enough.

    >>> verdict(["stated", "not stated"]), verdict(["stated", "not stated"], either=True)
    ('stated in part', 'stated')
    """
    said = list(verdicts)
    found = [one for one in said if one != NOT_STATED]
    if not found:
        return NOT_STATED
    if either and STATED in found:
        return STATED
    if len(set(found)) == 1 and (either or len(found) == len(said)):
        return found[0]
    return BOTH if set(said) <= {STATED, DENIED, BOTH} else PARTLY


def _labelled(row: tuple[str, ...], label: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    if _PART not in columns:
        return (label, *row)
    place = columns.index(_PART)
    return (*row[:place], f"{label}: {row[place]}" if row[place] else label, *row[place + 1 :])


def _label(one: Named | Thing | None) -> str:
    return one.label if one is not None else ""
