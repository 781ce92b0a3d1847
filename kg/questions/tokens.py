"""Words of a question: cut, written out, in lower case, without the endings that change nothing."""

from __future__ import annotations

import functools
import re

from kg.vocabulary.lexicon import normalise

AGE = "age"
"""Begins the one word that an age becomes: "82 years old" is "age82"."""

_WORD = re.compile(r"[^\W_]+(?:['.,/][^\W_]+)*|%|&|\+")
_MEASURES = "mg|g|kg|%|ml|mcg|beats|bpm|percent"
_SHORT = (
    (re.compile(r"\b(can)['’]?t\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon['’]t\b"), "will not"),
    (re.compile(r"n['’]t\b"), " not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|have|has|had|would|could|should)nt\b"), r"\1 not"),
    (re.compile(r"\b(what|who|where|how|that)s\b"), r"\1 is"),
    (re.compile(r"\bi(?:m\b|['’]?ve\b)"), "i"),
    (re.compile(r"\b(what|who|where|how|which|that|there|it|he|she)['’]s\b"), r"\1 is"),
    (re.compile(r"\b(what|who|where|how|which|i|you|we|they)['’](?:re|m)\b"), r"\1 are"),
    (re.compile(r"['’](?:ll|ve|d)\b"), ""),
    # Who corrects himself takes back the word before: "a peanut... no, a penicillin allergy".
    (re.compile(r"[\w'-]+ *(?:\.{2,}|…|—) *(?:no|sorry|wait|i mean|oops), *(?:(?:no|wait|i mean),? *)*"), ""),
    (re.compile(r"\bno[ -]go(?: area)?\b"), "off limits"),
    (re.compile(r"\band/or\b"), "or"),
    (re.compile(r"\bw/o\b"), "without"),
    (re.compile(r"\bb/w\b"), "between"),
    (re.compile(r"\bw/(?!\w)"), "with"),
    (re.compile(r"(?<=[a-z])/(?=[a-z])"), " or "),
    (re.compile(r"\b(i\.e|e\.g)\.?(?=\W)"), " "),
    # An age is one word, and no number among others: "82-year-old", "aged 82", "82yo", "has 82 years", "he is 8, can".
    (re.compile(r"\b(?:aged )?(\d{1,3})[ -]*(?:(?:yr|year)s?[ -]*old|y/?o|y o|[mf]\b(?=[ ,;)]))s?\b"), r"age\1"),
    (re.compile(r"\bage *[>≥=]+ *(\d{2,3})\b"), r"age\1"),
    (re.compile(rf"\b(?:over|above|older than) (?:the age of )?(6[5-9]|[7-9]\d)s?\b(?! *(?:{_MEASURES}))"), r"age\1"),
    (re.compile(r"\b(?:aged|(?:is|are|am|was|has|have) (?=\d+ years?\b)) *(\d{1,3})(?: years?)?\b"), r" age\1"),
    (re.compile(r"\b(is|am|turned) (\d{1,2})(?=\s*[,;.?!]|\s+and\b|$)"), r"\1 age\2"),
)
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
    for pattern, replacement in _SHORT:
        lowered = pattern.sub(replacement, lowered)
    return _WORD.findall(normalise(lowered))


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
