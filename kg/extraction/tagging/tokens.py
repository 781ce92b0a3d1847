"""Tokens of a sentence, and the tags that the vocabulary and the rules give to them."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kg.extraction.candidate import SentenceReading
from kg.extraction.mentions import SHAPE
from kg.extraction.sentence import Sentence
from kg.extraction.tagging import known
from kg.records import Span

_TOKEN = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")
_REMEMBERED = 8_000
OUTSIDE = "O"
EDGE = "<>"
"""The word that stands before the first and after the last."""
_STOPS = frozenset(".,;:")
"""Marks that no name goes across."""


class Tokens(NamedTuple):
    """A sentence as a sequence model sees it; every list has one entry a token.

    `starts` and `ends` count from the start of the sentence; `names` say which types of concept the vocabulary gives
    to the token ("BCond": the first of a condition's), `readings` which kind the rules do ("Iadverse_effecta"), and
    `known` which public vocabularies know the name it belongs to ("B5": the first of a name that two of them have).
    """

    sentence: Sentence
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[str, ...]
    shapes: tuple[str, ...]
    names: tuple[str, ...]
    readings: tuple[str, ...]
    lead: str
    known: tuple[str, ...] = ()


def tokenise(reading: SentenceReading) -> Tokens:
    """Cut a sentence into words, numbers and marks, and tag them by its mentions and by the rules' candidates."""
    sentence, lead, candidates = reading
    text = sentence.text
    found = [match.span() for match in _TOKEN.finditer(text)]
    if not found:
        return Tokens(sentence, (), (), (), (), (), (), "")
    names = [OUTSIDE] * len(found)
    readings = [OUTSIDE] * len(found)
    starts, ends = zip(*found, strict=True)
    words, shapes = zip(*map(_SEEN.__getitem__, [text[start:end] for start, end in found]), strict=True)
    for mention in sentence.mentions:
        _tag(names, starts, mention.core, _name_of(mention.types))
    for candidate in candidates:
        if not candidate.in_heading:
            _tag(readings, starts, candidate.object.span, candidate.rule.kind + candidate.polarity[0])
    above = lead.normal if lead else ""
    return Tokens(sentence, starts, ends, words, shapes, tuple(names), tuple(readings), above)


@functools.lru_cache(_REMEMBERED)  # some dozens of them
def _name_of(types: frozenset[str]) -> str:
    return "+".join(sorted(kind[:4] for kind in types))


def _tag(tags: list[str], starts: Sequence[int], span: Span, name: str) -> None:
    mark = "B"
    for index in range(bisect_left(starts, span.start), bisect_left(starts, span.end)):
        tags[index] = mark + name
        mark = "I"


class _Seen(dict[str, tuple[str, str]]):
    """Tokens as they are written → word and shape; a limited number of them."""

    def __missing__(self, token: str) -> tuple[str, str]:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[token] = token.lower(), _shape(token)
        return found


_SEEN = _Seen()


def _shape(word: str) -> str:
    if word.isdigit():
        return "d"
    if word.isupper() and len(word) > 1:
        return "A"
    if word[:1].isupper():
        return "Aa"
    return "a" if word.isalpha() else word


def laid(found: Iterable[SentenceReading]) -> list[tuple[Tokens, SentenceReading]]:
    """Cut the sentences that a model is for; those without a word are left out.

    What has but the shape of a finding is not shown to models: they judge shapes themselves.
    """
    shown = [SentenceReading(s, lead, [c for c in own if c.object.why != SHAPE]) for s, lead, own in found]
    cut = [(tokenise(item), item) for item in shown]
    cut = [(tokens, item) for tokens, item in cut if tokens.words]
    told = _known([tokens.words for tokens, _ in cut])
    return [(Tokens(*tokens[:-1], own), item) for (tokens, item), own in zip(cut, told, strict=True)]


def _known(sentences: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Tag the names that public vocabularies know; all sentences are looked up at once."""
    words = [word for sentence in sentences for word in (*sentence, ".")]  # no name goes on in the next sentence
    places = [place for place, word in enumerate(words) if word.isalnum() or word in _STOPS]
    tags = [OUTSIDE] * len(words)
    for start, end, mask in known.longest([words[place] for place in places], _STOPS):
        first, last = places[start], places[end - 1]
        tags[first : last + 1] = [f"B{mask}", *[f"I{mask}"] * (last - first)]
    result, start = [], 0
    for sentence in sentences:
        result.append(tuple(tags[start : start + len(sentence)]))
        start += len(sentence) + 1
    return result
