"""A web page as blocks: what a reader of the page sees, its inline markup dissolved into text.

The one place that knows the HTML parser.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg import resources

if TYPE_CHECKING:
    from turbohtml import Element, Node

FEWEST_WORDS = 3
"""Words of a button that folds text away, from which it is read as a heading: fewer say "Show more" or "Menu"."""

DEEPEST = 100
"""Blocks inside blocks; what is nested deeper is read as lying side by side."""


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary"})
BLOCKS = HEADINGS | _tags(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form header hgroup hr legend li main menu nav ol p pre search section table tbody td tfoot th thead tr ul"""
)
_UNSEEN = _tags(
    """script style noscript template svg math iframe object embed applet canvas video audio map head title button
    select textarea datalist input output progress meter option optgroup frameset frame noframes rp rt nav footer"""
)
_UNSEEN_ROLES = _tags("navigation banner contentinfo search dialog alertdialog menu menubar toolbar tablist")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

_BLANKS = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff\x00-\x08\x0e-\x1f]")
_ANCHORS = frozenset("¶#§🔗")
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_POWER = re.compile(r"[+−–-]?\d{1,3}")
_BASE = re.compile(r"(?:\d|(?:^|[\s\d/.])(?:[cmkdµμ]?m|in|ft))$")
_REFERENCE = re.compile(r"[\[(]?[a-z\d]{1,3}(?:\s?[,–-]\s?[a-z\d]{1,3})*[\])]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageWords:
    """The names and words by which what surrounds a page's content is known, from `ontology/webpages.toml`."""

    name_parts: re.Pattern[str]
    names: frozenset[str]
    remarks: re.Pattern[str]
    folded: re.Pattern[str]
    unseen_names: frozenset[str]
    labels: re.Pattern[str]
    notice: re.Pattern[str]


@functools.cache
def page_words() -> PageWords:
    """Read the table.

    Raises
    ------
    OntologyError
        When the table is missing or not of its form.
    """
    with resources.table("webpages.toml", "web pages", "give it names, words and a notice") as table:
        return PageWords(
            _part(table["name_parts"]),
            frozenset(table["names"]),
            _part(table["remarks"]),
            _part(table["folded"]),
            frozenset(table["unseen_names"]),
            re.compile(rf"(?:{'|'.join(table['labels'])})[.:…]?", re.IGNORECASE),
            re.compile(table["notice"], re.IGNORECASE | re.DOTALL),
        )


def _part(names: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{'|'.join(names)})(?:$|[\s_-])")


@dataclass(slots=True)
class Block:
    """A block of a page: its tag, names (class, id, role), and in order its texts (`\\n` breaks a line) and blocks.

    `letters`, `linked` and `bold` count characters with all that is inside, `links` the links, `anchors` those of them
    that stay on the page; `holds_main` says that the page's title or main part is inside.
    """

    tag: str
    names: str = ""
    columns: int = 1
    rows: int = 1
    kids: list[Block | str] = field(default_factory=list)
    letters: int = 0
    linked: int = 0
    bold: int = 0
    links: int = 0
    anchors: int = 0
    holds_main: bool = False

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks right inside."""
        return (kid for kid in self.kids if isinstance(kid, Block))

    def inside(self) -> Iterator[Block]:
        """Yield the block itself and all blocks inside it, in the order of the page."""
        waiting = [self]
        while waiting:
            block = waiting.pop()
            yield block
            waiting.extend(reversed(list(block.blocks())))

    def lines(self) -> list[str]:
        """Return the text of the block and all that is inside, each stretch between breaks on a line of its own."""
        parts: list[str] = []
        waiting: list[Block | str] = [self]
        while waiting:
            kid = waiting.pop()
            if isinstance(kid, str):
                parts.append(kid)
            else:
                parts.append("\n")
                waiting += ["\n", *reversed(kid.kids)]
        return lines_of("".join(parts))

    def words(self) -> str:
        """Return the text of the block and all that is inside, on one line."""
        return " ".join(self.lines())


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that hold something, blanks trimmed."""
    return [shown for line in text.split("\n") if (shown := " ".join(line.split()))]


def parse(html: str) -> tuple[Block, str]:
    """Parse a page: its body as a block, and what its <title> says.

    The parser follows the HTML standard; it nests at most 512 elements, as browsers do, and never fails.
    """
    import turbohtml

    document = turbohtml.parse(html)
    title = document.find("title")
    builder = _Builder()
    body = document.find("body")
    if body is not None:
        builder.read(body)
    return builder.body, " ".join(title.text.split()) if title is not None else ""


class _Builder:
    """Walks the parser's tree once, without recursion."""

    def __init__(self) -> None:
        self.body = Block("body")
        self._open = [self.body]
        self._pieces: list[str] = []  # of the text that is read now
        self._within = {"a": 0, "b": 0, "pre": 0, "sup": 0}

    def read(self, body: Element) -> None:
        from turbohtml import Element, Text

        walk: list[tuple[Iterator[Node], str, bool]] = [(iter(body), "", False)]
        while walk:
            nodes, kind, is_block = walk[-1]
            for node in nodes:
                if isinstance(node, Text):
                    self._text(node.data)
                elif isinstance(node, Element) and not _is_unseen(node, self._open[-1].tag in HEADINGS):
                    walk.append((iter(node), *self._enter(node)))
                    break
            else:
                walk.pop()
                if walk:
                    self._leave(kind, is_block)
        self._end_text()

    def _enter(self, element: Element) -> tuple[str, bool]:
        """Open an element; return the kind of inline markup that it is, and whether it opened a block."""
        tag = "summary" if element.tag == "button" and self._open[-1].tag not in HEADINGS else element.tag
        kind = {"a": "a", "b": "b", "strong": "b", "th": "b", "pre": "pre", "sup": "sup"}.get(tag, "")
        if kind:
            self._within[kind] += 1
        if tag == "br":
            self._pieces.append("\n")
        if kind == "a" and (target := element.attr("href")) is not None:
            self._open[-1].links += 1
            self._open[-1].anchors += target.startswith("#")
        if tag not in BLOCKS or len(self._open) > DEEPEST:
            if tag in BLOCKS:
                self._pieces.append("\n")
            return kind, False
        self._end_text()
        block = Block(tag, _names(element), _reach(element, "colspan"), _reach(element, "rowspan"))
        block.holds_main = tag in ("h1", "main") or element.attr("role") == "main"
        self._open[-1].kids.append(block)
        self._open.append(block)
        return kind, True

    def _leave(self, kind: str, is_block: bool) -> None:
        if kind:
            self._within[kind] -= 1
        if is_block:
            self._end_text()
            block = self._open.pop()
            above = self._open[-1]
            above.letters += block.letters
            above.linked += block.linked
            above.bold += block.bold
            above.links += block.links
            above.anchors += block.anchors
            above.holds_main |= block.holds_main

    def _text(self, data: str) -> None:
        text = _INVISIBLE.sub("", data)
        if not self._within["pre"]:
            text = _BLANKS.sub(" ", text)
        before = self._pieces[-1] if self._pieces else "\n"
        if self._within["sup"]:
            text = _raised(before, text, bool(self._within["a"]))
        if self._within["a"] and text.strip() in _ANCHORS:
            return
        if not text or (text == " " and before[-1] in " \n"):
            return
        self._pieces.append(text)
        block, count = self._open[-1], len(text.strip())
        block.letters += count
        block.linked += count if self._within["a"] else 0
        block.bold += count if self._within["b"] else 0

    def _end_text(self) -> None:
        if self._pieces:
            self._open[-1].kids.append("".join(self._pieces))
            self._pieces.clear()


def _names(element: Element) -> str:
    names = element.attrs.get("class") or ()
    listed = [names] if isinstance(names, str) else names
    return " ".join((*listed, element.attr("id") or "", element.attr("role") or "")).lower().strip()


def _is_unseen(element: Element, in_heading: bool) -> bool:
    """Whether nobody sees the element, or only what surrounds a page's content stands in it."""
    if element.tag in _UNSEEN and not (element.tag == "button" and (in_heading or _folds(element))):
        return True
    attributes = element.attrs
    if not attributes:
        return element.tag in ("aside", "dialog")
    role = (element.attr("role") or "").lower()
    names = _names(element)
    hidden, style = element.attr("hidden"), element.attr("style") or ""
    is_hidden = hidden is not None and hidden.lower() != "until-found"
    is_hidden |= (element.attr("aria-hidden") or "").lower() == "true" or bool(_HIDDEN_STYLE.search(style))
    if is_hidden and not page_words().folded.search(names):
        return True
    if element.tag == "aside" or role == "complementary":
        return not page_words().remarks.search(names)
    if element.tag == "dialog" and element.attr("open") is None:
        return True
    return role in _UNSEEN_ROLES or not page_words().unseen_names.isdisjoint(names.split())


def _folds(element: Element) -> bool:
    """Whether a button is the heading of what it folds away: a question, or some words."""
    if element.attr("aria-expanded") is None and element.attr("aria-controls") is None:
        return False
    words = element.text.split()
    if words and page_words().folded.search(_names(element)):
        return True
    return len(words) >= FEWEST_WORDS or (bool(words) and words[-1].endswith("?"))


def _reach(element: Element, name: str) -> int:
    value = element.attr(name) or "1"
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 1


def _raised(before: str, text: str, is_link: bool) -> str:
    """Write what is raised as a power; the mark of a reference is left out, so that it never grows into a word."""
    words = text.strip()
    if _POWER.fullmatch(words) and _BASE.search(before) and not is_link:
        return words.translate(_RAISED)
    if is_link or (_REFERENCE.fullmatch(words) and re.search(r"[\w).,;:%”\"]$", before)):
        return "" if not words.isalpha() or len(words) == 1 else text
    return text
