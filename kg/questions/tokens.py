"""Words of a question: cut, written out, in lower case, without the endings that change nothing."""

from __future__ import annotations

import functools
import re

from kg.questions import tables
from kg.vocabulary.lexicon import normalise

AGE = "age"
"""Begins the one word that an age becomes: "82 years old" is "age82"."""

_WORD = re.compile(r"[^\W_]+(?:['.,/][^\W_]+)*|%|&|\+")
_ENDINGS = ("ing", "ed", "ly", "es")
_SHORTEST, _LONGEST = 3, 7
_OWNER = re.compile(r"(?<=\w)['’]s\b|(?<=s)['’](?=\s|$)")


def words(text: str) -> list[str]:
    """Cut a question into words, written out and in lower case.

    >>> words("What's Klonopin's use? Isn't it off-label?")
    ['what', 'is', 'klonopin', 'use', 'is', 'not', 'it', 'off', 'label']
    """
    return [_OWNER.sub("", word) for word in spelt(text)]


def spelt(text: str) -> list[str]:
    """Cut a question into words as `words` does, but leave them their possessive endings.

    >>> spelt("Parkinson's")
    ["parkinson's"]
    """
    lowered = text.lower().replace("’", "'")
    for pattern, replacement in _short_forms():
        lowered = pattern.sub(replacement, lowered)
    return _WORD.findall(normalise(lowered))


@functools.cache
def _short_forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read what people write in a short form, and what it means.

    Raises
    ------
    QueryError
        When the table is missing or not of its form.
    """
    read = tables.read("short_forms.toml")
    with tables.complete(read.place, "a short form", "give it what is said, and what it means"):
        return tuple((re.compile(str(row["said"])), str(row["means"])) for row in read.rows("short"))


@functools.lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Take off a plural or third-person ending.

    >>> [stem(word) for word in ("effects", "causes", "allergies", "this", "illnesses")]
    ['effect', 'cause', 'allergy', 'this', 'illness']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a list."""
    return frozenset(stem(word) for word in text.split())


@functools.lru_cache(maxsize=16384)
def root(word: str) -> str:
    """Cut a word to what its forms have in common.

    >>> root("combining"), root("combined"), root("combination")
    ('combin', 'combin', 'combina')
    """
    word = stem(word)
    ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) > _SHORTEST), "")
    return word.removesuffix(ending)[:_LONGEST].rstrip("e") or word
