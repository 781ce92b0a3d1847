"""Of two forms that ask much the same, the one that says more: "how often does it cause X" is more than "does it".

What is likeliest by its words is not always the most exact form. `queries/canonical.toml` says, for some forms, which
other one a question is where certain words are in it, or where it is about certain things. Where that other form does
not take the drugs and things of the question, the rule is passed over: nothing that was named is ever dropped, save a
thing that the form says by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.questions import forms, tables, tokens
from kg.questions.forms import Form, Wording


@dataclass(frozen=True, slots=True)
class Rule:
    """Which form a question of some others is: where one of the wordings is in it and none of `unless`.

    With `things`, where it is about nothing but these, and the form says them by itself.
    """

    of: frozenset[str]
    name: str
    things: frozenset[str]
    wordings: tuple[Wording, ...]
    unless: tuple[Wording, ...]
    cases: tuple[str, ...]
    others: tuple[str, ...]


@functools.cache
def load(path: Path | None = None) -> tuple[Rule, ...]:
    """Read the table, by default that of the package.

    Raises
    ------
    QueryError
        When the file is missing, malformed or incomplete.
    """
    read = tables.read("canonical.toml", path)
    with tables.complete(read.place, "a rule", "give it why, of, is, wordings, cases and others"):
        return tuple(_rule(row) for row in read.rows("rule"))


def _rule(row: Mapping[str, object]) -> Rule:
    return Rule(
        frozenset(str(row["of"]).split()),
        str(row["is"]),
        frozenset(tables.texts(row.get("things", ()))),
        tuple(map(forms.wording, tables.texts(row["wordings"]))),
        tuple(map(forms.wording, tables.texts(row.get("unless", ())))),
        tables.texts(row["cases"]),
        tables.texts(row["others"]),
    )


def form(found: Form, words: Sequence[str], counts: Mapping[str, int], things: Sequence[frozenset[str]]) -> Form | None:
    """Return the form that says more of a question than the one it was understood as; none where there is no such.

    `counts` tells how many names of each slot there are, `things` all names of each thing.
    """
    text = "^ " + "".join(tokens.stem(word) + " " for word in words) + ". "
    for rule in load():
        if found.name not in rule.of or (rule.things and not (things and all(rule.things & one for one in things))):
            continue
        left = {**counts, forms.THING: 0, forms.PEOPLE: 0} if rule.things else counts
        target = next((one for one in forms.load().forms if one.name == rule.name and _takes(one, left)), None)
        if target is None or any(forms.fits(wording, text) for wording in rule.unless):
            continue
        if any(forms.fits(wording, text) for wording in rule.wordings):
            return target
    return None


def _takes(form: Form, counts: Mapping[str, int]) -> bool:
    """Tell whether a form takes so many names; of two drugs the second, or a class, may stand where a thing might."""
    if form.admits(counts):
        return True
    is_pair = counts.get(forms.DRUG) == 2 and not counts.get(forms.THING)
    pair = {**counts, forms.DRUG: 1, forms.THING: 1, forms.PAIR: 1, forms.KIND: counts.get(forms.CLASS, 0)}
    return is_pair and counts.get(forms.CLASS, 0) < 2 and form.admits({**pair, forms.CLASS: 0})
