"""Quotes below what they say: each sentence in full the first time, and by its beginning when it comes again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.records import Evidence

_SHORT = 80
"""Characters of a quote that is always shown whole, and of the beginning of one that comes again."""


class Said:
    """What an answer has quoted so far."""

    def __init__(self, numbered: Mapping[str, int]) -> None:
        """Keep the numbers of the documents."""
        self._numbered = numbered
        self._shown: set[tuple[str, str]] = set()

    def by(self, found: Iterable[Evidence]) -> Iterator[tuple[str, str]]:
        """Give a number and a quote for each passage; a document that says the same twice is quoted once."""
        here: set[tuple[str, str]] = set()
        for evidence in found:
            number, quote = f"[{self._numbered[evidence.document]}] ", _quoted(evidence, self._numbered)
            if (number, quote) in here:
                continue
            here.add((number, quote))
            yield number, self._once(number, quote, evidence.quote or "")

    def _once(self, number: str, quote: str, words: str) -> str:
        again = (number, quote) in self._shown
        self._shown.add((number, quote))
        if not again or len(words) <= _SHORT:
            return quote
        return f"“{words[:_SHORT].rsplit(maxsplit=1)[0]} …” (as above)"


def place(evidence: Evidence, numbered: Mapping[str, int]) -> str:
    """Return where a document says something, and of what."""
    start, end = evidence.span
    return f"[{numbered[evidence.document]}] {start}–{end} “{evidence.object_text}”"


def _quoted(evidence: Evidence, numbered: Mapping[str, int]) -> str:
    if evidence.quote is None:
        return place(evidence, numbered).partition(" ")[2]
    under = f" (under “{evidence.heading_text}”)" if evidence.heading_text else ""
    return f"“{evidence.quote}”{under}"
