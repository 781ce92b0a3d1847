"""The layout of a text: headings, items, table cells and paragraphs become passages with what stands above them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace

from kg.reading import sentences
from kg.reading.blocks import LONGEST_HEADING, TITLE, TITLE_END, Block, blocks
from kg.reading.lines import DECORATION, HeadingReader
from kg.records import Document, Heading, Passage, Span

_BOLD_TITLE = re.compile(
    r"(?:\*\*|__)([^*_\n]{2,60}?)[.:]?(?:\*\*|__)(?=[.:]?\s+[A-Z])"
    r"|(?:\*|_)([^*_\n]{2,60}?)(?:[.:](?:\*|_)|(?:\*|_)[.:])(?=\s+[A-Z\d])"
)
"""A title set in strong letters, or one in slanted letters that a full stop or colon ends."""


_BY_ROWS = frozenset({"interactions", "warnings"})
"""Kinds of section whose tables are read row by row: the cells beside the first one only make sense with it."""

_MARKED = re.compile(r"^(#{1,6})[ \t]+(\S[^\n]{0,200})$", re.MULTILINE)

FEWEST_BELOW = 2
"""Headings that stand below the title of a document."""

FEWEST_OF_SENTENCE = 2
"""Words that a title may have although one of them could be a verb."""

LONGEST_SUBJECT = 8
"""Words of a title that may say what all of a document is about; a longer one only tells of it."""

OF_ALL = "of all"
"""Beside the kinds that a title announces: it stands over uses, doses and harms alike, and excludes none of them."""

MOST_ABOVE = 2
"""Lines that look like headings above it: whose page it is, what kind of text."""


@dataclass(slots=True)
class _Context:
    """What stands above the block that is read now."""

    headings: list[tuple[int, Heading]] = field(default_factory=list)
    items: list[tuple[int, Heading]] = field(default_factory=list)
    lead: tuple[int, Span] | None = None
    introduced: Heading | None = None  # the paragraph before, if it ends in a colon: it says what the next one lists
    named: dict[Span, Heading] = field(default_factory=dict)  # what names the cells of a table, read once

    def above(self) -> tuple[Heading, ...]:
        return tuple(h for _, h in self.headings) + tuple(h for _, h in self.items)

    def name(self, text: str, span: Span, known: HeadingReader) -> Heading:
        """Return the heading that a cell of a table is for others."""
        if span not in self.named:
            self.named[span] = _heading(text, span, known)
        return self.named[span]


def passages(document: Document, known: HeadingReader) -> list[Passage]:
    """Cut a document into passages, in the order of the text.

    >>> from kg.reading import make_document
    >>> class Nothing:
    ...     def sections(self, text): return frozenset()
    ...     def inline(self, text): return 0
    ...     def is_sentence(self, text): return False
    ...     def is_title(self, text): return False
    ...     def likely(self, text): return frozenset()
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
    whose = (title(document), document.title)
    for number, block in enumerate(blocks(document, known)):
        above = [(level, h) for level, h in context.headings if block.kind != "heading" or level < block.level]
        reader = known.below() if any(h.span.start in coded for _, h in above) else known
        if block.kind == "heading":
            heading = _heading(text, block.span, reader)
            if not heading.text:
                continue  # marks alone, such as "Q: *"
            kinds = coded.get(heading.span.start) or heading.sections
            if not (kinds or coded or heading.text in whose or any(h.sections for _, h in above)):
                kinds = known.likely(heading.text)
            heading = replace(heading, sections=kinds)
            context.headings = [*above, (block.level, heading)]
            context.items, context.lead, context.named, context.introduced = [], None, {}, None
            result.append(Passage(heading.span, tuple(h for _, h in above), block=number, is_heading=True))
        elif block.row is not None and _tells_by_rows(over := (*context.above(), *_head_row(text, block, reader))):
            if not result or result[-1].span != block.row:  # its first cell
                result.append(_row(text, block, block.row, number, context, reader, over))
        else:
            result += _passages_of(text, block, number, context, reader)
    return result if coded else _under_title(result)


def _tells_by_rows(above: tuple[Heading, ...]) -> bool:
    """Tell whether a table stands in a section where a row says of one thing what it does and what is to be done."""
    near = next((heading.sections for heading in reversed(above) if heading.sections), frozenset())
    return bool(near) and near <= _BY_ROWS


def _head_row(text: str, block: Block, known: HeadingReader) -> tuple[Heading, ...]:
    """Give the row over a table's columns where it heads the cell as a whole."""
    return tuple(_heading(text, span, known) for span in block.headings if "|" in span.of(text))


def _row(
    text: str, block: Block, row: Span, number: int, context: _Context, known: HeadingReader, above: tuple[Heading, ...]
) -> Passage:
    """Read a row as an item whose title is its first cell: "Gentamicin | more harm to the kidneys | avoid"."""
    first = _heading(text, block.span, known)
    lead = context.lead[1] if context.lead else None
    context.items, context.introduced = [], None
    title = first if block.span.end < row.end else None
    return Passage(row, above, title, lead, number, 0, True, row=row)


def _under_title(found: list[Passage]) -> list[Passage]:
    """Let the title of a whole document announce nothing where a heading below it does.

    "Low-dose methotrexate" speaks of a dose, and still its "Side effects" are no doses.
    """
    headings = [passage for passage in found if passage.is_heading]
    outermost = headings[-1].headings[:1] if headings else ()
    if not outermost or not outermost[0].sections:
        return found
    title = outermost[0]
    below = [passage for passage in headings if passage.span.start > title.span.start]
    above = len(headings) - 1 - len(below)
    if len(below) < FEWEST_BELOW or above > MOST_ABOVE or any(p.headings[:1] != outermost for p in below):
        return found
    plain = replace(title, sections=frozenset())
    whole = replace(title, sections=title.sections | {OF_ALL}) if len(title.text.split()) <= LONGEST_SUBJECT else plain
    return [
        replace(p, headings=(plain if _announced_below(p) else whole, *p.headings[1:]))
        if p.headings[:1] == outermost
        else p
        for p in found
    ]


def _announced_below(passage: Passage) -> bool:
    """Tell whether the item of a passage, or a heading nearer than the title, announces a section."""
    nearer = (*passage.headings[1:], *((passage.title,) if passage.title else ()))
    return any(heading.sections for heading in nearer)


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

    def likely(self, text: str) -> frozenset[str]:  # noqa: ARG002
        return frozenset()

    def below(self) -> _Unread:
        return self


def title(document: Document) -> str | None:
    """Return the heading that a document starts with, if it does; one line of something else may stand before it.

    The only marked heading of the highest level is the title wherever it stands: lines over it say whose page it is.
    """
    marks = list(_MARKED.finditer(document.text)) if document.markup != "plain" else []
    if len(marks) > FEWEST_BELOW and all(len(mark[1]) > len(marks[0][1]) for mark in marks[1:]):
        return marks[0][2].strip(DECORATION)
    for block in itertools.islice(blocks(document, _Unread()), 2):
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


def _passages_of(text: str, block: Block, number: int, context: _Context, known: HeadingReader) -> list[Passage]:
    """Turn a paragraph, item or cell into passages, and tell the context what the next blocks stand under."""
    is_item = block.kind != "paragraph"
    if is_item:
        context.items = [(indent, h) for indent, h in context.items if indent < block.indent]
        if context.lead and context.lead[0] > block.indent:
            context.lead = None
    elif not (context.items and 0 <= context.items[-1][0] < block.indent):
        context.items, context.lead = [], None
    lead = context.lead[1] if context.lead and is_item else None
    above = context.above() + tuple(context.name(text, s, known) for s in block.headings)
    if context.introduced and not is_item:
        above += (context.introduced,)
    context.introduced = None
    first_title = current = _title_of(text, block.span, is_item, known)
    spans = sentences.split(text, block.span)
    if first_title and len(spans) > 1 and _is_alone(text, first_title, spans[0]) and _names_company(above):
        spans = [Span(spans[0].start, spans[1].end), *spans[2:]]  # "**Warfarin.** The level may rise."
    result = []
    for position, span in enumerate(spans):
        own = current if current and span.contains(current.span) else None
        if own is None and not is_item:  # "Adults: ... Children: ..." in one paragraph
            own = _title_of(text, Span(span.start, block.span.end), is_item, known)
            own = own if own is not None and span.contains(own.span) else None
            current = own or current
        headings = above if own or not current else (*above, current)
        # "**Kidneys.** Check ..." is a heading for the rest of its item, and a member of the list where it names a harm
        if own is None or len(spans) == 1 or not _is_alone(text, own, span):
            result.append(Passage(span, headings, own, lead, number, position, is_item, row=block.row))
        elif block.kind == "item" and _lists_titles(above):
            result.append(Passage(own.span, headings, None, lead, number, position, True))
    if first_title and is_item:
        context.items.append((block.indent, first_title))
    elif (
        block.kind == "item"
        and len(spans) == 1
        and len(spans[0].of(text).split()) <= 9
        and not known.is_sentence(spans[0].of(text))
    ):
        context.items.append((block.indent, _heading(text, spans[0], known)))  # "Epilepsy", over a list of doses
    if spans and (block.leads or spans[-1].of(text).rstrip("*_ ").endswith(":")):
        context.lead = (block.indent + 1 if is_item else 0, spans[-1])
        if not is_item:
            context.introduced = replace(_heading(text, spans[-1], known), sections=frozenset())
        if not is_item and current is None and len(spans[-1].of(text).split()) <= LONGEST_HEADING:
            context.items.append((-1, _heading(text, spans[-1], known)))
    return result


def _is_alone(text: str, title: Heading, span: Span) -> bool:
    """Tell whether a sentence holds nothing but its title."""
    return not text[title.span.end : span.end].strip("*_.: ")


def _names_company(above: tuple[Heading, ...]) -> bool:
    """Tell whether what stands here has the names of other drugs for titles."""
    near = next((heading.sections for heading in reversed(above) if heading.sections), frozenset())
    return near == {"interactions"}


def _lists_titles(above: tuple[Heading, ...]) -> bool:
    """Tell whether what stands here has harms or uses for titles."""
    near = next((heading.sections for heading in reversed(above) if heading.sections), None)
    return near is not None and near in (frozenset({"adverse_effects"}), frozenset({"indications"}))


def _title_of(text: str, span: Span, is_item: bool, known: HeadingReader) -> Heading | None:
    match = _BOLD_TITLE.match(text, *span)
    if match is None and TITLE_END.search(text, *span):
        match = TITLE.match(text, *span)
    longest = 8 if is_item else 5
    if not match:
        return None
    words, place = match[match.lastindex or 1], Span(*match.span(match.lastindex or 1))
    if len(words.split()) > longest or words.count("(") > words.count(")"):
        return None  # "Syncope (frequency: uncommon)" has no title
    if not is_item and match.end() >= span.end:
        return None  # a paragraph that ends in a colon introduces a list, it has no title of its own
    found = Heading(words, place, known.sections(words))
    if not found.sections and len(words.split()) > FEWEST_OF_SENTENCE and known.is_sentence(words):
        return None  # "X must not be used with Y: deaths have occurred"
    return found
