"""The quote invariant: a quote is a slice of its document, its hash fits, and the object's own words lie inside it.

What can be told without the text is always told; what needs the text is counted as unchecked where it is not at hand,
and a text that is not the document's own is a problem, never a quote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kg.evidence import ABSENT, Texts
from kg.graph import terms
from kg.graph.encode import Source
from kg.validation import written
from kg.validation.data import Data

_START, _END, _EXACT = (terms.OA + name for name in ("start", "end", "exact"))
_QUOTE, _OBJECT, _HEADING = terms.OA + "hasSelector", terms.DRUGS + "objectSelector", terms.DRUGS + "headingSelector"
_HEADING_AFTER = "Name the heading above the quote, or leave it out."
_BUILD = "Build the facts again from the document."
_OTHER_TEXT = "Name the folder with the document as it was read, or build the facts again."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one piece of evidence, or with one document."""

    node: str
    document: str
    problem: str
    remedy: str
    value: str = ""


class Stretch(NamedTuple):
    """A selector as the data describe it."""

    iri: str
    start: int
    end: int
    words: str | None

    def inside(self, other: Stretch) -> bool:
        """Tell whether it lies inside another one."""
        return other.start <= self.start and self.end <= other.end


class Stretches(dict[str, tuple[Stretch, ...]]):
    """The stretches of text that selectors describe, by their IRIs, each read once; ill-formed ones are for the shapes.

    A selector has several where it has several starts, ends or words, and none where a start or an end is missing.
    """

    def __init__(self, data: Data) -> None:
        """Read nothing yet."""
        super().__init__()
        self._data = data

    def __missing__(self, iri: str) -> tuple[Stretch, ...]:
        """Read a selector."""
        said = self._data.about.get(iri, {})
        ends = _numbers(said.get(_END, ()))
        words: list[str | None] = [*map(written.text, filter(written.is_literal, said.get(_EXACT, ())))] or [None]
        starts = _numbers(said.get(_START, ()))
        found = self[iri] = tuple(Stretch(iri, start, end, word) for start in starts for end in ends for word in words)
        return found

    def of(self, evidence: str, predicate: str) -> list[Stretch]:
        """Return the stretches that evidence points to by a property."""
        return [stretch for iri in self._data.iris(evidence, predicate) for stretch in self[iri]]


@dataclass
class Quotes:
    """The problems of all quotes, and how many were compared with a text."""

    problems: list[Problem]
    checked: int = 0
    unchecked: int = 0


def sources(data: Data) -> list[Source]:
    """List what the data say about their documents, the hash that a text must have among it."""
    found = []
    for document in data.typed.get(terms.DRUGS + "Document", ()):
        names = data.texts(document, terms.DCTERMS + "identifier")
        hashes = data.texts(document, terms.DRUGS + "sha256")
        found += [Source(name, "", "", min(hashes, default=""), 0) for name in names]
    return found


def check(data: Data, texts: Texts, places: Stretches) -> Quotes:
    """Check the quotes of all evidence, against the texts that are at hand."""
    found = Quotes([])
    at_hand: dict[str, str | None] = {}
    for document in data.typed.get(terms.DRUGS + "Document", ()):
        name = _first(data.texts(document, terms.DCTERMS + "identifier")) or ""
        text, state, detail = texts.text(name)
        at_hand[document] = text
        if text is None and state != ABSENT:
            found.problems.append(Problem(document, name, f"{state.capitalize()}.", _OTHER_TEXT, detail))
        for given in data.texts(document, terms.DRUGS + "length"):
            if text is not None and given != str(len(text)):
                found.problems.append(Problem(document, name, "The length is not that of the text.", _BUILD, given))
    for evidence in data.typed.get(terms.DRUGS + "Evidence", ()):
        document = _first(data.iris(evidence, terms.OA + "hasSource")) or ""
        text = at_hand.get(document)
        found.problems.extend(_evidence(data, places, evidence, document, text))
        found.checked += text is not None
        found.unchecked += text is None
    return found


def _evidence(data: Data, places: Stretches, evidence: str, document: str, text: str | None) -> Iterator[Problem]:
    name = _first(data.texts(document, terms.DCTERMS + "identifier")) or document
    hashes = data.texts(evidence, terms.DRUGS + "quoteSha256")
    lengths = [int(n) for n in data.texts(document, terms.DRUGS + "length") if n.isdecimal() and len(n) < 19]
    quotes = places.of(evidence, _QUOTE)
    objects = places.of(evidence, _OBJECT)
    headings = places.of(evidence, _HEADING)
    for part, given in (("quote", quotes), ("object", objects), ("heading", headings)):
        for stretch in given:
            for problem, value in _stretch(stretch, document, lengths, text):
                yield Problem(evidence, name, f"The {part}{problem}", _BUILD, value)
    for quote in quotes:
        words = quote.words if text is None else text[quote.start : quote.end]
        if words is not None and any(said != _sha256(words) for said in hashes):
            yield Problem(evidence, name, "The hash is not that of the quote.", _BUILD, quote.iri)
        for stretch in objects:
            if not stretch.inside(quote):
                yield Problem(evidence, name, "The object's words lie outside the quote.", _BUILD, stretch.iri)
            elif words is not None and stretch.words not in (
                None,
                words[stretch.start - quote.start : stretch.end - quote.start],
            ):
                yield Problem(
                    evidence, name, "The object's words are not what stands there.", _BUILD, stretch.words or ""
                )
        for stretch in headings:
            if stretch.start > quote.start:
                yield Problem(evidence, name, "The heading begins after the quote.", _HEADING_AFTER, stretch.iri)


def _stretch(stretch: Stretch, document: str, lengths: list[int], text: str | None) -> Iterator[tuple[str, str]]:
    """Check one selector by itself: its name, its place in the document, its words."""
    if document and stretch.iri != f"{document}#char={stretch.start},{stretch.end}":
        yield " is not where the name of its selector says, or is in another document.", stretch.iri
    if any(stretch.end > length for length in lengths):
        yield " ends after the end of the document.", stretch.iri
    if stretch.words is not None:
        if len(stretch.words) != stretch.end - stretch.start:
            yield " has words of another length than its place.", stretch.words[:100]
        elif text is not None and text[stretch.start : stretch.end] != stretch.words:
            yield " has words that are not the slice of the text.", stretch.words[:100]


def _numbers(values: tuple[str, ...]) -> list[int]:
    texts = map(written.text, filter(written.is_literal, values))
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]


def _first(values: list[str]) -> str | None:
    return min(values, default=None)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
