"""The words that the matches of a pattern begin with, read off the pattern itself.

A table holds hundreds of patterns, of which a sentence matches two or three. A pattern that can only begin with "may"
or "can" need not be tried at any other word, nor in a sentence that has neither. What is read here never leaves out a
match: a pattern that cannot be read so is tried everywhere.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

# The standard library's own parser of patterns. Its modules are not public; a test holds what is read against them.
_parser = importlib.import_module("re._parser")
_codes = importlib.import_module("re._constants")
_REPEATS = (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT)

_MOST = 400
"""A pattern that can begin in more ways than this is tried everywhere."""

_SMALL = 10
"""A class of at most this many characters is read as its characters."""

SETS = 4
"""Sets of words that are remembered of a pattern, each of which every match holds one of."""

_EMPHASIS = "*_"
"""Marks that stand as blanks do, between words anywhere."""


class Way(NamedTuple):
    """One way in which a match begins.

    Attributes
    ----------
    word : str
        The first word, or how it starts, folded as `folded` does; empty where a match may hold no word.
    whole : bool
        Whether `word` is all of that word.
    gap : bool
        Whether the match begins in front of the word: with blanks, a comma, a bracket.
    mark : str
        Where there is no word: the first character that is neither a blank nor emphasis.
    bounded : bool
        Whether the word can only stand where a word begins.
    inside : bool
        Whether `word` may stand anywhere in a word.
    """

    word: str = ""
    whole: bool = False
    gap: bool = False
    mark: str = ""
    bounded: bool = False
    inside: bool = False


Ways = frozenset[Way]


class Beginnings(NamedTuple):
    """How the matches of a pattern begin.

    Attributes
    ----------
    first : frozenset of Way
        The ways that are clear.
    loose : frozenset of Way, or None
        Of these, every match holds one that begins in another way: none where there is no other way, None where
        nothing is known of it.
    needed : tuple of frozensets of Way
        Of each of these, every match holds one.
    """

    first: Ways
    loose: Ways | None
    needed: tuple[Ways, ...]


class _Kind(Enum):
    """What a part of a pattern does."""

    READ = auto()  # reads one of some strings: letters and digits, or one other character; None for anything
    BORDER = auto()  # stands at a border of a word, or where the text begins
    END = auto()  # stands where the text ends
    AHEAD = auto()  # looks at what follows
    EITHER = auto()  # goes on in one of several ways
    REPEAT = auto()  # goes on several times: at least, at most, how


Part = tuple[_Kind, Any]
"""A part of a pattern: what it does, and with what."""


class _UnclearError(Exception):
    """A match may begin with anything."""


def beginnings(pattern: str) -> Beginnings:
    r"""Return how the matches of a pattern begin, and words that they hold.

    >>> found = beginnings(r"\b(?:may|can) (?:also )?cause[sd]?\b|\b[a-z]+ing harm")
    >>> sorted(way.word for way in found.first), sorted(way.word for way in found.loose)
    (['can', 'may'], ['harm'])

    Raises
    ------
    re.error
        When it is no pattern.
    """
    parsed = _parser.parse(pattern)
    shortest, longest = parsed.getwidth()
    if parsed.state.flags & ~re.UNICODE:
        return Beginnings(frozenset(), None, ())
    parts, may_be_empty = _parts(parsed), longest and not shortest
    first: set[Way] = set()
    loose: set[Way] | None = set()
    needed = []
    for alternative in _alternatives(parts):
        ways = _first(alternative)
        needed.append(_rarest(_needed(alternative)))
        if ways is not None:
            first |= ways
        elif loose is not None:
            held = next(iter(needed[-1]), None)
            loose = None if held is None else loose | held
    sets = sorted(_of_each(needed), key=_frequency)
    if may_be_empty:  # an empty match stands between words as well as before them
        first, loose = set(), None
    return Beginnings(frozenset(first), None if loose is None else frozenset(loose), tuple(_rarest(sets)))


def folded(word: str) -> str:
    """Write a word as beginnings write it: in small letters, every digit the same.

    >>> folded("CYP3A4")
    'cyp0a0'
    """
    return word.lower() if word.isalpha() else "".join("0" if c.isdecimal() else c.lower() for c in word)


def _parts(items: Iterable[Any]) -> list[Part]:
    """Put what the parser gives into fewer kinds of parts: letters that follow one another are one, and so on."""
    parts: list[Part] = []
    run = ""
    for operator, argument in getattr(items, "data", items):  # the parser's own sequences are slow to walk along
        literal = chr(argument) if operator is _codes.LITERAL else ""
        if literal.isalnum():
            run += literal
            continue
        if run:
            parts.append((_Kind.READ, [folded(run)]))
            run = ""
        parts += _simplified(operator, argument)
    return [*parts, (_Kind.READ, [folded(run)])] if run else parts


def _simplified(operator: object, argument: Any) -> list[Part]:
    if operator is _codes.LITERAL:
        return [(_Kind.READ, [chr(argument)])]
    if operator is _codes.IN:
        return [(_Kind.READ, _members(argument))]
    if operator is _codes.SUBPATTERN and not argument[1] and not argument[2]:
        return _parts(argument[3])
    if operator is _codes.BRANCH:
        branches = [_parts(branch) for branch in argument[1]]
        if all(len(parts) == 1 and parts[0][0] is _Kind.READ and parts[0][1] for parts in branches):
            return [(_Kind.READ, [string for parts in branches for string in parts[0][1]])]
        return [(_Kind.EITHER, branches)]
    if operator in _REPEATS:
        return [(_Kind.REPEAT, (argument[0], argument[1], _parts(argument[2])))]
    if operator is _codes.AT and argument is not _codes.AT_NON_BOUNDARY:
        return [(_Kind.END if argument in (_codes.AT_END, _codes.AT_END_STRING) else _Kind.BORDER, None)]
    if operator is _codes.ASSERT and argument[0] > 0:
        return [(_Kind.AHEAD, _parts(argument[1]))]
    if operator in (_codes.ASSERT, _codes.ASSERT_NOT):  # what must not stand there, or stands behind, only narrows
        if argument[0] < 0 and len({*argument[1].getwidth()}) > 1:
            raise re.error("look-behind requires fixed-width pattern")
        bounds = operator is _codes.ASSERT_NOT and argument[0] < 0 and _is_part_of_word(argument[1])
        return [(_Kind.BORDER, None)] if bounds else []
    return [(_Kind.READ, None)]


def _members(argument: Iterable[Any]) -> list[str] | None:
    """List the characters of a class, one blank for all white space; None for a large class."""
    found: list[str] = []
    for operator, value in argument:
        if operator is _codes.LITERAL:
            found.append(folded(chr(value)))
        elif operator is _codes.RANGE and value[1] - value[0] < _SMALL:
            found += {folded(chr(code)) for code in range(value[0], value[1] + 1)}
        elif operator is _codes.CATEGORY and value is _codes.CATEGORY_SPACE:
            found.append(" ")
        elif operator is _codes.CATEGORY and value is _codes.CATEGORY_DIGIT:
            found.append("0")
        else:
            return None
    return found


def _is_part_of_word(items: Sequence[Any]) -> bool:
    r"""Whether what must not stand behind, as in `(?<![\w.])`, may be any part of a word."""
    members = items[0][1] if len(items) == 1 and items[0][0] is _codes.IN else []
    return (_codes.CATEGORY, _codes.CATEGORY_WORD) in members and (_codes.NEGATE, None) not in members


def _alternatives(parts: list[Part]) -> Iterator[list[Part]]:
    """Take a pattern of alternatives apart; the parser has put what they all begin with in front of them."""
    if parts and parts[-1][0] is _Kind.EITHER and all(kind is _Kind.BORDER for kind, _ in parts[:-1]):
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
    except _UnclearError:
        return None
    known = frozenset(Way(w.word, w.whole, w.gap, "" if w.word else w.mark) for w in ended)
    return known if all(w.word or w.mark for w in known) else None


def _needed(parts: Sequence[Part], bounded: bool = False) -> list[Ways]:
    """Look at how each part of a pattern, with all that follows it, begins; give the sets, the rarest first."""
    found: list[Ways | None] = []
    for index, (kind, argument) in enumerate(parts):
        if bounded or not index:
            found.append(_first(parts[index:], bounded, inside=True))
        if kind is _Kind.READ:
            found.append(_inside(argument))
        elif kind is _Kind.EITHER:
            found += _of_each([_needed(branch, bounded) for branch in argument])
        elif kind is _Kind.REPEAT and argument[0]:
            found += _needed(argument[2], bounded)
        elif kind is _Kind.AHEAD:
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
        if len(ways) <= _MOST and not any(rarer <= words for rarer in chosen):
            chosen[words] = ways
        if len(chosen) == SETS:
            break
    return list(chosen.values())


def _frequency(ways: Ways) -> float:
    """Guess how often one of some words is met: the more they are and the shorter, the more often."""
    return math.fsum((1 + way.inside) / (len(way.word) ** 2 or 4) for way in ways)  # the same in any order


def _ends_between_words(kind: _Kind, argument: Any, bounded: bool) -> bool:
    """Whether a part always ends where a word begins, or behind a blank or a mark, if it begins so (`bounded`)."""
    if kind is _Kind.READ:
        return argument is not None and not any(string.isalnum() for string in argument)
    if kind is _Kind.EITHER:
        return all(_end_between_words(branch, bounded) for branch in argument)
    if kind is _Kind.REPEAT:
        return _end_between_words(argument[2], False) and (argument[0] > 0 or bounded)
    return kind is _Kind.BORDER or bounded


def _end_between_words(parts: Sequence[Part], bounded: bool) -> bool:
    for kind, argument in parts:
        bounded = _ends_between_words(kind, argument, bounded)
    return bounded


def _follow(ways: set[Way], parts: Sequence[Part], ended: set[Way], inside: bool) -> set[Way]:
    """Lead ways on through parts of a pattern; those whose first word is over move to `ended`."""
    for kind, argument in parts:
        if kind is _Kind.READ:
            ways = _read(ways, argument, ended, inside)
        elif kind is _Kind.EITHER:
            ways = set().union(*(_follow(ways, branch, ended, inside) for branch in argument))
        elif kind is _Kind.REPEAT:
            least, most, repeated = argument
            once = _follow(ways, repeated, ended, inside)
            if most > 1:  # another round may lengthen the word
                ended |= {way for way in once if way.word}
                once = {way for way in once if not way.word}
            ways = once if least else once | ways
        elif kind is _Kind.AHEAD:
            ways = _ahead(ways, argument, ended, inside)
        else:
            ended |= {way._replace(whole=True) for way in ways if way.word}
            ways = {way for way in ways if not way.word}
            if kind is _Kind.BORDER:
                ways = {way._replace(bounded=True) for way in ways}
        if len(ways) + len(ended) > _MOST:
            raise _UnclearError
        if not ways:
            break
    return ways


def _read(ways: set[Way], strings: Sequence[str] | None, ended: set[Way], inside: bool) -> set[Way]:
    """Go on with one of some strings, letters and digits or one other character; None for any character."""
    longer: set[Way] = set()
    for word, whole, gap, mark, bounded, _ in ways:
        if strings is None:
            if not word:
                raise _UnclearError
            ended.add(Way(word, whole, gap))
            continue
        for string in strings:
            if string.isalnum():
                if word or gap or bounded:
                    longer.add(Way(word + string, whole, gap))
                elif inside and string[0].isdecimal():
                    ended.add(Way(mark="0"))
                else:
                    raise _UnclearError  # it may stand inside a word
            elif word:
                ended.add(Way(word, True, gap))
            else:
                blank = string.isspace() or string in _EMPHASIS
                longer.add(Way(word, whole, True, mark or ("" if blank else string), bounded))
    return longer


def _ahead(ways: set[Way], parts: Sequence[Part], ended: set[Way], inside: bool) -> set[Way]:
    """Begin with what must stand ahead; behind a first word it only narrows what may follow."""
    going_on = {way for way in ways if way.word}
    for way in ways - going_on:
        seen: set[Way] = set()
        try:
            seen |= _follow({way}, parts, seen, inside)
        except _UnclearError:
            going_on.add(way)
            continue
        if all(w.word for w in seen):
            ended |= seen
        else:
            going_on.add(way)
    return going_on
