"""Text that has lost its lines: headings run into the sentences after them are found again, and so are list items.

A section of a label is often stored as one long line. Numbered headings stand in their order ("5.1 Title Words The
first sentence ..."), headings in capitals and in title case stand where a sentence ended, bullets begin items. Nothing
is changed: what comes out are the places in the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from kg.reading.run_in import BULLET, SECTION, RunIn, Token
from kg.records import Span

SHORTEST = 40
"""A shorter text (in code points) has no headings inside."""

LONGEST_FRAGMENT = 14
"""Words that a list item may have to be told from a sentence by its want of a verb."""

SHORTEST_LEAD = 4
"""Words before a colon that introduces a list without marks."""

_LETTER_BULLET = "o"
_REFERENCE = re.compile(r"[(\[](?:\s*\[?see\b.*|[\d.,;\s–-]*)[)\]][.,;]?", re.IGNORECASE | re.DOTALL)
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
    """Walks over the tokens once."""

    def __init__(self, run_in: RunIn, is_sentence: Callable[[str], bool]) -> None:
        self.run_in, self.is_sentence = run_in, is_sentence
        self.tokens, self.known, self.chain = run_in.tokens, run_in.known, run_in.chain
        self.found: list[Piece] = []
        self.behind = self._behind_references()
        self.items: set[int] = set()  # where the items of lists without marks begin
        self.ends: set[int] = set()  # where such lists end

    def pieces(self, above: str) -> list[Piece]:
        """Return the pieces in order."""
        index = begin = self._own_heading(above)
        in_item, ended, depth = False, True, 0
        while index < len(self.tokens):
            end, level = self._heading(index, ended and depth == 0 and (not in_item or index > begin))
            if end is not None:
                self._keep(begin, index, in_item)
                self._keep_heading(index + (index in self.chain), end, level)
                index = begin = end
                in_item, ended, depth = False, True, 0
                continue
            token = self.tokens[index]
            if self._is_bullet(index) or index in self.items:
                self._keep(begin, index, in_item)
                begin, in_item, ended, depth = index, True, index in self.items and ended, 0
            elif depth == 0 and index > begin and (index in self.ends or self._hidden(index)):
                self._keep(begin, index, in_item)
                begin, ended = index, True
                in_item = in_item and index in self.behind and index not in self.ends
                continue
            depth = max(0, depth + _opened(token))
            if not ended or not {index, index + 1} & self.behind:
                ended = token.ends
            if depth == 0 and token.words.endswith(":") and not in_item:
                self._look_for_list(index, index - begin)
            index += 1
        self._keep(begin, len(self.tokens), in_item)
        return self._with_short_last_items()

    def _own_heading(self, above: str) -> int:
        """Keep the heading that the text repeats from above it, its number left out, and return what follows it."""
        index = int(bool(self.tokens) and bool(SECTION.fullmatch(self.tokens[0].words)))
        wanted = [_folded(word) for word in above.split() if _folded(word)]
        given = [_folded(token.words) for token in self.tokens[index : index + len(wanted)]]
        after = self.tokens[index + len(wanted) : index + len(wanted) + 1]
        if not wanted or given != wanted or (after and after[0].is_lower and index == 0):
            return 0  # "Aspirin", above "Aspirin is ..."
        self._keep_heading(index, index + len(wanted), 1)
        return index + len(wanted)

    def _heading(self, index: int, may_start: bool) -> tuple[int | None, int]:
        """Return where the text under the heading begins that stands at a token, and the heading's level."""
        if index in self.chain:
            return self.run_in.title_end(index + 1), self.chain[index]
        if not may_start:
            return None, 0
        number = int(index == 0 and bool(SECTION.fullmatch(self.tokens[0].words)) and len(self.tokens) > 1)
        end = self.run_in.capitals_end(index + number)
        if end is not None:
            return end, (3 if self.chain else 2) - number
        return (None, 0) if number else (self.run_in.title_case_end(index), 4 if self.chain else 3)

    def _is_bullet(self, index: int) -> bool:
        token = self.tokens[index]
        if token.words != _LETTER_BULLET:
            return bool(BULLET.match(token.words))
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

    def _behind_references(self) -> set[int]:
        """Find the tokens right behind a reference to other sections: "( 5.1 )", "[see Warnings (5.1)]"."""
        found, opened, depth = set(), 0, 0
        for index, token in enumerate(self.tokens):
            if depth == 0 and _opened(token) >= 0 and token.words[0] in "([":
                opened = index
            depth = max(0, depth + _opened(token))
            closed = depth == 0 and token.words.rstrip(".,;")[-1:] in tuple(")]")
            if closed and _REFERENCE.fullmatch(self.run_in.text[self.tokens[opened].start : token.end]):
                found.add(index + 1)
        return found

    def _look_for_list(self, colon: int, length: int) -> None:
        """Find the items of a list without marks that a sentence introduces: "in those with: Asthma Known ulcers"."""
        if not self.tokens[colon].is_lower or length < SHORTEST_LEAD or colon + 1 >= len(self.tokens):
            return
        items, depth = [colon + 1], 0
        index = colon + 1
        while index < len(self.tokens):
            here = self.tokens[index]
            if index in self.chain or self._is_bullet(index):
                break
            if index > colon + 1 and depth == 0:
                if self._speaks_of_product(index):
                    break
                begins = self._begins_item(index)
                if begins is None:
                    break
                if begins:
                    items.append(index)
            depth = max(0, depth + _opened(here))
            index += 1
        count = next(
            (i for i, (a, b) in enumerate(itertools.pairwise([*items, index])) if self._is_said(a, b)), len(items)
        )
        if count > 1:
            self.items.update(items[:count])
            self.ends.add([*items, index][count])

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
            return bool(here.core) and here.words[0].isalpha() and here.core not in self.known.small
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
            bare = BULLET.sub("", self.tokens[first].words, count=1)
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
        inside = [token for token in self.tokens if piece.span.start < token.end <= piece.span.end]
        for token, after in itertools.pairwise(inside):
            if token.ends and after.is_capital:
                return token.end, after.start
        return None


def _opened(token: Token) -> int:
    """Count the brackets that a token opens and does not close."""
    return sum(token.words.count(c) for c in "([") - sum(token.words.count(c) for c in ")]")


def _folded(word: str) -> str:
    return "and" if word == "&" else "".join(filter(str.isalnum, word.lower()))
