"""The lines of a text, what is known of its headings, and lists whose items have no marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

LONGEST_TITLE = 9
"""Words that a line amid others may have to be read as a heading."""

LONGEST_PART = 3
"""Words of a line amid a list that heads a part of it."""

DECORATION = " \t*_#:"

FEWEST_BETWEEN = 2
"""Marks between the things that a line lists."""

_HARMS = frozenset({"adverse_effects"})
_BETWEEN = re.compile(r"[,;]\s|\s[·•]\s")
_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")


class HeadingReader(Protocol):
    """What is known about headings: the sections that one announces, and a known heading at the start of a text."""

    def sections(self, text: str) -> frozenset[str]:
        """Return the kinds of section that a heading announces."""

    def inline(self, text: str) -> int:
        """Return the length of the known heading that the text starts with, run into the sentence after it; or 0."""

    def is_sentence(self, text: str) -> bool:
        """Tell whether the text has a verb that makes it a sentence."""

    def is_title(self, text: str) -> bool:
        """Tell whether the text can only be a heading, even if it ends in a full stop."""

    def likely(self, text: str) -> frozenset[str]:
        """Return the kind of section that a heading in no known wording announces, if one is likely."""

    def below(self) -> HeadingReader:
        """Return the reader for what stands below a heading that the source's own codes type."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its indentation, with its place."""

    start: int
    end: int
    indent: int
    words: str  # the line without its indentation


def lines_of(text: str, markdown: bool) -> list[Line]:
    """Take a text apart into its lines; the marks in front of what Markdown sets off as a quotation are no words."""
    lines, offset = [], 0
    for raw in text.splitlines(keepends=True):
        bare = raw.strip("\r\n")
        quoted = _QUOTED.match(bare) if markdown else None
        if quoted:
            offset += quoted.end()
            raw, bare = raw[quoted.end() :], bare[quoted.end() :]
        words = bare.strip()
        indent = len(bare.expandtabs(4)) - len(bare.expandtabs(4).lstrip())
        start = offset + len(bare) - len(bare.lstrip())
        lines.append(Line(start, start + len(words), indent, words))
        offset += len(raw)
    return lines


def begins_list(lines: list[Line], index: int, known: HeadingReader) -> bool:
    """Tell whether a short line below the title of a section is the first of its list: "Rash", below "Common"."""
    above = next((line.words for line in reversed(lines[max(0, index - 2) : index]) if line.words), "")
    if not _is_short(lines[index], known) or not _is_short_title(above, known):
        return False
    below = [line for line in lines[index + 1 : index + 3] if line.words]
    if below and lines[index + 1].words:
        return _is_short(below[0], known)
    return bool(below) and _is_short_title(below[0].words, known)


def _is_short(line: Line, known: HeadingReader) -> bool:
    """Tell whether a line may be one of a list without marks."""
    words = line.words.strip("*_ ")
    plain = words[:1].isalpha() and not words.endswith((".", ":", "?", "!")) and "|" not in words
    return plain and len(words.split()) < LONGEST_TITLE and not (known.is_title(words) or known.is_sentence(words))


def _is_short_title(words: str, known: HeadingReader) -> bool:
    return len(words.split()) <= LONGEST_TITLE and known.is_title(words.strip(DECORATION))


def is_enumeration(lines: list[Line], index: int, known: HeadingReader) -> bool:
    """Tell whether a line below the title of a section lists things on one line: "Gout · asthma · pregnancy"."""
    words = lines[index].words
    if len(_BETWEEN.findall(words)) < FEWEST_BETWEEN or known.is_title(words.strip(DECORATION)):
        return False
    above = next((line.words for line in reversed(lines[max(0, index - 2) : index]) if line.words), "")
    return _is_short_title(above, known)


def parts_list(line: Line, following: Line | None, known: HeadingReader) -> bool:
    """Tell whether a line amid others is the title of the ones below it: "Uncommon", in a list of harms."""
    words = line.words.strip("*_: ")
    goes_on = following is None or not following.words or following.words[:1].islower()
    return not goes_on and not words.endswith((".", ",", ";")) and heads_part(words, known)


def heads_part(words: str, known: HeadingReader) -> bool:
    """Tell whether a few words are the title of a part of the harms."""
    few = len(words.split()) <= LONGEST_PART and words[:1].isupper()
    return few and known.sections(words) == _HARMS and known.is_title(words)
