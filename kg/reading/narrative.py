"""The narrative of a label section (paragraphs, lists, tables of SPL) becomes a page, block by block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.reading import tables
from kg.reading.inline import BLOCKS, PARTING, Inline, Run, is_deleted, line, local_name, run
from kg.reading.page import Page

if TYPE_CHECKING:
    from lxml.etree import _Element

LONGEST_HEADING = 14
"""Words that an emphasised line may have to be read as a heading."""

BULLETS = "•▪◦‣●○■□·"
_BULLET = re.compile(rf"(?:^|(?<=\s))[{BULLETS}]\s*(?=\S)|^\s*[-–]\s*(?=[A-Za-z])")
_ENDED = re.compile(r"[.:;!?][)\]”\"]?$")
_SENTENCE = re.compile(r"[A-Z“\"(]\S*(?:\s+\S+){3,}")


@dataclass(slots=True)
class _Item:
    """The list item that is written now: its depth, and whether its own words are still to come."""

    depth: int
    is_open: bool = True


class Narrative:
    """Writes narrative elements to a page; emphasised lines become headings of the given level.

    `images` are what the pictures show, by their identifiers.
    """

    def __init__(self, page: Page, images: Mapping[str, str] | None = None, level: int = 3) -> None:
        self.page, self.level = page, level
        self._inline = Inline(images or {})

    def write(self, element: _Element) -> None:
        """Write everything in an element, its notes below the block that they belong to."""
        self._blocks(element, None)
        self._write_notes()

    def _blocks(self, element: _Element, item: _Item | None) -> None:
        """Write the blocks of an element; words that stand between them are paragraphs, or the item's own words."""
        runs = [run(element.text)]
        for child in element:
            name = local_name(child)
            if not is_deleted(child) and (name in BLOCKS or (name == "content" and _holds_blocks(child))):
                self._flush(runs, item)
                runs = []
                self._block(child, name, item)
                if item is None:
                    self._write_notes()
            else:
                runs += self._inline.child(child)
            runs.append(run(child.tail))
        self._flush(runs, item)

    def _block(self, element: _Element, name: str, item: _Item | None) -> None:
        if name in ("list", "ul", "ol"):
            for child in element:
                if local_name(child) in ("item", "li") and not is_deleted(child):
                    self._blocks(child, _Item(item.depth + 1 if item else 0))
                elif local_name(child) == "caption":
                    self._flush(list(self._inline.runs(child)), item)
        elif name == "table":
            self._table(element, item)
        else:
            self._blocks(element, item)

    def _flush(self, runs: list[Run], item: _Item | None) -> None:
        """Write the words gathered so far: bullets among them begin items."""
        text = _lines(runs)
        if not text:
            return
        if item is None and not _BULLET.search(text):
            self._paragraph(runs, text)
            return
        lead, *items = (part.strip() for part in _BULLET.split(text))
        depth = 0
        if item is None:
            self.page.paragraph(lead)
        else:
            depth = item.depth + (not item.is_open)
            title, rest = _run_in(runs)
            self.page.item(f"**{title}** {rest}" if title and rest and not items else lead, depth)
            item.is_open = False
        for words in items:
            self.page.item(words, depth)

    def _paragraph(self, runs: list[Run], text: str) -> None:
        """Write a paragraph; an emphasised line, or emphasised words that a new sentence follows, are a heading."""
        title, rest = _run_in(runs)
        if title:
            self.page.heading(self.level, title)
        if not title or rest:
            self.page.paragraph(rest if title else text)

    def _table(self, element: _Element, item: _Item | None) -> None:
        caption = next((child for child in element if local_name(child) == "caption"), None)
        if caption is not None:
            self.page.paragraph(line(self._inline.runs(caption)))
        rows = [row for row in element.iter("{*}tr") if next(row.iterancestors("{*}table")) is element]
        cells = {row: [cell for cell in row if local_name(cell) in ("td", "th")] for row in rows if not is_deleted(row)}
        if all(len(line_) < 2 for line_ in cells.values()):  # a frame around text
            for line_ in cells.values():
                for cell in line_:
                    self._blocks(cell, None)
            return
        body: list[list[tables.Cell]] = []
        foot: list[list[tables.Cell]] = []
        for row, line_ in cells.items():
            parent = row.getparent()
            part = local_name(parent) if parent is not None else ""
            (foot if part == "tfoot" else body).append([self._cell(cell, part == "thead") for cell in line_])
        if all(len(row) > 1 and row[0].words in BULLETS for row in body):  # a list laid out as a table
            body = [row[1:] for row in body]
            listed = True
        else:
            listed = caption is None and _is_list(body)
        if listed:
            for row_ in body:
                for cell_ in row_:
                    self.page.item(cell_.words, item.depth + 1 if item else 0)
        else:
            table = tables.render(body, tables.column_names())
            self.page.paragraph(table.title)
            self.page.rows(table.lines)
            for note in table.notes:
                self.page.paragraph(note)
        for row_ in foot:
            self.page.paragraph(" ".join(cell.words for cell in row_))

    def _cell(self, element: _Element, in_head: bool) -> tables.Cell:
        runs = list(self._inline.runs(element))
        is_plain = any(r.words.strip() and not r.is_emphasised for r in runs)
        words = _cell_words("".join(r.words for r in runs))
        is_header = in_head or local_name(element) == "th"
        return tables.Cell(words, _reach(element, "colspan"), _reach(element, "rowspan"), is_header, not is_plain)

    def _write_notes(self) -> None:
        for note in self._inline.notes:
            self.page.paragraph(note)
        self._inline.notes.clear()


def _run_in(runs: list[Run]) -> tuple[str, str]:
    """Part emphasised words from the sentence that they stand before as its heading; "" where there is no heading.

    A line that ends in a colon introduces what follows it, so it is none.
    """
    count = next((i for i, r in enumerate(runs) if r.words.strip() and not r.is_emphasised), len(runs))
    title, rest = line(iter(runs[:count])), _lines(runs[count:])
    if not 0 < len(title.split()) <= LONGEST_HEADING or not title[0].isupper() or title[-1] in ',;:.!”"':
        return "", ""
    return (title, rest) if not rest or _SENTENCE.match(rest) else ("", "")


def _holds_blocks(element: _Element) -> bool:
    return any(local_name(inner) in BLOCKS for inner in element.iterdescendants())


def _cell_words(words: str) -> str:
    """Put the paragraphs and items of a cell on one line, semicolons between them."""
    text = ""
    for block in words.split(PARTING):
        for part in _BULLET.split(block) if block.strip() not in BULLETS else [block]:
            shown = " ".join(part.split())
            shown = shown if shown in BULLETS else shown.rstrip(BULLETS + " ")
            goes_on = not text or text[-1] in ".,:;!?–-/" or shown[:1] in "(,;" or text in BULLETS
            text += shown if not text else ("" if not shown else " " if goes_on else "; ") + shown
    return text.lstrip(" ,;")


def _is_list(rows: list[list[tables.Cell]]) -> bool:
    """Whether rows without a header are a list in columns: words that go on in small letters, no figures."""
    cells = [cell for row in rows for cell in row if cell.words]
    if len(cells) < 3 or any(cell.is_header or cell.is_bold or re.search(r"\d", cell.words) for cell in cells):
        return False
    return all(cell.words[0].islower() and len(cell.words.split()) <= 12 for cell in cells)


def _reach(element: _Element, name: str) -> int:
    value = (element.get(name) or "1").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else 1


def _lines(runs: list[Run]) -> str:
    """Put runs together; a line break stays where a sentence ended or a bullet follows, others are blanks."""
    text = ""
    for part in "".join(r.words for r in runs).split("\n"):
        words = " ".join(part.split())
        if words:
            stays = _ENDED.search(text) or _BULLET.match(words)
            text += words if not text else ("\n" if stays else " ") + words
    return text
