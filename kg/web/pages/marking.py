"""A text cut into pieces at the edges of everything that is said in it, so that what overlaps can be marked in place.

The pieces put together are the text, whatever overlaps: nothing is added, nothing left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kg.records import Fact, Span


class Mark(NamedTuple):
    """A fact, a sentence of the text that says it, and the words in it that name its object."""

    fact: Fact
    sentence: Span
    words: Span


class Piece(NamedTuple):
    """A stretch of a text and the facts whose words it is part of, the shortest words first; none of plain text.

    `quoted` tells whether it is part of a sentence that says something.
    """

    text: str
    span: Span
    facts: tuple[Fact, ...] = ()
    quoted: bool = False


def pieces(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """Cut a text where the words of a fact, or the sentence that says it, begin or end.

    >>> [piece.text for piece in pieces("no statements", ())]
    ['no statements']
    """
    said = [mark for mark in marks if 0 <= mark.words.start < mark.words.end <= len(text)]
    words = sorted(((mark.words, place) for place, mark in enumerate(said)), key=lambda pair: pair[0])
    quotes = merged(mark.sentence for mark in said)
    edges = {0, len(text)}
    for span in (*(span for span, _ in words), *quotes):
        edges.update(edge for edge in span if 0 <= edge <= len(text))
    return list(_walk(text, sorted(edges), words, quotes, said))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Put spans that overlap together, in order.

    >>> merged([Span(4, 6), Span(0, 2), Span(1, 3)])
    [Span(start=0, end=3), Span(start=4, end=6)]
    """
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, end))
        else:
            found.append(Span(start, end))
    return found


def _walk(
    text: str,
    edges: Sequence[int],
    words: Sequence[tuple[Span, int]],
    quotes: Sequence[Span],
    said: Sequence[Mark],
) -> Iterator[Piece]:
    """Go from edge to edge with what is open there."""
    opened: list[tuple[int, int, Span]] = []
    next_word, next_quote = 0, 0
    for start, end in pairwise(edges):
        while next_word < len(words) and words[next_word][0].start <= start:
            span, place = words[next_word]
            heapq.heappush(opened, (span.end, place, span))
            next_word += 1
        while opened and opened[0][0] <= start:
            heapq.heappop(opened)
        while next_quote < len(quotes) and quotes[next_quote].end <= start:
            next_quote += 1
        quoted = next_quote < len(quotes) and quotes[next_quote].start <= start
        covering = sorted(opened, key=lambda item: (item[2].end - item[2].start, item[1]))
        yield Piece(text[start:end], Span(start, end), tuple(said[place].fact for _, place, _ in covering), quoted)
