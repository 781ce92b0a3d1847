"""Packed files, and PDFs under another ending: they are named as what they are; unpacking is left to the user."""

from __future__ import annotations

import re

from kg.errors import DocumentError

_FIRST_BYTES = {
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9]1AY&SY"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "7z": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "rar": re.compile(rb"Rar!\x1a\x07"),
}
_ENDINGS = {
    ".zip": "zip",
    ".gz": "gzip",
    ".tgz": "gzip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "zstd",
    ".7z": "7z",
    ".rar": "rar",
    ".tar": "tar",
}
_WRITTEN = frozenset({".doc", ".docx", ".odt", ".rtf", ".epub"})


def holds_documents(ending: str) -> bool:
    """Tell whether files of an ending are packed, or made by word processors: a folder's owner may take them for read.

    >>> holds_documents(".zip"), holds_documents(".png")
    (True, False)
    """
    return ending in _ENDINGS or ending in _WRITTEN


def check(content: bytes, ending: str, place: str) -> None:
    """Say of a packed file that it is one, and of a PDF; no text starts with such bytes.

    Raises
    ------
    DocumentError
        When the content is a compressed archive, or a PDF whose ending is another.
    """
    if content.startswith(b"%PDF-") and ending != ".pdf":
        raise DocumentError(place, "is a PDF", "give it the ending .pdf")
    for kind, first in _FIRST_BYTES.items():
        if first.match(content):
            raise _error(kind, place)


def check_ending(ending: str, place: str) -> None:
    """Say the same of a file by its ending.

    Raises
    ------
    DocumentError
        When files with this ending are archives.
    """
    if ending in _ENDINGS:
        raise _error(_ENDINGS[ending], place)


def _error(kind: str, place: str) -> DocumentError:
    return DocumentError(place, f"is a compressed archive ({kind})", "unpack it and name the documents in it")
