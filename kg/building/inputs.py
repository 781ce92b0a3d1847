"""What a build reads: files, and of those that have not changed only what the earlier build kept of their documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

from kg import extraction, reading
from kg.building import kept
from kg.building.folder import Earlier
from kg.building.kept import Kept
from kg.errors import DocumentError
from kg.records import Document


class Inputs:
    """The documents of files and folders in their order, those that need not be read as the earlier build has them.

    Attributes
    ----------
    seen : dict
        SHA-256 and name of each file whose documents could all be read → name and content of each, for the next build.
    """

    def __init__(self, paths: Iterable[Path], earlier: Earlier, options: Callable[[str], str]) -> None:
        """Look at paths; `options` gives what else the facts of a document depend on."""
        self.seen: dict[str, list[list[str]]] = {}
        self._paths, self._earlier, self._options = tuple(paths), earlier, options

    def __iter__(self) -> Iterator[Document | Kept | DocumentError]:
        """Give each document once: as it is read, as it was kept, or the error that it is left out for.

        Raises
        ------
        DocumentError
            When a path is missing or a folder holds no document, before the first document is read.
        """
        for found in cast(Iterator[Document | Kept | DocumentError], extraction.each_once(self._paths, self._read)):
            yield found if isinstance(found, Kept) else self._same(found) or found

    def _read(self, path: Path) -> Iterator[Document | Kept | DocumentError]:
        key = _key(path)
        noted = self._earlier.inputs.get(key) if key else None
        at_hand = [self._earlier.same(name, content, self._options(name)) for name, content in noted or ()]
        if noted and key and all(at_hand):
            self.seen[key] = noted
            yield from (one for one in at_hand if one is not None)
            return
        whole, documents = True, []
        for found in reading.read(path):
            if isinstance(found, DocumentError):
                whole = False
            else:
                documents.append([found.name, kept.content_of(found)])
            yield found
        if whole and key:
            self.seen[key] = documents

    def _same(self, found: Document | DocumentError) -> Kept | None:
        if isinstance(found, DocumentError):
            return None
        return self._earlier.same(found.name, kept.content_of(found), self._options(found.name))


def _key(path: Path) -> str | None:
    """Return what tells a file from others: its content, and its name, which names its documents."""
    try:
        if path.stat().st_size > reading.MAXIMUM_BYTES:
            return None
        with path.open("rb") as stream:
            return f"{hashlib.file_digest(stream, 'sha256').hexdigest()} {path.name}"
    except OSError:
        return None
