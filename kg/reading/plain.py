"""Plain text and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.errors import DocumentError
from kg.reading.document import make_document
from kg.records import Document

LONGEST_LINE = 200_000
"""A line longer than this (in code points) is data, not prose."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def read(content: bytes, place: str, name: str) -> Iterator[Document]:
    """Read a plain text as one document."""
    yield make_document(name, decode(content, place))


def read_markdown(content: bytes, place: str, name: str) -> Iterator[Document]:
    """Read a Markdown text as one document."""
    yield make_document(name, decode(content, place), "markdown")


def decode(content: bytes, place: str) -> str:
    """Decode the bytes of a text file; a byte order mark is dropped, nothing else changes.

    Raises
    ------
    DocumentError
        When the file is empty, binary, not UTF-8, or has a line that no prose has.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(place, "the text is UTF-16", "save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\x00" in content[:4096]:
            raise DocumentError(place, "the file is binary", "name a text file") from None
        raise DocumentError(
            place, f"not UTF-8 (byte {error.start} is 0x{content[error.start]:02x})", "save it as UTF-8"
        ) from None
    if not text.strip():
        raise DocumentError(place, "the file is empty", "name a file with text")
    if len(_CONTROL.findall(text[:65_536])) > len(text[:65_536]) // 1000:
        raise DocumentError(place, "the file is binary", "name a text file")
    longest = max(map(len, text.splitlines()))
    if longest > LONGEST_LINE:
        raise DocumentError(place, f"a line has {longest} characters", f"break lines to at most {LONGEST_LINE}")
    return text
