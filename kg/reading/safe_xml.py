"""Parsing XML of unknown origin: no document type, no entities, no network, bounded nesting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, AnyStr

from kg.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST = 120
"""Elements within elements; the deepest FDA labels have about 40."""

MOST_TAGS = 1_000_000
"""Tags of a file; the largest labels have fewer than a tenth of that."""

_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CHARACTER = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,9})|([0-9]{1,9}));?")
_TOO_DEEP = re.compile(r"excessive depth", re.IGNORECASE)
_TOO_LONG = re.compile(r"too long|resource limit|too large|internal error: huge", re.IGNORECASE)
_FORBIDDEN = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
}


def parse(content: bytes, place: str) -> _Element:
    """Parse an XML file and return its root.

    Raises
    ------
    DocumentError
        When the file is empty, in an encoding that is not read, declares a document type or an entity, is not
        well-formed, or nests deeper than any label.
    """
    return parse_text(decode(content, place), place)


def parse_text(text: str, place: str, *, repair: bool = False) -> _Element:
    """Parse XML that is text already; `repair` closes what is left open instead of refusing it.

    Raises
    ------
    DocumentError
        As for `parse`.
    """
    from lxml import etree

    if _FORBIDDEN.search(text):
        raise DocumentError(
            place, "declares a document type or an entity", "remove the declaration; a label needs none"
        )
    check_tags(text, "<", place)
    if repair:
        text = _CHARACTER.sub(_storable, text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=repair,
    )
    try:
        root = etree.fromstring(_DECLARATION.sub("", text, count=1).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        if _TOO_DEEP.search(error.msg or ""):
            raise _too_deep(place) from None
        if _TOO_LONG.search(error.msg or ""):
            raise DocumentError(place, "one of its texts is longer than any label", "split it into documents") from None
        reason = re.sub(r", line \d+, column \d+.*", "", error.msg or "not well-formed", flags=re.DOTALL)
        line = error.lineno or 1
        raise DocumentError(f"{place}:{line}", f"no well-formed XML ({reason})", "fetch the file again") from None
    if root is None:
        raise DocumentError(place, "holds no XML element", "fetch the file again")
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            raise _too_deep(place)
    return root


def check_tags(content: AnyStr, opening: AnyStr, place: str) -> None:
    """Refuse markup of so many tags that reading it takes minutes and gigabytes; `opening` begins a tag.

    Raises
    ------
    DocumentError
        When there are more tags than a document has.
    """
    if content.count(opening) > MOST_TAGS:
        raise DocumentError(place, f"has more than {MOST_TAGS:,} tags", "split it into documents")


def _too_deep(place: str) -> DocumentError:
    return DocumentError(place, f"elements are nested deeper than {DEEPEST}", "no label is; leave the file out")


def _storable(reference: re.Match[str]) -> str:
    """Keep a reference to a character that XML can hold; any other, which a repairing parser lets through, is one."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    is_character = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return reference[0] if is_character else "\ufffd"


def decode(content: bytes, place: str) -> str:
    """Decode the bytes of an XML file by its byte order mark, its first bytes, or its declaration.

    Raises
    ------
    DocumentError
        When it is empty, its encoding is not one of those that labels come in, or the bytes do not fit it.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is None:
        declared = _ENCODING.match(content[:400])
        named = declared[1].decode("ascii").lower() if declared else "utf-8"
        encoding = _ENCODINGS.get(named)
        if encoding is None:
            raise DocumentError(place, f"its encoding {named} is not read", "save it as UTF-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        at = f"byte {error.start} is 0x{content[error.start]:02x}"
        raise DocumentError(place, f"not {encoding.removesuffix('-sig').upper()} ({at})", "save it as UTF-8") from None
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise DocumentError(place, "the file is empty", "name a file with text")
    return text
