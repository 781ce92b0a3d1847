"""Questions about several drugs or things: each is answered by itself, and the answers are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from kg.questions.answer import BOTH, DENIED, NOT_STATED, PARTLY, STATED, Answer
from kg.questions.names import Named
from kg.questions.run import Rows
from kg.questions.understanding import Thing, Understood

_PART = "part"


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
    return together(answers, labels, either=understood.either)


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
