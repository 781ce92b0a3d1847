"""Ways in which the matches of a pattern begin."""

from __future__ import annotations

from typing import NamedTuple

MOST = 400
"""A pattern that can begin in more ways than this is tried everywhere."""

EMPHASIS = "*_"
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


class UnclearError(Exception):
    """A match may begin with anything."""
