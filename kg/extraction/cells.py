"""Tables that have run together in a label's text: where a cell seems to end, and what stands in one cell with a name.

Nothing tells there which cells make a row, so that an effect is an interaction's only where one cell holds both.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from kg.extraction.sentence import PROFESSIONAL, Sentence, once
from kg.records import Span

_FEWEST = 5
"""Ends of cells that make a sentence a table."""
_END = re.compile(r"(?P<word>\b[a-z][a-z'’/-]*|\d ?%?|\)|[*†‡]) (?=[A-Z][a-z]{2,})")


@once
def ends(sentence: Sentence) -> tuple[int, ...]:
    """Return where the cells of a table end that has run together; nothing where a sentence is none."""
    if sentence.source not in PROFESSIONAL or sentence.passage.row is not None:
        return ()
    joins = sentence.phrases.words["joins_cells"]
    found = [
        match.end()
        for match in _END.finditer(sentence.text)
        if not joins.fullmatch(match["word"]) and not sentence.normal[match.end()].isspace()  # a reference is blanked
    ]
    return tuple(found) if len(found) >= _FEWEST else ()


def are_one(sentence: Sentence, first: Span, second: Span) -> bool:
    """Tell whether two names stand in one cell, as they do in every sentence that is no table."""
    places = ends(sentence)
    return bisect_right(places, first.start) == bisect_right(places, second.start)


def hold(sentence: Sentence, about: Span, words: str) -> bool:
    """Tell whether the cell of a name holds some words."""
    places = ends(sentence)
    if not places:
        return True
    cell = bisect_right(places, about.start)
    start = places[cell - 1] if cell else 0
    end = places[cell] if cell < len(places) else len(sentence.text)
    return words.casefold() in " ".join(sentence.text[start:end].split()).casefold()
