"""The words that stand second in the matches of a pattern, read off the pattern itself.

Words such as "is" and "may" begin hundreds of patterns, and hardly a pattern goes on with any word: where another one
follows than a pattern goes on with, it need not be tried. Nothing that may follow is left out.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kg.extraction.parts import Kind, Part
from kg.extraction.ways import EMPHASIS, MOST, UnclearError, Way, Ways

_ROUNDS = 4
"""Rounds of a repetition that are looked at; what is not settled then is unclear."""

_NOTHING: tuple[Ways, Ways] = frozenset(), frozenset()


@dataclass
class _Flow:
    """How far matches have been read: those amid or in front of their first word, and those behind it.

    `behind` has what is read of the second word, with the first words that may stand before it, as a mask.
    """

    ways: set[Way] = field(default_factory=set)
    behind: dict[str, int] = field(default_factory=dict)

    def put(self, word: str, firsts: int) -> None:
        """Add matches of which a second word is read so far, or nothing of it."""
        if firsts:
            self.behind[word] = self.behind.get(word, 0) | firsts

    def __or__(self, other: _Flow) -> _Flow:
        both = _Flow(self.ways | other.ways, dict(self.behind))
        for word, firsts in other.behind.items():
            both.put(word, firsts)
        return both

    def __bool__(self) -> bool:
        return bool(self.ways or self.behind)

    def amid(self, *, word: bool) -> _Flow:
        """Return what stands amid a word, or what does not."""
        return _Flow(
            {way for way in self.ways if bool(way.word) is word},
            {own: firsts for own, firsts in self.behind.items() if bool(own) is word},
        )


def seconds(parts: Sequence[Part], first: Ways) -> tuple[Ways, Ways]:
    """Return of the ways in which matches begin those that a second word follows, and how that begins."""
    reader = _Reader()
    try:
        reader.read(parts)
    except UnclearError:
        return _NOTHING
    return reader.known(first)


class _Reader:
    """Reads what stands second in matches."""

    def __init__(self) -> None:
        self._bits: dict[Way, int] = {}
        self._alone = self._before = 0
        self._second: set[Way] = set()

    def read(self, parts: Sequence[Part]) -> None:
        """Read the parts of an alternative."""
        self._finish(self._follow(_Flow({Way()}), parts))

    def known(self, first: Ways) -> tuple[Ways, Ways]:
        """Return the ways that are followed by a second word, and how that begins; of too many nothing is known."""
        followed = frozenset(way for way in first if self._bits.get(way, 0) & self._before & ~self._alone)
        return (followed, frozenset(self._second)) if followed and len(self._second) <= MOST else _NOTHING

    def _mask(self, ways: Iterable[Way]) -> int:
        """Return the mask of first words."""
        return functools.reduce(operator.or_, (self._bits.setdefault(w, 1 << len(self._bits)) for w in ways), 0)

    def _ended(self, word: str, firsts: int, *, whole: bool) -> None:
        self._second.add(Way(word, whole))
        self._before |= firsts

    def _finish(self, flow: _Flow) -> None:
        """Take in what ends here: a second word may go on, and where there is none, none is needed."""
        self._alone |= self._mask(_plain(way) for way in flow.ways if way.word)
        for word, firsts in flow.behind.items():
            if word:
                self._ended(word, firsts, whole=False)
            else:
                self._alone |= firsts

    def _follow(self, flow: _Flow, parts: Sequence[Part]) -> _Flow:
        """Lead a flow on through parts of a pattern; what is settled leaves it."""
        for kind, argument in parts:
            if kind is Kind.READ:
                flow = self._read(flow, argument)
            elif kind is Kind.EITHER:
                both = _Flow()
                for branch in argument:
                    both |= self._follow(flow, branch)
                flow = both
            elif kind is Kind.REPEAT:
                flow = self._repeat(flow, *argument)
            elif kind is Kind.AHEAD:
                flow = self._ahead(flow, argument)
            else:
                flow = self._border(flow, ends=kind is Kind.END)
            if len(flow.ways) + len(flow.behind) > MOST:
                raise UnclearError
            if not flow:
                break
        return flow

    def _read(self, flow: _Flow, strings: Sequence[str] | None) -> _Flow:
        """Go on with one of some strings, letters and digits or one other character; None for any character."""
        if strings is None:
            if not all(way.word for way in flow.ways):
                raise UnclearError
            self._finish(flow)
            return _Flow()
        result = _Flow()
        for string in strings:
            is_word = string.isalnum()
            for way in flow.ways:
                if is_word:
                    result.ways.add(way._replace(word=way.word + string))
                elif way.word:
                    result.put("", self._mask([_plain(way._replace(whole=True))]))
                else:
                    mark = "" if string.isspace() or string in EMPHASIS else string
                    result.ways.add(way._replace(gap=True, mark=way.mark or mark))
            for word, firsts in flow.behind.items():
                if is_word:
                    result.put(word + string, firsts)
                elif word:
                    self._ended(word, firsts, whole=True)
                else:
                    result.put("", firsts)
        return result

    def _border(self, flow: _Flow, *, ends: bool) -> _Flow:
        """Go on at a border of a word, or where the text ends."""
        result, amid = flow.amid(word=False), flow.amid(word=True)
        for word, firsts in amid.behind.items():
            self._ended(word, firsts, whole=True)
        result.put("", self._mask(_plain(way._replace(whole=True)) for way in amid.ways))
        if not ends:
            return result
        self._finish(result)
        return _Flow()

    def _repeat(self, flow: _Flow, least: int, most: int, repeated: Sequence[Part]) -> _Flow:
        once = self._follow(flow, repeated)
        if most > 1:  # another round may lengthen a word
            found = _Flow()
            for _ in range(_ROUNDS):
                self._finish(once.amid(word=True))
                once = once.amid(word=False)
                if found | once == found:
                    break
                found |= once
                once = self._follow(once, repeated)
            else:
                raise UnclearError
            once = found
        return once if least else once | flow

    def _ahead(self, flow: _Flow, parts: Sequence[Part]) -> _Flow:
        """Look at what must stand ahead; amid a word it only narrows what follows."""
        if any(not way.word for way in flow.ways):
            raise UnclearError
        going_on = flow.amid(word=True)
        seen = self._follow(flow.amid(word=False), parts)
        going_on.put("", seen.behind.pop("", 0))  # it says nothing of the second word
        self._finish(seen)
        return going_on


def _plain(way: Way) -> Way:
    """Write a way as `Beginnings.first` has it."""
    return Way(way.word, way.whole, way.gap)
