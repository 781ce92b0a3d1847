"""What a text is cut into before anything is read in it: lines, and the blocks that they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kg.records import Span


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


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text with its place and indentation."""

    start: int
    end: int
    indent: int
    words: str  # the line without its indentation
