"""Patterns that are tried only where their first word stands: hundreds of them read a sentence in little time.

`Pattern` is a compiled pattern, `Index` numbers the patterns of the tables, and `Places` says where in one text each of
them may match. What `Places` finds is exactly what the pattern finds by itself.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.extraction import known_beginnings, precompiled
from kg.extraction.beginnings import SETS, Beginnings
from kg.extraction.parts import folded
from kg.extraction.ways import Way

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

_WORD = re.compile(r"[^\W_]+")

_REMEMBERED = 6_144
"""Pieces of text of which an index remembers what may begin in them, and as many that it met before these: some
megabytes, and nearly all of any label."""

_LONGEST_REMEMBERED = 40


_METHODS = ("findall", "finditer", "fullmatch", "match", "search")


class Pattern:
    """A pattern with the methods of `re.Pattern`, compiled when one of them is first called.

    Many patterns of the tables meet no sentence that they may match in, so that a short document needs few of them.

    Attributes
    ----------
    pattern : str
        As it was written.
    begins : Beginnings
        How its matches begin.
    bit : int
        Its place in the masks of its index, 0 without one.
    gap : bool
        Whether it may begin in front of a word: with a blank, a comma, a bracket.
    loose : int
        What is in the mask of a text where it has to be tried everywhere.

    Raises
    ------
    re.error
        When it is no pattern.
    """

    __slots__ = (
        "begins", "bit", "findall", "finditer", "fullmatch", "gap", "loose", "match", "pattern", "search",
    )  # fmt: skip

    def __init__(self, pattern: str) -> None:
        self.pattern, self.begins = pattern, known_beginnings.of(pattern)
        self.bit, self.gap, self.loose = 0, True, 0

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


class _Spot(NamedTuple):
    """A word or mark that patterns begin with.

    Attributes
    ----------
    mask : int
        The patterns that begin with it.
    alone : int
        Those of them that begin with it whatever the next word is.
    gap : int
        The end of the word before; -1 where that stands in front of the piece.
    place : int
        Where it stands.
    """

    mask: int
    alone: int
    gap: int
    place: int


class _Piece(NamedTuple):
    """What stands between two blanks, offsets counting from its start.

    Attributes
    ----------
    spots : tuple
        The words and marks that patterns begin with, with the patterns that they and the next word leave.
    last : tuple
        The same of the last word and of the marks behind it, which the next word is not known of.
    held : int
        The masks of what may begin in it and of what it holds a needed word of, side by side.
    second : int
        The patterns whose second word its first word may be.
    end : int
        The end of its last word; -1 where it has none.
    size : int
        How long it is, with the blank behind it.
    """

    spots: tuple[_Spot, ...]
    last: tuple[_Spot, ...]
    held: int
    second: int
    end: int
    size: int


class Index:
    """Patterns with their numbers, and which of them may begin at a word.

    >>> cause, risk = Pattern(r"\\b(?:may|can) cause\\b"), Pattern(r"\\brisks? of\\b")
    >>> places = Index([cause, risk]).places("it can, and may, cause harm; it may cause a risk of harm")
    >>> [match.start() for match in places.finditer(cause)]
    [32]
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Number the patterns in their order, the first with bit 1."""
        # Side by side in one number: what begins, what holds a word of each needed set, what may begin anywhere.
        self._width = width = len(patterns)
        words = _Words(width)
        self._unclear = 0
        for number, pattern in enumerate(patterns):
            pattern.bit = bit = 1 << number
            begins = pattern.begins
            pattern.gap = any(way.gap for way in begins.first)
            words.add(begins, bit)
            anywhere = bit << (SETS + 1) * width
            pattern.loose = 0
            if begins.loose is None or begins.loose:
                pattern.loose = bit << width
                if begins.loose is None:
                    self._unclear |= bit | anywhere
                else:
                    words.hold(begins.loose, bit | anywhere)
            for place in range(1, SETS + 1):
                if place <= len(begins.needed):
                    words.hold(begins.needed[place - 1], bit << place * width)
                else:
                    self._unclear |= bit << place * width
        self._all = (1 << width) - 1
        self._pieces = _Pieces(words)

    def places(self, text: str) -> Places:
        """Look up every word and mark of a text."""
        width = self._width
        pieces = list(map(self._pieces.__getitem__, text.split(" ")))
        held = self._unclear
        for piece in pieces:
            held |= piece[2]
        possible = held & self._all
        for _ in range(SETS):
            held >>= width
            possible &= held
        anywhere = held >> width
        spots = _spots(pieces, possible) if possible else []
        possible &= functools.reduce(operator.or_, [mask for mask, _, _ in spots], anywhere)
        return Places(text, spots, possible | anywhere << width)


def _spots(pieces: Sequence[_Piece], possible: int) -> list[tuple[int, int, int]]:
    """Return the words and marks of a text that a pattern begins with which may match there."""
    following, seconds = 0, list[int]()  # what the next word of a piece allows
    for _, _, _, second, end, _ in reversed(pieces):
        seconds.append(following)
        if end >= 0:
            following = second
    found, start, behind = list[tuple[int, int, int]](), 0, 0
    for spots, last, _, _, end, size in pieces:
        second = seconds.pop()
        for mask, _, gap, place in spots:
            own = mask & possible
            if own:
                found.append((own, behind if gap < 0 else start + gap, start + place))
        for mask, alone, gap, place in last:
            own = mask & possible
            if own:
                own &= alone | second
                if own:
                    found.append((own, behind if gap < 0 else start + gap, start + place))
        if end >= 0:
            behind = start + end
        start += size
    return found


class _Word(NamedTuple):
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


class _Words:
    """Which patterns go with a word (all of it, how it starts, or a part of it), and which with a mark."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._whole: dict[str, int] = {}
        self._marks: dict[str, int] = {}
        self._start: dict[str, int] = {}
        self._inside: dict[str, int] = {}

    def add(self, begins: Beginnings, bit: int) -> None:
        """Take in how a pattern begins."""
        self._put(begins.second, bit)
        self._put(begins.first, bit << self._width)
        self._put(begins.first - begins.followed, bit << 2 * self._width)

    def hold(self, ways: Iterable[Way], mask: int) -> None:
        """Take in what words are needed for."""
        self._put(ways, mask << 3 * self._width)

    def _put(self, ways: Iterable[Way], mask: int) -> None:
        for way in ways:
            kinds = (self._marks, self._whole, self._inside, self._start)
            table = kinds[0 if not way.word else 1 if way.whole else 2 if way.inside else 3]
            key = way.word or way.mark
            table[key] = table.get(key, 0) | mask

    @functools.cached_property
    def _parts(self) -> AhoCorasick:
        """Finds how words start and what they hold: hundreds of strings at once."""
        from ahocorasick_rs import AhoCorasick, MatchKind

        return AhoCorasick({**self._start, **self._inside}, matchkind=MatchKind.Standard)

    def of_word(self, word: str) -> _Word:
        """Return what goes with a word."""
        mask = self._whole.get(word, 0)
        for part in self._parts.find_matches_as_strings(word, overlapping=True):
            mask |= self._inside.get(part, 0)
            if part in self._start and word.startswith(part):
                mask |= self._start[part]
        return self._apart(mask | self._marks.get("0", 0) if "0" in word else mask)

    @functools.cached_property
    def marks(self) -> dict[str, _Word]:
        """What goes with each mark."""
        return {mark: self._apart(mask) for mark, mask in self._marks.items()}

    def _apart(self, mask: int) -> _Word:
        width = self._width
        one = (1 << width) - 1
        return _Word(mask & one, mask >> width & one, mask >> 2 * width & one, mask >> 3 * width)


class _Pieces(dict[str, _Piece]):
    """Remembers pieces, a limited number: a text of nothing but invented words must not fill the memory.

    Where there are too many, those that were not met again since that last happened are forgotten.
    """

    def __init__(self, words: _Words) -> None:
        super().__init__()
        self._table = words
        self._before: dict[str, _Piece] = {}
        self._words: dict[str, _Word] = {}
        self._words_before: dict[str, _Word] = {}

    def __missing__(self, text: str) -> _Piece:
        piece = self._before.get(text) or self._read(text)
        if len(self) >= _REMEMBERED:
            self._before = dict(self)
            self.clear()
        if len(text) <= _LONGEST_REMEMBERED:
            self[text] = piece
        return piece

    def _read(self, text: str) -> _Piece:
        spots, last = list[_Spot](), list[_Spot]()
        end, held, second = -1, 0, 0
        for match in _WORD.finditer(text):
            own = self._word(folded(match.group()))
            if end < 0:
                second = own.second
            spots += [spot._replace(mask=spot.mask & (spot.alone | own.second)) for spot in last]
            spots += self._marks(text, end, match.start())
            last = [_Spot(own.first, own.alone, end, match.start())]
            held |= own.held | own.first
            end = match.end()
        last += self._marks(text, end, len(text))
        for mark in set(text) & self._table.marks.keys():
            held |= self._table.marks[mark].held | self._table.marks[mark].first
        found = (tuple(spot for spot in spots if spot.mask) for spots in (spots, last))
        return _Piece(*found, held, second, end, len(text) + 1)

    def _word(self, word: str) -> _Word:
        """Return what goes with a word; most new pieces are known words with new marks."""
        known = self._words.get(word)
        if known is None:
            known = self._words_before.get(word) or self._table.of_word(word)
            if len(self._words) >= _REMEMBERED:
                self._words, self._words_before = {}, self._words
            if len(word) <= _LONGEST_REMEMBERED:
                self._words[word] = known
        return known

    def _marks(self, text: str, start: int, end: int) -> list[_Spot]:
        """Return where patterns begin with the marks between two places."""
        marks = self._table.marks
        return [
            _Spot(own.first, own.alone, start, place)
            for place in range(max(start, 0), end)
            if (own := marks.get(text[place]))
        ]


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

    def __init__(self, text: str, found: list[tuple[int, int, int]], possible: int) -> None:
        self.text, self.possible, self._found = text, possible, found
        self._apart: list[tuple[str, Pattern]] | None = None

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
        if self.possible & pattern.loose:
            return list(pattern.finditer(text, start, end))
        found = []
        match, gapped = pattern.match, pattern.gap
        for gap, place in [(gap, place) for mask, gap, place in self._found if mask & bit]:
            if place < start:
                continue
            at = place if not gapped else gap if gap > start else start
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
        if self.possible & pattern.loose:
            return pattern.search(text, start, end)
        match, gapped = pattern.match, pattern.gap
        for gap, place in [(gap, place) for mask, gap, place in self._found if mask & bit]:
            if place < start:
                continue
            first = place if not gapped else gap if gap > start else start
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
