"""The words that the matches of a pattern begin with, read off the pattern itself.

A table holds hundreds of patterns, of which a sentence matches two or three. A pattern that can only begin with "may"
or "can" need not be tried at any other word, nor in a sentence that has neither. What is read here never leaves out a
match: a pattern that cannot be read so is tried everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kg.extraction import followed
from kg.extraction.parts import Kind, Part, parser, parts_of
from kg.extraction.ways import EMPHASIS, MOST, UnclearError, Way, Ways

SETS = 4
"""Sets of words that are remembered of a pattern, each of which every match holds one of."""


class Beginnings(NamedTuple):
    """How the matches of one alternative of a pattern begin.

    Attributes
    ----------
    first : frozenset of Way
        The ways, where they are clear.
    loose : frozenset of Way, or None
        Where they are not, every match holds one of these; None where nothing is known of it.
    needed : tuple of frozensets of Way
        Of each of these, every match holds one.
    followed, second : frozenset of Way
        Those of `first` behind whose word every match holds another one, and the ways in which that one begins.
    """

    first: Ways
    loose: Ways | None
    needed: tuple[Ways, ...]
    followed: Ways = frozenset()
    second: Ways = frozenset()


def beginnings(pattern: str) -> tuple[Beginnings, ...]:
    r"""Return how the matches of each alternative of a pattern begin, and words that they hold.

    >>> found = beginnings(r"\b(?:may|can) (?:also )?cause[sd]?\b|\b[a-z]+ing harm")
    >>> [sorted(way.word for way in own.first) for own in found], sorted(way.word for way in found[1].loose)
    ([['can', 'may'], []], ['harm'])

    Raises
    ------
    re.error
        When it is no pattern.
    """
    parsed = parser.parse(pattern)
    shortest, longest = parsed.getwidth()
    if parsed.state.flags & ~re.UNICODE:
        return (Beginnings(frozenset(), None, ()),)
    # an empty match stands between words as well as before them
    anywhere = bool(longest) and not shortest
    return tuple(_beginnings(own, anywhere=anywhere) for own in _alternatives(parts_of(parsed)))


def _beginnings(alternative: list[Part], *, anywhere: bool) -> Beginnings:
    first, needed = _first(alternative), tuple(_rarest(_needed(alternative)))
    if anywhere:
        return Beginnings(frozenset(), None, needed)
    if first is None:
        return Beginnings(frozenset(), next(iter(needed), None), needed)
    return Beginnings(first, frozenset(), needed, *followed.seconds(alternative, first))


def _alternatives(parts: list[Part]) -> Iterator[list[Part]]:
    """Take a pattern of alternatives apart; the parser has put what they all begin with in front of them."""
    if parts and parts[-1][0] is Kind.EITHER and all(kind is Kind.BORDER for kind, _ in parts[:-1]):
        yield from ([*parts[:-1], *branch] for branch in parts[-1][1])
    else:
        yield parts


def _first(parts: Sequence[Part], bounded: bool = False, inside: bool = False) -> Ways | None:
    """Return how matches begin, None where that is unclear.

    `bounded` says that they can only begin where a word does, `inside` that a digit inside a word will do.
    """
    ended: set[Way] = set()
    try:
        ended |= _follow({Way(bounded=bounded)}, parts, ended, inside)
    except UnclearError:
        return None
    known = frozenset(Way(w.word, w.whole, w.gap, "" if w.word else w.mark) for w in ended)
    return known if all(w.word or w.mark for w in known) else None


def _needed(parts: Sequence[Part], bounded: bool = False) -> list[Ways]:
    """Look at how each part of a pattern, with all that follows it, begins; give the sets, the rarest first."""
    found: list[Ways | None] = []
    for index, (kind, argument) in enumerate(parts):
        if bounded or not index:
            found.append(_first(parts[index:], bounded, inside=True))
        if kind is Kind.READ:
            found.append(_inside(argument))
        elif kind is Kind.EITHER:
            found += _of_each([_needed(branch, bounded) for branch in argument])
        elif kind is Kind.REPEAT and argument[0]:
            found += _needed(argument[2], bounded)
        elif kind is Kind.AHEAD:
            found += _needed(argument, bounded)
        bounded = _ends_between_words(kind, argument, bounded)
    return sorted((ways for ways in found if ways), key=_frequency)


def _inside(strings: Sequence[str] | None) -> Ways | None:
    """Return strings as what a word must hold; None where one of them is no part of a word."""
    if strings is None or not all(string.isalnum() for string in strings):
        return None
    return frozenset(Way(string, inside=True) for string in strings)


def _of_each(branches: Sequence[Sequence[Ways]]) -> Iterator[Ways]:
    """Put together what the branches of a pattern need: the rarest set of each, then the next ones."""
    if all(branches):
        for number in range(min(SETS, max(map(len, branches)))):
            yield frozenset[Way]().union(*(sets[min(number, len(sets) - 1)] for sets in branches))


def _rarest(sets: Sequence[Ways]) -> list[Ways]:
    """Choose the rarest sets, none of which holds all words of a rarer one: it would say nothing more."""
    chosen: dict[frozenset[str], Ways] = {}
    for ways in sets:
        words = frozenset(way.word or way.mark for way in ways)
        if len(ways) <= MOST and not any(rarer <= words for rarer in chosen):
            chosen[words] = ways
        if len(chosen) == SETS:
            break
    return list(chosen.values())


def _frequency(ways: Ways) -> float:
    """Guess how often one of some words is met: the more they are and the shorter, the more often."""
    return math.fsum((1 + way.inside) / (len(way.word) ** 2 or 4) for way in ways)  # the same in any order


def _ends_between_words(kind: Kind, argument: Any, bounded: bool) -> bool:
    """Whether a part always ends where a word begins, or behind a blank or a mark, if it begins so (`bounded`)."""
    if kind is Kind.READ:
        return argument is not None and not any(string.isalnum() for string in argument)
    if kind is Kind.EITHER:
        return all(_end_between_words(branch, bounded) for branch in argument)
    if kind is Kind.REPEAT:
        return _end_between_words(argument[2], False) and (argument[0] > 0 or bounded)
    return kind is Kind.BORDER or bounded


def _end_between_words(parts: Sequence[Part], bounded: bool) -> bool:
    for kind, argument in parts:
        bounded = _ends_between_words(kind, argument, bounded)
    return bounded


def _follow(ways: set[Way], parts: Sequence[Part], ended: set[Way], inside: bool) -> set[Way]:
    """Lead ways on through parts of a pattern; those whose first word is over move to `ended`."""
    for kind, argument in parts:
        if kind is Kind.READ:
            ways = _read(ways, argument, ended, inside)
        elif kind is Kind.EITHER:
            ways = set().union(*(_follow(ways, branch, ended, inside) for branch in argument))
        elif kind is Kind.REPEAT:
            least, most, repeated = argument
            once = _follow(ways, repeated, ended, inside)
            if most > 1:  # another round may lengthen the word
                ended |= {way for way in once if way.word}
                once = {way for way in once if not way.word}
            ways = once if least else once | ways
        elif kind is Kind.AHEAD:
            ways = _ahead(ways, argument, ended, inside)
        else:
            ended |= {way._replace(whole=True) for way in ways if way.word}
            ways = {way for way in ways if not way.word}
            if kind is Kind.BORDER:
                ways = {way._replace(bounded=True) for way in ways}
        if len(ways) + len(ended) > MOST:
            raise UnclearError
        if not ways:
            break
    return ways


def _read(ways: set[Way], strings: Sequence[str] | None, ended: set[Way], inside: bool) -> set[Way]:
    """Go on with one of some strings, letters and digits or one other character; None for any character."""
    longer: set[Way] = set()
    for word, whole, gap, mark, bounded, _ in ways:
        if strings is None:
            if not word:
                raise UnclearError
            ended.add(Way(word, whole, gap))
            continue
        for string in strings:
            if string.isalnum():
                if word or gap or bounded:
                    longer.add(Way(word + string, whole, gap))
                elif inside and string[0].isdecimal():
                    ended.add(Way(mark="0"))
                else:
                    raise UnclearError  # it may stand inside a word
            elif word:
                ended.add(Way(word, True, gap))
            else:
                blank = string.isspace() or string in EMPHASIS
                longer.add(Way(word, whole, True, mark or ("" if blank else string), bounded))
    return longer


def _ahead(ways: set[Way], parts: Sequence[Part], ended: set[Way], inside: bool) -> set[Way]:
    """Begin with what must stand ahead; behind a first word it only narrows what may follow."""
    going_on = {way for way in ways if way.word}
    for way in ways - going_on:
        seen: set[Way] = set()
        try:
            seen |= _follow({way}, parts, seen, inside)
        except UnclearError:
            going_on.add(way)
            continue
        if all(w.word for w in seen):
            ended |= seen
        else:
            going_on.add(way)
    return going_on
