"""Learns by which words each form of questions is asked; what `kg.questions.telling` reads.

python -m training.questions > telling.tsv && mv telling.tsv queries/
"""

from __future__ import annotations

import csv
import hashlib
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import kg
from kg import resources
from kg.questions import forms, saying, telling, tokens
from kg.questions.forms import Form
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
    "ours.tsv",
)
REFUSED = ("refused.tsv", "refused_again.tsv", "refused_plainly.tsv", "refused_by_roles.tsv", "refused_ours.tsv")
"""What forms may be written with: never one of the tables that are to measure only."""

REFINED = {"disagreements": "contradictions"}
"""Forms of the older tables that bear another name now."""

ROUNDS, RATE, SHRINK = 12, 2.0, 1e-4
SEEN_AT_LEAST = 2
SMALLEST = 0.5
"""Weights that are nearer to nothing are left out."""

SAMPLES = 5
"""A wording with alternatives is learned from in at most so many of the ways in which it may be said."""

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
        word: {number[form]: round(weight, 1) for form, weight in sorted(by_form.items()) if abs(weight) >= SMALLEST}
        for word, by_form in weights.items()
    }
    return (
        head
        + f"{telling.FORMS}\t{' '.join(names_of)}\n"
        + "".join(
            f"{word}\t{' '.join(f'{form} {weight:g}' for form, weight in by_form.items())}\n"
            for word, by_form in sorted(rows.items())
        )
    )


def inputs() -> str:
    """Return a digest of all that is learned from, so that it can be seen whether the table is current."""
    digest = hashlib.sha256()
    queries = resources.folder("queries")
    for path in (*(FOLDER / name for name in (*ASKED, *REFUSED)), queries / "forms.toml", queries / "words.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def learned(lessons: Sequence[Lesson]) -> dict[str, dict[str, float]]:
    """Return the weights of a logistic regression over the choices of each lesson, fitted step by step."""
    seen = Counter(f for lesson in lessons for f in frozenset().union(*(c.features for c in lesson.choices)))
    vocabulary = {feature for feature, count in seen.items() if count >= SEEN_AT_LEAST}
    prepared = [(lesson, [_known(choice, vocabulary) for choice in lesson.choices]) for lesson in lessons]
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    order = random.Random(0)  # noqa: S311 - the same order each time
    for number in range(ROUNDS):
        order.shuffle(prepared)
        for lesson, known in prepared:
            _step(weights, lesson, known, RATE / (1 + number * 0.3))
    by_feature: dict[str, dict[str, float]] = defaultdict(dict)
    for form, of_form in weights.items():
        for feature, weight in of_form.items():
            by_feature[feature][form] = weight
    return by_feature


def _known(choice: Choice, vocabulary: set[str]) -> list[str]:
    features = sorted(choice.features)
    return [f for f in features if f in vocabulary] + telling.strange(features, vocabulary)


def _step(weights: dict[str, dict[str, float]], lesson: Lesson, known: list[list[str]], rate: float) -> None:
    options = [(place, form) for place, choice in enumerate(lesson.choices) for form in choice.forms]
    options.append((0, telling.REFUSED))
    scores = [sum(weights[form].get(f, 0.0) for f in known[at]) / _length(known[at]) for at, form in options]
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    right = [n for n, (_, form) in enumerate(options) if form in lesson.right]
    least = min((lesson.choices[options[n][0]].distance for n in right), default=0)
    right = [n for n in right if lesson.choices[options[n][0]].distance == least]
    if not right:
        return
    total, of_right = sum(powers), sum(powers[n] for n in right)
    for n, (at, form) in enumerate(options):
        wanted = powers[n] / of_right if n in right else 0.0
        change = wanted - powers[n] / total
        if abs(change) < 0.002:
            continue
        step, own = rate * change / _length(known[at]), weights[form]
        for feature in known[at]:
            own[feature] = own.get(feature, 0.0) * (1 - SHRINK) + step


def _length(known: Sequence[str]) -> float:
    return math.sqrt(len(known) + 1)


def of_questions(names: Names) -> Iterator[Lesson]:
    """Give a lesson for each question of the tables."""
    for name in ASKED:
        for row in _rows(name):
            right = frozenset(REFINED.get(form, form) for form in row["form"].split("|"))
            drugs, things = (row.get(f"{one}s") or row.get(one) or "" for one in ("drug", "thing"))
            yield Lesson(right, tuple(_choices(row["wording"], names, _count(drugs), _count(things))))
    for name in REFUSED:
        for row in _rows(name):
            if tokens.words(row["wording"]):
                yield Lesson(frozenset({telling.REFUSED}), tuple(_choices(row["wording"], names, 0, 0)))


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return [*csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _count(cell: str) -> int:
    return len([part for part in cell.replace(" or ", "; ").split("; ") if part])


def _choices(question: str, names: Names, drugs: int, things: int) -> Iterator[Choice]:
    table = forms.load()
    for reading in saying.told_readings(question, names):
        counts = reading.counts
        distance = abs(counts[forms.DRUG] - drugs) + abs(counts[forms.THING] - things)
        admitting = tuple(dict.fromkeys(form.name for form in table.forms if form.admits(counts)))
        yield Choice(telling.features(reading), admitting, distance)


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
                    features = telling.of_tokens(tokens, counts)
                    whole = frozenset(f for f in features if _ANY not in f and "^" not in f and "$" not in f)
                    yield Lesson(frozenset({form.name}), (Choice(whole, admitting),))


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
    return mark if mark in forms.SLOTS or mark == _ANY else telling.root(mark)


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
