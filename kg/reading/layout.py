"""The layout of a text: headings, list items, table cells and paragraphs become passages with what stands above them.

Nothing here knows a language beyond its punctuation; which headings mean what comes in from outside.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from kg.reading import sentences
from kg.records import Document, Heading, Passage, Span

LONGEST_HEADING = 14
"""Words that a line standing alone may have to be read as a heading."""

LONGEST_TITLE = 9
"""Words that a line amid others may have to be read as a heading."""

_ITEM = re.compile(r"(?:[•·▪◦‣●○■□*+–-]\s+|(?=\S))(?:\(?(?:\d{1,2}|[a-z])[.)](?:\s+|(?=[A-Z])))?")
_BULLET = re.compile(r"[•·▪◦‣●○■□*+–-]\s+\S|\(?(?:\d{1,2}|[a-z])[.)](?:\s+\S|[A-Z])")
_HASHES = re.compile(r"(#{1,6})\s+")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}")
_TITLE = re.compile(r"[*_]*([^\s.:!?;|*_][^.:!?;|\n]{0,78}?)[*_]*(?::[*_]*(?=\s|$)|\s+[–—]\s+|\s+-\s+(?=[A-Z]))")
_BOLD_TITLE = re.compile(r"(?:\*\*|__)([^*_\n]{2,60}?)[.:]?(?:\*\*|__)(?=[.:]?\s+[A-Z])")
_ANSWER = re.compile(r"[*_]*(?:A|Answer)[:.][*_]*\s+")
_QUESTION = re.compile(r"[*_]*(?:Q|Question)(?:\s?\d+)?[:.][*_]*\s+")
_CAPITALS = re.compile(r"[A-Z][A-Z &/,()-]{3,70}(?=[:.]?\s+[A-Z][a-z]|:|\s*$)")
SECTION_NUMBER = re.compile(r"[*_]*(\d{1,2}(?:\.\d{1,2}){0,2})([.)]?)\s+(?=[A-Z])")
_COUNTER = re.compile(r"[·|].*\d|\d.*[·|]|\d{3}[-\s]\d{3,4}")
DECORATION = " \t*_#:"


class HeadingReader(Protocol):
    """What is known about headings: the sections that one announces, and a known heading at the start of a text."""

    def sections(self, text: str) -> frozenset[str]:
        """Return the kinds of section that a heading announces."""

    def inline(self, text: str) -> int:
        """Return the length of the known heading that the text starts with, run into the sentence after it; or 0."""

    def is_sentence(self, text: str) -> bool:
        """Tell whether the text has a verb that makes it a sentence."""

    def is_title(self, text: str) -> bool:
        """Tell whether the text can only be a heading, even if it ends in a full stop."""

    def below(self) -> HeadingReader:
        """Return the reader for what stands below a heading that the source's own codes type."""


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str  # heading, item, paragraph, cell
    span: Span
    indent: int = 0
    level: int = 9
    headings: tuple[Span, ...] = ()


@dataclass(slots=True)
class _Context:
    """What stands above the block that is read now."""

    headings: list[tuple[int, Heading]] = field(default_factory=list)
    items: list[tuple[int, Heading]] = field(default_factory=list)
    lead: tuple[int, Span] | None = None

    def above(self) -> tuple[Heading, ...]:
        return tuple(h for _, h in self.headings) + tuple(h for _, h in self.items)


def passages(document: Document, known: HeadingReader) -> list[Passage]:
    """Cut a document into passages, in the order of the text.

    >>> from kg.reading import make_document
    >>> class Nothing:
    ...     def sections(self, text): return frozenset()
    ...     def inline(self, text): return 0
    ...     def is_sentence(self, text): return False
    ...     def is_title(self, text): return False
    >>> text = "Side effects\\n\\n  - Rash: itching. It passes.\\n  - Nausea\\n"
    >>> for p in passages(make_document("a.txt", text), Nothing()):
    ...     print(repr(p.span.of(text)), [h.text for h in p.headings])
    'Side effects' []
    'Rash: itching.' ['Side effects']
    'It passes.' ['Side effects', 'Rash']
    'Nausea' ['Side effects']
    """
    text, result, context = document.text, [], _Context()
    coded = {section.span.start: section.kinds for section in document.sections}
    for number, block in enumerate(_blocks(document, known)):
        above = [(level, h) for level, h in context.headings if block.kind != "heading" or level < block.level]
        reader = known.below() if any(h.span.start in coded for _, h in above) else known
        if block.kind == "heading":
            heading = _heading(text, block.span, reader)
            heading = replace(heading, sections=coded.get(heading.span.start) or heading.sections)
            context.headings = [*above, (block.level, heading)]
            context.items, context.lead = [], None
            result.append(Passage(heading.span, tuple(h for _, h in above), block=number, is_heading=True))
        else:
            result += _passages_of(text, block, number, context, reader)
    return result


class _Unread:
    """Reads headings without knowing what they announce."""

    def sections(self, text: str) -> frozenset[str]:  # noqa: ARG002
        return frozenset()

    def inline(self, text: str) -> int:  # noqa: ARG002
        return 0

    def is_sentence(self, text: str) -> bool:  # noqa: ARG002
        return False

    def is_title(self, text: str) -> bool:  # noqa: ARG002
        return False

    def below(self) -> _Unread:
        return self


def title(document: Document) -> str | None:
    """Return the heading that a document starts with, if it does; one line of something else may stand before it."""
    for block in itertools.islice(_blocks(document, _Unread()), 2):
        if block.kind == "heading":
            return block.span.of(document.text).strip(DECORATION)
    return None


def _heading(text: str, span: Span, known: HeadingReader) -> Heading:
    start, end = span
    while start < end and text[start] in DECORATION:
        start += 1
    while end > start and text[end - 1] in DECORATION:
        end -= 1
    return Heading(text[start:end], Span(start, end), known.sections(text[start:end]))


def _passages_of(text: str, block: _Block, number: int, context: _Context, known: HeadingReader) -> list[Passage]:
    """Turn a paragraph, item or cell into passages, and tell the context what the next blocks stand under."""
    is_item = block.kind != "paragraph"
    if is_item:
        context.items = [(indent, h) for indent, h in context.items if indent < block.indent]
        if context.lead and context.lead[0] > block.indent:
            context.lead = None
    elif not (context.items and 0 <= context.items[-1][0] < block.indent):
        context.items, context.lead = [], None
    lead = context.lead[1] if context.lead and is_item else None
    above = context.above() + tuple(_heading(text, s, known) for s in block.headings)
    first_title = current = _title_of(text, block.span, is_item, known)
    spans = sentences.split(text, block.span)
    result = []
    for position, span in enumerate(spans):
        own = current if current and span.contains(current.span) else None
        if own is None and not is_item:  # "Adults: ... Children: ..." in one paragraph
            own = _title_of(text, span, is_item, known)
            current = own or current
        headings = above if own or not current else (*above, current)
        alone = own is not None and len(spans) > 1 and not text[own.span.end : span.end].strip("*_.: ")
        if not alone:  # "**Kidneys.** Check ..." is a heading for the rest of its item
            result.append(Passage(span, headings, own, lead, number, position, is_item))
    if first_title and is_item:
        context.items.append((block.indent, first_title))
    elif (
        block.kind == "item"
        and len(spans) == 1
        and len(spans[0].of(text).split()) <= 9
        and not known.is_sentence(spans[0].of(text))
    ):
        context.items.append((block.indent, _heading(text, spans[0], known)))  # "Epilepsy", over a list of doses
    if spans and spans[-1].of(text).rstrip("*_ ").endswith(":"):
        context.lead = (block.indent + 1 if is_item else 0, spans[-1])
        if not is_item and current is None and len(spans[-1].of(text).split()) <= LONGEST_HEADING:
            context.items.append((-1, _heading(text, spans[-1], known)))
    return result


def _title_of(text: str, span: Span, is_item: bool, known: HeadingReader) -> Heading | None:
    match = _BOLD_TITLE.match(text, *span) or _TITLE.match(text, *span)
    longest = 8 if is_item else 5
    if not match or len(match[1].split()) > longest:
        return None
    if not is_item and match.end() >= span.end:
        return None  # a paragraph that ends in a colon introduces a list, it has no title of its own
    return Heading(match[1], Span(*match.span(1)), known.sections(match[1]))


def _blocks(document: Document, known: HeadingReader) -> Iterator[_Block]:
    """Read the lines; inline headings are cut off the blocks that they start, and stand below the marked ones."""
    below = 0
    for block in _raw_blocks(document, known):
        start, end = block.span
        if block.kind == "heading" and document.markup == "marked":
            below = block.level
        if block.kind in ("item", "paragraph"):
            answer = _ANSWER.match(document.text, start, end)
            start = answer.end() if answer else start
            capitals = _capitals(document.text, start, end)
            length = known.inline(document.text[start : min(end, start + 160)]) or capitals
            if block.kind == "item" and ":" in document.text[start + length - 1 : start + length + 1]:
                length = 0  # "Withdrawal symptoms: ..." in a list is an item with a title
            if length and start + length < end:
                level = max(2 if capitals else 4, below + 1)
                yield _Block("heading", Span(start, start + length), level=level)
                start += length
                while start < end and document.text[start] in ":. \t\n-–—*_":
                    start += 1
                if start >= end:
                    continue
                block = replace(block, kind="paragraph", indent=0)
        yield replace(block, span=Span(start, end))


def _capitals(text: str, start: int, end: int) -> int:
    match = _CAPITALS.match(text, start, end)
    if not match or not any(len(word) >= 5 for word in re.findall(r"[A-Z]+", match.group())):
        return 0
    return len(match.group().rstrip())


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    indent: int
    words: str  # the line without its indentation


def _lines(text: str) -> list[_Line]:
    lines, offset = [], 0
    for raw in text.splitlines(keepends=True):
        bare = raw.strip("\r\n")
        words = bare.strip()
        indent = len(bare.expandtabs(4)) - len(bare.expandtabs(4).lstrip())
        start = offset + len(bare) - len(bare.lstrip())
        lines.append(_Line(start, start + len(words), indent, words))
        offset += len(raw)
    return lines


def _raw_blocks(document: Document, known: HeadingReader) -> Iterator[_Block]:
    text, lines = document.text, _lines(document.text)
    marked, markdown = document.markup == "marked", document.markup != "plain"
    current: _Block | None = None
    table = _Table()
    for index, line in enumerate(lines):
        previous = lines[index - 1] if index else None
        following = lines[index + 1] if index + 1 < len(lines) else None
        hashes = _HASHES.match(line.words) if markdown else None
        is_row = line.words.startswith("|") or (markdown and not marked and line.words.count("|") >= 2)
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
            yield _Block("heading", Span(number.end() if number else start, line.end), level=len(hashes[1]))
        elif is_row:
            if current:
                yield current
            current = None
            yield from table.row(text, line)
        elif not marked and (number := _numbered_heading(line, known)):
            if current:
                yield current
            current = None
            yield _Block("heading", Span(line.start + number.end(), line.end), level=2 + number[1].count("."))
        elif _BULLET.match(line.words):
            if current:
                yield current
            marker = _ITEM.match(line.words)
            start = line.start + (marker.end() if marker else 0)
            current = _Block("item", Span(start, line.end), line.indent)
        elif not marked and _is_heading(line, previous, following, current, known):
            if current:
                yield current
            current = None
            question = _QUESTION.match(line.words)
            start = line.start + (question.end() if question else 0)
            level = 2 if line.words.isupper() else 4
            yield _Block("heading", Span(start, line.end), level=level)
        elif current and not _starts_anew(line, current, text):
            current = replace(current, span=Span(current.span.start, line.end))
        else:
            if current:
                yield current
            kind = "item" if current and _is_plain_item(line, current, text) else "paragraph"
            current = _Block(kind, Span(line.start, line.end), line.indent)
    if current:
        yield current


def _numbered_heading(line: _Line, known: HeadingReader) -> re.Match[str] | None:
    """Match the number of a numbered heading: "5.1 Title", "5 TITLE", "4. Title" if that announces a section."""
    number = SECTION_NUMBER.match(line.words)
    if not number:
        return None
    title = line.words[number.end() :].strip("*_ ")
    if len(title.split()) > LONGEST_HEADING or title.endswith((".", ",", ";", ":")) or ": " in title:
        return None
    if "." in number[1] or (not number[2] and title.isupper()):
        return number
    return number if number[2] and known.is_title(title) else None


def _cells(text: str, line: _Line) -> list[Span]:
    cells, start = [], line.start + line.words.startswith("|")
    for end in [i for i in range(start, line.end) if text[i] == "|"] + [line.end]:
        inner = text[start:end]
        left = len(inner) - len(inner.lstrip())
        cells.append(Span(start + left, max(start + left, end - len(inner) + len(inner.rstrip()))))
        start = end + 1
    return cells


@dataclass(slots=True)
class _Table:
    """The table that is read now: its columns, and the cell alone in its row that names the rows below it."""

    columns: list[Span] = field(default_factory=list)
    group: tuple[Span, ...] = ()

    def row(self, text: str, line: _Line) -> Iterator[_Block]:
        """Read a row: its first cell, then every other cell under its column's heading and beside the first cell."""
        cells = _cells(text, line)
        if not self.columns:
            self.columns = cells
        elif not _TABLE_RULE.match(line.words):
            for number, (cell, column) in enumerate(zip(cells, self.columns, strict=False)):
                if cell.end > cell.start:
                    above = (*self.group, cells[0], column) if number else (*self.group, column)
                    yield _Block("cell", cell, headings=tuple(span for span in above if span.end > span.start))
            if len(cells) > 1 and [cell for cell in cells if cell.end > cell.start] == cells[:1]:
                self.group = (cells[0],)


def _is_heading(
    line: _Line, previous: _Line | None, following: _Line | None, current: _Block | None, known: HeadingReader
) -> bool:
    words = line.words.strip("*_ ")
    count = len(words.split())
    if count > LONGEST_HEADING + 6 or not any(map(str.isalpha, words)) or _COUNTER.search(words):
        return False
    if _QUESTION.match(line.words) or (words.endswith("?") and (previous is None or not previous.words)):
        return True
    alone = (previous is None or not previous.words) and (following is None or not following.words)
    if count > LONGEST_HEADING or words.endswith((",", ";", "!")):
        return False
    after_end = previous is None or not previous.words or previous.words.endswith((".", "!", "?", ":"))
    goes_on = following is not None and following.words[:1].islower()  # the line is wrapped prose
    if (alone or (after_end and not goes_on)) and count <= LONGEST_TITLE and known.is_title(words):
        return True
    if words.endswith((".", ":")):
        return False
    if current is not None and current.kind == "item" and previous is not None and previous.words:
        return False
    if alone:
        return words[:1].isupper()
    followed = following is not None and len(following.words) > 1 and not goes_on
    listed = following is not None and bool(_BULLET.match(following.words))  # "Must not be used", over a list
    short = count <= LONGEST_TITLE and (listed or not known.is_sentence(words))
    return words[:1].isupper() and after_end and followed and short


def _starts_anew(line: _Line, current: _Block, text: str) -> bool:
    """Whether a line that follows without a blank line starts a block of its own."""
    ended = text[current.span.end - 1] in ".!?:;"
    if _ANSWER.match(line.words):
        return True
    if ended and line.indent < current.indent:
        return True
    if current.kind == "item" and line.indent <= current.indent and line.words[:1].isupper():
        return text[current.span.end - 1] not in ",(/-"  # no hanging indent: the list is over
    title = _TITLE.match(line.words)
    named = title is not None and len(title[1].split()) <= 5
    keyed = named and bool(_TITLE.match(text, *current.span))  # "Brand name: ..." over "Class: ..."
    return (named and (ended or keyed or line.words.startswith(("**", "__")))) or _is_plain_item(line, current, text)


def _is_plain_item(line: _Line, current: _Block, text: str) -> bool:
    """Short lines without marks under a line that ends in a colon are the items of its list."""
    lead = text[current.span.end - 1] == ":" or current.kind == "item"
    short = len(line.words.split()) <= 10 and not line.words.endswith(".")
    return (
        lead and short and line.words[:1].isupper() and len(text[current.span.start : current.span.end].split()) <= 25
    )
