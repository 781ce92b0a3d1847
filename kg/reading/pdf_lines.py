"""The pieces of a page become its lines and table rows, in reading order."""

from __future__ import annotations

import bisect
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kg.reading.pdf_text import PageText, Piece

BULLETS = "•·▪◦‣●○■□❖➢✓\uf0b7\uf0a7\uf0a8\uf06e\uf071\uf076\uf0d8\uf0fc"
_MARK = re.compile(rf"[{BULLETS}\-–—o§]")
_SPACES = re.compile(r"\s+")
_NARROW = frozenset("iljtfrI.,:;'!|()[]{}/-‑ ’‘`°")
_WIDE = frozenset("mwMW@%—…œæ")
_SAME_LINE = 0.35
_SHIFTED = 0.6
_COLUMN_GAP = 2.2
"""Widths of a letter that part two columns of one line."""

_POWER = re.compile(r"[+−–-]?\d{1,3}")
_BASE = re.compile(r"(?:\d|(?:^|[\s\d/.])(?:[cmkdµμ]?m|in|ft))$")
_LEAST_SAMPLES = 5
_LEAST_RATIO, _MOST_RATIO = 0.75, 1.3
_MOST_RULERS = 2_000
_MOST_RULED = 20_000
_NEAR = 6.0
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")


@dataclass(slots=True)
class Line:
    """A line of text: where it begins and ends, its height on the page, and its fonts.

    `mark` is the bullet that it begins with, `inner` where the words begin then.
    """

    text: str
    x: float
    end: float
    y: float
    size: float
    is_bold: bool = False
    is_italic: bool = False
    mark: str = ""
    inner: float = 0.0
    page: int = 0
    height: float = 1.0


@dataclass(slots=True)
class TableLine:
    """One line of a table between upright rulers: the edges of the table's columns, and the line in each column.

    `band` is how far the rulers reach down and up: the table's row, where each row has rulers of its own.
    """

    edges: tuple[float, ...]
    cells: dict[int, Line]
    y: float
    band: tuple[int, int]
    page: int = 0


@dataclass(slots=True)
class Widths:
    """How wide text is in each font: estimated by its letters, and measured where the next piece shows it."""

    scales: dict[str, float] = field(default_factory=dict)

    def of(self, text: str, size: float, font: str = "") -> float:
        """Return the width of a text in points."""
        return _letters(text) * size * self.scales.get(font, 1.0)

    @staticmethod
    def measured(pages: Iterable[PageText]) -> Widths:
        """Compare the estimate with the place of the piece that follows on the same line."""
        samples: dict[str, list[float]] = defaultdict(list)
        for page in pages:
            for one, other in zip(page.pieces, page.pieces[1:], strict=False):
                length = _letters(one.text.rstrip()) * one.size
                if len(one.text.strip()) > 5 and abs(one.y - other.y) < 1 and length:
                    ratio = (other.x - one.x) / length
                    if _LEAST_RATIO < ratio < _MOST_RATIO:  # else a gap, or an old place
                        samples[one.font].append(ratio)
        return Widths(
            {font: sorted(found)[len(found) // 2] for font, found in samples.items() if len(found) >= _LEAST_SAMPLES}
        )


def _letters(text: str) -> float:
    """Return the width of a text in heights of its letters, as in an ordinary face."""
    width = 0.0
    for sign in text:
        if sign in _NARROW:
            width += 0.29
        elif sign in _WIDE:
            width += 0.8
        elif sign.isupper():
            width += 0.66
        else:
            width += 0.47 if sign.isascii() else 0.55
    return width


def arrange(page: PageText, number: int, widths: Widths) -> list[Line | TableLine]:
    """Put the pieces of a page together in the order in which they are drawn; a table stands where it begins."""
    rows = _Rulers(page)
    result: list[Line | TableLine] = []
    for is_ruled, run in itertools.groupby(page.pieces, lambda piece: rows.is_inside(piece)):
        pieces = list(run)
        result += (is_ruled and _table(pieces, rows, widths)) or _lines(pieces, widths)
    for part in result:
        part.page = number
        for line in (part,) if isinstance(part, Line) else part.cells.values():
            line.page, line.height = number, page.height
    return result


class _Rulers:
    """The upright lines of a page, asked by height."""

    def __init__(self, page: PageText) -> None:
        self._uprights = sorted(set(page.uprights)) if len(page.pieces) <= _MOST_RULED else []
        self._uprights = self._uprights if len(self._uprights) <= _MOST_RULERS else []
        self._rows: dict[int, tuple[tuple[float, ...], tuple[int, int]]] = {}
        rows = (self.row(piece)[0] for piece in page.pieces)
        self._frames = {(edges[0], edges[-1]) for edges in rows if len(edges) > 2}

    def row(self, piece: Piece) -> tuple[tuple[float, ...], tuple[int, int]]:
        """Return the edges that stand left and right of a piece and its neighbours, and how far they reach."""
        height = round(piece.y + piece.size * 0.3)
        if height not in self._rows:
            found = [ruler for ruler in self._uprights if ruler[1] - 1 <= height <= ruler[2] + 1]
            edges: list[float] = []
            for x, _, _ in found:
                if not edges or x - edges[-1] > _NEAR:
                    edges.append(x)
            shortest = min(found, key=lambda ruler: ruler[2] - ruler[1], default=(0.0, 0.0, 0.0))
            self._rows[height] = tuple(edges), (round(shortest[1]), round(shortest[2]))
        return self._rows[height]

    def is_inside(self, piece: Piece) -> bool:
        """Tell whether a piece stands in a row of two columns, or in a row of one of the same width as those."""
        edges, _ = self.row(piece)
        if len(edges) < 2 or not edges[0] - _NEAR <= piece.x < edges[-1]:
            return False
        frame = (edges[0], edges[-1])
        return len(edges) > 2 or any(abs(frame[0] - a) + abs(frame[1] - b) < _NEAR for a, b in self._frames)


def _table(pieces: list[Piece], rulers: _Rulers, widths: Widths) -> list[TableLine]:
    """Put the pieces of a table together by column and height; nothing where it is no table of two columns."""
    edges: list[float] = []
    for x in sorted(x for piece in pieces for x in rulers.row(piece)[0]):
        if not edges or x - edges[-1] > _NEAR:
            edges.append(x)
    columns: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        columns[max(bisect.bisect(edges, piece.x + 1) - 1, 0)].append(piece)
    found: list[tuple[int, Line, tuple[int, int]]] = []
    for column, inside in columns.items():
        for line in _lines(inside, widths):
            place = Piece("", line.x, line.y, line.size, "", False)
            found.append((column, line, rulers.row(place)[1]))
    found.sort(key=lambda item: (-item[1].y, item[0]))
    rows: list[TableLine] = []
    for column, line, band in found:
        last = rows[-1] if rows else None
        if last and last.y - line.y <= _SAME_LINE * line.size and column not in last.cells:
            last.cells[column] = line
        else:
            rows.append(TableLine(tuple(edges), {column: line}, line.y, band))
    is_table = len({column for column, _, _ in found}) > 1 and len(rows) > 1
    return rows if is_table else []


def _lines(pieces: Iterable[Piece], widths: Widths) -> list[Line]:
    """Put pieces together to lines; a piece that is blank shows where the text before it ends."""
    groups: list[list[Piece]] = []
    ends: list[float] = []
    for piece in pieces:
        follows = bool(groups) and _goes_on(groups[-1][-1], piece, ends[-1])
        is_blank = not piece.text.strip()
        if not follows:
            if is_blank:
                continue
            groups.append([])
            ends.append(piece.x)
        group, end = groups[-1], ends[-1]
        slack = 3 + 0.12 * (end - group[-1].x if group else 0.0)  # the end is an estimate
        start = piece.x if piece.x > end - slack else end  # the library keeps an old place within a line at times
        ends[-1] = start if is_blank else start + widths.of(piece.text.rstrip(), piece.size, piece.font)
        group.append(piece)
    return [_line(group, end) for group, end in zip(groups, ends, strict=True)]


def _goes_on(last: Piece, piece: Piece, end: float) -> bool:
    """Whether a piece stands on the line of the one before it, to the right of it and not far away."""
    size = max(last.size, piece.size)
    rise = abs(piece.y - last.y)
    gap = piece.x - end
    slack = 0.12 * max(end - last.x, 0.0)  # the end is an estimate
    if rise <= _SAME_LINE * size:
        return piece.x >= last.x - 1 and gap - slack < _COLUMN_GAP * size
    is_shifted = rise <= _SHIFTED * size and min(last.size, piece.size) < 0.85 * size
    return is_shifted and abs(gap) <= slack + 0.6 * size


def _line(group: Sequence[Piece], end: float) -> Line:
    filled = [piece for piece in group if piece.text.strip()]
    main = max(filled, key=lambda piece: len(piece.text))
    first = filled[0]
    text = ""
    for piece in group:
        words = piece.text.replace("\n", " ")
        if piece.size < 0.85 * main.size and piece.y > main.y + 0.15 * main.size:
            words = _raised(text, words)
        text += words
    text = _SPACES.sub(" ", text).strip()
    fonts = [piece for piece in filled if any(map(str.isalnum, piece.text)) and not _is_mark(piece.text)] or filled
    line = Line(text, first.x, end, main.y, main.size)
    line.is_bold = all(piece.is_bold for piece in fonts)
    line.is_italic = all(piece.is_italic for piece in fonts)
    mark = next((piece for piece in filled if piece is not first), None)
    if _is_mark(first.text) and mark is not None:
        line.mark, line.inner = first.text.strip(), mark.x
        line.text = line.text.removeprefix(line.mark).lstrip()
    return line


def _is_mark(text: str) -> bool:
    return bool(_MARK.fullmatch(text.strip()))


def _raised(before: str, words: str) -> str:
    """Write a raised number as a power where it stands behind a number or unit; other signs stay as they are."""
    bare = words.strip()
    return words.translate(_RAISED) if _POWER.fullmatch(bare) and _BASE.search(before) else words
