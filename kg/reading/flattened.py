"""Text that has lost its lines: headings run into the sentences after them are found again, and so are list items.

A section of a label is often stored as one long line. Numbered headings stand in their order ("5.1 Title Words The
first sentence ..."), headings in capitals and in title case stand where a sentence ended, bullets begin items. Nothing
is changed: what comes out are the places in the text.
"""

from __future__ import annotations

import heapq
import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kg.reading import rows
from kg.reading.label_sections import fold
from kg.reading.run_in import BULLETS, SECTION, RunIn
from kg.records import Span

SHORTEST = 40
"""A shorter text (in code points) has no headings inside."""

LONGEST_FRAGMENT = 14
"""Words that a list item may have to be told from a sentence by its want of a verb."""

LONGEST_LIST = 500
"""Words in which a list without marks is looked for."""

LONGEST_BRACKET = 600
"""Code points that a bracket may hold."""

SHORTEST_LEAD = 4
"""Words before a colon that introduces a list without marks."""

_LETTER_BULLET = "o"
_ARTICLES = ("a", "an")
_REFERENCE = re.compile(
    r"(?<!\S)[(\[]\s*(?:see\b[^()\[\]]{1,200}(?:\([^()]{0,40}\)[^()\[\]]{0,200}){0,6}|\d[\d.,;\s–-]*)[)\]](?=\s)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[.?!:][\"'”’)\]*†‡§]*\s")
_BULLET = re.compile(f"[{BULLETS}]")
_MARKS = (_BULLET, re.compile(r"o(?=\s+[A-Z])"))  # one pattern for both would be slow
_NO_STOP = re.compile(r"[a-z0-9)\]%®™] ([A-Z][a-z]+)(?=\s)")
_BRACKET = re.compile(r"[()\[\]]")
_DASH = re.compile(r"[-–—]+")


class Piece(NamedTuple):
    """A part of a text: a heading of a level below the one above it, a paragraph, or an item."""

    kind: str
    span: Span
    level: int = 0


def _never(_: str) -> bool:
    return False


def pieces(
    text: str, span: Span, above: str, names: Iterable[str] = (), is_sentence: Callable[[str], bool] = _never
) -> list[Piece]:
    """Part a text without lines into headings, paragraphs and items; `above` is the heading that it stands under.

    `names` are names of the product, which begin sentences as often as other nouns do not. A list that has lost its
    marks, too, is found behind a colon: its items begin with capitals, or behind a reference to another section;
    `is_sentence` tells them from sentences.

    >>> text = "5 WARNINGS Take care. (5.1) 5.1 Liver Failure It has occurred with • alcohol • other drugs"
    >>> for piece in pieces(text, Span(0, len(text)), "Warnings"):
    ...     print(piece.kind, piece.level, repr(piece.span.of(text)))
    heading 1 'WARNINGS'
    paragraph 0 'Take care. (5.1)'
    heading 2 'Liver Failure'
    paragraph 0 'It has occurred with'
    item 0 'alcohol'
    item 0 'other drugs'
    """
    if span.end - span.start < SHORTEST:
        return [Piece("paragraph", span)]
    product = frozenset(word for name in names for word in name.lower().split()[:1])
    return _Walk(RunIn(text, span, product), is_sentence).pieces(above)


class _Walk:
    """Walks over the places where a piece may begin, from left to right."""

    def __init__(self, run_in: RunIn, is_sentence: Callable[[str], bool]) -> None:
        self.run_in, self.is_sentence = run_in, is_sentence
        self.tokens, self.known, self.chain = run_in.tokens, run_in.known, run_in.chain
        self.found: list[Piece] = []
        self.behind = dict(self._behind_references())
        self.rows = rows.find(run_in, self.behind)
        self.items: set[int] = set()  # where the items of lists without marks begin
        self.ends: set[int] = set()  # where such lists end
        self.looked_at = 0  # words, in the search for such lists: a text full of colons is not read for ever
        self.brackets = list(self._open_brackets())

    def pieces(self, above: str) -> list[Piece]:
        """Return the pieces in order."""
        begin = fresh = self._own_heading(above)
        in_item = False
        waiting = sorted({begin, *self.chain, *self.rows.titles, *self.behind, *self._places()})
        while waiting:
            index = heapq.heappop(waiting)
            if index < begin or index >= len(self.tokens):
                continue
            is_open = self._is_open(index)
            may_start = not is_open and (index == fresh or self._ended(index)) and (not in_item or index > begin)
            end, level = self._heading(index, may_start)
            if index in self.rows.titles and index > begin:
                self._keep(begin, index, in_item)
                begin, in_item = index, False
                continue
            if end is not None:
                self._keep(begin, index, in_item)
                self._keep_heading(index + (index in self.chain), end, level)
                begin = fresh = end
                in_item = False
                heapq.heappush(waiting, end)
                continue
            if not is_open and not in_item and index - SHORTEST_LEAD > begin and self._introduces(index - 1):
                for place in self._list_behind(index - 1):
                    heapq.heappush(waiting, place)
            if self._is_bullet(index) or index in self.items:
                if index > begin or not in_item:
                    self._keep(begin, index, in_item)
                    begin, in_item = index, True
            elif not is_open and index > begin and (index in self.ends or self._hidden(index)):
                self._keep(begin, index, in_item)
                begin = fresh = index
                in_item = in_item and index in self.behind and index not in self.ends
                heapq.heappush(waiting, index)
        self._keep(begin, len(self.tokens), in_item)
        return self._with_short_last_items()

    def _places(self) -> Iterator[int]:
        """Give the tokens behind the end of a sentence or a colon, the bullets, and what begins hidden sentences."""
        text, span = self.run_in.text, self.run_in.span
        for match in _BREAK.finditer(text, *span):
            yield self.tokens.at(match.end())
        for match in itertools.chain.from_iterable(mark.finditer(text, *span) for mark in _MARKS):
            if match.start() == span.start or text[match.start() - 1].isspace():
                yield self.tokens.at(match.start())
        for match in _NO_STOP.finditer(text, *span):
            if match[1] in self.known.starts:
                yield self.tokens.at(match.start(1))

    def _ended(self, index: int) -> bool:
        """Tell whether a sentence ended before a token; a reference behind the full stop does not count."""
        before = self.behind.get(index, index) - 1
        return before < 0 or self.tokens[before].ends or self.tokens[index - 1].ends

    def _open_brackets(self) -> Iterator[tuple[int, int]]:
        """Give the stretches of text in brackets; a bracket that is not closed for long counts for nothing."""
        opened, depth = 0, 0
        for match in _BRACKET.finditer(self.run_in.text, *self.run_in.span):
            if depth and match.start() - opened > LONGEST_BRACKET:
                depth = 0
            if match.group() in "([":
                opened = opened if depth else match.start()
                depth += 1
            elif depth:
                depth -= 1
                if depth == 0:
                    yield opened, match.end()

    def _is_open(self, index: int) -> bool:
        place = self.tokens.starts[index]
        at = bisect_right(self.brackets, (place, len(self.run_in.text))) - 1
        return at >= 0 and self.brackets[at][0] < place < self.brackets[at][1]

    def _own_heading(self, above: str) -> int:
        """Keep the heading that the text repeats from above it, its number left out, and return what follows it."""
        index = int(len(self.tokens) > 0 and bool(SECTION.fullmatch(self.tokens[0].words)))
        wanted = fold(above)
        end = index + len(wanted)
        given = fold(" ".join(self.tokens[i].words for i in range(index, min(end, len(self.tokens)))))
        behind = end + (end < len(self.tokens) and self.tokens[end].words[:1].isdigit())
        goes_on = behind < len(self.tokens) and self.tokens[behind].is_lower and index == 0
        if not wanted or given != wanted or goes_on:
            return 0  # "Aspirin", above "Aspirin is ..." or "Aspirin 100 mg ..."
        self._keep_heading(index, end, 1)
        return end

    def _heading(self, index: int, may_start: bool) -> tuple[int | None, int]:
        """Return where the text under the heading begins that stands at a token, and the heading's level."""
        if index in self.chain:
            end = self.run_in.title_end(index + 1)
            row = (i for i in range(index + 2, end or 0) if i in self.rows.titles or i in self.rows.cells)
            return next(row, end), self.chain[index]
        if not may_start or index in self.rows.titles or index in self.rows.cells:
            return None, 0
        number = int(index == 0 and bool(SECTION.fullmatch(self.tokens[0].words)) and len(self.tokens) > 1)
        end = self.run_in.capitals_end(index + number)
        if end is not None:
            return end, (3 if self.chain else 2) - number
        end = self.run_in.known_end(index) or self.run_in.title_case_end(index)
        return (None, 0) if number else (end, 4 if self.chain else 3)

    def _is_bullet(self, index: int) -> bool:
        token = self.tokens[index]
        if token.words != _LETTER_BULLET:
            return token.is_bullet
        return index + 1 < len(self.tokens) and self.tokens[index + 1].is_capital

    def _hidden(self, index: int) -> bool:
        """Tell whether a sentence begins at a token although the one before it has no full stop."""
        before, here = self.tokens[index - 1], self.tokens[index]
        if index in self.behind:
            return here.is_capital and not before.ends
        if here.core not in self.known.starts or not here.words[0].isalpha():
            return False
        if before.words[-1] in ",;:.!?-–—/(&" or before.is_capital or not before.core:
            return False
        return before.core.lower() not in self.known.small

    # ── lists without marks ─────────────────────────────────────────────────────────────────────────────────────────

    def _behind_references(self) -> Iterator[tuple[int, int]]:
        """Find the tokens right behind a reference to other sections ("( 5.1 )"), each with the reference's own."""
        for match in _REFERENCE.finditer(self.run_in.text, *self.run_in.span):
            yield self.tokens.at(match.end()), self.tokens.at(match.start())

    def _introduces(self, colon: int) -> bool:
        token = self.tokens[colon]
        return token.words.endswith(":") and token.is_lower

    def _list_behind(self, colon: int) -> list[int]:
        """Find the items of a list without marks that a sentence introduces: "in those with: Asthma Known ulcers"."""
        items = [colon + 1]
        index = colon + 1
        last = min(len(self.tokens), colon + LONGEST_LIST, colon + 10 * len(self.tokens) - self.looked_at)
        while index < last and index not in self.chain and not self._is_bullet(index):
            if index > colon + 1 and not self._is_open(index):
                begins = None if self._speaks_of_product(index) else self._begins_item(index)
                if begins is None:
                    break
                if begins:
                    items.append(index)
            index += 1
        self.looked_at += index - colon
        bounds = [*items, index]
        count = next((i for i, (a, b) in enumerate(itertools.pairwise(bounds)) if self._is_said(a, b)), len(items))
        if count < 2:
            return []
        self.items.update(items[:count])
        self.ends.add(bounds[count])
        return bounds[: count + 1]

    def _is_said(self, first: int, end: int) -> bool:
        """Tell whether what would be an item is a sentence."""
        stop = next((i for i in range(first, end) if self.tokens[i].ends), end - 1)
        return self.is_sentence(self.run_in.text[self.tokens[first].start : self.tokens[stop].end])

    def _speaks_of_product(self, index: int) -> bool:
        here, before = self.tokens[index], self.tokens[index - 1]
        if here.core.lower() not in self.run_in.product or index + 1 >= len(self.tokens):
            return False
        after = self.tokens[index + 1]
        begins = before.ends or index in self.behind or (before.is_lower and before.core not in self.known.small)
        return begins and after.is_lower and after.core not in self.known.small

    def _begins_item(self, index: int) -> bool | None:
        """Tell whether an item begins at a token; None where the list is over."""
        here, before = self.tokens[index], self.tokens[index - 1]
        if index in self.behind:
            return here.words[0].isalpha() and (here.core in _ARTICLES or here.core not in self.known.small)
        if not here.is_capital:
            return False
        if before.ends:
            return self._is_fragment(index)
        if before.words[-1] not in ")]" and not (before.is_lower and before.words[-1].isalpha()):
            return False
        if before.core in self.known.small or here.core.split("’")[0].split("'")[0] in self.known.names:
            return False
        if here.core in self.known.starts:
            return None
        return not here.is_shouted and here.core.lower() not in self.run_in.product

    def _is_fragment(self, index: int) -> bool:
        end = index
        while end < len(self.tokens) and end - index <= LONGEST_FRAGMENT and not self.tokens[end].ends:
            end += 1
        if end - index > LONGEST_FRAGMENT or end >= len(self.tokens):
            return False
        return not self._is_said(index, end + 1)

    # ── what comes out ──────────────────────────────────────────────────────────────────────────────────────────────

    def _keep(self, first: int, end: int, in_item: bool) -> None:
        """Keep the tokens as a paragraph or item, the item's bullet left out."""
        if in_item and first < end and (not self.tokens[first].core or self._is_bullet(first)):
            bare = _BULLET.sub("", self.tokens[first].words, count=1)
            start = self.tokens[first].end - len(bare)
            first += not bare or self.tokens[first].words == _LETTER_BULLET
        else:
            start = -1
        if first >= end:
            return
        start = max(start, self.tokens[first].start)
        self.found.append(Piece("item" if in_item else "paragraph", Span(start, self.tokens[end - 1].end)))

    def _keep_heading(self, first: int, end: int, level: int) -> None:
        if first == 0 and end > 1 and SECTION.fullmatch(self.tokens[0].words):
            first = 1
        while end - 1 > first and _DASH.fullmatch(self.tokens[end - 1].words):
            end -= 1
        self.found.append(Piece("heading", Span(self.tokens[first].start, self.tokens[end - 1].end), level))

    def _with_short_last_items(self) -> list[Piece]:
        """End the last item of a list with its first sentence, where no other item of the list has two."""
        result: list[Piece] = []
        group: list[Piece] = []
        for piece in [*self.found, Piece("heading", Span(-1, -1))]:
            if piece.kind == "item":
                group.append(piece)
                continue
            if len(group) > 1 and not any(self._first_sentence(item) for item in group[:-1]):
                cut = self._first_sentence(group[-1])
                if cut is not None:
                    item = group.pop()
                    group += [
                        Piece("item", Span(item.span.start, cut[0])),
                        Piece("paragraph", Span(cut[1], item.span.end)),
                    ]
            result += [*group, piece]
            group = []
        return result[:-1]

    def _first_sentence(self, piece: Piece) -> tuple[int, int] | None:
        """Return where the first sentence of a piece ends and the next begins; None where there is only one."""
        for match in _BREAK.finditer(self.run_in.text, *piece.span):
            after = self.tokens.at(match.end())
            if self.tokens[after - 1].ends and after < len(self.tokens) and self.tokens[after].is_capital:
                return self.tokens[after - 1].end, self.tokens[after].start
        return None
