"""The lines of a text become blocks: headings, paragraphs, list items and table cells, each with its place.

Nothing here knows a language beyond its punctuation; which headings mean what comes in from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kg.reading import flattened, run_in
from kg.reading.lines import (
    LONGEST_TITLE,
    HeadingReader,
    Line,
    begins_list,
    heads_part,
    is_enumeration,
    lines_of,
    parts_list,
)
from kg.records import Document, Span

LONGEST_HEADING = 14
"""Words that a line standing alone may have to be read as a heading."""

LONGEST_LINE = 400
"""Code points of the same: a word without end is no heading."""

LONGEST_STRONG = 4
"""Words of a title in strong letters that announces no section, at the head of its paragraph."""

SHORTEST_WRAPPED = 60
"""Code points of a line that may have been broken off at a margin."""

_ITEM = re.compile(r"(?:[•·▪▸►➤◦‣●○■□*+–-]\s+|(?=\S))(?:\(?(?:\d{1,2}|[a-z])[.)](?:\s+|(?=[A-Z])))?")
_BULLET = re.compile(r"[•·▪▸►➤◦‣●○■□*+–-]\s+\S|\(?(?:\d{1,2}|[a-z])[.)](?:\s+\S|[A-Z])")
_HASHES = re.compile(r"(#{1,6})\s+")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}")
TITLE = re.compile(r"[*_]*([^\s.:!?;|*_][^.:!?;|\n]{0,78}?)[*_]*(?::[*_]*(?=\s|$)|\s+[–—→]\s+|\s+-\s+(?=[A-Z]))")
TITLE_END = re.compile(r"[:–—→-]")
"""What a title ends with: a text without it has none."""
STRONG_TITLE = re.compile(r"(\*\*|__)([^*_\n]{2,60}?)(?<![.:])\1[ \t]+(?![|*_]{2})(?=[^\s|])")
"""A title set in strong letters, before words that are not."""
_TITLED = re.compile(r"[^.]*[a-z]{2}\.[*_]{1,2} +[A-Z]")
"""A title that has its sentence behind it: "Pregnancy.* Only when clearly needed."."""
_ASIDE = re.compile(r"\([^()]*\)")
_ANSWER = re.compile(r"[*_]*(?:A|Answer)[:.][*_]*\s+")
_QUESTION = re.compile(r"[*_]*(?:Q|Question)(?:\s?\d+)?[:.][*_]*\s+")
_CAPITALS = re.compile(r"[A-Z][A-Z &/,()-]{3,70}(?=[:.]?\s+[A-Z][a-z]|:|\s*$)")
SECTION_NUMBER = re.compile(r"[*_]*(\d{1,2}(?:\.\d{1,2}){0,2})([.)]?)\s+(?=[A-Z])")
_COUNTER = re.compile(r"[·|].*\d|\d.*[·|]|\d{3}[-\s]\d{3,4}")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, item or cell.

    Attributes
    ----------
    kind : str
        "heading", "paragraph", "item" or "cell".
    span : Span
        Where it is.
    indent : int
        How far an item is indented.
    level : int
        The level of a heading; 1 is the highest.
    headings : tuple of Span
        What names a cell: its row, its column.
    leads : bool
        Whether a paragraph introduces the items after it, with or without a colon.
    row : Span or None
        The row that a cell stands in, without the marks at its ends.
    """

    kind: str
    span: Span
    indent: int = 0
    level: int = 9
    headings: tuple[Span, ...] = ()
    leads: bool = False
    row: Span | None = None


def blocks(document: Document, known: HeadingReader) -> Iterator[Block]:
    """Read the lines of a document; headings run into them are found, and stand below the marked ones."""
    below, above = 0, ""
    for raw in _raw_blocks(document, known):
        if raw.kind == "heading":
            below = raw.level if document.markup == "marked" else 0
            above = raw.span.of(document.text)
        for block in _unrolled(document, raw, above, below, known):
            found = (
                list(_cut_off(document.text, block, below, known)) if block.span.start == raw.span.start else [block]
            )
            above = next((b.span.of(document.text) for b in reversed(found) if b.kind == "heading"), above)
            yield from found


def _unrolled(document: Document, block: Block, above: str, below: int, known: HeadingReader) -> list[Block]:
    """Part a paragraph that stands on one line into the headings, paragraphs and items that have run together."""
    if block.kind != "paragraph" or "\n" in block.span.of(document.text) or _is_keyed(document.text, block.span):
        return [block]
    product = document.product
    names = (*product.names, *product.substances) if product else ()
    pieces = flattened.pieces(document.text, block.span, above, names, known.is_sentence)
    if len(pieces) == 1 and pieces[0].kind == "paragraph":
        return [block]
    parts = []
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        leads = after is not None and after.kind == "item" and not piece.span.of(document.text).endswith((".", "!"))
        level = max(below, 1) + piece.level
        parts.append(Block(piece.kind, piece.span, level=level, leads=leads and piece.kind == "paragraph"))
    return parts


def _cut_off(text: str, block: Block, below: int, known: HeadingReader) -> Iterator[Block]:
    """Cut a heading off the block that it starts."""
    start, end = block.span
    if block.kind in ("item", "paragraph"):
        answer = _ANSWER.match(text, start, end)
        start = answer.end() if answer else start
        capitals = _capitals(text, start, end)
        strong = _strong_title(text, Span(start, end), known) if block.kind == "paragraph" else 0
        length = known.inline(text[start : min(end, start + 160)]) or capitals or strong
        keyed = block.kind == "item" or _is_keyed(text, block.span)
        if keyed and ":" in text[start + length - 1 : start + length + 1]:
            length = 0  # "Withdrawal symptoms: ..." in a list is an item with a title
        if length and start + length < end:
            level = max(2 if text[start : start + length].isupper() else 4, below + 1)
            yield Block("heading", Span(start, start + length), level=level)
            start += length
            while start < end and text[start] in ":. \t\n-–—*_":
                start += 1
            if start >= end:
                return
            block = replace(block, kind="paragraph", indent=0)
    yield replace(block, span=Span(start, end))


def _is_keyed(text: str, span: Span) -> bool:
    """Tell whether a line stands among others that begin with titles: "Indication: ...", "Dose: ..."."""
    before, after = text[: span.start].rpartition("\n")[0].rpartition("\n")[2], text[span.end + 1 :].partition("\n")[0]
    beside = [line for line in (before, after) if line.strip()]
    return bool(beside) and "\n" not in span.of(text) and all(map(_has_title, (span.of(text), *beside)))


def _has_title(line: str) -> bool:
    """Tell whether words stand behind a title and its colon."""
    title = TITLE.match(line.strip())
    return title is not None and ":" in title.group() and title.end() < len(line.strip())


def _strong_title(text: str, span: Span, known: HeadingReader) -> int:
    """Return the length of a strong title before the words of its own paragraph."""
    match = STRONG_TITLE.match(text, *span)
    return match.end() - match.start() if match and _is_strong_title(text, match, known) else 0


def _is_strong_title(text: str, title: re.Match[str], known: HeadingReader) -> bool:
    """Tell whether strong words are a title: one of a section, or some words before a telegram."""
    if (known.is_title(title[2]) and known.sections(title[2])) or _CAPITALS.fullmatch(title[2]):
        return True
    behind = text[title.end() : title.end() + LONGEST_LINE].split(maxsplit=1)[0].lower()
    short = title[2][:1].isupper() and len(title[2].split()) <= LONGEST_STRONG
    return short and behind in run_in.words().telegrams


def _capitals(text: str, start: int, end: int) -> int:
    match = _CAPITALS.match(text, start, end)
    if not match or not any(len(word) >= 5 for word in re.findall(r"[A-Z]+", match.group())):
        return 0
    return len(match.group().rstrip())


def _raw_blocks(document: Document, known: HeadingReader) -> Iterator[Block]:
    marked, markdown = document.markup == "marked", document.markup != "plain"
    text, lines = document.text, lines_of(document.text, markdown)
    current: Block | None = None
    table = _Table()
    for index, line in enumerate(lines):
        beside = (lines[index - 1] if index else None, lines[index + 1] if index + 1 < len(lines) else None)
        hashes = _HASHES.match(line.words) if markdown else None
        is_row = line.words.startswith("|") or (not marked and _is_row(line, *beside, markdown=markdown))
        if not is_row and table.columns:
            table = _Table()
        if not line.words or _RULE.match(line.words):
            if current:
                yield current
            current = None
        elif hashes:
            if current:
                yield current
            current = None
            start = line.start + hashes.end()
            number = SECTION_NUMBER.match(text, start, line.end)
            yield Block("heading", Span(number.end() if number else start, line.end), level=len(hashes[1]))
        elif is_row:
            if current:
                yield current
            current = None
            yield from table.row(text, line, known)
        elif not marked and (number := _numbered_heading(line, known)):
            yield from (current,) if current else ()
            current = None
            yield Block("heading", Span(line.start + number.end(), line.end), level=2 + number[1].count("."))
        elif not marked and current is not None and parts_list(line, beside[1], known):
            yield from (current, Block("heading", Span(line.start, line.end), level=5))
            current = None
        elif _BULLET.match(line.words):
            if current:
                yield current
            marker = _ITEM.match(line.words)
            start = line.start + (marker.end() if marker else 0)
            current = Block("item", Span(start, line.end), line.indent)
        elif not marked and current is None and begins_list(lines, index, known):
            current = Block("item", Span(line.start, line.end), line.indent)
        elif not marked and not is_enumeration(lines, index, known) and _is_heading(line, *beside, current, known):
            if current:
                yield current
            current = None
            question = _QUESTION.match(line.words)
            start = line.start + (question.end() if question else 0)
            level = 2 if line.words.isupper() else 4
            yield Block("heading", Span(start, line.end), level=level)
        elif current and not (
            _starts_anew(line, current, text) or (markdown and text.startswith("  ", current.span.end))
        ):
            current = replace(current, span=Span(current.span.start, line.end))
        else:
            if current:
                yield current
            kind = "item" if current and _is_plain_item(line, current, text) else "paragraph"
            current = Block(kind, Span(line.start, line.end), line.indent)
    if current:
        yield current


def _numbered_heading(line: Line, known: HeadingReader) -> re.Match[str] | None:
    """Match the number of a numbered heading: "5.1 Title", "5. TITLE", "4. Title" if that announces a section."""
    number = SECTION_NUMBER.match(line.words)
    if not number:
        return None
    title = line.words[number.end() :].strip("*_ ")
    if len(title.split()) > LONGEST_HEADING or title.endswith((".", ",", ";", ":")) or ": " in title:
        return None
    if "." in number[1] or (number[2] != ")" and title.isupper()):
        return number
    return number if number[2] and known.is_title(title) else None


def _is_row(line: Line, previous: Line | None, following: Line | None, *, markdown: bool) -> bool:
    """Tell whether a line has cells; in plain text only beside another line that has."""
    marks = line.words.count("|")
    around = [other.words.count("|") for other in (previous, following) if other is not None and other.words]
    if marks == 1:  # two columns, where a line beside it has two
        return 1 in around and line.words.strip("| ") != ""
    return marks >= 2 and (markdown or any(count >= 2 for count in around))


def _cells(text: str, line: Line, *, has_edge: bool) -> list[Span]:
    cells, start = [], line.start + has_edge
    for end in [i for i in range(start, line.end) if text[i] == "|"] + [line.end]:
        inner = text[start:end]
        left = len(inner) - len(inner.lstrip())
        cells.append(Span(start + left, max(start + left, end - len(inner) + len(inner.rstrip()))))
        start = end + 1
    return cells


@dataclass(slots=True)
class _Table:
    """The table that is read now: its columns, the cell alone in its row that names the rows below it, the row's name.

    `has_edge` tells whether its rows begin with a mark; `head` is the row over its columns where that announces a
    section as a whole ("Medicine | What can happen").
    """

    columns: list[Span] = field(default_factory=list)
    group: tuple[Span, ...] = ()
    has_edge: bool = False
    named: Span | None = None
    head: tuple[Span, ...] = ()

    def row(self, text: str, line: Line, known: HeadingReader) -> Iterator[Block]:
        """Read a row: its first cell, then every other cell under its column's heading and beside the first cell.

        A cell that only says what the others are, such as how common they are, heads them too.
        """
        if not self.columns:
            self.has_edge = line.words.startswith("|")
        cells = _cells(text, line, has_edge=self.has_edge)
        if not self.columns:
            self.columns = cells
            filled = [cell for cell in cells if cell.end > cell.start]
            row = Span(filled[0].start, filled[-1].end) if len(filled) > 1 else None
            if row is not None and not any(known.sections(cell.of(text)) for cell in filled):
                self.head = (row,) if known.sections(row.of(text)) else ()
        elif not _TABLE_RULE.match(line.words):
            filled = [cell for cell in cells if cell.end > cell.start]
            row = Span(filled[0].start, filled[-1].end) if filled else None
            if cells[0].end > cells[0].start:
                self.named = cells[0]
            first = self.named or cells[0]  # a row without a name of its own goes on with what is above
            heads = [cell for cell in filled if cell != first and known.is_title(cell.of(text))]
            for number, (cell, column) in enumerate(zip(cells, self.columns, strict=False)):
                if cell.end > cell.start:
                    own = (first,) if number else ()
                    above = (*self.group, *self.head, *own, *(h for h in heads if h != cell), column)
                    named = tuple(span for span in above if span.end > span.start)
                    yield Block("cell", cell, headings=named, row=row)
            if len(cells) > 1 and filled == cells[:1]:
                self.group = (cells[0],)


def _is_heading(
    line: Line, previous: Line | None, following: Line | None, current: Block | None, known: HeadingReader
) -> bool:
    words = line.words.strip("*_ ")
    count = len(words.split())
    strong = STRONG_TITLE.match(line.words)
    if strong and (_is_strong_title(line.words, strong, known) or line.words[strong.end()].islower()):
        return False  # "**Cautions** heart failure; ...": a title with its paragraph
    if (
        len(words) > LONGEST_LINE
        or count > LONGEST_HEADING + 6
        or not any(map(str.isalpha, words))
        or _COUNTER.search(words)
    ):
        return False
    if _QUESTION.match(line.words) or (words.endswith("?") and (previous is None or not previous.words)):
        return True
    if following is not None and _has_title(line.words) and _has_title(following.words):
        return False  # "Indication: ...", over "Dose: ..."
    alone = (previous is None or not previous.words) and (following is None or not following.words)
    is_title = previous is None and alone and following is not None and count <= LONGEST_TITLE
    listed = following is not None and bool(_BULLET.match(following.words))  # "Must not be used", over a list
    if listed and heads_part(words.partition(": ")[0], known) and ": " in words and not words.endswith((".", ":")):
        return True  # "Very common: may affect more than 1 in 10 people"
    if words.count(": ") > 1 or (": " in words and known.is_sentence(words) and not is_title):
        return False  # "Heart alert: taking more can cause harm"
    if count > LONGEST_HEADING or words.endswith((",", ";", "!")) or _TITLED.match(words):
        return False
    after_end = previous is None or not previous.words or previous.words.endswith((".", "!", "?", ":"))
    goes_on = following is not None and following.words[:1].islower()  # the line is wrapped prose
    listed_sentence = words.endswith(").")  # "Pregnancy (see section 4.6).", a member of a list
    only = previous is None and following is None and words.endswith(".")  # a text of one sentence has no heading
    if (
        (alone or (after_end and not goes_on))
        and not (listed_sentence or only)
        and count <= LONGEST_TITLE
        and known.is_title(words)
    ):
        return True
    if words.endswith((".", ":")):
        return False
    if current is not None and current.kind == "item" and previous is not None and previous.words:
        return False
    if alone:
        return words[:1].isupper()
    followed = following is not None and len(following.words) > 1 and not goes_on
    short = listed or (count <= LONGEST_TITLE and not known.is_sentence(words))
    return words[:1].isupper() and after_end and followed and short


def _starts_anew(line: Line, current: Block, text: str) -> bool:
    """Whether a line that follows without a blank line starts a block of its own."""
    ended = text[current.span.end - 1] in ".!?:;"
    if _ANSWER.match(line.words) or (ended and STRONG_TITLE.match(line.words)):
        return True
    if ended and line.indent < current.indent:
        return True
    if current.kind == "item" and line.indent <= current.indent and line.words[:1].isupper():
        return text[current.span.end - 1] not in ",(/-"  # no hanging indent: the list is over
    title = TITLE.match(line.words)
    named = title is not None and len(_ASIDE.sub("", title[1]).split()) <= 5
    keyed = named and bool(TITLE.match(text, *current.span))  # "Brand name: ..." over "Class: ..."
    return (named and (ended or keyed or line.words.startswith(("**", "__")))) or _is_plain_item(line, current, text)


def _is_plain_item(line: Line, current: Block, text: str) -> bool:
    """Short lines without marks under a line that ends in a colon are the items of its list.

    In small letters they are where neither reaches the margin at which a paragraph is wrapped.
    """
    before = text[current.span.start : current.span.end]
    is_marked = bool(text[: current.span.start].rpartition("\n")[2].strip())
    lead = before.endswith(":") or current.kind == "item"
    short = len(line.words.split()) <= 10 and not line.words.endswith(".")
    is_broken_off = max(len(before.rpartition("\n")[2]), len(line.words)) < SHORTEST_WRAPPED
    begins = line.words[:1].isupper() or (line.words[:1].islower() and is_broken_off and not is_marked)
    return lead and short and begins and len(before.split()) <= 25
