"""How telling the words of a question are: which form has been asked with them, where no wording fits.

`queries/telling.tsv` counts, for each form, the words of questions that were asked of it: of the tables of questions
that forms may be written with, and, weighing less, of the wordings of the forms. It is made by
`python -m training.questions`. A form is the more likely the oftener it has been asked with the words, by the rule of
Bayes, each word by itself.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg import resources
from kg.errors import QueryError
from kg.questions import forms

_UNSEEN = 0.5
_PRIOR = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """For each word how often each form was asked with it, and how often each form was asked at all."""

    words: Mapping[str, Mapping[str, float]]
    asked: Mapping[str, float]

    def likelihood(self, tokens: Iterable[str], form: str) -> float:
        """Tell how much more likely a form is by these words than by chance, as a logarithm."""
        total = sum(self.asked.values())
        often = self.asked.get(form, 0.0)
        score = _PRIOR * math.log((often + 1) / (total + len(self.asked)))
        for word in sorted(set(map(_stem, tokens))):
            if counted := self.words.get(word):
                usual = sum(counted.values()) / total
                score += math.log((counted.get(form, 0.0) / usual + _UNSEEN) / (often + _UNSEEN))
        return score

    def is_asked_with(self, word: str, form: str) -> bool:
        """Tell whether a form has been asked with a word."""
        return form in self.words.get(_stem(word), {})


def _stem(word: str) -> str:
    return word if word in forms.SLOTS else forms.stem(word)


@functools.cache
def load() -> Telling:
    """Read the table of the package.

    Raises
    ------
    QueryError
        When the file is missing or malformed.
    """
    place = resources.folder("queries") / "telling.tsv"
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
        read = {word: _counts(rest) for word, _, rest in (line.partition("\t") for line in lines if line[:2] != "# ")}
        asked = read.pop(ASKED)
    except (OSError, ValueError, KeyError) as error:
        remedy = "make it with `python -m training.questions`"
        raise QueryError(str(place), f"cannot be read ({error})", remedy) from None
    return Telling(read, asked)


ASKED = "(asked)"
"""Stands in the place of the word in the line that says how often each form was asked."""


def _counts(text: str) -> dict[str, float]:
    parts = text.split()
    return dict(zip(parts[::2], map(float, parts[1::2]), strict=True))


def page(words: Mapping[str, Mapping[str, float]], asked: Mapping[str, float]) -> str:
    """Return the table as text."""
    head = "# Made by `python -m training.questions` from tests/questions (none untouched) and queries/forms.toml.\n"
    rows = {ASKED: asked, **dict(sorted(words.items()))}
    return head + "".join(
        f"{word}\t{' '.join(f'{form} {round(count, 2):g}' for form, count in sorted(counted.items()))}\n"
        for word, counted in rows.items()
    )
