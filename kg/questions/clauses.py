"""Parts of a question: what it asks, and what it tells beside that of a person ("my mum has gout, may she take ...?").

What is told of a person is a condition of the question: its names are put behind what is asked, its other words left
out, so that no wording has to think of all the ways in which people tell who they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kg.questions import forms, tokens
from kg.questions.speech import Speech

_END = re.compile(r"[.;:!?]+(?=\s|$)|\s[-\u2013\u2014]+\s")
_PAUSE = re.compile(r",\s*|\s(?=(?:and|so|but|or|also|then)\s)")
_JOINS = frozenset({"and", "so", "but", "or", "also", "then", "yet", "now", "please"})
_WITH = "with"


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a question: its words, as typed too, and whether it asks."""

    words: tuple[str, ...]
    spelt: tuple[str, ...]
    asks: bool


def cut(question: str, table: Speech) -> list[Clause]:
    """Cut a question where sentences end, and where behind a pause something is asked or told of a person."""
    texts: list[str] = []
    start = 0
    for end in (*_END.finditer(question), None):
        sentence = question[start : end.start() if end else len(question)]
        marked = "?" if end is not None and "?" in end.group() else ""
        pieces = list(_pieces(sentence, table))
        texts += [*pieces[:-1], *(piece + marked for piece in pieces[-1:])]
        start = end.end() if end else start
    return [clause for text in texts if (clause := _clause(text, table)).words]


def without_answered(question: str, table: Speech) -> tuple[str, bool]:
    """Leave out what is asked last and answers tell by themselves, and say whether it asks why.

    >>> from kg.questions.speech import load
    >>> without_answered("Which drugs harm the liver, who says so, and why?", load())
    ('Which drugs harm the liver', True)
    """
    asks_why = False
    breaks = sorted(found.span() for pattern in (_END, _PAUSE) for found in pattern.finditer(question))
    for start, end in reversed(breaks):
        last = [tokens.stem(word) for word in _begin(tokens.words(question[end:]))]
        if not last:
            continue
        is_why = any(forms.is_whole(wording, last) for wording in table.reasons)
        is_told = is_why or any(forms.is_whole(wording, last) for wording in table.answered)
        if not is_told or not tokens.words(question[:start]):
            break
        question, asks_why = question[:start], asks_why or is_why
    return question, asks_why


def _pieces(sentence: str, table: Speech) -> Iterable[str]:
    start = 0
    for pause in _PAUSE.finditer(sentence):
        rest = _begin(tokens.words(sentence[pause.end() :]))
        if rest and (rest[0] in table.asking or rest[0] in table.tellers) and sentence[start : pause.start()].strip():
            yield sentence[start : pause.start()]
            start = pause.end()
    yield sentence[start:]


def _begin(words: Sequence[str]) -> Sequence[str]:
    place = next((at for at, word in enumerate(words) if word not in _JOINS), len(words))
    return words[place:]


def _clause(text: str, table: Speech) -> Clause:
    words, spelt = tokens.words(text), tokens.spelt(text)
    rest = _begin(words)
    asks = bool(rest) and (rest[0] in table.asking or ("?" in text and rest[0] not in table.tellers))
    return Clause(tuple(words), tuple(spelt), asks)


def behind(
    clauses: Sequence[Clause],
    names: Callable[[Sequence[str], Sequence[str]], Sequence[tuple[int, int]] | None],
) -> tuple[list[str], list[str]] | None:
    """Return what is asked with the names that are told beside it put behind; none where nothing is told beside.

    `names` finds where the names in some words are, the longest ones; it gives nothing where words may not be left out.
    """
    asked = [clause for clause in clauses if clause.asks]
    told = [clause for clause in clauses if not clause.asks]
    if not asked or not told:
        return None
    said = [(word, typed) for clause in asked for word, typed in zip(clause.words, clause.spelt, strict=True)]
    for clause in told:
        places = names(clause.words, clause.spelt)
        if places is None:
            return None
        for start, end in places:
            said += [(_WITH, _WITH), *zip(clause.words[start:end], clause.spelt[start:end], strict=True)]
    return [word for word, _ in said], [typed for _, typed in said]
