"""Cutting a stretch of text into sentences, without changing a character of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.records import Span

_ABBREVIATIONS = frozenset(
    [
        "e.g",
        "i.e",
        "etc",
        "vs",
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "approx",
        "no",
        "fig",
        "ca",
        "cf",
        "al",
        "st",
        "inc",
        "ltd",
        "u.s",
        "a.m",
        "p.m",
        "incl",
        "resp",
        "max",
        "min",
        "tab",
        "tabs",
        "cap",
    ]
)
_END = re.compile(
    r"[.!?…]+[\"'”’)\]*_]*(?=\s|$)|(?<=[a-z)\d])[.!?](?=[A-Z][a-z]+\b(?!\.[a-z]{2,4}\b))|\n[ \t]*\n"
    r"|\(\s?\)\.?(?=\s+[A-Z])|\(\s?\d{1,2}(?:\.\d{1,2})?(?:\s?,\s?\d{1,2}(?:\.\d{1,2})?){0,9}\s?\)\.?(?=\s+[A-Z])"
)
"""Where a sentence may end: a stop, a blank line, or a reference behind an item ("... inducers (7.1) Avoid ...")."""
_END_BEGINS = re.compile(r"[.!?…\n(]")
"""What `_END` begins with: looking for one of a few characters is many times as fast."""
_WORD = re.compile(r"[^\W_]")
LONGEST = 1_200
"""A stretch without a full stop that is longer than this (in code points) is cut at a blank."""
_LETTERED = re.compile(r"\b(?:category|type|class|grade|group|schedule) $", re.IGNORECASE)
"""What has a letter for its name: no initial, so that a full stop behind it ends a sentence."""
_NEXT = re.compile(r"\s*[\"'“‘(\[*_•·]*(?:[A-Z0-9]|[a-z]{1,2}[A-Z])|\s*$")


def split(text: str, span: Span) -> list[Span]:
    """Cut `span` of `text` into sentences: spans in order, white space at the edges left out.

    A full stop ends a sentence when a capital, a digit or nothing follows, when it is not part of an abbreviation or a
    number, and also when the writer forgot the blank after it ("medication.More"). So does a reference to a section
    before a capital ("... inducers (7.1) Avoid ...").

    >>> text = "Take 0.5 mg twice daily, e.g. at noon. Do not crush it.Swallow it whole."
    >>> [s.of(text) for s in split(text, Span(0, len(text)))]
    ['Take 0.5 mg twice daily, e.g. at noon.', 'Do not crush it.', 'Swallow it whole.']
    """
    sentences: list[Span] = []
    start = span.start
    for match in _ends(text, span):
        if match.end() < span.end and not _NEXT.match(text, match.end(), span.end):
            continue
        if match.group().startswith(".") and _is_abbreviation(text, match.start()):
            continue
        _keep(text, start, match.end(), sentences)
        start = match.end()
    _keep(text, start, span.end, sentences)
    return sentences


def _ends(text: str, span: Span) -> Iterator[re.Match[str]]:
    last = span.start
    for begin in _END_BEGINS.finditer(text, *span):
        match = _END.match(text, begin.start(), span.end) if begin.start() >= last else None
        if match:
            last = match.end()
            yield match


def _is_abbreviation(text: str, stop: int) -> bool:
    word_start = stop
    while word_start > 0 and (text[word_start - 1].isalpha() or text[word_start - 1] == "."):
        word_start -= 1
    if text[word_start - 1 : word_start] == "/":
        return False  # "30 mL/min. Do not ..."
    if _LETTERED.search(text, max(0, word_start - 12), word_start):
        return False  # "in category D. It ..."
    word = text[word_start:stop].lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word not in "aix")


def _keep(text: str, start: int, end: int, sentences: list[Span]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:  # data, not prose: cut where a word ends, so that reading stays linear
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        if _WORD.search(text, start, cut):
            sentences.append(Span(start, cut))
        start = cut + (text[cut] == " ")
    if _WORD.search(text, start, end):
        sentences.append(Span(start, end))
