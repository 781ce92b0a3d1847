"""Tables as rows that can be quoted: spans are resolved, several header rows become one, notes move below."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import resources

MOST_COLUMNS = 64
LONGEST_REPEATED = 240
"""A cell over several rows is repeated in each of them unless it is longer than this (in code points)."""

MOST_REPEATED = 200_000
"""Code points that a table may repeat in this way, so that a small file cannot unfold without end."""

LONGEST_NAME = 5
"""Words that a cell of an unmarked first row may have to be read as a column's name."""

MOST_HEADERS = 6
_DASHES = re.compile(r"[-–—\s]*-[-–—\s]*")
_NOTE = re.compile(r"(?:[*†‡§¶#^]|\(?[a-z\d]\)|\[[a-z\d]\]|(?:note|abbreviations?|source)\b)", re.IGNORECASE)
_REFERENCE = re.compile(r"[\[(][^\[\]()]*[\])]")
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its words on one line, how far it reaches, and whether it looks like a heading."""

    words: str
    columns: int = 1
    rows: int = 1
    is_header: bool = False
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to be written: its Markdown lines, and the title and notes that stood in rows of their own."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    title: str = ""


Row = Sequence[Cell]


@functools.cache
def column_names() -> frozenset[str]:
    """Return the words that name columns: by them the header of a table without marks is known."""
    return frozenset((resources.folder("ontology") / "sections" / "columns.txt").read_text("utf-8").split())


def render(rows: Sequence[Row], column_names: frozenset[str] = frozenset()) -> Table:
    """Write a table: one line a row, the header first (empty where the table has none), then the rule line.

    `column_names` are words that name columns: by them the header of a table without marks is known.

    >>> table = render([[Cell("Effect", is_header=True), Cell("Rate", is_header=True)], [Cell("Rash"), Cell("3%")]])
    >>> print("\\n".join(table.lines))
    | Effect | Rate |
    | --- | --- |
    | Rash | 3% |
    """
    rows = [row for row in rows if any(cell.words for cell in row)]
    width = max((sum(max(cell.columns, 1) for cell in row) for row in rows), default=0)
    title = ""
    grouped = any(len(row) == 1 for row in rows[1:-1])  # then the first row, too, names a group of rows
    if len(rows) > 2 and not grouped and len(rows[0]) == 1 < width <= rows[0][0].columns:
        title, rows = rows[0][0].words, rows[1:]
    notes: list[str] = []
    while len(rows) > 1 and _is_note(rows[-1]):
        notes.insert(0, next(cell.words for cell in rows.pop() if cell.words))
    header_count = _headers(rows, column_names)
    grid = list(_grid(rows))
    width = max((len(line) for line in grid), default=0)
    if width == 0:
        return Table((), tuple(notes), title)
    body = [line + [""] * (width - len(line)) for line in grid]
    names = _joined(body[:header_count], width)
    body = [_without_repetition(line, row) for line, row in zip(body[header_count:], rows[header_count:], strict=True)]
    rule = "| " + " | ".join(["---"] * width) + " |"
    return Table((_line(names), rule, *map(_line, body)), tuple(notes), title)


def _line(cells: Sequence[str]) -> str:
    shown = ("–" if _DASHES.fullmatch(cell) else cell.replace("|", "¦") for cell in cells)
    return "| " + " | ".join(shown) + " |"


def _is_note(row: Row) -> bool:
    """Whether a last row is one cell across the table with a remark: marked as a note, or longer than a name is."""
    filled = [cell for cell in row if cell.words]
    if len(filled) != 1 or (len(row) > 1 and filled[0] is not row[0]):
        return False
    return bool(_NOTE.match(filled[0].words)) or len(filled[0].words.split()) > 12


def _headers(rows: Sequence[Row], column_names: frozenset[str]) -> int:
    """Count the rows at the top that name the columns."""
    count, is_bold = 0, True
    for row in rows[: min(len(rows) - 1, MOST_HEADERS)]:
        filled = [cell for cell in row if cell.words]
        marked = all(cell.is_header for cell in filled)
        is_bold = is_bold and len(filled) > 1 and all(cell.is_header or cell.is_bold for cell in filled)
        corner = len(row) > 1 and not row[0].words
        unnamed = count > 0 and not any(r[0].words for r in rows[:count])  # the first column has no name yet
        late = unnamed and not any(_FIGURE.search(cell.words) for cell in filled)
        if not (marked or is_bold or corner or late or (count == 0 and _names_columns(row, filled, column_names))):
            break
        count += 1
    return count


def _names_columns(row: Row, filled: Sequence[Cell], column_names: frozenset[str]) -> bool:
    if len(filled) < 2 or len(filled) < len(row):
        return False
    names = [_REFERENCE.sub("", cell.words) for cell in filled]
    if any(_FIGURE.search(name) or len(name.split()) > LONGEST_NAME for name in names):
        return False
    named = sum(not column_names.isdisjoint(re.findall(r"[a-z%]+", name.lower())) for name in names)
    return 2 * named >= len(filled)


def _grid(rows: Sequence[Row]) -> Iterator[list[str]]:
    """Lay the cells out in columns; what reaches over rows or columns stands in each of them."""
    pending: dict[int, tuple[int, str]] = {}  # column → rows still to fill, words
    room = MOST_REPEATED
    for row in rows:
        line: list[str] = []
        cells = list(row)
        while (cells or any(column >= len(line) for column in pending)) and len(line) < MOST_COLUMNS:
            column = len(line)
            if column in pending:
                left, words = pending.pop(column)
                room -= len(words)
                line.append(words if room >= 0 else "")
                if left > 1:
                    pending[column] = (left - 1, words)
            elif cells:
                cell = cells.pop(0)
                for reached in range(column, min(column + max(cell.columns, 1), MOST_COLUMNS)):
                    line.append(cell.words)
                    if cell.rows > 1:
                        repeated = cell.words if len(cell.words) <= LONGEST_REPEATED else ""
                        pending[reached] = (min(cell.rows, len(rows)) - 1, repeated)
            else:
                line.append("")
        yield line


def _joined(header: Sequence[Sequence[str]], width: int) -> list[str]:
    """Put the rows of a header together: the name of a column is what stands above it, each words once."""
    names = []
    for column in range(width):
        words = [line[column] for line in header if line[column]]
        names.append(", ".join(dict.fromkeys(words)))
    return names


def _without_repetition(line: list[str], row: Row) -> list[str]:
    """Keep a cell that reaches over columns in the first of them only: in a row it is said once."""
    wide = {cell.words for cell in row if cell.columns > 1}
    return ["" if column and cell in wide and line[column - 1] == cell else cell for column, cell in enumerate(line)]
