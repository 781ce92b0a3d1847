"""Patterns that are tried only where their first word stands: hundreds of them read a sentence in little time.

`Pattern` is a compiled pattern, `Index` numbers the patterns of the tables, and `Places` says where in one text each of
them may match. What `Places` finds is exactly what the pattern finds by itself.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kg.extraction import known_beginnings, pieces, precompiled
from kg.extraction.beginnings import SETS

_METHODS = ("findall", "finditer", "fullmatch", "match", "search")


_SKIPPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""Characters of a pattern that are none of its marks: escaped, or in a class."""


class Pattern:
    """A pattern with the methods of `re.Pattern`, compiled when one of them is first called.

    Many patterns of the tables meet no sentence that they may match in, so that a short document needs few of them.

    Attributes
    ----------
    pattern : str
        As it was written.
    bit : int
        Its place in the masks of its index: a bit for each alternative; 0 without an index.
    gap : bool
        Whether it may begin in front of a word: with a blank, a comma, a bracket.
    loose : int
        What is in the mask of a text where it has to be tried everywhere.
    anchored : bool
        Whether it can only match where a text begins.

    Raises
    ------
    re.error
        When it is no pattern.
    """

    __slots__ = (
        "anchored", "bit", "findall", "finditer", "fullmatch", "gap", "loose", "match", "pattern", "search",
    )  # fmt: skip

    def __init__(self, pattern: str) -> None:
        known_beginnings.check(pattern)
        self.pattern = pattern
        self.bit, self.gap, self.loose = 0, True, 0
        self.anchored = pattern.startswith("^") and not _has_alternatives(pattern)

    def __getattr__(self, name: str) -> Any:
        """Compile the pattern where a method is asked for that is not there yet."""
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = precompiled.compiled(self.pattern)
        self.search, self.match, self.fullmatch = compiled.search, compiled.match, compiled.fullmatch
        self.finditer, self.findall = compiled.finditer, compiled.findall
        return getattr(compiled, name)

    def __repr__(self) -> str:
        """Show the pattern."""
        return f"Pattern({self.pattern!r})"


def _has_alternatives(pattern: str) -> bool:
    """Tell whether a pattern is one of several, outside all brackets."""
    depth = 0
    for mark in _SKIPPED.sub("", pattern):
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and not depth:
            return True
    return False


class Index:
    """Patterns with their numbers, and which of them may begin at a word.

    >>> cause, risk = Pattern(r"\\b(?:may|can) cause\\b"), Pattern(r"\\brisks? of\\b")
    >>> places = Index([cause, risk]).places("it can, and may, cause harm; it may cause a risk of harm")
    >>> [match.start() for match in places.finditer(cause)]
    [32]
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Number the alternatives of the patterns in their order, the first with bit 1."""
        # Side by side in one number: what begins, what holds a word of each needed set, what may begin anywhere.
        begun = [known_beginnings.of(pattern.pattern) for pattern in patterns]
        self._width = width = sum(map(len, begun))
        words = pieces.Words(width)
        self._unclear, bit = 0, 1
        for pattern, alternatives in zip(patterns, begun, strict=True):
            pattern.bit = pattern.loose = 0
            pattern.gap = any(way.gap for begins in alternatives for way in begins.first)
            for begins in alternatives:
                pattern.bit |= bit
                words.add(begins, bit)
                anywhere = bit << (SETS + 1) * width
                if begins.loose is None or begins.loose:
                    pattern.loose |= bit << width
                    if begins.loose is None:
                        self._unclear |= bit | anywhere
                    else:
                        words.hold(begins.loose, bit | anywhere)
                for place in range(1, SETS + 1):
                    if place <= len(begins.needed):
                        words.hold(begins.needed[place - 1], bit << place * width)
                    else:
                        self._unclear |= bit << place * width
                bit <<= 1
        self._all = (1 << width) - 1
        self._pieces = pieces.Pieces(words)

    def places(self, text: str) -> Places:
        """Look up every word and mark of a text."""
        width = self._width
        found = list(map(self._pieces.__getitem__, text.split(" ")))
        held = self._unclear
        for piece in found:
            held |= piece[4]
        possible = held & self._all
        for _ in range(SETS):
            held >>= width
            possible &= held
        anywhere = held >> width & possible
        spots = pieces.spots(found, possible, len(text) + 1) if possible else []
        possible &= functools.reduce(operator.or_, [mask for mask, _ in spots], anywhere)
        return Places(text, spots, possible | anywhere << width)


class Places:
    """Where in one text the patterns of an index may match.

    Attributes
    ----------
    text : str
        The text.
    possible : int
        The mask of those that may match at all, and beside it of those that may begin anywhere if they may match.
    """

    __slots__ = ("_apart", "_found", "possible", "text")

    def __init__(self, text: str, found: pieces.Spots, possible: int) -> None:
        self.text, self.possible, self._found = text, possible, found[::-1]
        self._apart: list[tuple[str, Pattern]] | None = None

    def _gap(self, place: int, start: int) -> int:
        """Return where the word before a place ends, if it ends behind `start`."""
        text = self.text
        while place > start and not text[place - 1].isalnum():
            place -= 1
        return place

    def may_match(self, pattern: Pattern) -> bool:
        """Tell whether a pattern may match at all in this text, or in the text that it was folded from."""
        return not pattern.bit or bool(self.possible & pattern.bit)

    def finditer(self, pattern: Pattern, start: int = 0, end: int | None = None) -> Sequence[re.Match[str]]:
        """Give what `pattern.finditer` gives in this text, between two places of it."""
        text, bit = self.text, pattern.bit
        if end is None or end >= len(text):
            end = len(text)
        elif _cut(text, end):  # another word would stand there than is known
            bit = 0
        if not bit:
            return list(pattern.finditer(text, start, end))
        if not self.possible & bit:
            return ()
        if pattern.anchored:
            here = None if start else pattern.match(text, 0, end)
            return () if here is None else (here,)
        if self.possible & pattern.loose:
            return list(pattern.finditer(text, start, end))
        found: list[re.Match[str]] = []
        match, gapped = pattern.match, pattern.gap
        for place in [place for mask, place in self._found if mask & bit]:
            if place < start:
                continue
            at = self._gap(place, start) if gapped else place
            if at >= end:
                break
            while at <= place:
                here = match(text, at, end)
                if here is None:
                    at += 1
                else:
                    found.append(here)
                    start = here.end()
                    at = start if start > at else at + 1
        return found

    def search(self, pattern: Pattern, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return what `pattern.search` returns in this text, between two places of it."""
        text, bit = self.text, pattern.bit
        if end is None or end >= len(text):
            end = len(text)
        elif _cut(text, end):
            bit = 0
        if not bit:
            return pattern.search(text, start, end)
        if not self.possible & bit:
            return None
        if pattern.anchored:
            return None if start else pattern.match(text, 0, end)
        if self.possible & pattern.loose:
            return pattern.search(text, start, end)
        match, gapped = pattern.match, pattern.gap
        for place in [place for mask, place in self._found if mask & bit]:
            if place < start:
                continue
            first = self._gap(place, start) if gapped else place
            if first >= end:
                break
            for at in range(first, place + 1):
                here = match(text, at, end)
                if here is not None:
                    return here
        return None

    def apart(self, pattern: Pattern, start: int, end: int) -> re.Match[str] | None:
        """Return what a pattern finds in the stretch between two places, read as a text of its own."""
        if self.possible & pattern.bit or not pattern.bit or self._cut_at(start, end):
            return pattern.search(self.text[start:end])
        return None

    def begins_apart(self, pattern: Pattern, start: int, end: int) -> re.Match[str] | None:
        """Return what a pattern finds at the start of the stretch between two places, read as a text of its own."""
        if self.possible & pattern.bit or not pattern.bit or self._cut_at(start, end):
            return pattern.match(self.text[start:end])
        return None

    def each_apart(self, patterns: Mapping[str, Pattern], start: int, end: int) -> Iterator[tuple[str, re.Match[str]]]:
        """Give what some patterns find in the stretch between two places, read as a text of its own.

        All texts are asked for the same patterns.
        """
        if self._apart is None:
            possible = self.possible
            self._apart = [(name, own) for name, own in patterns.items() if possible & own.bit or not own.bit]
        for name, pattern in patterns.items() if self._cut_at(start, end) else self._apart:
            for match in pattern.finditer(self.text[start:end]):
                yield name, match

    def _cut_at(self, start: int, end: int) -> bool:
        """Tell whether one of two places lies inside a word."""
        text, size = self.text, len(self.text)
        if 0 < start < size and text[start].isalnum() and text[start - 1].isalnum():
            return True
        return 0 < end < size and text[end].isalnum() and text[end - 1].isalnum()


def _cut(text: str, place: int) -> bool:
    """Tell whether a place lies inside a word."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
