"""Writing the text of a structured source: Markdown whose headings are all marked, with the place of each coded one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.reading.blocks import SECTION_NUMBER
from kg.reading.lines import DECORATION
from kg.records import Section, Span

DEEPEST_HEADING = 6
_NOTHING_TO_READ = re.compile(r"[\W_]*")
_HASHES = re.compile(r"(#{1,6})\s+")


class Page:
    """Collects headings, paragraphs, items and tables in order; offsets count code points of `text`.

    >>> page = Page()
    >>> page.heading(2, "4 Contraindications", {"contraindications"})
    >>> page.paragraph("Do not use in:")
    >>> page.item("porphyria")
    >>> page.text
    '## 4 Contraindications\\n\\nDo not use in:\\n\\n- porphyria\\n'
    >>> page.sections[0].span.of(page.text)
    'Contraindications'
    """

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self._parts: list[str] = []
        self._length = 0
        self._last = ""

    @property
    def text(self) -> str:
        """The text so far, ended by one line break."""
        return "".join(self._parts) + "\n"

    def __len__(self) -> int:
        """Count the code points so far."""
        return self._length

    def heading(self, level: int, words: str, kinds: Iterable[str] = ()) -> None:
        """Write a heading (level 1 is the title); `kinds` are what the source's own code says that it announces.

        One of marks alone is left out.
        """
        words = words.strip(DECORATION)
        if not words:
            return
        hashes = "#" * min(max(level, 1), DEEPEST_HEADING) + " "
        start = self._add("heading", hashes + words) + len(hashes)
        number = SECTION_NUMBER.match(words)
        if announced := frozenset(kinds):
            self.sections.append(Section(Span(start + (number.end() if number else 0), start + len(words)), announced))

    def paragraph(self, words: str) -> None:
        """Write a paragraph; its lines stay lines. One without a letter or digit is left out."""
        lines = [_plain(line) for line in words.split("\n")]
        lines = [line for line in lines if line]
        if lines:
            self._add("paragraph", "\n".join(lines))

    def item(self, words: str, depth: int = 0) -> None:
        """Write a list item at a depth of nesting."""
        if words := _plain(words.replace("\n", " ")):
            self._add("item", "  " * depth + "- " + words)

    def rows(self, lines: Iterable[str]) -> None:
        """Write the lines of a table."""
        if block := "\n".join(lines):
            self._add("table", block)

    def verbatim(self, text: str) -> int:
        """Write a text without changing a character, and return where it starts."""
        return self._add("paragraph", text)

    def _add(self, kind: str, text: str) -> int:
        parting = "" if not self._parts else "\n" if kind == self._last == "item" else "\n\n"
        self._parts += (parting, text)
        self._length += len(parting) + len(text)
        self._last = kind
        return self._length - len(text)


def _plain(line: str) -> str:
    """Return a line that cannot be taken for a heading or a table row; empty where it has nothing to read."""
    line = line.strip().replace("|", "¦")
    return "" if _NOTHING_TO_READ.fullmatch(line) else _HASHES.sub(r"\1", line, count=1)
