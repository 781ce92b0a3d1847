"""Learns by which words each form of questions is asked; what `kg.questions.telling` reads.

python -m training.questions > telling.tsv && mv telling.tsv queries/
"""

from __future__ import annotations

import csv
import hashlib
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kg
from kg import resources
from kg.questions import forms, saying, telling
from kg.questions.forms import Form
from kg.questions.mentions import Reading
from kg.questions.names import Names

FOLDER = Path(__file__).parents[1] / "tests" / "questions"
ASKED = (
    "wordings.tsv",
    "held_out.tsv",
    "worth_asking.tsv",
    "asked_again.tsv",
    "asked_plainly.tsv",
    "asked_shortly.tsv",
    "asked_by_roles.tsv",
    "asked_anew.tsv",
    "asked_naturally.tsv",
    "asked_everyday.tsv",
    "asked_tersely.tsv",
    "asked_in_pairs.tsv",
    "asked_by_role.tsv",
    "asked_in_stories.tsv",
    "asked_in_speech.tsv",
    "ours.tsv",
)
REFUSED = (
    "refused.tsv",
    "refused_again.tsv",
    "refused_plainly.tsv",
    "refused_by_roles.tsv",
    "refused_anew.tsv",
    "refused_naturally.tsv",
    "refused_everyday.tsv",
    "refused_ours.tsv",
    "refused_by_role.tsv",
    "refused_in_stories.tsv",
    "refused_in_speech.tsv",
)
"""What forms may be written with: never one of the tables that are to measure only."""

REFINED = {"disagreements": "contradictions"}
"""Forms of the older tables that bear another name now."""

ROUNDS, SHRINK = 60, 0.003
SEEN_AT_LEAST = 3
SMALLEST = 0.5
"""Weights that are nearer to nothing are left out."""

SAMPLES = 5
"""A wording with alternatives is learned from in at most so many of the ways in which it may be said."""

READ = ("forms.toml", "words.toml", "plain.txt", "senses.txt")
"""What questions are read with."""

_ANY = "…"
_WIDER = {forms.CLASS: forms.DRUG, forms.KIND: forms.THING, forms.PEOPLE: forms.THING}


@dataclass(frozen=True)
class Choice:
    """A way to read a question: its features, the forms that take its names, and how far the names are from right."""

    features: frozenset[str]
    forms: tuple[str, ...]
    distance: int = 0


@dataclass(frozen=True)
class Lesson:
    """A question: the forms that are right, and its readings."""

    right: frozenset[str]
    choices: tuple[Choice, ...]


def table(names: Names) -> str:
    """Return the table of weights."""
    weights = learned([*of_questions(names), *of_wordings()])
    head = f"# Made by `python -m training.questions` from tests/questions (none untouched) and queries: {inputs()}\n"
    names_of = sorted({form for by_form in weights.values() for form in by_form})
    number = {form: str(place) for place, form in enumerate(names_of)}
    rows = {
        word: {
            number[form]: round(weight * telling.PARTS)
            for form, weight in sorted(by_form.items())
            if abs(weight) >= SMALLEST
        }
        for word, by_form in weights.items()
    }
    return (
        head
        + f"{telling.FORMS}\t{' '.join(names_of)}\n"
        + "".join(
            f"{word}\t{' '.join(f'{form} {weight}' for form, weight in by_form.items())}\n"
            for word, by_form in sorted(rows.items())
        )
    )


def inputs() -> str:
    """Return a digest of all that is learned from, so that it can be seen whether the table is current."""
    digest = hashlib.sha256()
    queries = resources.folder("queries")
    for path in (*(FOLDER / name for name in (*ASKED, *REFUSED)), *(queries / name for name in READ)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def learned(lessons: Sequence[Lesson]) -> dict[str, dict[str, float]]:
    """Return the weights of a logistic regression over the choices of each lesson: the likeliest, kept small."""
    import numpy as np
    from scipy.optimize import minimize

    lessons = [lesson for lesson in lessons if _right(lesson)]
    seen = Counter(f for lesson in lessons for f in frozenset().union(*(c.features for c in lesson.choices)))
    vocabulary = {feature for feature, count in seen.items() if count >= SEEN_AT_LEAST}
    problem = _problem(lessons, sorted(vocabulary | {telling.STRANGE, telling.STRANGE + "s"}))
    start = np.zeros(len(problem.features) * len(problem.forms))
    found = minimize(problem.loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "maxcor": 8}).x
    rows = found.reshape(len(problem.features), -1)
    return {
        f: dict(zip(problem.forms, map(float, row), strict=True)) for f, row in zip(problem.features, rows, strict=True)
    }


def _right(lesson: Lesson) -> set[tuple[int, str]]:
    """Return which choices and forms are right: of those that take the names, the ones that are nearest to right."""
    options = [(at, form) for at, choice in enumerate(lesson.choices) for form in choice.forms]
    right = [(at, form) for at, form in (*options, (0, telling.REFUSED)) if form in lesson.right]
    least = min((lesson.choices[at].distance for at, _ in right), default=0)
    return {(at, form) for at, form in right if lesson.choices[at].distance == least}


@dataclass(frozen=True)
class _Problem:
    """What is to be made small: how unlikely the right choices are by the weights, and how large the weights are."""

    features: Sequence[str]
    forms: Sequence[str]
    rows: Any
    possible: Any
    right: Any
    lesson: Any
    starts: Any

    def loss(self, weights: Any) -> tuple[float, Any]:
        """Return it, and how it changes with each weight."""
        import numpy as np

        scores = np.where(self.possible, self.rows @ weights.reshape(len(self.features), -1), -1e9)
        highest = np.maximum.reduceat(scores.max(axis=1), self.starts)
        powers = np.exp(scores - highest[self.lesson][:, None])
        of_right = powers * self.right
        total, right = (np.add.reduceat(one.sum(axis=1), self.starts) for one in (powers, of_right))
        loss = float(np.log(total).sum() - np.log(np.maximum(right, 1e-300)).sum())
        change = powers / total[self.lesson][:, None] - of_right / np.maximum(right, 1e-300)[self.lesson][:, None]
        gradient = np.asarray(self.rows.T @ change).ravel() + SHRINK * weights
        return loss + SHRINK / 2 * float(weights @ weights), gradient


def _problem(lessons: Sequence[Lesson], features: Sequence[str]) -> _Problem:
    import numpy as np
    from scipy import sparse

    forms_of = sorted({form for lesson in lessons for c in lesson.choices for form in c.forms} | {telling.REFUSED})
    place = {form: at for at, form in enumerate(forms_of)}
    column = {feature: at for at, feature in enumerate(features)}
    all_choices = [choice for lesson in lessons for choice in lesson.choices]
    possible = np.zeros((len(all_choices), len(forms_of)), bool)
    right = np.zeros_like(possible)
    entries: list[tuple[float, int, int]] = []
    starts, row = [], 0
    for lesson in lessons:
        starts.append(row)
        possible[row, place[telling.REFUSED]] = True
        for at, form in _right(lesson):
            right[row + at, place[form]] = True
        for choice in lesson.choices:
            possible[row, [place[form] for form in choice.forms]] = True
            known = [f for f in choice.features if f in column] + telling.strange(choice.features, column)
            entries += [(1 / math.sqrt(len(known) + 1), row, column[f]) for f in known]
            row += 1
    values, places, columns = (np.array(one) for one in zip(*entries, strict=True))
    rows = sparse.csr_matrix((values, (places.astype(int), columns.astype(int))), (row, len(features)))
    lesson_of = np.repeat(np.arange(len(lessons)), np.diff([*starts, row]))
    return _Problem(features, forms_of, rows, possible, right, lesson_of, np.array(starts))


def of_questions(names: Names) -> Iterator[Lesson]:
    """Give a lesson for each question of the tables that is not refused at once."""
    for name in ASKED:
        for row in _rows(name):
            right = frozenset(REFINED.get(form, form) for form in row["form"].split("|"))
            cells = [row.get(column) or "" for column in ("drugs", "drug", "things", "thing")]
            wanted = [(one, False) for cell in cells for one in _parts(cell)]
            wanted += [(one, True) for one in _parts(row.get("without") or "")]
            yield from _lesson(row["wording"], names, right, wanted)
    for name in REFUSED:
        for row in _rows(name):
            yield from _lesson(row["wording"], names, frozenset({telling.REFUSED}), [])


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return [*csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _parts(cell: str) -> list[str]:
    return [part for part in cell.replace(" or ", "; ").split("; ") if part]


def _lesson(question: str, names: Names, right: frozenset[str], wanted: Sequence[tuple[str, bool]]) -> Iterator[Lesson]:
    table = forms.load()
    choices = [
        Choice(
            telling.features(reading),
            tuple(dict.fromkeys(form.name for form in table.forms if form.admits(reading.counts))),
            _distance(reading, wanted, names) if wanted else 0,
        )
        for reading in saying.told_readings(question, names)
    ]
    if choices:
        yield Lesson(right, tuple(choices))


def _distance(reading: Reading, wanted: Sequence[tuple[str, bool]], names: Names) -> int:
    """Count the names that are wanted and not read, and those that are read and not wanted.

    A name is wanted with whether it is to be left out.
    """
    mentions = [
        ({n.label for n in m.named} | {n.iri for n in m.named}, slot == forms.WITHOUT)
        for slot in forms.SLOTS
        for m in reading.of(slot)
    ]
    missing = 0
    for cell, is_without in wanted:
        labels = {one for label in cell.split("|") for one in (label, *(n.iri for n in names.find(label)))}
        found = next((one for one in mentions if one[0] & labels and one[1] == is_without), None)
        missing += found is None
        mentions = [one for one in mentions if one is not found]
    return missing + len(mentions)


def of_wordings() -> Iterator[Lesson]:
    """Give lessons for the ways in which the wordings of each form may be said."""
    table, chance = forms.load(), random.Random(1)  # noqa: S311 - the same ways each time
    for form in table.forms:
        for wording in form.wordings:
            tree, _ = _parsed(forms.marks(wording.text), 0, "")
            for _ in range(min(SAMPLES, 1 + wording.text.count("|") // 3)):
                tokens = [_token(mark, form, chance) for mark in _said(tree, chance)]
                counts = _counts(form, tokens)
                admitting = tuple(dict.fromkeys(other.name for other in table.forms if other.admits(counts)))
                if form.name in admitting:
                    features = telling.of_tokens(tokens, counts, is_whole=False)
                    said = frozenset(feature for feature in features if _ANY not in feature)
                    yield Lesson(frozenset({form.name}), (Choice(said, admitting),))


Tree = list[list[object]]


def _parsed(marks: Sequence[str], at: int, stop: str) -> tuple[Tree, int]:
    """Return the alternatives of a wording, each a list of words and of parts with alternatives of their own."""
    found: Tree = [[]]
    while at < len(marks) and marks[at] != stop:
        mark = marks[at]
        if mark == "|":
            found.append([])
        elif mark in "([":
            part, at = _parsed(marks, at + 1, ")" if mark == "(" else "]")
            found[-1].append((mark, part))
        else:
            found[-1].append(mark)
        at += 1
    return found, at


def _said(tree: Tree, chance: random.Random) -> Iterator[str]:
    for part in chance.choice(tree):
        if isinstance(part, str):
            if part != "=":
                yield _ANY if part == "..." else part.rstrip("*")
        elif isinstance(part, tuple) and (part[0] == "(" or chance.random() > 0.6):
            yield from _said(part[1], chance)


def _token(mark: str, form: Form, chance: random.Random) -> str:
    """Return what the features have for a mark of a wording: of a thing one of the types that it may be of."""
    if mark == forms.DRUG:
        return forms.CLASS if forms.CLASS in form.takes else forms.DRUG
    if mark == forms.THING:
        if forms.PEOPLE in form.takes:
            return "{Population}"
        if forms.KIND in form.takes:
            return forms.KIND
        others = ["{Population}", "{Activity}", "{Substance}"] if form.name == "care" else []
        return chance.choice(["{Condition}"] * 4 + others)
    return mark


def _counts(form: Form, tokens: Sequence[str]) -> Mapping[str, int]:
    """Return how many names a wording has, at least as many as its form takes."""
    things = [t for t in tokens if t[0] == "{" and t not in {forms.DRUG, forms.CLASS, forms.WITHOUT, forms.TAKEN}]
    counts = {slot: tokens.count(slot) for slot in forms.SLOTS}
    counts[forms.DRUG] += tokens.count(forms.CLASS)
    counts[forms.THING] = len(things)
    for slot, (least, _) in form.takes.items():
        wider = _WIDER.get(slot, slot)
        counts[wider] = max(counts[wider], least)
        if wider != slot:
            counts[slot] = counts[wider]
    return counts


if __name__ == "__main__":
    sys.stdout.write(table(kg.load().names))
