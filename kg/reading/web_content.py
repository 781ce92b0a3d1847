"""The main content of a web page: navigation, adverts, notices, related links and comments are taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kg.reading.web_tree import Block, lines_of, page_words

LEAST_MAIN = 0.25
"""Share of the page's text that a part marked as the main one must have to be believed."""

WRAPPER = 0.85
"""Share of a block's text that one block inside it must have to be the content that the others stand around."""

MOST_LINKED = 0.7
"""Share of linked text from which a block of several links is a menu or a list of other pages."""

LONGEST_NOTICE = 600
"""Characters that a notice about cookies may have."""

LONGEST_LINK = 60
"""Characters of a link that is a paragraph of its own and leads elsewhere."""

LONGEST_TERM = 4
"""Words that the terms of a list have on average; the titles of other pages have more."""

FEWEST_MENU = 6
"""Links that make a list a menu, on a page that does not mark its content."""

Kids = list[Block | str]
_NOTICES = frozenset({"div", "section", "p", "aside", "form"})
_WRAPPERS = frozenset({"div", "section", "center", "form", "article"})
_LISTS = frozenset({"ul", "ol", "menu", "dir", "dl"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_KEPT = frozenset({"body", "main", "article", "tr", "td", "th", "tbody", "thead", "tfoot", *_HEADINGS})


def find(body: Block) -> Block:
    """Return the block that holds the main content, what surrounds the content taken out of it.

    The part that the page marks as its main one is believed when it has a fair share of the text; otherwise the
    wrappers around the content are opened one by one, and what is full of links goes.
    """
    everything = body.letters
    prune(body, lambda block, _: _is_surrounding(block, everything))
    main = _marked(body)
    root = main if main is not None else _unwrapped(body)
    links = _Links(root, main is not None)
    prune(root, links.is_menu)
    return root


def prune(root: Block, unwanted: Callable[[Block, Kids], bool]) -> None:
    """Take the unwanted blocks out of a block, in the order of the page, and a heading whose list went with them.

    What decides sees the block, and what stands before it beside it.
    """
    frames: list[tuple[Block, Iterator[Block | str], Kids]] = [(root, iter(root.kids), [])]
    while frames:
        block, kids, kept = frames[-1]
        for kid in kids:
            if isinstance(kid, str):
                kept.append(kid)
            elif unwanted(kid, kept):
                while kept and isinstance(kept[-1], str) and not kept[-1].strip():
                    kept.pop()
                if kid.tag in _LISTS and kept and isinstance(kept[-1], Block) and kept[-1].tag in _HEADINGS - {"h1"}:
                    kept.pop()
                kept.append("\n")
            else:
                kept.append(kid)
                frames.append((kid, iter(kid.kids), []))
                break
        else:
            block.kids = kept
            frames.pop()


def _is_surrounding(block: Block, everything: int) -> bool:
    """Whether the block's name or its words say that it stands around the content; never where the content is in it."""
    if block.tag in _KEPT or block.holds_main or block.letters * 2 > everything:
        return False
    if block.tag == "header":
        return not any(inner.tag in _HEADINGS for inner in block.inside())
    known = page_words()
    if known.name_parts.search(block.names) or not known.names.isdisjoint(block.names.split()):
        return True
    if block.letters > LONGEST_NOTICE:
        return False
    words = block.words()
    return bool(known.labels.fullmatch(words) or (block.tag in _NOTICES and known.notice.search(words)))


def _marked(body: Block) -> Block | None:
    """Return the part that the page itself marks as its main one."""
    for wanted in (_is_main, lambda block: block.tag == "article"):
        parts = [block for block in body.inside() if wanted(block)]
        largest = max(parts, key=lambda block: block.letters, default=None)
        if largest is not None and largest.letters - largest.linked >= LEAST_MAIN * (body.letters - body.linked):
            return largest
    return None


def _is_main(block: Block) -> bool:
    return block.tag == "main" or "main" in block.names.split()


def _unwrapped(root: Block) -> Block:
    """Open the wrappers around the content, as long as the page's title is not left outside."""
    while True:
        text = root.letters - root.linked
        inner = next((block for block in root.blocks() if block.letters - block.linked > WRAPPER * text), None)
        if inner is None or inner.tag not in _WRAPPERS or (root.holds_main and not inner.holds_main):
            return root
        root = inner


class _Links:
    """Tells menus, tables of contents and lists of other pages from lists whose terms are links."""

    def __init__(self, root: Block, is_marked: bool) -> None:
        self._is_marked = is_marked
        self._passed_title = not any(block.tag == "h1" for block in root.inside())

    def is_menu(self, block: Block, before: Kids) -> bool:
        """Tell whether a block is full of links and no list of terms.

        Short terms may each be a link, below the page's title and where the page marks its content or a colon
        introduces them.
        """
        self._passed_title |= block.tag == "h1"
        if block.tag in _KEPT or block.holds_main or not block.letters or not block.links:
            return False
        if block.linked < MOST_LINKED * block.letters:
            return False
        if block.tag == "p" or block.links < 3:
            is_alone = block.links == 1 and block.linked == block.letters and block.letters < LONGEST_LINK
            return is_alone and block.tag in ("p", "div")
        if not self._passed_title or block.anchors * 3 >= block.links * 2:
            return True
        if len(block.words().split()) > LONGEST_TERM * block.links:
            return True
        return not self._is_marked and block.links >= FEWEST_MENU and not _introduces(before)


def _introduces(before: Kids) -> bool:
    """Whether what stands right before a list ends in a colon."""
    for kid in reversed(before):
        lines = lines_of(kid) if isinstance(kid, str) else kid.lines()
        if lines:
            return lines[-1].endswith(":")
    return False
