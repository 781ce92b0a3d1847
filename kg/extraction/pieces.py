"""What the words and marks of a text say of the patterns of an index: a table of words, and the pieces of texts.

Sets of patterns are masks of bits here. A piece is what stands between two blanks; nearly all pieces have been met
before.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kg.extraction.beginnings import Beginnings
from kg.extraction.parts import folded
from kg.extraction.ways import Way

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

_WORD = re.compile(r"[^\W_]+")

_REMEMBERED = 6_144
"""Pieces of text of which an index remembers what may begin in them, and as many that it met before these: some
megabytes, and nearly all of any label."""

_LONGEST_REMEMBERED = 40
"""Code points of the longest of them."""

Spots = list[tuple[int, int]]
"""Words and marks of a text that patterns begin with: the mask of these patterns, and the place of each."""


class Piece(NamedTuple):
    """What stands between two blanks, offsets counting from its start.

    Attributes
    ----------
    begin : int
        The patterns that may begin in it.
    spots : tuple
        The words and marks that they begin with, where it holds more than one of them.
    place : int
        Where the last word stands.
    alone : int
        The patterns that begin in it whatever the first word of the next piece is.
    held : int
        The masks of what may begin in it and of what it holds a needed word of, side by side.
    second : int or None
        The patterns whose second word its first word may be; None where it has no word.
    size : int
        How long it is, with the blank behind it.
    """

    begin: int
    spots: Spots
    place: int
    alone: int
    held: int
    second: int | None
    size: int


def spots(pieces: Sequence[Piece], possible: int, start: int) -> Spots:
    """Return the words and marks of a text that a pattern begins with which may match there, the last one first.

    `start` is where a further piece would start.
    """
    found, following = Spots(), 0
    for begin, several, place, alone, _, second, size in reversed(pieces):
        start -= size
        mask = begin & possible
        if mask:
            if not several:
                mask &= alone | following
                if mask:
                    found.append((mask, start + place))
            else:
                for own, at in several:
                    mask = own & possible
                    if at == place:
                        mask &= alone | following
                    if mask:
                        found.append((mask, start + at))
        if second is not None:
            following = second
    return found


class Word(NamedTuple):
    """What goes with a word or mark.

    Attributes
    ----------
    second : int
        The patterns whose second word it may be.
    first : int
        Those that begin with it.
    alone : int
        Those that begin with it whatever word is next.
    held : int
        The masks of what it is needed for, side by side, as in a piece.
    """

    second: int
    first: int
    alone: int
    held: int


class Words:
    """Which patterns go with a word or mark, by how they begin and what they need."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._begins, self._held = _Table(), _Table()

    def add(self, begins: Beginnings, bit: int) -> None:
        """Take in how a pattern begins."""
        width = self._width  # side by side: the three masks of a word
        self._begins.add(begins.second, bit)
        self._begins.add(begins.followed, bit << width)
        self._begins.add(begins.first - begins.followed, (bit | bit << width) << width)

    def hold(self, ways: Iterable[Way], mask: int) -> None:
        """Take in what words are needed for."""
        self._held.add(ways, mask)

    @functools.cached_property
    def _parts(self) -> AhoCorasick:
        """Finds how words start and what they hold: hundreds of strings at once."""
        from ahocorasick_rs import AhoCorasick, MatchKind

        parts = self._begins.start | self._held.start | self._held.inside
        return AhoCorasick(parts, matchkind=MatchKind.Standard)

    def of_word(self, word: str) -> Word:
        """Return what goes with a word."""
        begins, held = self._begins, self._held
        mask, needed = begins.whole.get(word, 0), held.whole.get(word, 0)
        for part in self._parts.find_matches_as_strings(word, overlapping=True):
            if part in held.inside:
                needed |= held.inside[part]
            if word.startswith(part):
                mask |= begins.start.get(part, 0)
                needed |= held.start.get(part, 0)
        return self._apart(mask, needed | held.marks.get("0", 0) if "0" in word else needed)

    @functools.cached_property
    def marks(self) -> dict[str, Word]:
        """What goes with each mark."""
        begins, held = self._begins.marks, self._held.marks
        return {mark: self._apart(begins.get(mark, 0), held.get(mark, 0)) for mark in begins | held}

    def _apart(self, begins: int, held: int) -> Word:
        width = self._width
        one = (1 << width) - 1
        return Word(begins & one, begins >> width & one, begins >> 2 * width, held)


class _Table:
    """Masks of words (all of one, how it starts, or a part of it), and of marks."""

    def __init__(self) -> None:
        self.whole: dict[str, int] = {}
        self.marks: dict[str, int] = {}
        self.start: dict[str, int] = {}
        self.inside: dict[str, int] = {}

    def add(self, ways: Iterable[Way], mask: int) -> None:
        """Put a mask to those of some words or marks."""
        for word, whole, _, mark, _, inside in ways:
            table = self.marks if not word else self.whole if whole else self.inside if inside else self.start
            key = word or mark
            table[key] = table.get(key, 0) | mask


class Pieces(dict[str, Piece]):
    """Remembers pieces, a limited number: a text of nothing but invented words must not fill the memory.

    Where there are too many, those that were not met again since that last happened are forgotten.
    """

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._table = words
        self._before: dict[str, Piece] = {}
        self._words: dict[str, Word] = {}
        self._words_before: dict[str, Word] = {}

    def __missing__(self, text: str) -> Piece:
        """Read a piece."""
        piece = self._before.get(text) or self._read(text)
        if len(self) >= _REMEMBERED:
            self._before = dict(self)
            self.clear()
        if len(text) <= _LONGEST_REMEMBERED:
            self[text] = piece
        return piece

    def _read(self, text: str) -> Piece:
        if text.isalpha():
            own = self._word(text.lower())
            return Piece(own.first, [], 0, own.alone, own.held | own.first, own.second, len(text) + 1)
        found, held, end = Spots(), 0, 0
        second: int | None = None
        first = alone = 0
        place = -1
        for match in _WORD.finditer(text):
            begin, after = match.span()
            following, *begins, needed = self._word(folded(match.group()))
            held |= needed
            if second is None:
                second = following
            elif first:
                found.append((first & (alone | following), place))
            if begin > end:
                held |= self._marks(text, end, begin, found)
            (first, alone), place, end = begins, begin, after
        found.append((first, place))
        held |= self._marks(text, end, len(text), found)
        found = [spot for spot in reversed(found) if spot[0]]
        begin = functools.reduce(operator.or_, [mask for mask, _ in found], 0)
        several = found if len(found) > 1 or begin != first else []
        return Piece(begin, several, place, alone, held | begin, second, len(text) + 1)

    def _word(self, word: str) -> Word:
        """Return what goes with a word; most new pieces are known words with new marks."""
        known = self._words.get(word)
        if known is None:
            known = self._words_before.get(word) or self._table.of_word(word)
            if len(self._words) >= _REMEMBERED:
                self._words, self._words_before = {}, self._words
            if len(word) <= _LONGEST_REMEMBERED:
                self._words[word] = known
        return known

    def _marks(self, text: str, start: int, end: int, found: Spots) -> int:
        """Add where patterns begin with the marks between two places; return what these marks are needed for."""
        held, marks = 0, self._table.marks
        for place in range(start, end):
            own = marks.get(text[place])
            if own is not None:
                held |= own.held
                found.append((own.first, place))
        return held
