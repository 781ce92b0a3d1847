"""Patterns that are tried only where their first word stands: hundreds of them read a sentence in little time.

`Pattern` is a compiled pattern, `Index` numbers the patterns of the tables, and `Places` says where in one text each of
them may match. What `Places` finds is exactly what the pattern finds by itself.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from kg.extraction.beginnings import Beginning, beginnings, folded

_GAP_AND_WORD = re.compile(r"([\W_]*)([^\W_]+)")

_REMEMBERED = 16_384
"""Words of which an index remembers what may begin there: some megabytes, and nearly all words of any label."""

_REMEMBERED_GAPS = 512


_NOTHING = ("", " ")
"""What stands between words mostly, and begins no pattern by itself."""


class Pattern:
    """A compiled pattern with the methods of `re.Pattern`.

    Attributes
    ----------
    pattern : str
        As it was written.
    bit : int
        Its place in the masks of its index, 0 without one.
    gap : bool
        Whether it may begin in front of a word: with a blank, a comma, a bracket.
    everywhere : bool
        Whether it has to be tried everywhere, because its first word is unclear.
    """

    __slots__ = (
        "bit", "everywhere", "findall", "finditer", "fullmatch", "gap", "match", "pattern", "search",
    )  # fmt: skip

    def __init__(self, pattern: str) -> None:
        compiled = re.compile(pattern)
        self.pattern = pattern
        self.search, self.match, self.fullmatch = compiled.search, compiled.match, compiled.fullmatch
        self.finditer, self.findall = compiled.finditer, compiled.findall
        self.bit, self.gap, self.everywhere = 0, True, True

    def __repr__(self) -> str:
        """Show the pattern."""
        return f"Pattern({self.pattern!r})"


class _Table:
    """Which patterns go with a word: with the whole of it, or with how it starts; and which with a mark."""

    def __init__(self) -> None:
        self.whole: dict[str, int] = {}
        self.start: dict[str, int] = {}
        self.marks: dict[str, int] = {}
        self.longest = 0

    def add(self, ways: Iterable[Beginning], bit: int) -> None:
        for way in ways:
            table = self.whole if way.whole else self.start if way.word else self.marks
            key = way.word or way.mark
            table[key] = table.get(key, 0) | bit
            self.longest = max(self.longest, len(key))

    def of_word(self, word: str) -> int:
        mask = self.whole.get(word, 0)
        for length in range(1, min(len(word), self.longest) + 1):
            mask |= self.start.get(word[:length], 0)
        return mask

    def of_gap(self, gap: str) -> int:
        mask = 0
        for mark in gap:
            mask |= self.marks.get(mark, 0)
        return mask


class Index:
    """Patterns with their numbers, and which of them may begin at a word.

    >>> cause, risk = Pattern(r"\\b(?:may|can) cause\\b"), Pattern(r"\\brisks? of\\b")
    >>> places = Index([cause, risk]).places("it can, and may, cause harm; it may cause a risk of harm")
    >>> [match.start() for match in places.finditer(cause)]
    [32]
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Number the patterns in their order, the first with bit 1."""
        first, needed = _Table(), _Table()
        self._first_unclear = self._needed_unclear = 0
        for number, pattern in enumerate(patterns):
            pattern.bit = bit = 1 << number
            ways, words = beginnings(pattern.pattern)
            pattern.everywhere = ways is None
            pattern.gap = any(way.gap for way in ways or ())
            first.add(ways or (), bit)
            needed.add(words or (), bit)
            self._first_unclear |= bit if ways is None else 0
            self._needed_unclear |= bit if words is None else 0
        self._tables = (first, needed)
        # Bounded: a text of nothing but invented words must not fill the memory.
        self.of_word = functools.lru_cache(_REMEMBERED)(self._of_word)
        self.of_gap = functools.lru_cache(_REMEMBERED_GAPS)(self._of_gap)

    def _of_word(self, word: str) -> tuple[int, int]:
        word = folded(word)
        return self._tables[0].of_word(word), self._tables[1].of_word(word)

    def _of_gap(self, gap: str) -> tuple[int, int]:
        return self._tables[0].of_gap(gap), self._tables[1].of_gap(gap)

    def places(self, text: str) -> Places:
        """Look up every word of a text."""
        places: list[tuple[int, int, int]] = []
        of_word = self.of_word
        begun = needed = behind = 0
        for gap, word in _GAP_AND_WORD.findall(text):
            first, inside = of_word(word)
            start = behind + len(gap)
            if gap not in _NOTHING:
                marks, marks_inside = self.of_gap(gap)
                first |= marks
                inside |= marks_inside
            if first:
                places.append((first, behind, start))
                begun |= first
            needed |= inside
            behind = start + len(word)
        first, inside = self.of_gap(text[behind:])
        places.append((first, behind, len(text)))
        possible = (begun | first | self._first_unclear) & (needed | inside | self._needed_unclear)
        return Places(text, places, possible)


class Places:
    """Where in one text the patterns of an index may match.

    `possible` is the mask of those that may match at all.
    """

    __slots__ = ("_places", "_text", "possible")

    def __init__(self, text: str, places: list[tuple[int, int, int]], possible: int) -> None:
        self._text, self._places, self.possible = text, places, possible

    def finditer(self, pattern: Pattern, start: int = 0, end: int | None = None) -> Iterable[re.Match[str]]:
        """Give what `pattern.finditer` gives in this text, between two places of it."""
        text, bit = self._text, pattern.bit
        end = len(text) if end is None or end > len(text) else end
        if not bit or _cut(text, end):
            return pattern.finditer(text, start, end)  # where a word is cut, another one stands than is known
        if not self.possible & bit:
            return ()
        if pattern.everywhere:
            return pattern.finditer(text, start, end)
        found: list[re.Match[str]] = []
        for mask, gap, word in self._places:
            if not mask & bit or word < start:
                continue
            at = max(gap, start) if pattern.gap else word
            if at >= end:
                break
            while at <= word:
                match = pattern.match(text, at, end)
                if match is None:
                    at += 1
                else:
                    found.append(match)
                    start = match.end()
                    at = max(start, at + 1)
        return found

    def apart(self, pattern: Pattern, start: int, end: int) -> Iterable[re.Match[str]]:
        """Give what a pattern finds in the stretch between two places, read as a text of its own."""
        text = self._text
        if pattern.bit and not self.possible & pattern.bit and not (_cut(text, start) or _cut(text, end)):
            return ()
        return pattern.finditer(text[start:end])

    def search(self, pattern: Pattern, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return what `pattern.search` returns in this text, between two places of it."""
        return next(iter(self.finditer(pattern, start, end)), None)


def _cut(text: str, place: int) -> bool:
    """Tell whether a place lies inside a word."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
