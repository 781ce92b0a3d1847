"""Reading: files become documents whose text is kept exactly as stored.

One small module a format, one contract, an explicit list: a reader takes the bytes of a file, the place to name in
errors and the file's name, and yields its documents; for a document that cannot be read it yields the error.
What holds for every format is here: sizes, packed files, and the language of each document.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kg.errors import DocumentError
from kg.reading import html, language, openfda, packed, pdf, plain, spl
from kg.reading.document import make_document
from kg.records import Document

__all__ = ["MAXIMUM_BYTES", "READERS", "SEVERAL", "Reader", "documents_in", "find", "load", "make_document", "read"]

MAXIMUM_BYTES = 50_000_000
"""A file larger than this is not a drug document (the largest FDA label has about 1 MB of text)."""

_NO_TEXT = re.compile("[\ud800-\udfff]")
Reader = Callable[[bytes, str, str], Iterable[Document | DocumentError]]

READERS: dict[str, Reader] = {
    ".txt": plain.read,
    ".text": plain.read,
    ".md": plain.read_markdown,
    ".markdown": plain.read_markdown,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".pdf": pdf.read,
    ".xml": spl.read,
    ".json": openfda.read,
}
"""File name ending → reader."""

SEVERAL = frozenset({".json"})
"""Endings of files that hold many documents: finding these is quick, and they come one at a time."""


def read(path: Path) -> Iterator[Document | DocumentError]:
    """Read one file: its documents in order, and an error for each that cannot be read; the others are still read.

    An error says that the file is missing, empty, too large, not what its ending says, or of an unknown format.
    """
    try:
        content = load(path)
    except DocumentError as error:
        yield error
        return
    yield from documents_in(content, path)


def load(path: Path) -> bytes:
    """Return the bytes of a file that may be a document.

    Raises
    ------
    DocumentError
        When the file is missing, too large, or of an unknown format.
    """
    place = str(path)
    try:
        if path.is_dir():
            raise DocumentError(place, "is a folder that cannot be opened", "allow reading it, or leave it out")
        if path.suffix.lower() not in READERS:
            packed.check_ending(path.suffix.lower(), place)
            raise DocumentError(place, f"no reader for {path.suffix or 'a name without ending'}", f"use {_endings()}")
        if _NO_TEXT.search(path.name):
            raise DocumentError(place, "has signs in its name that are no text", "rename it")
        if path.stat().st_size > MAXIMUM_BYTES:
            raise DocumentError(place, f"larger than {MAXIMUM_BYTES // 1_000_000} MB", "split it into documents")
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(place, error) from None


def documents_in(content: bytes, path: Path) -> Iterator[Document | DocumentError]:
    """Find the documents in the bytes of a file of a known ending, and an error for each that cannot be read."""
    place, ending = str(path), path.suffix.lower()
    try:
        packed.check(content, ending, place)
        for document in READERS[ending](content, place, path.name):
            yield _in_english(document, place, path.name)
    except OSError as error:
        yield _unreadable(place, error)
    except DocumentError as error:
        yield error


def _unreadable(place: str, error: OSError) -> DocumentError:
    reason = error.strerror or type(error).__name__
    return DocumentError(place, f"cannot be read ({reason})", "name a readable file")


def _in_english(document: Document | DocumentError, place: str, name: str) -> Document | DocumentError:
    """Return the document, or the error that it is in another language."""
    other = None if isinstance(document, DocumentError) else language.foreign(document.text)
    if other is None or isinstance(document, DocumentError):
        return document
    return DocumentError(place + document.name.removeprefix(name), f"is in {other}", "name an English document")


def find(paths: Iterable[Path]) -> Iterator[Path]:
    """List the documents among files and folders (folders are searched to any depth, hidden files left out), sorted.

    A file named outright is listed whatever its ending, so that `read` can say what is wrong with it; so are packed
    documents and those of word processors in a folder. Links to folders are not followed.

    Raises
    ------
    DocumentError
        When a path is missing or a folder holds no document.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(_inside(path))
            if not inside:
                raise DocumentError(str(path), "the folder holds no document", f"put {_endings()} files into it")
            yield from inside
        elif path.exists() or path.is_symlink():
            yield path
        else:
            raise DocumentError(str(path), "no such file or folder", "check the path")


def _inside(folder: Path) -> Iterator[Path]:
    """List what `read` can read in a folder, or can say something of: a packed document, a folder that stays shut."""
    shut: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=shut.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            ending = path.suffix.lower()
            is_ours = ending in READERS or packed.holds_documents(ending)
            if is_ours and not name.startswith(".") and (path.is_file() or path.is_symlink()):
                yield path
    yield from (Path(error.filename) for error in shut)


def _endings() -> str:
    return " ".join(sorted(READERS))
