"""The lines of all pages become paragraphs, items, headings and tables: what the pages broke is put together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kg.reading import tables
from kg.reading.page import Page
from kg.reading.pdf_lines import BULLETS, Line, TableLine, Widths

Part = Line | TableLine

EDGE_ZONE = 0.12
"""Share of a page's height, above and below, in which running heads and page numbers stand."""

LEAST_LENGTH = 0.7
"""Share of the width that a line of running text fills at least, where the next word cannot be parted from another."""

LONGEST_HEADING = 14
LONGEST_SUBHEADING = 8
"""Words of a line that is a heading only because text follows it."""

_LETTERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[A-Z]\.)\s")
_SUBHEADING = 5

_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:page\s*)?#+(?:\s*(?:of|/|von)\s*#+)?[-–—\s]*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_ITEM = re.compile(rf"(?:[{BULLETS}]\s*|[-–—]\s+)(?=\S)")
_NUMBERED_ITEM = re.compile(r"\(?(?:\d{1,2}|[a-z])[.)]\s+(?=\S)")
_LETTERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[A-Z]\.)\s")
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=\S)")
_ENDED = re.compile(r"[.!?:;][\"”’)\]]*$")
_COLON = re.compile(r":(?:\s|$)|[?!]$")
_SENTENCE_END = re.compile(r"[.!?][\"”’)\]]*$")
_LABEL = re.compile(r"[A-Z][\w /-]{2,30}(?:\([^()]{3,50}\))?:\s")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BREAK = re.compile(r"([^\W\d_]+)[-\u00ad‐]$")


@dataclass(slots=True)
class Block:
    """Lines that belong together: their kind ("paragraph", "item", "heading", "table"), and how deep they stand."""

    kind: str
    lines: list[Line] = field(default_factory=list)
    rows: list[TableLine] = field(default_factory=list)
    depth: int = 0
    text: str = ""

    @property
    def last(self) -> Line:
        """The line that was read last."""
        return self.lines[-1]


def write(parts: Sequence[Sequence[Part]], page: Page, widths: Widths) -> None:
    """Write the parts of all pages, in reading order, to one page of text."""
    flow = list(_without_running_heads(parts))
    margins = Margins(flow, widths)
    blocks = list(_blocks(flow, margins))
    joiner = Joiner(line.text for part in flow for line in _lines(part))
    for block in blocks:
        block.text = joiner.joined(line.text for line in block.lines)
    levels = _Levels(flow, blocks).all(blocks)
    for block, level in zip(blocks, levels, strict=True):
        if block.kind == "table":
            _write_table(block, page, margins, joiner)
        elif level:
            page.heading(level, block.text)
        elif block.kind == "item":
            page.item(without_mark(block.text), block.depth)
        else:
            page.paragraph(block.text)


def _lines(part: Part) -> Iterable[Line]:
    return (part,) if isinstance(part, Line) else part.cells.values()


def without_mark(text: str) -> str:
    """Return the text of an item without its bullet or dash."""
    mark = _ITEM.match(text)
    return text[mark.end() :] if mark else text


def _without_running_heads(pages: Sequence[Sequence[Part]]) -> Iterator[Part]:
    """Leave out page numbers, and lines that stand at the same place above or below on several pages running."""
    seen: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, parts in enumerate(pages):
        for line in _at_edge(parts):
            seen[_running(line)].append(number)
    running = {key for key, numbers in seen.items() if _runs(numbers)}
    for parts in pages:
        dropped = {
            id(line)
            for line in _at_edge(parts)
            if _running(line) in running or _PAGE_NUMBER.fullmatch(_running(line)[0])
        }
        yield from (part for part in parts if id(part) not in dropped)


def _at_edge(parts: Sequence[Part]) -> Iterator[Line]:
    lines = [part for part in parts if isinstance(part, Line)]
    return (line for line in lines if not EDGE_ZONE < line.y / line.height < 1 - EDGE_ZONE)


def _running(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text), round(line.y / 4)


def _runs(numbers: Sequence[int]) -> bool:
    """Whether three pages running, or three of every other page, are among the numbers."""
    return any(c - a <= 4 for a, c in zip(numbers, numbers[2:], strict=False))


class Margins:
    """Where the lines of a document end on the right, for each place where they begin on the left."""

    def __init__(self, flow: Iterable[Part], widths: Widths) -> None:
        self._widths = widths
        ends: dict[int, list[float]] = defaultdict(list)
        for part in flow:
            if isinstance(part, Line):
                ends[round(part.x / 6)].append(part.end)
        self._right: dict[int, float] = {}
        for place in sorted(ends):
            own = sorted(ends[place])
            right = own[int(0.9 * (len(own) - 1))]
            wider = [
                edge for left, edge in self._right.items() if edge > place * 6 and len(ends[left]) >= len(own) // 4
            ]
            self._right[place] = max([right, *wider])

    def is_full(self, line: Line, following: str, right: float | None = None) -> bool:
        """Tell whether the first word of the text that follows would not have fitted on the line."""
        edge = self._right.get(round(line.x / 6), line.end) if right is None else right
        word = following.split(" ", 1)[0]
        slack = 0.02 * (edge - line.x)
        return line.end + self._widths.of(" " + word, line.size) > edge - slack

    def is_long(self, line: Line) -> bool:
        """Tell whether the line is as long as lines of running text are, even if a word more would have fitted."""
        edge = self._right.get(round(line.x / 6), line.end)
        return line.end - line.x >= LEAST_LENGTH * (edge - line.x)


def _blocks(flow: Iterable[Part], margins: Margins) -> Iterator[Block]:
    block: Block | None = None
    marks: list[float] = []  # where the marks of the items stand that are open now, outermost first
    for part in flow:
        if isinstance(part, TableLine):
            if block is not None and block.kind == "table" and _same_table(block.rows[-1], part):
                block.rows.append(part)
                continue
            if block is not None:
                yield block
            block, marks = Block("table", rows=[part]), []
            continue
        if block is not None and block.lines and _continues(block, part, margins):
            block.lines.append(part)
            continue
        if block is not None:
            yield block
        is_item = bool(part.mark or _ITEM.match(part.text))
        if is_item:
            marks = [place for place in marks if place < part.x - 4] + [part.x]
            block = Block("item", [part], depth=len(marks) - 1)
        elif marks and block is not None and block.kind == "item" and part.x > marks[-1] + 6 and not part.is_bold:
            block = Block("item", [part], depth=len(marks))  # a paragraph more of the same item
        else:
            marks = [] if not part.is_bold else marks
            block = Block("paragraph", [part])
    if block is not None:
        yield block


def _same_table(one: TableLine, other: TableLine) -> bool:
    return len(one.edges) == len(other.edges) and all(
        abs(a - b) < 6 for a, b in zip(one.edges, other.edges, strict=True)
    )


def _continues(block: Block, line: Line, margins: Margins) -> bool:
    """Whether a line goes on with the block of the line before it."""
    last = block.last
    if line.mark or _ITEM.match(line.text) or line.is_bold != last.is_bold or abs(line.size - last.size) > 0.8:
        return False
    fall = last.y - line.y
    is_next = line.page == last.page and 0 < fall < 1.7 * last.size
    full = margins.is_full(last, line.text)
    if not is_next:  # another page or column
        is_apart = line.page == last.page and fall > 0
        return (
            not is_apart and not last.is_bold and full and not _ENDED.search(last.text) and not _NUMBER.match(line.text)
        )
    if _NUMBERED_ITEM.match(line.text) and not (full and last.text.endswith(("section", "sections", ","))):
        return False
    if last.text[-1] in "≥≤<>=±(/" or (last.text[-1] == "," and line.text[:1].islower()):
        return True
    if block.lines[0].is_bold and line.x > block.lines[0].x + 12 and _LETTERED.match(block.lines[0].text):
        return True
    full = full or (margins.is_long(last) and not _ENDED.search(last.text))
    if line.text[:1].islower():
        return full
    if not full or (_LABEL.match(line.text) and _LABEL.match(block.lines[0].text)):
        return False
    return len(block.lines) == 1 or line.x <= block.lines[1].x + 8 or block.kind == "item"


class Joiner:
    """Joins lines; a word broken at a line's end is made whole where the document shows how it is written."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = Counter(word.lower() for text in texts for word in _WORDS.findall(text))

    def joined(self, lines: Iterable[str]) -> str:
        """Return the lines as one."""
        text = ""
        for line in lines:
            broken = _BREAK.search(text)
            if not broken or not line:
                text += (" " if text else "") + line
            elif text[-1] == "\u00ad" or self._is_one_word(broken[1], line):
                text = text[:-1] + line
            else:
                text += line
        return text

    def _is_one_word(self, start: str, line: str) -> bool:
        rest = _WORDS.match(line)
        if rest is None or not rest.group()[0].islower():
            return False
        end = rest.group()
        return self._words[(start + end).lower()] > 0 and self._words[f"{start}-{end}".lower()] == 0


class _Levels:
    """Which blocks are headings, and of which level: by number, size, capitals and weight."""

    def __init__(self, flow: Sequence[Part], blocks: Sequence[Block]) -> None:
        sizes: Counter[float] = Counter()
        for part in flow:
            if isinstance(part, Line):
                sizes[round(part.size)] += len(part.text)
        self._body = sizes.most_common(1)[0][0] if sizes else 0
        large = [block for block in blocks if block.kind == "paragraph" and self._is_large(block)]
        self._sizes = sorted({round(block.last.size) for block in large}, reverse=True)[:3]
        self._has_bold = any(block.kind == "paragraph" and self._is_strong(block) for block in blocks)

    def all(self, blocks: Sequence[Block]) -> list[int]:
        """Return the level of each block; 0 for what is no heading."""
        levels: list[int] = []
        following: Block | None = None
        over_prose = over_heading = False
        for block in reversed(blocks):
            level = self._of(block, following, over_prose and not over_heading)
            over_heading = level == _SUBHEADING and over_prose
            over_prose = level == _SUBHEADING
            levels.append(level)
            following = block
        return levels[::-1]

    def _of(self, block: Block, following: Block | None, is_over_heading: bool) -> int:
        words = len(block.text.split())
        if block.kind != "paragraph" or not any(map(str.isalpha, block.text)) or words > 2 * LONGEST_HEADING:
            return 0
        number = _NUMBER.match(block.text)
        if number and self._is_strong(block) and block.text[number.end()].isupper() and block.text[-1] not in ".,;":
            return 2 + number[1].count(".")
        if (
            words > LONGEST_HEADING
            or block.text[-1] in ".,;"
            or not (block.text[0].isupper() or block.text[0].isdigit())
        ):
            return 0
        if self._is_large(block):
            return min(1 + self._sizes.index(round(block.last.size)), 3) if round(block.last.size) in self._sizes else 3
        if block.last.is_bold:
            return 2 if block.text.isupper() else 4
        if number and not self._has_bold and block.text[number.end()].isupper() and len(block.lines) == 1:
            return 2 + number[1].count(".")
        return _SUBHEADING if self._is_subheading(block, following, is_over_heading) else 0

    def _is_large(self, block: Block) -> bool:
        return round(block.last.size) > self._body + 1

    def _is_strong(self, block: Block) -> bool:
        return block.last.is_bold or self._is_large(block)

    @staticmethod
    def _is_subheading(block: Block, following: Block | None, is_over_heading: bool) -> bool:
        """Whether a short line stands over text, or over such a line: a name of what is said there."""
        if len(block.lines) > 1 or len(block.text.split()) > LONGEST_SUBHEADING or _COLON.search(block.text):
            return False
        if following is None or following.kind in ("table", "heading") or not following.text or following.last.is_bold:
            return False
        if is_over_heading and not re.search(r"[\d,]", block.text):
            return True
        is_prose = len(following.text.split()) >= 6 and bool(_ENDED.search(following.text))
        return bool(_LABEL.match(following.text)) or (is_prose and not _LABEL.match(block.text))


def _write_table(block: Block, page: Page, margins: Margins, joiner: Joiner) -> None:
    """Write a table: lines that wrap in a column are put together, lines below one first cell are its row."""
    rows: list[dict[int, list[list[Line]]]] = []
    band = (0, 0)
    for table_line in block.rows:
        first = table_line.cells.get(0)
        wraps = bool(rows) and all(
            _wraps(rows[-1][column][-1][-1], line, table_line, column, margins)
            for column, line in table_line.cells.items()
            if column in rows[-1]
        )
        if not rows or table_line.band != band or (first is not None and not (wraps and 0 in rows[-1])):
            rows.append({})
        band = table_line.band
        for column, line in table_line.cells.items():
            cell = rows[-1].setdefault(column, [])
            if cell and _wraps(cell[-1][-1], line, table_line, column, margins):
                cell[-1].append(line)
            else:
                cell.append([line])
    width = len(block.rows[0].edges) - 1
    grid = [[_cell(row.get(column, ()), joiner) for column in range(width)] for row in rows]
    seen: set[tuple[str, ...]] = set()
    kept = []
    for row in grid:  # the header comes again on every page
        words = tuple(cell.words for cell in row)
        is_header = all(cell.is_bold for cell in row if cell.words)
        if not (is_header and words in seen):
            kept.append(row)
        seen.add(words)
    table = tables.render(kept, tables.column_names())
    page.paragraph(table.title)
    page.rows(table.lines)
    for note in table.notes:
        page.paragraph(note)


def _wraps(last: Line, line: Line, table_line: TableLine, column: int, margins: Margins) -> bool:
    if line.mark or _ITEM.match(line.text) or line.is_bold != last.is_bold:
        return False
    if abs(line.x - last.x) > 6 and not line.is_bold:
        return False
    if line.text[:1].islower() or last.text.endswith((",", "(", "/", "-")):
        return not _SENTENCE_END.search(last.text)
    right = table_line.edges[column + 1] if column + 1 < len(table_line.edges) else table_line.edges[-1]
    return margins.is_full(last, line.text, right - 5) and not _SENTENCE_END.search(last.text)


def _cell(groups: Sequence[Sequence[Line]], joiner: Joiner) -> tables.Cell:
    words = ""
    for group in groups:
        text = without_mark(joiner.joined(line.text for line in group))
        words += text if not words else (" " if words[-1] in ".,:;!?" else "; ") + text
    return tables.Cell(words, is_bold=bool(groups) and all(line.is_bold for group in groups for line in group))
