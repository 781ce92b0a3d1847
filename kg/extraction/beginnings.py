"""The words that the matches of a pattern begin with, read off the pattern itself.

A table holds hundreds of patterns, of which a sentence matches two or three. A pattern that can only begin with "may"
or "can" need not be tried at any other word, nor in a sentence that has neither. What is read here never leaves out a
match: a pattern that cannot be read so is tried everywhere.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

# The standard library's own parser of patterns. Its modules are not public; a test holds what is read against them.
_parser = importlib.import_module("re._parser")
_codes = importlib.import_module("re._constants")
_REPEATS = (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT)

_MOST = 400
"""A pattern that can begin in more ways than this is tried everywhere."""

_SMALL = 10
"""A class of at most this many characters is read as its characters."""

_RARE = 0.1
"""Words of this guessed frequency are rare enough: no rarer ones are looked for."""

_EMPHASIS = "*_"
"""Marks that stand as blanks do, between words anywhere."""


class Beginning(NamedTuple):
    """One way in which a match begins.

    Attributes
    ----------
    word : str
        The first word, or how it starts, every digit as 0; empty where a match may hold no word.
    whole : bool
        Whether `word` is all of that word.
    gap : bool
        Whether the match begins in front of the word: with blanks, a comma, a bracket.
    mark : str
        Where there is no word: the first character that is neither a blank nor emphasis.
    bounded : bool
        Whether the word can only stand where a word begins.
    """

    word: str = ""
    whole: bool = False
    gap: bool = False
    mark: str = ""
    bounded: bool = False


Ways = frozenset[Beginning]


class _UnclearError(Exception):
    """A match may begin with anything."""


def beginnings(pattern: str) -> tuple[Ways | None, Ways | None]:
    r"""Return how the matches of a pattern begin, and words of which each match holds one; None where that is unclear.

    >>> first, needed = beginnings(r"\b(?:may|can) (?:also )?cause[sd]?\b")
    >>> sorted(way.word for way in first), sorted(way.word for way in needed)
    (['can', 'may'], ['cause', 'caused', 'causes'])
    >>> beginnings(r"[a-z]+ing\b")
    (None, None)
    """
    parsed = _parser.parse(pattern)
    if parsed.state.flags & ~re.UNICODE:
        return None, None
    shortest, longest = parsed.getwidth()
    first = _first(parsed) if shortest or not longest else None
    return first, first if first and _frequency(first) < _RARE else _needed(parsed)


def folded(word: str) -> str:
    """Write a word as beginnings write it: every digit the same.

    >>> folded("cyp3a4")
    'cyp0a0'
    """
    return word if word.isalpha() else "".join("0" if c.isdecimal() else c for c in word)


def _first(items: Sequence[Any], bounded: bool = False) -> Ways | None:
    """Return how matches begin; `bounded` says that they can only begin where a word does."""
    ended: set[Beginning] = set()
    try:
        ended |= _follow({Beginning(bounded=bounded)}, items, ended)
    except _UnclearError:
        return None
    known = frozenset(Beginning(w.word, w.whole, w.gap, "" if w.word else w.mark) for w in ended)
    return known if all(w.word or w.mark for w in known) else None


def _needed(items: Iterable[Any], bounded: bool = False) -> Ways | None:
    """Look at how each part of a pattern, with all that follows it, begins; return the rarest words."""
    parts = list(_flat(items))
    rarest: Ways | None = None
    for index, (operator, argument) in enumerate(parts):
        begins = _ends_between_words(parts[:index]) if index else bounded
        found = [_first(parts[index:], begins)] if begins or not index else []
        if operator is _codes.BRANCH:
            branches = [_needed(branch, begins) for branch in argument[1]]
            found.append(None if None in branches else frozenset().union(*(b for b in branches if b)))
        elif operator in _REPEATS and argument[0] > 0:
            found.append(_needed(argument[2], begins))
        elif operator is _codes.ASSERT and argument[0] > 0:
            found.append(_needed(argument[1], begins))
        rarest = min((ways for ways in (rarest, *found) if ways), key=_frequency, default=None)
        if rarest and _frequency(rarest) < _RARE:
            break
    return rarest


def _ends_between_words(parts: Sequence[Any]) -> bool:
    """Whether what some parts match always ends where a word begins, or with a blank or a punctuation mark."""
    if not parts:
        return False
    (operator, argument), before = parts[-1], parts[:-1]
    if operator is _codes.BRANCH:
        return all(_ends_between_words([*before, *_flat(branch)]) for branch in argument[1])
    if operator in _REPEATS:
        repeated = _ends_between_words(list(_flat(argument[2])))
        return repeated and (argument[0] > 0 or _ends_between_words(before))
    if operator in (_codes.ASSERT, _codes.ASSERT_NOT):
        return _ends_between_words(before)
    if operator is _codes.IN:
        return not any(character.isalnum() for character in _members(argument) or "x")
    return argument is _codes.AT_BOUNDARY or (operator is _codes.LITERAL and not chr(argument).isalnum())


def _frequency(ways: Ways) -> float:
    """Guess how often one of some words is met: the more they are and the shorter, the more often."""
    return sum(1 / (len(way.word) ** 2 or 4) for way in ways)


def _flat(items: Iterable[Any]) -> Iterable[Any]:
    """Give the parts of a pattern, those of plain groups among them."""
    for operator, argument in _plain(items):
        if operator is _codes.SUBPATTERN and not argument[1] and not argument[2]:
            yield from _flat(argument[3])
        else:
            yield operator, argument


def _plain(items: Iterable[Any]) -> Iterable[Any]:
    return getattr(items, "data", items)  # the parser's own sequences are slow to walk along


def _follow(ways: set[Beginning], items: Sequence[Any], ended: set[Beginning]) -> set[Beginning]:
    """Lead ways on through parts of a pattern; those whose first word is over move to `ended`."""
    for operator, argument in _joined(items):
        if operator is _codes.LITERAL:
            ways = _read(ways, [argument], ended)
        elif operator is _codes.IN:
            ways = _read(ways, _members(argument), ended)
        elif operator is _codes.AT:
            ways = _placed(ways, argument, ended)
        elif operator is _codes.ASSERT_NOT or (operator is _codes.ASSERT and argument[0] < 0):
            if argument[0] < 0 and _is_part_of_word(argument[1]):
                ways = {way if way.word else way._replace(bounded=True) for way in ways}
        elif operator is _codes.ASSERT:
            ways = _ahead(ways, argument[1], ended)
        elif operator is _codes.SUBPATTERN and not argument[1] and not argument[2]:
            ways = _follow(ways, argument[3], ended)
        elif operator is _codes.BRANCH:
            ways = set().union(*(_follow(ways, branch, ended) for branch in argument[1]))
        elif operator in _REPEATS:
            least, most, repeated = argument
            ways = _repeated(ways, least, most, repeated, ended)
        else:
            ways = _read(ways, None, ended)
        if len(ways) + len(ended) > _MOST:
            raise _UnclearError
        if not ways:
            break
    return ways


def _joined(items: Iterable[Any]) -> Iterable[Any]:
    """Give the parts of a pattern, letters and digits that follow one another as one."""
    run = ""
    for operator, argument in _plain(items):
        literal = chr(argument) if operator is _codes.LITERAL else ""
        if literal.isalnum():
            run += literal
            continue
        if run:
            yield _codes.LITERAL, run
            run = ""
        yield operator, literal or argument
    if run:
        yield _codes.LITERAL, run


def _read(ways: set[Beginning], strings: Sequence[str] | None, ended: set[Beginning]) -> set[Beginning]:
    """Go on with one of some strings, letters and digits or one other character; None for any character."""
    longer: set[Beginning] = set()
    for word, whole, gap, mark, bounded in ways:
        if strings is None:
            if not word:
                raise _UnclearError
            ended.add(Beginning(word, whole, gap))
            continue
        for string in strings:
            if string.isalnum():
                if not (word or gap or bounded):
                    raise _UnclearError  # it may stand inside a word
                longer.add(Beginning(word + folded(string), whole, gap))
            elif word:
                ended.add(Beginning(word, True, gap))
            else:
                blank = string.isspace() or string in _EMPHASIS
                longer.add(Beginning(word, whole, True, mark or ("" if blank else string), bounded))
    return longer


def _members(argument: Iterable[Any]) -> list[str] | None:
    """List the characters of a class, one blank for all white space; None for a large class."""
    found: list[str] = []
    for operator, value in argument:
        if operator is _codes.LITERAL:
            found.append(chr(value))
        elif operator is _codes.RANGE and value[1] - value[0] < _SMALL:
            found += map(chr, range(value[0], value[1] + 1))
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


def _placed(ways: set[Beginning], where: object, ended: set[Beginning]) -> set[Beginning]:
    """Go on at the border of a word, or at the start or the end of the text."""
    going_on: set[Beginning] = set()
    for way in ways:
        if where is _codes.AT_NON_BOUNDARY:
            raise _UnclearError
        if way.word:
            ended.add(way._replace(whole=True))
        elif where in (_codes.AT_END, _codes.AT_END_STRING):
            going_on.add(way)
        else:
            going_on.add(way._replace(bounded=True))
    return going_on


def _ahead(ways: set[Beginning], items: Sequence[Any], ended: set[Beginning]) -> set[Beginning]:
    """Begin with what must stand ahead; behind a first word it only narrows what may follow."""
    going_on = {way for way in ways if way.word}
    for way in ways - going_on:
        seen: set[Beginning] = set()
        try:
            seen |= _follow({way}, items, seen)
        except _UnclearError:
            going_on.add(way)
            continue
        if all(w.word for w in seen):
            ended |= seen
        else:
            going_on.add(way)
    return going_on


def _repeated(
    ways: set[Beginning], least: int, most: int, items: Sequence[Any], ended: set[Beginning]
) -> set[Beginning]:
    once = _follow(ways, items, ended)
    if most > 1:  # another round may lengthen the word
        ended |= {way for way in once if way.word}
        once = {way for way in once if not way.word}
    return once if least else once | ways
