"""The rows of a table that is drawn with bars: every cell stands under its column and beside what names its row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.reading.block import Block, HeadingReader, Line
from kg.records import Span

_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}")


def is_row(line: Line, previous: Line | None, following: Line | None, *, markdown: bool) -> bool:
    """Tell whether a line has cells; in plain text only beside another line that has."""
    beside = markdown or any(other is not None and other.words.count("|") >= 2 for other in (previous, following))
    return beside and line.words.count("|") >= 2


def _cells(text: str, line: Line, *, has_edge: bool) -> list[Span]:
    cells, start = [], line.start + has_edge
    for end in [i for i in range(start, line.end) if text[i] == "|"] + [line.end]:
        inner = text[start:end]
        left = len(inner) - len(inner.lstrip())
        cells.append(Span(start + left, max(start + left, end - len(inner) + len(inner.rstrip()))))
        start = end + 1
    return cells


@dataclass(slots=True)
class Table:
    """The table that is read now: its columns, the cell alone in its row that names the rows below it, the row's name.

    `has_edge` tells whether its rows begin with a mark.
    """

    columns: list[Span] = field(default_factory=list)
    group: tuple[Span, ...] = ()
    has_edge: bool = False
    named: Span | None = None

    def row(self, text: str, line: Line, known: HeadingReader) -> Iterator[Block]:
        """Read a row: its first cell, then every other cell under its column's heading and beside the first cell.

        A cell that only says what the others are, such as how common they are, heads them too.
        """
        if not self.columns:
            self.has_edge = line.words.startswith("|")
        cells = _cells(text, line, has_edge=self.has_edge)
        if not self.columns:
            self.columns = cells
        elif not _TABLE_RULE.match(line.words):
            filled = [cell for cell in cells if cell.end > cell.start]
            row = Span(filled[0].start, filled[-1].end) if filled else None
            if cells[0].end > cells[0].start:
                self.named = cells[0]
            first = self.named or cells[0]  # a row without a name of its own goes on with what is above
            heads = [cell for cell in filled if cell != first and known.is_title(cell.of(text))]
            for number, (cell, column) in enumerate(zip(cells, self.columns, strict=False)):
                if cell.end > cell.start:
                    above = (
                        (*self.group, first, *(h for h in heads if h != cell), column)
                        if number
                        else (*self.group, column)
                    )
                    named = tuple(span for span in above if span.end > span.start)
                    yield Block("cell", cell, headings=named, row=row)
            if len(cells) > 1 and filled == cells[:1]:
                self.group = (cells[0],)
