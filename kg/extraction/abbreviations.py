"""Abbreviations that a document defines: after "restless legs syndrome (RLS)", RLS is the syndrome.

A definition is found as Schwartz and Hearst do it (Pacific Symposium on Biocomputing 2003): the letters of the short
form stand in the words before the bracket in their order, the first of them at the start of a word. Only where those
words are a name that the lexicon knows does the short form become one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kg.records import Concept, Span
from kg.vocabulary.lexicon import Hit, Lexicon

_DEFINED = re.compile(r"[ *_]\(([A-Za-z0-9][A-Za-z0-9/-]{1,9})\)")
_STOP = re.compile(r"[.;:()\n•|]")
_PLURAL = "s"


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a definition has the short form, and what that means from there on."""

    place: int
    concepts: tuple[Concept, ...]


@dataclass(frozen=True)
class Defined:
    """The abbreviations of one document, in the order of their definitions."""

    meanings: Mapping[str, Sequence[Definition]] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None

    @classmethod
    def of(cls, meanings: Mapping[str, Sequence[Definition]]) -> Defined:
        """Make them of the definitions of each short form."""
        if not meanings:
            return NONE
        longest_first = sorted(meanings, key=lambda short: (-len(short), short))
        pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))}){_PLURAL}?(?![\w-])")
        return cls(meanings, pattern)

    def beside(self, hits: list[Hit], text: str, offset: int) -> list[Hit]:
        """Put the abbreviations of a passage among the names found in it; `offset` is where the passage begins.

        A longer name keeps what stands inside it.
        """
        if self.pattern is None or not self.stand_in(text):
            return hits
        found = []
        for match in self.pattern.finditer(text):
            concepts = self._meaning(match[1], offset + match.start())
            span = Span(*match.span())
            if concepts and not any(hit.span.overlaps(span) and hit.span != span for hit in hits):
                found.append(Hit(span, concepts))
        if not found:
            return hits
        taken = {hit.span for hit in found}
        return sorted([*found, *(hit for hit in hits if hit.span not in taken)], key=lambda hit: hit.span)

    def stand_in(self, text: str) -> bool:
        """Tell whether one of them may stand in a text."""
        return any(map(text.__contains__, self.meanings))

    def _meaning(self, short: str, place: int) -> tuple[Concept, ...]:
        """Return what a short form means at a place: what the last definition before it says."""
        known = self.meanings[short]
        number = bisect_left([definition.place for definition in known], place)
        if number < len(known) and known[number].place == place:
            return ()  # the definition itself says the same thing twice
        return known[number - 1].concepts if number else ()


NONE = Defined()


def defined(text: str, lexicon: Lexicon) -> Defined:
    """Find the abbreviations that a text defines."""
    meanings: dict[str, list[Definition]] = {}
    for match in _DEFINED.finditer(text):
        short = match[1].removesuffix(_PLURAL)
        if not _is_short_form(short):
            continue
        words = _window(text, match.start(), short)
        start = long_form(short, words)
        concepts = _named(words, start, lexicon) if start is not None else ()
        if concepts:
            meanings.setdefault(short, []).append(Definition(match.start(1), concepts))
    return Defined.of(meanings)


def long_form(short: str, words: str) -> int | None:
    """Return where the long form of an abbreviation begins in the words before it, if they hold one.

    >>> words = "may cause restless legs syndrome"
    >>> words[long_form("RLS", words):], long_form("XLS", words)
    ('restless legs syndrome', None)
    """
    folded = words.lower()
    place = len(folded)
    letters = [letter for letter in short.lower() if letter.isalnum()]
    for number, letter in reversed(list(enumerate(letters))):
        place = folded.rfind(letter, 0, place)
        while number == 0 and place > 0 and folded[place - 1].isalnum():
            place = folded.rfind(letter, 0, place)
        if place < 0:
            return None
    return place


def _is_short_form(short: str) -> bool:
    return len(short) > 1 and any(map(str.isupper, short)) and short[1:] != short[1:].lower()


def _window(text: str, end: int, short: str) -> str:
    """Return the words before a bracket among which the long form must be, from the same sentence."""
    before = text[max(0, end - 200) : end]
    stops = [match.end() for match in _STOP.finditer(before)]
    words = before[stops[-1] if stops else 0 :]
    most = min(len(short) + 5, len(short) * 2)
    starts = [match.start() for match in re.finditer(r"\S+", words)]
    return words[starts[-most] :] if len(starts) > most else words


def _named(words: str, start: int, lexicon: Lexicon) -> tuple[Concept, ...]:
    """Return the concepts of the name that the words end with, if it holds the whole long form."""
    end = len(words.rstrip(" *_"))
    return next((hit.concepts for hit in lexicon.find(words) if hit.span.end == end and hit.span.start <= start), ())
