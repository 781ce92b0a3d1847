"""Tables without drawn lines: rows of words that stand in columns, parted by blank strips."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from kg.reading.pdf_lines import Line, TableLine

FEWEST_ROWS = 3
FARTHEST = 15
"""Lines that may be drawn between two cells of one row; columns of running text are drawn farther apart."""

_SAME_ROW = 0.35
_STRIP = 0.8
"""Width of the blank strip between two columns, in heights of the letters."""

_FALL = 4.0
"""How far, in heights of the letters, one row stands below another of the same table at most."""

Row = list[tuple[int, Line]]


def find(parts: Sequence[Line | TableLine]) -> list[Line | TableLine]:
    """Return the parts of a page in the order in which they are drawn, those of each table as lines of the table."""
    result: list[Line | TableLine] = []
    for _, run in itertools.groupby(parts, lambda part: isinstance(part, Line)):
        stretch = list(run)
        lines = [part for part in stretch if isinstance(part, Line)]
        result += _found(lines) if lines else stretch
    return result


def _found(lines: Sequence[Line]) -> list[Line | TableLine]:
    rows = _rows(lines)
    replaced: dict[int, Sequence[Line | TableLine]] = {}
    inside: set[int] = set()
    for region in _regions(rows):
        columns = _columns([line for row in region if len(row) > 1 for _, line in row])
        if len(columns) < 2:
            continue
        edges = _edges(columns)
        numbers = [number for row in region for number, _ in row]
        if not _is_prose(region, columns):
            replaced[min(numbers)] = [_table_line(row, edges) for row in region]
        elif _is_drawn_across(region):
            across = [(_column(line, edges), line) for row in region for _, line in row]
            replaced[min(numbers)] = [line for _, line in sorted(across, key=lambda item: item[0])]
        else:
            continue
        inside.update(numbers)
    result: list[Line | TableLine] = []
    for number, line in enumerate(lines):
        result += replaced.get(number, [])
        if number not in inside:
            result.append(line)
    return result


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Group the lines by their height on the page, from above; each row from the left."""
    rows: list[Row] = []
    for number, line in sorted(enumerate(lines), key=lambda item: -item[1].y):
        if rows and rows[-1][0][1].y - line.y <= _SAME_ROW * line.size:
            rows[-1].append((number, line))
        else:
            rows.append([(number, line)])
    for row in rows:
        row.sort(key=lambda item: item[1].x)
    return rows


def _regions(rows: Sequence[Row]) -> list[list[Row]]:
    """Find stretches of rows that hold cells side by side; lines between them that wrap a cell belong to them."""
    regions: list[list[Row]] = []
    region: list[Row] = []
    for row in rows:
        line = row[0][1]
        if region and region[-1][0][1].y - line.y > _FALL * line.size:
            regions.append(region)
            region = []
        if _is_side_by_side(row) or (region and len(row) == 1):
            region.append(row)
        elif region:
            regions.append(region)
            region = []
    regions.append(region)
    return [cut for found in regions if len(cut := _cut(found)) >= FEWEST_ROWS]


def _is_side_by_side(row: Row) -> bool:
    pairs = list(itertools.pairwise(row))
    return bool(pairs) and all(
        other[1].x > one[1].end + _STRIP * one[1].size and abs(other[0] - one[0]) <= FARTHEST for one, other in pairs
    )


def _cut(region: list[Row]) -> list[Row]:
    """Cut single lines off the end that do not wrap, and return nothing where too few rows hold two cells."""
    if sum(len(row) > 1 for row in region) < FEWEST_ROWS:
        return []
    columns = _columns([line for row in region if len(row) > 1 for _, line in row])
    last = max(number for number, row in enumerate(region) if len(row) > 1)
    kept = region[: last + 1]
    for row in region[last + 1 :]:
        line = row[0][1]
        if not any(left - 2 <= line.x and line.end <= right + 2 for left, right in columns[1:]):
            break
        kept.append(row)
    return kept


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Return the stretches from left to right that the lines cover, parted by blank strips."""
    columns: list[tuple[float, float]] = []
    for line in sorted(lines, key=lambda line: line.x):
        if columns and line.x <= columns[-1][1] + _STRIP * line.size:
            columns[-1] = (columns[-1][0], max(columns[-1][1], line.end))
        else:
            columns.append((line.x, line.end))
    return columns


def _is_prose(region: Sequence[Row], columns: Sequence[tuple[float, float]]) -> bool:
    """Whether lines fill their columns as running text does."""
    for left, right in columns:
        inside = [line for row in region for _, line in row if left - 2 <= line.x <= right]
        full = sum(line.end > right - 0.12 * (right - left) for line in inside)
        words = sum(len(line.text.split()) for line in inside)
        if full < 0.6 * len(inside) or words < 4 * len(inside):
            return False
    return True


def _is_drawn_across(region: Sequence[Row]) -> bool:
    """Whether columns of text were drawn line by line, across both."""
    return all(abs(one - other) == 1 for row in region for (one, _), (other, _) in itertools.pairwise(row))


def _edges(columns: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    between = [(one[1] + other[0]) / 2 for one, other in itertools.pairwise(columns)]
    return (columns[0][0] - 2, *between, columns[-1][1] + 6)


def _table_line(row: Row, edges: tuple[float, ...]) -> TableLine:
    """Put the lines of a row into their columns; one that reaches over several stands in the first of them."""
    cells: dict[int, Line] = {}
    for _, line in row:
        cells[_column(line, edges)] = line
    return TableLine(edges, cells, row[0][1].y, (0, 0))


def _column(line: Line, edges: tuple[float, ...]) -> int:
    return min(max(sum(edge <= line.x + 1 for edge in edges) - 1, 0), len(edges) - 2)
