"""Patterns that are tried only where their first word stands: hundreds of them read a sentence in little time.

`Pattern` is a compiled pattern, `Index` numbers the patterns of the tables, and `Places` says where in one text each of
them may match. What `Places` finds is exactly what the pattern finds by itself.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kg.extraction.beginnings import Beginning, beginnings, folded

_WORD = re.compile(r"[^\W_]+")

_REMEMBERED = 16_384
"""Pieces of text of which an index remembers what may begin in them: some megabytes, and nearly all of any label."""

_LONGEST_REMEMBERED = 40


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


class _Piece(NamedTuple):
    """What stands between two blanks, offsets counting from its start.

    Attributes
    ----------
    spots : tuple
        For each word or mark that patterns begin with: their mask, the end of the word before (-1 where that stands in
        front of the piece), and its place.
    begun, needed : int
        The masks of what may begin in it, and of what it holds a needed word of.
    end : int
        The end of its last word; -1 where it has none.
    """

    spots: tuple[tuple[int, int, int], ...]
    begun: int
    needed: int
    end: int


class _Pieces(dict[str, _Piece]):
    """Remembers pieces, a limited number: a text of nothing but invented words must not fill the memory."""

    def __init__(self, first: _Table, needed: _Table) -> None:
        super().__init__()
        self._first, self._needed = first, needed

    def __missing__(self, text: str) -> _Piece:
        piece = self._read(text)
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(text) <= _LONGEST_REMEMBERED:
            self[text] = piece
        return piece

    def _read(self, text: str) -> _Piece:
        spots: list[tuple[int, int, int]] = []
        needed, end = 0, -1
        for match in _WORD.finditer(text):
            spots += self._marks(text, end, match.start())
            word = folded(match.group())
            spots.append((self._first.of_word(word), end, match.start()))
            needed |= self._needed.of_word(word)
            end = match.end()
        spots += self._marks(text, end, len(text))
        for mark in text:
            needed |= self._needed.marks.get(mark, 0)
        spots = [spot for spot in spots if spot[0]]
        return _Piece(tuple(spots), functools.reduce(operator.or_, (mask for mask, _, _ in spots), 0), needed, end)

    def _marks(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        for place in range(max(start, 0), end):
            yield self._first.marks.get(text[place], 0), start, place


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
        self._pieces = _Pieces(first, needed)

    def places(self, text: str) -> Places:
        """Look up every word and mark of a text."""
        pieces = self._pieces
        spots: list[tuple[int, int, int]] = []
        begun = needed = start = behind = 0
        for piece in text.split(" "):
            inside, first, also, end = pieces[piece]
            if first:
                begun |= first
                for mask, gap, place in inside:
                    spots.append((mask, behind if gap < 0 else start + gap, start + place))
            if also:
                needed |= also
            if end >= 0:
                behind = start + end
            start += len(piece) + 1
        return Places(text, spots, (begun | self._first_unclear) & (needed | self._needed_unclear))


class Places:
    """Where in one text the patterns of an index may match.

    Attributes
    ----------
    text : str
        The text.
    possible : int
        The mask of those that may match at all.
    """

    __slots__ = ("_spots", "possible", "text")

    def __init__(self, text: str, spots: list[tuple[int, int, int]], possible: int) -> None:
        self.text, self.possible, self._spots = text, possible, spots

    def finditer(self, pattern: Pattern, start: int = 0, end: int | None = None) -> Sequence[re.Match[str]]:
        """Give what `pattern.finditer` gives in this text, between two places of it."""
        end = len(self.text) if end is None or end > len(self.text) else end
        if pattern.bit and not pattern.everywhere and not _cut(self.text, end):
            return list(self._matches(pattern, start, end)) if self.possible & pattern.bit else ()
        if pattern.bit and not self.possible & pattern.bit and end == len(self.text):
            return ()
        return list(pattern.finditer(self.text, start, end))

    def search(self, pattern: Pattern) -> re.Match[str] | None:
        """Return what `pattern.search` returns in this text."""
        if not pattern.bit:
            return pattern.search(self.text)
        if not self.possible & pattern.bit:
            return None
        return (
            pattern.search(self.text) if pattern.everywhere else next(self._matches(pattern, 0, len(self.text)), None)
        )

    def apart(self, patterns: Mapping[str, Pattern], start: int, end: int) -> Iterator[tuple[str, re.Match[str]]]:
        """Give what some patterns find in the stretch between two places, read as a text of its own."""
        cut = _cut(self.text, start) or _cut(self.text, end)
        for name, pattern in patterns.items():
            if cut or not pattern.bit or self.possible & pattern.bit:
                for match in pattern.finditer(self.text[start:end]):
                    yield name, match

    def _matches(self, pattern: Pattern, start: int, end: int) -> Iterator[re.Match[str]]:
        """Try a pattern at its places. No word may be cut at `end`: another one would stand there than is known."""
        text, bit = self.text, pattern.bit
        for mask, gap, place in self._spots:
            if not mask & bit:
                continue
            at = max(gap, start) if pattern.gap else place
            if at >= end:
                break
            while start <= at <= place:
                match = pattern.match(text, at, end)
                if match is None:
                    at += 1
                else:
                    yield match
                    start = match.end()
                    at = max(start, at + 1)


def _cut(text: str, place: int) -> bool:
    """Tell whether a place lies inside a word."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()
