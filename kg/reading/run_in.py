"""Headings that have run into the sentence after them: where they begin and end, told by capitals and small words."""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kg import resources
from kg.errors import OntologyError
from kg.reading.label_sections import by_heading, fold
from kg.records import Span

LONGEST_TITLE = 30
"""Words of a numbered heading."""

LONGEST_RUN_IN = 10
"""Words of a heading without number."""

SHORTEST_REPEATED = 5
"""Letters of a word of a heading that the sentence after it takes up."""

AHEAD = 6
"""Words of that sentence that are looked at."""

BULLETS = "•●▪◦○■□➢►✓"
SECTION = re.compile(r"\d{1,2}\.?")
_TOKEN = re.compile(r"\S+")
_AROUND = "\"'“”‘’()[]{}<>.,;:!?*†‡§¶#®™©•●▪◦○■□➢►✓·…–—−-/&=+±~≥≤|_\\^"
_NUMBER = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{1,2}))?\.?(?=\s)")
_END = re.compile(r"[.?!][\"'”’)\]*†‡§]*$")
_NO_END = re.compile(r"(?:\b[a-z]\.[a-z]\.|\b(?:vs|dr|etc|no|approx|incl|resp)\.|(?:^|\W)[A-Z]\.)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What the table says of words; all but `starts`, `maybe` and `names` in small letters."""

    small: frozenset[str]
    starts: frozenset[str]
    maybe: frozenset[str]
    names: frozenset[str]
    pointers: frozenset[str]
    units: frozenset[str]
    telegrams: frozenset[str]
    rows: frozenset[str]
    cells: frozenset[str]


class Token(NamedTuple):
    """A word with its place: as it stands, and without the punctuation around it."""

    start: int
    end: int
    words: str
    core: str

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.core[:1].isupper()

    @property
    def is_lower(self) -> bool:
        """Whether it begins with a small letter."""
        return self.core[:1].islower()

    @property
    def is_shouted(self) -> bool:
        """Whether it is written in capitals."""
        return self.core.isupper()

    @property
    def ends(self) -> bool:
        """Whether it ends a sentence."""
        return not self.words[-1].isalnum() and bool(_END.search(self.words)) and not _NO_END.search(self.words)

    @property
    def is_bullet(self) -> bool:
        """Whether it begins with a mark that begins an item."""
        return self.words[0] in BULLETS


class Tokens(dict[int, Token]):
    """The words of a stretch of text by their numbers; each is made when it is first asked for: one in four is."""

    def __init__(self, text: str, span: Span) -> None:
        super().__init__()
        self.starts, self._words = _words_of(text, span)

    def __len__(self) -> int:
        """Count the words, those that nobody has asked for among them."""
        return len(self.starts)

    def __missing__(self, index: int) -> Token:
        """Make a word."""
        start, words = self.starts[index], self._words[index]
        found = self[index] = Token(start, start + len(words), words, words.strip(_AROUND))
        return found

    def at(self, place: int) -> int:
        """Return the first word that begins at a place of the text or after it."""
        return bisect_left(self.starts, place)


def _words_of(text: str, span: Span) -> tuple[list[int], list[str]]:
    """Return the words of a stretch of text, and where each begins."""
    words = text[slice(*span)].split()
    if sum(map(len, words)) + len(words) - 1 != span.end - span.start:  # more than one blank between them
        found = list(_TOKEN.finditer(text, *span))
        return [match.start() for match in found], [match.group() for match in found]
    return list(itertools.accumulate(map((1).__add__, map(len, words[:-1])), initial=span.start)), words


class RunIn:
    """The headings inside a stretch of text.

    `product` are the first words of the product's names, in small letters: they begin sentences.
    """

    def __init__(self, text: str, span: Span, product: frozenset[str]) -> None:
        self.text, self.span, self.product = text, span, product
        self.known = words()
        self.tokens = Tokens(text, span)
        self.chain: dict[int, int] = {}  # the tokens that number a heading, each with the heading's level
        self.chain = dict(self._numbered())

    def _numbered(self) -> Iterator[tuple[int, int]]:
        """Give the tokens that number a heading, each following the one before it."""
        last: tuple[int, int, int] | None = None
        own = self.tokens[0].words.rstrip(".") if len(self.tokens) and SECTION.fullmatch(self.tokens[0].words) else ""
        for match in _NUMBER.finditer(self.text, *self.span):
            index = self.tokens.at(match.start())
            if index + 1 >= len(self.tokens) or self.tokens.starts[index] != match.start():
                continue
            if not self._may_be_numbered(index):
                continue
            number = int(match[1]), int(match[2]), int(match[3] or 0)
            if own and match[1] != own:
                continue
            if last is None:
                follows = number[1] <= 3 and number[2] <= 1 and (bool(own) or index == 0 or number[1] == 1)
            else:
                deeper = number[:2] == last[:2] and last[2] < number[2] <= last[2] + 2
                follows = number[0] == last[0] and (deeper or last[1] < number[1] <= last[1] + 3)
            if follows and self.title_end(index + 1) is not None:
                last = number
                yield index, 3 if number[2] else 2

    def _may_be_numbered(self, index: int) -> bool:
        before = self.tokens[index - 1] if index else None
        after = self.tokens[index + 1]
        points = before is not None and not before.ends and before.core.lower() in self.known.pointers
        if before is not None and (points or before.words[-1] in "(,[;"):
            return False
        return after.is_capital and after.words[0] not in ")]" and after.core.lower() not in self.known.units

    def title_end(self, first: int) -> int | None:
        """Return the token with which the text under a numbered heading begins; None where there is no heading."""
        for index in range(first, min(len(self.tokens), first + LONGEST_TITLE)):
            token = self.tokens[index]
            if index > first:
                if token.is_bullet or index in self.chain:
                    return index
                if self.tokens[index - 1].words[-1] == ":" or self.tokens[index - 1].ends or self._begins(index):
                    return index
            if token.is_lower and token.core not in self.known.small:
                return self._before_verb(first, index)
        return len(self.tokens) if len(self.tokens) - first < LONGEST_TITLE else None

    def _begins(self, index: int) -> bool:
        """Tell whether a token can only be the first of a sentence."""
        before = self.tokens[index - 1]
        if self.tokens[index].core not in self.known.starts or before.core.lower() in self.known.small:
            return False
        return before.words[-1] not in ",-–/&"

    def _before_verb(self, first: int, lower: int) -> int | None:
        """Return where the sentence begins whose first word in small letters stands at `lower`."""
        start = lower - 1
        while start > first and (not self.tokens[start].core or self.tokens[start].core in self.known.small):
            start -= 1
        start = self._with_modifiers(first, start)
        if start - 1 > first and self.tokens[start - 1].core.lower() in self.known.pointers:  # "Table 4 shows"
            start -= 1
        own = self.tokens[start].core.lower() in self.product
        for begin in range(max(first + 1, start - 2), start if not own else 0):  # a product's name of several words
            if self.tokens[begin].core.lower() in self.product and self.tokens[begin - 1].core not in self.known.small:
                return begin
        return start if start > first else None

    def _with_modifiers(self, first: int, start: int) -> int:
        """Take in what stands before a sentence's first name and belongs to it: "Concomitant", "Use of"."""
        while start - 1 > first and self.tokens[start].core.lower() not in self.product:
            before, ahead = self.tokens[start - 1], self.tokens[start - 2]
            if before.core in self.known.maybe and ahead.core.lower() not in self.known.small:
                start -= 1
            elif before.core in self.known.small and ahead.core in self.known.maybe and start - 2 > first:
                start -= 2
            else:
                break
        return start

    def capitals_end(self, first: int) -> int | None:
        """Return where the text under a heading in capitals begins; None where there is no such heading at `first`."""
        index = first
        if first < len(self.tokens) and not self.tokens[first].is_shouted:
            return None
        while index < len(self.tokens) and (self.tokens[index].is_shouted or not self.tokens[index].is_lower):
            token = self.tokens[index]
            if token.is_capital and not token.is_shouted:
                break
            if token.is_bullet or index in self.chain or (index > first and self.tokens[index - 1].ends):
                break
            index += 1
        if index == first or self.tokens[index - 1].ends:
            return None  # a whole sentence in capitals is no heading
        end = index
        if index < len(self.tokens) and self.tokens[index].is_lower:
            end = index - 1
            while end > first and not self.tokens[end].core:
                end -= 1
        for place in range(first + 1, end):
            if self.tokens[place].core.lower() in self.product:
                end = place
                break
        words = [core for core in (self.tokens[i].core for i in range(first, end)) if core.isalpha()]
        if not words or self.tokens[end - 1].ends or all(word.lower() in self.product for word in words):
            return None
        return end if max(map(len, words)) >= (5 if len(words) == 1 else 4) else None

    def known_end(self, first: int) -> int | None:
        """Return where the text under one of a label's own headings begins, if one stands at `first`."""
        for words in _own_headings().get("".join(fold(self.tokens[first].words)), ()):
            end = first + len(words)
            if not self.tokens[first].is_capital or end >= len(self.tokens) or not self.tokens[end].is_capital:
                continue
            if fold(" ".join(self.tokens[i].words for i in range(first, end))) == words:
                return end if self.tokens[end - 1].is_capital and not self.tokens[end - 1].ends else None
        return None

    def title_case_end(self, first: int) -> int | None:
        """Return where the text under a heading in title case begins, if one begins at `first`."""
        token = self.tokens[first]
        if not token.is_capital or token.core in self.known.starts or token.core.lower() in self.known.pointers:
            return None
        if token.core.lower() in self.product or token.ends:
            return None
        for index in range(first + 1, min(len(self.tokens) - 1, first + LONGEST_RUN_IN + 1)):
            here, before = self.tokens[index], self.tokens[index - 1]
            if here.is_bullet or index in self.chain or before.words[-1] in ":.;!?":
                return None
            named = here.core.lower() in self.product and before.core.lower() not in self.known.small
            if (self._begins(index) or named) and before.words[-1] != ",":
                long = index > first + 1 or (len(token.core) >= 5 and token.core not in self.known.maybe)
                after = self.tokens[index + 1]
                goes_on = after.is_lower and not (named and after.core in self.known.small)
                return index if long and goes_on else None
            if here.is_lower and here.core not in self.known.small:
                return self._repeated(first, index)
        return None

    def _repeated(self, first: int, lower: int) -> int | None:
        """Return where a sentence begins that takes up a word of the heading before it: "Drug Dependence Physical ..."

        Or one that begins with those whom it is about: "Hazardous Tasks Patients should ...".
        """
        start = self._before_verb(first, lower)
        if start is None or self.tokens[start - 1].words[-1] in ",-–/&":
            return None
        title = {
            fold(self.tokens[i].words) for i in range(first, start) if len(self.tokens[i].core) >= SHORTEST_REPEATED
        }
        ahead = {fold(self.tokens[i].words) for i in range(start, min(start + AHEAD, len(self.tokens)))}
        spoken_of = start == lower - 1 and start > first + 1 and self.tokens[start].core in self.known.maybe
        small = self.tokens[start - 1].core.lower() in self.known.small
        return start if not small and (spoken_of or title & ahead) else None


@functools.cache
def _own_headings() -> dict[str, list[tuple[str, ...]]]:
    """Return the headings of a label by their first words, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for heading in sorted(by_heading(), key=len, reverse=True):
        found.setdefault(heading[0], []).append(heading)
    return found


@functools.cache
def words() -> Words:
    """Read the table of words.

    Raises
    ------
    OntologyError
        When it is missing or not of its form.
    """
    place = resources.folder("ontology") / "sections" / "flattened.toml"
    try:
        table = tomllib.loads(place.read_text("utf-8"))
        return Words(*(frozenset(table[name].split()) for name in Words.__slots__))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        problem = f"not a table of words ({error})"
        raise OntologyError(str(place), problem, f"give it {', '.join(Words.__slots__)}") from None
