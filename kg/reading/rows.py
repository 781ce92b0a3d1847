"""Tables that have run together: where the title of a row begins and ends, and where its other cells begin.

"Strong Inhibitors Clinical Impact: ... Intervention: ... Examples: ..." is how a label's table on interactions reads
when its lines are lost. The words that the cells begin with are data (`ontology/sections/flattened.toml`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Container
from typing import NamedTuple

from kg.reading.run_in import RunIn, words

LONGEST_TITLE = 14
"""Words of a row's title."""


class Rows(NamedTuple):
    """The words with which rows begin, and those with which their cells do."""

    titles: frozenset[int]
    cells: frozenset[int]


def find(run_in: RunIn, behind: Container[int]) -> Rows:
    """Find the rows of such tables; `behind` are the words right behind a reference to another section."""
    firsts = _places(run_in, _pattern("rows"))
    if not firsts:
        return Rows(frozenset(), frozenset())
    titles = frozenset(_title(run_in, first, behind) for first in firsts)
    return Rows(titles, frozenset(firsts) | frozenset(_places(run_in, _pattern("cells"))))


def _places(run_in: RunIn, pattern: re.Pattern[str]) -> list[int]:
    return [run_in.tokens.at(match.start()) for match in pattern.finditer(run_in.text, *run_in.span)]


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """Match what cells begin with, each word but the small ones with its capital."""
    known = words()
    spelt = (entry.split("-") for entry in sorted(getattr(known, name), key=len, reverse=True))
    shown = (" ".join(word if word in known.small else word.capitalize() for word in entry) for entry in spelt)
    return re.compile(rf"(?<!\S)(?:{'|'.join(shown)})(?=\s?:|\s+[A-Z])")


def _title(run_in: RunIn, first: int, behind: Container[int]) -> int:
    """Return the word with which a row's title begins, the first cell standing at `first`; `first` where none does."""
    for in_capitals in (True, False):
        start = _back(run_in, first, behind, in_capitals=in_capitals)
        while start < first and not run_in.tokens[start].is_capital:
            start += 1
        if start < first and (in_capitals or first - start <= LONGEST_TITLE // 2):
            return start
    return first


def _back(run_in: RunIn, first: int, behind: Container[int], *, in_capitals: bool) -> int:
    """Go back from the first cell, over words with capitals, small words and brackets; or over any of the sentence."""
    start = first
    while start > 0 and first - start < LONGEST_TITLE:
        before = run_in.tokens[start - 1]
        if start in behind or start - 1 in run_in.chain or before.is_bullet or before.ends or before.words[-1] == ":":
            break
        if before.core.lower() in run_in.product:
            break  # "Interactions with Zafnol Strong Inhibitors Clinical Impact"
        if before.words.endswith(")"):
            opened = next((i for i in range(start - 1, max(0, start - 9), -1) if "(" in run_in.tokens[i].words), start)
            if opened < start:
                start = opened
                continue
        if in_capitals and before.is_lower and before.core not in run_in.known.small:
            break
        start -= 1
    return start
