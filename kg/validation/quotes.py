"""The quote invariant: a quote is a slice of its document, its hash fits, and the object's own words lie inside it.

What can be told without the text is always told; what needs the text is counted as unchecked where it is not at hand,
and a text that is not the document's own is a problem, never a quote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.evidence import ABSENT, Texts
from kg.graph import terms
from kg.graph.encode import Source
from kg.validation.data import Data
from kg.validation.proofs import HEADING, NAME, OBJECT, QUOTE, SOURCE, Proof
from kg.validation.stretches import Stretch, Stretches

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


def check(data: Data, texts: Texts, places: Stretches, proofs: Mapping[str, Proof | None]) -> Quotes:
    """Check the quotes of all evidence, against the texts that are at hand."""
    found = Quotes([])
    documents: dict[str, _Right] = {}
    for document in data.typed.get(terms.DRUGS + "Document", ()):
        name = _first(data.texts(document, NAME)) or ""
        text, state, detail = texts.text(name)
        documents[document] = _Right(document, text, _lengths(data, document))
        if text is None and state != ABSENT:
            found.problems.append(Problem(document, name, f"{state.capitalize()}.", _OTHER_TEXT, detail))
        for given in data.texts(document, terms.DRUGS + "length"):
            if text is not None and given != str(len(text)):
                found.problems.append(Problem(document, name, "The length is not that of the text.", _BUILD, given))
    for evidence, proof in proofs.items():
        document = proof.document if proof else _first(data.iris(evidence, SOURCE)) or ""
        known = documents.get(document)
        text = known.text if known else None
        if proof is None or known is None or not known.is_proven(proof):
            found.problems.extend(_evidence(data, places, evidence, document, text))
        found.checked += text is not None
        found.unchecked += text is None
    return found


class _Right:
    """Tells of proofs in one document that there is nothing wrong with them; each stretch is looked at once."""

    def __init__(self, document: str, text: str | None, lengths: list[int]) -> None:
        self.text = text
        self._document, self._lengths = document, lengths
        self._sums: dict[str, str | None] = {}
        self._others: set[str] = set()

    def is_proven(self, proof: Proof) -> bool:
        """Tell whether `_evidence` has nothing to say about a proof."""
        quote, named, heading = proof.quote, proof.object, proof.heading
        sums = self._sums
        if quote.iri not in sums:
            if not self._is_right(quote):
                return False
            words = quote.words if self.text is None else self.text[quote.start : quote.end]
            sums[quote.iri] = None if words is None else _sha256(words)
        if sums[quote.iri] not in (None, proof.sha256) or not named.inside(quote):
            return False
        if self.text is None and named.words is not None:
            return False  # whether they lie in the words of the quote
        if heading is not None and (heading.start > quote.start or not self._is_known(heading)):
            return False
        return self._is_known(named)

    def _is_known(self, stretch: Stretch) -> bool:
        if stretch.iri not in self._others:
            if not self._is_right(stretch):
                return False
            self._others.add(stretch.iri)
        return True

    def _is_right(self, stretch: Stretch) -> bool:
        return next(_stretch(stretch, self._document, self._lengths, self.text), None) is None


def _lengths(data: Data, document: str) -> list[int]:
    return [int(n) for n in data.texts(document, terms.DRUGS + "length") if n.isdecimal() and len(n) < 19]


def _evidence(data: Data, places: Stretches, evidence: str, document: str, text: str | None) -> Iterator[Problem]:
    name = _first(data.texts(document, terms.DCTERMS + "identifier")) or document
    hashes = data.texts(evidence, terms.DRUGS + "quoteSha256")
    lengths = _lengths(data, document)
    quotes = places.of(evidence, QUOTE)
    objects = places.of(evidence, OBJECT)
    headings = places.of(evidence, HEADING)
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


def _first(values: list[str]) -> str | None:
    return min(values, default=None)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
