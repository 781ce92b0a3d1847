"""Counts with which words each form of questions is asked; what `kg.questions.telling` reads.

python -m training.questions > queries/telling.tsv
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import kg
from kg.questions import forms, mentions, speech, telling
from kg.questions.names import Names

FOLDER = Path(__file__).parents[1] / "tests" / "questions"
TABLES = ("wordings.tsv", "held_out.tsv", "worth_asking.tsv", "asked_again.tsv", "ours.tsv")
"""What forms may be written with: never one of the tables that are to measure only."""

WORDING = 0.3
"""What a wording of a form counts beside a question."""


def table(names: Names) -> str:
    """Return the table of counts."""
    words: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    asked: dict[str, float] = defaultdict(float)
    for form, said, weight in (*_of_questions(names), *_of_wordings()):
        asked[form] += weight
        for word in said:
            words[word][form] += weight
    return telling.page(words, asked)


def _of_wordings() -> Iterator[tuple[str, frozenset[str], float]]:
    for form in forms.load().forms:
        for wording in form.wordings:
            yield form.name, wording.words, WORDING


def _of_questions(names: Names) -> Iterator[tuple[str, frozenset[str], float]]:
    known = {form.name for form in forms.load().forms}
    for name in TABLES:
        with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                asked = [form for form in row["form"].split("|") if form in known]
                drugs, things = (row.get(f"{one}s") or row.get(one) or "" for one in ("drug", "thing"))
                said = _said(row["wording"], asked, names, len(drugs.split("; ")), len(things.split("; ")))
                for form in asked:
                    yield form, said, 1 / len(asked)


def _said(question: str, asked: list[str], names: Names, drugs: int, things: int) -> frozenset[str]:
    """Return the words of a question and slots for its names, in the reading that has as many as are expected."""
    table, talk = forms.load(), speech.load()
    words, spelt = forms.words(question), forms.spelt(question)

    def is_word(word: str) -> bool:
        return speech.is_filler(word, talk) or forms.is_known(word, table)

    found = mentions.find(words, spelt, names, talk, is_word, thorough=True)
    fitting = [
        reading
        for reading in mentions.readings(words, found, is_word, talk)
        if any(form.name in asked and form.admits(reading.counts) for form in table.forms)
    ]
    best = min(
        fitting,
        key=lambda r: abs(len(r.of(forms.DRUG)) - drugs) + abs(len(r.of(forms.THING)) - things),
        default=mentions.Reading(tuple(words)),
    )
    return frozenset(word if word in forms.SLOTS else forms.stem(word) for word in best.words)


if __name__ == "__main__":
    sys.stdout.write(table(kg.load().names))
