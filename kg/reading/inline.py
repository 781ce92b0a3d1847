"""The words inside a block of markup: runs of one emphasis, powers, remarks, notes and line breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml.etree import _Element

BLOCKS = frozenset({"paragraph", "list", "item", "table", "text", "p", "ul", "ol", "li", "div", "blockquote"})
"""Elements that begin on a line of their own."""

PARTING = "\x1f"
"""Stands where a block begins or ends in a line of words; it counts as a blank, and no XML can hold it."""

_PARTED = BLOCKS | {"tr", "td", "th", "caption"}
_SILENT = frozenset({"excerpt", "highlight", "col", "colgroup", "observationMedia", "footnoteRef", "id", "code"})
_STRONG = frozenset({"b", "strong", "i", "em", "u"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_EMPHASIS = re.compile(r"bold|underline|italics|emphasis", re.IGNORECASE)
_MARKS = "†‡§¶"
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_POWER = re.compile(r"[+−–-]?\d{1,3}")
_BASE = re.compile(r"(?:\d|(?:^|[\s\d/.])(?:[cmkdµμ]?m|in|ft))$")
_REMARK = re.compile(r"[a-z\d](?:\s?,\s?[a-z\d])*", re.IGNORECASE)


class Run(NamedTuple):
    """Words of one emphasis; `\\n` in them is a line break of the source's own."""

    words: str
    is_emphasised: bool = False


@dataclass
class Inline:
    """Gives the words of elements; notes met on the way are kept in `notes`, each with its mark.

    `images` are what the pictures show, by their identifiers.
    """

    images: Mapping[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def runs(self, element: _Element, *, emphasised: bool = False) -> Iterator[Run]:
        """Give everything in an element, blocks in it parted by blanks."""
        yield run(element.text, emphasised)
        for child in element:
            yield from self.child(child, emphasised=emphasised)
            yield run(child.tail, emphasised)

    def child(self, element: _Element, *, emphasised: bool = False) -> Iterator[Run]:
        """Give an element in a line of words as it is read there: its words, their signs, or nothing."""
        name = local_name(element)
        if not name or name in _SILENT or is_deleted(element):
            return
        if name == "br":
            yield Run("\n", emphasised)
        elif name == "footnote":
            mark = _MARKS[len(self.notes) % len(_MARKS)] * (len(self.notes) // len(_MARKS) + 1)
            place = len(self.notes)
            self.notes.append(mark)
            self.notes[place] = f"{mark} {line(self.runs(element))}"
            yield Run(mark, emphasised)
        elif name in ("sup", "sub"):
            yield Run(_shifted(element, name, line(self.runs(element))), emphasised)
        elif name == "renderMultiMedia":
            shown = line(self.runs(element)) or self.images.get((element.get("referencedObject") or "").lstrip("#"), "")
            yield Run(f" {shown} " if shown else "", emphasised)
        else:
            strong = name in _STRONG or bool(_EMPHASIS.search(element.get("styleCode") or ""))
            parting = PARTING if name in _PARTED else ""
            yield Run(parting, emphasised)
            yield from self.runs(element, emphasised=emphasised or strong)
            yield Run(parting, emphasised)


def run(text: str | None, emphasised: bool = False) -> Run:
    """Make a run of the characters of a file: its line breaks and blanks are blanks, what is invisible goes."""
    return Run(re.sub(r"\s+", " ", _INVISIBLE.sub("", text or "")), emphasised)


def line(runs: Iterator[Run]) -> str:
    """Put runs together on one line."""
    return " ".join("".join(r.words for r in runs).split())


def local_name(element: _Element) -> str:
    """Return an element's name without its namespace; empty for a comment or processing instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_deleted(element: _Element) -> bool:
    """Tell whether a revision took the element out."""
    return element.get("revised") == "delete" or local_name(element) == "del"


def _shifted(element: _Element, name: str, words: str) -> str:
    """Write what is raised as a power or as the sign of a remark, so that it never grows into the word before it.

    What is lowered is part of its word: the maximum of a concentration, the number of a vitamin.
    """
    before = _before(element)
    if name == "sub" or not words:
        return words
    if _POWER.fullmatch(words) and _BASE.search(before):
        return words.translate(_RAISED)
    return f" [{words}]" if _REMARK.fullmatch(words) and re.search(r"[\w)%]$", before) else words


def _before(element: _Element) -> str:
    previous = element.getprevious()
    if previous is not None:
        return previous.tail or "".join(map(str, previous.itertext()))
    parent = element.getparent()
    return (parent.text or "") if parent is not None else ""
