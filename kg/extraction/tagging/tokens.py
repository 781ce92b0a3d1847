"""Tokens of a sentence, and the tags that the vocabulary and the rules give to them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kg.extraction.candidate import SentenceReading
from kg.extraction.mentions import SHAPE
from kg.extraction.sentence import Sentence
from kg.records import Span

_TOKEN = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")
_HEADING_WORD = re.compile(r"[a-z]+")
OUTSIDE = "O"
EDGE = "<>"
"""The word that stands before the first and after the last."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A sentence as a sequence model sees it; every list has one entry a token.

    `starts` and `ends` count from the start of the sentence; `names` say which types of concept the vocabulary gives
    to the token ("BCond": the first of a condition's), `readings` which kind the rules do ("Iadverse_effecta").
    """

    sentence: Sentence
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[str, ...]
    shapes: tuple[str, ...]
    names: tuple[str, ...]
    readings: tuple[str, ...]
    lead: str


def tokenise(reading: SentenceReading) -> Tokens:
    """Cut a sentence into words, numbers and marks, and tag them by its mentions and by the rules' candidates."""
    sentence, lead, candidates = reading
    found = [match.span() for match in _TOKEN.finditer(sentence.text)]
    texts = [sentence.text[start:end] for start, end in found]
    names = [OUTSIDE] * len(found)
    readings = [OUTSIDE] * len(found)
    starts = {start: index for index, (start, _) in enumerate(found)} if sentence.mentions or candidates else {}
    for mention in sentence.mentions:
        _tag(names, found, starts, mention.core, "+".join(sorted(kind[:4] for kind in mention.types)))
    for candidate in candidates:
        if not candidate.in_heading:
            _tag(readings, found, starts, candidate.object.span, candidate.rule.kind + candidate.polarity[0])
    return Tokens(
        sentence,
        tuple(start for start, _ in found),
        tuple(end for _, end in found),
        tuple([text.lower() for text in texts]),
        tuple([_shape(text) for text in texts]),
        tuple(names),
        tuple(readings),
        lead.normal if lead else "",
    )


def _tag(tags: list[str], places: list[tuple[int, int]], starts: dict[int, int], span: Span, name: str) -> None:
    index = starts.get(span.start)
    if index is None:
        index = next((i for i, (start, _) in enumerate(places) if start >= span.start), len(places))
    mark = "B"
    while index < len(places) and places[index][0] < span.end:
        tags[index] = mark + name
        mark = "I"
        index += 1


@functools.lru_cache(maxsize=20_000)
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
    shown = [item._replace(candidates=[c for c in item.candidates if c.object.why != SHAPE]) for item in found]
    cut = [(tokenise(item), item) for item in shown]
    return [(tokens, item) for tokens, item in cut if tokens.words]
