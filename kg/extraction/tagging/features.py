"""Features: what a sequence model knows of each token. One list of templates serves training and reading alike.

The templates are those of the literature on biomedical name recognition (words, affixes, shapes and dictionary tags in
a window), and for the role of a name in its sentence: the prepositions and the reporting words around it.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kg import resources
from kg.extraction.tagging.tokens import EDGE, Tokens

WINDOW = 3
"""How many tokens to each side are seen."""
_NEAR = 2
_ENDS = frozenset(".;:")
_OPENING, _CLOSING = frozenset("(["), frozenset(")]")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """The words around a name that say how it stands to its sentence (`ontology/models/words.toml`)."""

    prepositions: frozenset[str]
    reporting: frozenset[str]
    keys: tuple[str, ...]


@functools.cache
def function_words() -> FunctionWords:
    """Read the lists of function words."""
    path = resources.folder("ontology") / "models" / "words.toml"
    found = tomllib.loads(path.read_text("utf-8"))
    return FunctionWords(frozenset(found["prepositions"]), frozenset(found["reporting"]), tuple(found["keys"]))


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


def of_sentence(tokens: Tokens) -> list[str]:
    """Give the features that every token of the sentence has: its section, its place, the words above it."""
    sentence, words = tokens.sentence, tokens.words
    passage = sentence.passage
    section = "|".join(sorted(sentence.sections[0])) if sentence.sections else "-"
    present, keys = set(words), function_words().keys
    found = ["b", f"sec={section}", f"item={passage.is_item:d}", f"head={passage.is_heading:d}"]
    found.append(f"secitem={section}{passage.is_item:d}")
    found += [f"k={key}" for key in keys if key in present]
    found += [f"first={words[0]}", f"len={min(len(words) // 8, 6)}"]
    if tokens.lead:
        lead = _WORD.findall(tokens.lead)
        found.append("lead=" + "_".join(lead[-2:]))
        found += [f"lk={key}" for key in keys if key in lead]
    if passage.headings:
        heading = _WORD.findall(passage.headings[-1].text.lower())
        found.append("hd=" + "_".join(heading[:3]))
        found += [f"hw={word}" for word in heading[-2:]]
    return found


class Contexts(NamedTuple):
    """What stands around each token of a sentence.

    `earlier` has the last two prepositions with the word before each, how far the nearer one is (in threes), and how
    deep in brackets the token is; `reported` the last two reporting words and that preposition; `ahead` the next of
    either and the last reporting word.
    """

    earlier: list[tuple[str, str, int, int]]
    reported: list[tuple[str, str, str]]
    ahead: list[tuple[str, str]]


def contexts(words: Sequence[str]) -> Contexts:
    """Return the context of each word of a sentence."""
    prepositions, reporting = function_words().prepositions, function_words().reporting
    size = len(words)
    following, ahead = [""] * size, "-"
    for index in range(size - 1, -1, -1):
        following[index], word = ahead, words[index]
        if word in prepositions:
            ahead = f"{word}_{words[index + 1] if index + 1 < size else ''}"
        elif word in reporting or word in _ENDS:
            ahead = word
    result = Contexts([], [], [])
    last, before, distance, reported, earlier, depth = "-", "-", 0, "-", "-", 0
    for index, word in enumerate(words):
        if word in _OPENING:
            depth += 1
        result.earlier.append((before, last, min(distance // 3, 3), min(depth, 2)))
        result.reported.append((earlier, reported, last))
        result.ahead.append((following[index], reported))
        if word in prepositions:
            before, last, distance = last, f"{words[index - 1] if index else ''}_{word}", 0
        elif word in _ENDS:
            before, last, distance = last, word, 0
        else:
            distance += 1
        if word in reporting:
            earlier, reported = reported, word
        elif word in _CLOSING:
            depth = max(0, depth - 1)
    return result


def of_earlier(own: tuple[str, str, int, int]) -> list[str]:
    """Give the features of the prepositions before a token."""
    before, last, distance, depth = own
    return [f"p1={last}", f"p1d={last}{distance}", f"p12={before}|{last}", f"dep={depth}"]


def of_reported(own: tuple[str, str, str]) -> list[str]:
    """Give the features of the reporting words before a token."""
    earlier, reported, last = own
    return [f"r1={reported}", f"r12={earlier}|{reported}", f"r1p1={reported}|{last}"]


def of_ahead(own: tuple[str, str]) -> list[str]:
    """Give the features of the next preposition or reporting word."""
    after, reported = own
    return [f"n1={after}", f"n1r1={after}|{reported}"]


def of_pair(first: str, second: str) -> tuple[str, str]:
    """Give what two neighbouring words lend to the first, and what to the second; at the start there is nothing."""
    return (f"bg+={first}_{second}", f"bg-={first}_{second}") if first else ("", "")


def of_tokens(tokens: Tokens) -> list[list[str]]:
    """Give all features of each token, as a trainer takes them."""
    words, size = tokens.words, len(tokens.words)
    common = of_sentence(tokens) if size else []
    result = []
    around = contexts(words)
    for index, (earlier, reported, ahead) in enumerate(zip(*around, strict=True)):
        found = [*common, *of_earlier(earlier), *of_reported(reported), *of_ahead(ahead)]
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
