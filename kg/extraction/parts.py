"""The parts of a pattern, taken apart by the standard library's own parser, and put into fewer kinds than it has."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Any

# The modules of the standard library's parser are not public; a test holds what is read against them.
parser = importlib.import_module("re._parser")
_codes = importlib.import_module("re._constants")
_REPEATS = (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT)

_SMALL = 10
"""A class of at most this many characters is read as its characters."""


class Kind(Enum):
    """What a part of a pattern does."""

    READ = auto()  # reads one of some strings: letters and digits, or one other character; None for anything
    BORDER = auto()  # stands at a border of a word, or where the text begins
    END = auto()  # stands where the text ends
    AHEAD = auto()  # looks at what follows
    EITHER = auto()  # goes on in one of several ways
    REPEAT = auto()  # goes on several times: at least, at most, how


Part = tuple[Kind, Any]
"""A part of a pattern: what it does, and with what."""


def parts_of(items: Iterable[Any]) -> list[Part]:
    """Put what the parser gives into fewer kinds of parts: letters that follow one another are one, and so on."""
    parts: list[Part] = []
    run = ""
    for operator, argument in getattr(items, "data", items):  # the parser's own sequences are slow to walk along
        literal = chr(argument) if operator is _codes.LITERAL else ""
        if literal.isalnum():
            run += literal
            continue
        if run:
            parts.append((Kind.READ, [folded(run)]))
            run = ""
        parts += _simplified(operator, argument)
    return [*parts, (Kind.READ, [folded(run)])] if run else parts


def _simplified(operator: object, argument: Any) -> list[Part]:
    if operator is _codes.LITERAL:
        return [(Kind.READ, [chr(argument)])]
    if operator is _codes.IN:
        return [(Kind.READ, _members(argument))]
    if operator is _codes.SUBPATTERN and not argument[1] and not argument[2]:
        return parts_of(argument[3])
    if operator is _codes.BRANCH:
        branches = [parts_of(branch) for branch in argument[1]]
        if all(len(parts) == 1 and parts[0][0] is Kind.READ and parts[0][1] for parts in branches):
            return [(Kind.READ, [string for parts in branches for string in parts[0][1]])]
        return [(Kind.EITHER, branches)]
    if operator in _REPEATS:
        return [(Kind.REPEAT, (argument[0], argument[1], parts_of(argument[2])))]
    if operator is _codes.AT and argument is not _codes.AT_NON_BOUNDARY:
        return [(Kind.END if argument in (_codes.AT_END, _codes.AT_END_STRING) else Kind.BORDER, None)]
    if operator is _codes.ASSERT and argument[0] > 0:
        return [(Kind.AHEAD, parts_of(argument[1]))]
    if operator in (_codes.ASSERT, _codes.ASSERT_NOT):  # what must not stand there, or stands behind, only narrows
        if argument[0] < 0 and len({*argument[1].getwidth()}) > 1:
            raise re.error("look-behind requires fixed-width pattern")
        bounds = operator is _codes.ASSERT_NOT and argument[0] < 0 and _is_part_of_word(argument[1])
        return [(Kind.BORDER, None)] if bounds else []
    return [(Kind.READ, None)]


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


def folded(word: str) -> str:
    """Write a word as beginnings write it: in small letters, every digit the same.

    >>> folded("CYP3A4")
    'cyp0a0'
    """
    return word.lower() if word.isalpha() else "".join("0" if c.isdecimal() else c.lower() for c in word)
