"""Web pages: the main content of an HTML page becomes headings, paragraphs, items and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.errors import DocumentError
from kg.reading import encoding, plain, safe_xml, tables, web_content, web_tree
from kg.reading.document import make_document
from kg.reading.page import Page
from kg.reading.web_tree import Block, lines_of
from kg.records import Document

LONGEST_CELL = 1_500
"""A table with a longer cell (in code points) is a frame around text, not a table."""

MOST_TEXT = 20_000_000
"""Code points of text that a page may give."""

LONGEST_TITLE = 120
"""What is longer (in code points) is no title of a page or an item."""

LONGEST_HEADING = 14
"""Words that a paragraph in bold may have to be read as a heading."""

FEWEST_HEADINGS = 2
"""Headings below the title that show that the page marks its headings: then no other line is taken for one."""

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_SITE = re.compile(r"\s+[|–—·»:-]{1,2}\s+")
_CLOSED_TAG = re.compile(r"<([A-Za-z][\w:-]*)((?:\s[^<>]*)?)/>")
_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr", re.IGNORECASE)
_PARTING = re.compile(r"\n\s*\n")
_XML = re.compile(r"\s*<\?xml\b")


def read(content: bytes, place: str, name: str) -> Iterator[Document]:
    """Read a web page as one document: its main content as Markdown, its title that of its first <h1> or <title>.

    Raises
    ------
    DocumentError
        When the page's characters cannot be told, or nothing on it can be read.
    """
    if not content.strip():
        raise DocumentError(place, "the file is empty", "name a file with text")
    safe_xml.check_tags(content, b"<", place)
    html = encoding.decode(content, place)
    if _XML.match(html):
        html = _CLOSED_TAG.sub(_opened, html)
    body, title = web_tree.parse(html)
    heading = next((words for block in body.inside() if block.tag == "h1" and (words := block.words())), "")
    root = web_content.find(body)
    page = Page()
    if heading and not any(block.tag == "h1" and block.words() for block in root.inside()):
        page.heading(1, heading)
    try:
        _write(root, page)
    except OverflowError:
        problem = f"its tables unfold to more than {MOST_TEXT // 1_000_000} million characters"
        raise DocumentError(place, problem, "split it into documents") from None
    if not page:
        raise DocumentError(place, "the page has no text", "save it as a browser shows it, with its content")
    text = plain.check_text(page.text, place)
    title = heading or _SITE.split(title)[0] or text.partition("\n")[0].lstrip("# ")
    marked = sum(block.tag in _HEADINGS and block.tag != "h1" for block in root.inside()) >= FEWEST_HEADINGS
    markup = "marked" if marked else "markdown"
    yield make_document(name, text, markup, title=title if len(title) <= LONGEST_TITLE else name)


def _opened(tag: re.Match[str]) -> str:
    """Write `<p/>` of XHTML as HTML understands it."""
    return tag[0] if _VOID.fullmatch(tag[1]) else f"<{tag[1]}{tag[2]}></{tag[1]}>"


def _write(block: Block, page: Page, level: int = 1) -> int:
    """Write what a block holds, and return the level of the last heading in it."""
    words: list[str] = []
    for kid in (*block.kids, None):
        if isinstance(kid, str):
            words.append(kid)
            continue
        for paragraph in _PARTING.split("".join(words)):
            page.paragraph("\n".join(lines_of(paragraph)))
        words = []
        if kid is not None:
            level = _write_block(kid, page, level)
    return level


def _write_block(block: Block, page: Page, level: int) -> int:
    if block.tag in _HEADINGS:
        if title := block.words():
            level = _HEADINGS[block.tag]
            page.heading(level, title)
    elif block.tag == "summary":
        if title := block.words():
            page.heading(level + 1, title)
    elif block.tag in _LISTS:
        level = _write_list(block, page, level, 0)
    elif block.tag == "dl":
        _write_terms(block, page, level)
    elif block.tag == "table":
        level = _write_table(block, page, level)
    elif block.tag == "details":
        _write(block, page, level)
    elif _is_bold_heading(block):
        page.heading(level + 1, block.words())
    else:
        level = _write(block, page, level)
    return level


def _is_bold_heading(block: Block) -> bool:
    """Whether a block is one line in bold that is no sentence."""
    if not 0 < block.letters <= block.bold or any(block.blocks()):
        return False
    lines = block.lines()
    return len(lines) == 1 and len(lines[0].split()) <= LONGEST_HEADING and lines[0][-1] not in ".,;:!"


def _write_list(block: Block, page: Page, level: int, depth: int) -> int:
    """Write the items of a list; a list of cards, whose items have headings, is written as sections."""
    for kid in block.kids:
        if isinstance(kid, str):
            page.paragraph(kid)
        elif kid.tag in _LISTS:
            level = _write_list(kid, page, level, depth + 1)
        elif any(inner.tag in _HEADINGS for inner in kid.inside()):
            level = _write(kid, page, level)
        else:
            _write_item(kid, page, level, depth)
    return level


def _write_item(block: Block, page: Page, level: int, depth: int) -> None:
    """Write an item: its first words on the item's line, what follows as items below it."""
    is_open = True
    for part in _parts(block):
        if isinstance(part, Block):
            if part.tag in _LISTS:
                _write_list(part, page, level, depth + (not is_open))
            else:
                _write_block(part, page, level)
        else:
            page.item(part, depth + (not is_open))
        is_open = False


def _parts(block: Block) -> Iterator[Block | str]:
    """Give the paragraphs inside an item, and the lists and tables that must stay whole."""
    words: list[str] = []
    for kid in (*block.kids, None):
        if isinstance(kid, str):
            words.append(kid)
            continue
        if shown := " ".join(lines_of("".join(words))):
            yield shown
        words = []
        if kid is None:
            return
        if kid.tag in _LISTS or kid.tag in ("table", "dl", "details"):
            yield kid
        else:
            yield from _parts(kid)


def _write_terms(block: Block, page: Page, level: int) -> None:
    """Write a definition list: terms that have one short definition each are items with a title, others headings."""
    terms: list[str] = []
    groups: list[tuple[str, list[Block]]] = []
    for kid in _definitions(block):
        if kid.tag == "dt":
            terms.append(kid.words())
        elif terms or not groups:
            groups.append((", ".join(filter(None, terms)), [kid]))
            terms = []
        else:
            groups[-1][1].append(kid)
    are_items = all(
        len(definitions) == 1 and not any(definitions[0].blocks()) and len(term) <= LONGEST_TITLE and term[-1:] != "?"
        for term, definitions in groups
    )
    for term, definitions in groups:
        if are_items and term:
            page.item(f"{term.rstrip(':')}: {definitions[0].words()}")
        else:
            if term:
                page.heading(level + 1, term)
            for definition in definitions:
                _write(definition, page, level + 1)
    for term in terms:
        page.item(term)


def _definitions(block: Block) -> Iterator[Block]:
    """Give the terms and definitions of a list, those in groups as well."""
    for kid in block.blocks():
        if kid.tag in ("dt", "dd"):
            yield kid
        else:
            yield from _definitions(kid)


def _write_table(block: Block, page: Page, level: int) -> int:
    """Write a table as rows; a table that only arranges text is written as that text."""
    for caption in (kid for kid in block.blocks() if kid.tag == "caption"):
        page.paragraph(caption.words())
    rows = [(row, part.tag) for part, row in _rows(block)]
    grid = [] if _is_frame(block) else [[_cell(cell, part == "thead") for cell in row.blocks()] for row, part in rows]
    if not grid or any(len(cell.words) > LONGEST_CELL for row in grid for cell in row):
        for row, _ in rows:
            for cell in row.blocks():
                level = _write(cell, page, level)
        return level
    table = tables.render(grid, tables.column_names())
    page.paragraph(table.title)
    page.rows(table.lines)
    if len(page) > MOST_TEXT:
        raise OverflowError
    for note in table.notes:
        page.paragraph(note)
    return level


def _rows(table: Block) -> Iterator[tuple[Block, Block]]:
    for kid in table.blocks():
        if kid.tag == "tr":
            yield table, kid
        elif kid.tag in ("thead", "tbody", "tfoot"):
            yield from ((kid, row) for row in kid.blocks() if row.tag == "tr")


def _is_frame(table: Block) -> bool:
    """Whether the table only arranges text: it says so, has no two columns, or holds headings or tables."""
    if "presentation" in table.names.split() or sum(sum(1 for _ in row.blocks()) > 1 for _, row in _rows(table)) < 2:
        return True
    return any(inner.tag in _HEADINGS or (inner.tag == "table" and inner is not table) for inner in table.inside())


def _cell(block: Block, in_head: bool) -> tables.Cell:
    words = ""
    for line in block.lines():
        goes_on = not words or words[-1] in ".,:;!?–-/" or line[:1] in "(,;" or line[:1].islower()
        words += line if not words else (" " if goes_on else "; ") + line
    is_bold = block.letters > 0 and block.bold >= block.letters
    return tables.Cell(words, block.columns, block.rows, in_head or block.tag == "th", is_bold)
