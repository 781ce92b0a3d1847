"""Features: what a sequence model knows of each token. One list of templates serves training and reading alike.

The templates are those of the literature on biomedical name recognition (words, affixes, shapes and dictionary tags in
a window), and for the role of a name in its sentence: the prepositions and the reporting words around it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from kg.extraction.tagging.columns import lay
from kg.extraction.tagging.contexts import Near, Pair, contexts, function_words
from kg.extraction.tagging.tokens import EDGE, Tokens

WINDOW = 3
"""How many tokens to each side are seen."""
_NEAR = 2
PAIRS = ("bg+", "bg-")
"""What a feature of two neighbouring words begins with, lent to the first and to the second of them."""
_WORD = re.compile(r"[a-z]+")
_REMEMBERED = 1_024


def of_word(word: str, shape: str, offset: int) -> list[str]:
    """Give the features that a word at `offset` from a token lends to it."""
    if offset == 0:
        return [f"w={word}", f"sh={shape}", f"s3={word[-3:]}", f"s4={word[-4:]}", f"p4={word[:4]}"]
    found = [f"w{offset}={word}"]
    if word != EDGE and abs(offset) <= _NEAR:
        found.append(f"sh{offset}={shape}")
        if abs(offset) == 1:
            found.append(f"s4{offset}={word[-4:]}")
    return found


def of_tags(name: str, reading: str, offset: int) -> list[str]:
    """Give the features that the tags of a token at `offset` lend."""
    place = offset or ""
    found = [f"d{place}={name}"] if abs(offset) <= _NEAR else []
    return [*found, f"r{place}={reading}"] if abs(offset) <= 1 else found


def of_known(before: str, own: str, after: str) -> list[str]:
    """Give the features of the names that public vocabularies know, at a token and to both sides of it."""
    return [
        f"n-1={before}", f"n={own}", f"n1={after}",
        f"nb={own[:1]}", f"nbb={before[:1]}{own[:1]}{after[:1]}",
    ]  # fmt: skip


def of_sentence(tokens: Tokens) -> list[str]:
    """Give the features that every token of the sentence has: its section, its place, the words above it."""
    sentence = tokens.sentence
    passage = sentence.passage
    section = "|".join(sorted(sentence.sections[0])) if sentence.sections else "-"
    found = ["b", f"sec={section}", f"item={passage.is_item:d}", f"head={passage.is_heading:d}"]
    found.append(f"secitem={section}{passage.is_item:d}")
    found += [f"k={key}" for key in function_words().keys_among(tokens.words)]
    if tokens.lead:
        found += of_lead(tokens.lead)
    return [*found, *of_heading(passage.headings[-1].text)] if passage.headings else found


@functools.lru_cache(_REMEMBERED)  # it stands above every item of a list
def of_lead(text: str) -> tuple[str, ...]:
    """Give the features of the sentence that introduces a list."""
    words = _WORD.findall(text)
    return "lead=" + "_".join(words[-2:]), *(f"lk={key}" for key in function_words().keys_among(words))


@functools.lru_cache(_REMEMBERED)
def of_heading(text: str) -> tuple[str, ...]:
    """Give the features of the nearest heading."""
    return tuple(f"hw={word}" for word in _WORD.findall(text.lower())[-2:])


def of_near(own: Near) -> list[str]:
    """Give the features of the last preposition before a token, and of the brackets around it."""
    last, distance, depth = own
    return [f"p1={last}", f"p1d={last}{distance}", f"dep={depth}"]


def of_earlier(own: Pair) -> list[str]:
    """Give the features of the last two prepositions before a token."""
    before, last = own
    return [f"p12={before}|{last}"]


def of_reported(own: Pair) -> list[str]:
    """Give the features of the last two reporting words before a token."""
    earlier, reported = own
    return [f"r1={reported}", f"r12={earlier}|{reported}"]


def of_told(own: Pair) -> list[str]:
    """Give the features of the last reporting word and the last preposition before a token."""
    reported, last = own
    return [f"r1p1={reported}|{last}"]


def of_ahead(own: Pair) -> list[str]:
    """Give the features of the next preposition or reporting word."""
    after, reported = own
    return [f"n1={after}", f"n1r1={after}|{reported}"]


OF_CONTEXTS: tuple[Callable[[Any], list[str]], ...] = (of_near, of_earlier, of_reported, of_told, of_ahead)
"""What gives the features of each of the `Contexts`, in their order."""


def of_pair(first: str, second: str) -> tuple[str, str]:
    """Give what two neighbouring words lend to the first, and what to the second; at the start there is nothing."""
    return (f"bg+={first}_{second}", f"bg-={first}_{second}") if first else ("", "")


def pairs_of(name: str) -> list[tuple[int, tuple[str, str]]]:
    """Return the pairs of words that a feature is of, and to which of the two it is lent: what `of_pair` makes of them.

    >>> pairs_of("bg-=severe_rash"), pairs_of("w=severe_rash")
    ([(1, ('severe', 'rash'))], [])
    """
    mark, _, words = name.partition("=")
    if mark not in PAIRS:
        return []
    number, parts = PAIRS.index(mark), words.split("_")  # which may be a word, too
    return [(number, ("_".join(parts[:place]), "_".join(parts[place:]))) for place in range(1, len(parts))]


def of_tokens(tokens: Tokens) -> list[list[str]]:
    """Give all features of each token, as a trainer takes them."""
    words, size = tokens.words, len(tokens.words)
    common = of_sentence(tokens) if size else []
    result = []
    around = (own.each() for own in contexts(lay([tokens]))) if size else ()
    known = (EDGE, *tokens.known, EDGE)
    for index, own in enumerate(zip(*around, strict=True)):
        found = [*common, *(name for of, context in zip(OF_CONTEXTS, own, strict=True) for name in of(context))]
        found += of_known(*known[index : index + 3])
        if index:
            found.append(of_pair(words[index - 1], words[index])[1])
        if index + 1 < size:
            found.append(of_pair(words[index], words[index + 1])[0])
        for offset in range(-WINDOW, WINDOW + 1):
            place = index + offset
            if 0 <= place < size:
                found += of_word(words[place], tokens.shapes[place], offset)
                found += of_tags(tokens.names[place], tokens.readings[place], offset)
            else:
                found += of_word(EDGE, EDGE, offset)
        result.append(found)
    return result
