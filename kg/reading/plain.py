"""Plain text and Markdown."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from kg.errors import DocumentError
from kg.reading.document import make_document
from kg.records import Document

LONGEST_LINE = 200_000
"""A line longer than this (in code points) is data, not prose."""

_BYTES_A_CHARACTER = 4
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def read(content: bytes, place: str, name: str) -> Iterator[Document]:
    """Read a plain text as one document."""
    yield make_document(name, decode(content, place))


def read_markdown(content: bytes, place: str, name: str) -> Iterator[Document]:
    """Read a Markdown text as one document."""
    yield make_document(name, decode(content, place), "markdown")


def decode(content: bytes, place: str) -> str:
    """Decode the bytes of a text file, UTF-8 or UTF-16 with its byte order mark; the mark goes, nothing else changes.

    Raises
    ------
    DocumentError
        When the file is empty, binary, neither UTF-8 nor marked UTF-16, or has a line that no prose has.
    """
    _check_lines(content, place)
    text = _utf_16(content, place) if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else _utf_8(content, place)
    return check_text(text, place)


def check_text(text: str, place: str) -> str:
    """Return the text of a document as it is.

    Raises
    ------
    DocumentError
        When there is no text, or it is binary data, or has a line that no prose has.
    """
    if not text or text.isspace():
        raise DocumentError(place, "the file is empty", "name a file with text")
    if len(_CONTROL.findall(text[:65_536])) > len(text[:65_536]) // 1000:
        raise DocumentError(place, "the file is binary", "name a text file")
    longest = max(map(len, text.splitlines()))
    if longest > LONGEST_LINE:
        raise DocumentError(place, f"a line has {longest} characters", f"break lines to at most {LONGEST_LINE}")
    return text


def _check_lines(content: bytes, place: str) -> None:
    """Refuse one endless line before it is decoded, so that it costs neither time nor memory."""
    longest, start = _BYTES_A_CHARACTER * LONGEST_LINE, 0
    while len(content) - start > longest:
        end = max(content.rfind(mark, start, start + longest) for mark in (b"\n", b"\r"))
        if end < 0:
            size = f"more than {LONGEST_LINE} characters"
            raise DocumentError(place, f"a line has {size}", f"break lines to at most {LONGEST_LINE}")
        start = end + 1


def _utf_16(content: bytes, place: str) -> str:
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise DocumentError(
            place, f"not UTF-16 as its first bytes say (byte {error.start})", "save it as UTF-8"
        ) from None


def _utf_8(content: bytes, place: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\x00" in content[:4096]:
            raise DocumentError(place, "the file is binary", "name a text file") from None
        raise DocumentError(
            place, f"not UTF-8 (byte {error.start} is 0x{content[error.start]:02x})", "save it as UTF-8"
        ) from None
