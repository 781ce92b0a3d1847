"""Reading: files become documents whose text is kept exactly as stored.

One small module a format, one contract, an explicit list: a reader takes the bytes of a file and gives its text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from kg.errors import DocumentError
from kg.reading import layout, plain
from kg.records import Document

MAXIMUM_BYTES = 50_000_000
"""A file larger than this is not a drug document (the largest FDA label has about 1 MB of text)."""

READERS: dict[str, tuple[str, Callable[[bytes, str], str]]] = {
    ".txt": ("plain", plain.decode),
    ".text": ("plain", plain.decode),
    ".md": ("markdown", plain.decode),
    ".markdown": ("markdown", plain.decode),
}
"""File name ending → layout rules of the text, and the function that takes bytes and place and gives the text."""


def make_document(name: str, text: str, markup: str = "plain", source_kind: str = "web page") -> Document:
    """Make a document from a text at hand.

    >>> make_document("note.txt", "Aspirin\\n\\nAspirin relieves pain.").title
    'Aspirin'
    """
    document = Document(name, text, name, source_kind, markup, hashlib.sha256(text.encode()).hexdigest())
    return replace(document, title=layout.title(document) or name)


def read(path: Path) -> Document:
    """Read one file.

    Raises
    ------
    DocumentError
        When the file is missing, empty, too large, binary, not UTF-8 or of an unknown format.
    """
    place = str(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DocumentError(place, f"no reader for {path.suffix or 'a name without ending'}", f"use {_endings()}")
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise DocumentError(place, f"larger than {MAXIMUM_BYTES // 1_000_000} MB", "split it into documents")
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(place, f"cannot be read ({error.strerror})", "name a readable file") from None
    markup, decode = reader
    return make_document(path.name, decode(content, place), markup)


def find(paths: Iterable[Path]) -> Iterator[Path]:
    """List the documents among files and folders (folders are searched to any depth, hidden files left out), sorted.

    A file named outright is listed whatever its ending, so that `read` can say what is wrong with it.

    Raises
    ------
    DocumentError
        When a path is missing or a folder holds no document.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in READERS and p.is_file())
            shown = [p for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts)]
            if not shown:
                raise DocumentError(str(path), "the folder holds no document", f"put {_endings()} files into it")
            yield from shown
        elif path.exists():
            yield path
        else:
            raise DocumentError(str(path), "no such file or folder", "check the path")


def _endings() -> str:
    return " ".join(sorted(READERS))
