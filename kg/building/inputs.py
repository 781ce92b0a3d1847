"""What a build reads: files, and of those that have not changed only what the earlier build kept of their documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

from kg import extraction, reading
from kg.building import kept
from kg.building.earlier import Earlier
from kg.building.kept import Kept
from kg.errors import DocumentError
from kg.extraction.parallel import Crew
from kg.records import Document


class Inputs:
    """The documents of files and folders in their order, those that need not be read as the earlier build has them.

    Attributes
    ----------
    unread : list of Path
        The files that must be read.
    seen : dict
        SHA-256 and name of each file whose documents could all be read → name and content of each, for the next build.
    """

    def __init__(self, paths: Iterable[Path], earlier: Earlier, options: Callable[[str], str]) -> None:
        """Look at paths; `options` gives what else the facts of a document depend on.

        Raises
        ------
        DocumentError
            When a path is missing or a folder holds no document.
        """
        self.seen: dict[str, list[list[str]]] = {}
        self._earlier, self._options = earlier, options
        self._keys = {path: _key(path) for path in dict.fromkeys(reading.find(paths))}
        self._kept = {path: found for path, key in self._keys.items() if (found := self._known(key))}
        self.unread = [path for path in self._keys if path not in self._kept]

    def documents(self, readers: Crew) -> Iterator[Document | Kept | DocumentError]:
        """Give each document once: as it is read, as it was kept, or the error that it is left out for."""
        for found in cast(Iterator[Document | Kept | DocumentError], extraction.once(self._files(readers))):
            if isinstance(found, Document):
                same = self._earlier.same(found.name, kept.content_of(found), self._options(found.name))
                yield same or found
            else:
                yield found

    def _files(self, readers: Crew) -> Iterator[tuple[Path, Iterable[Document | Kept | DocumentError]]]:
        opened = readers.opened(self.unread)
        for path, key in self._keys.items():
            if path in self._kept:
                self.seen[key] = [list(noted) for noted in self._earlier.whole.inputs[key]]
                yield path, self._kept[path]
            else:
                yield path, self._noting(key, next(opened))

    def _known(self, key: str) -> list[Kept] | None:
        noted = self._earlier.whole.inputs.get(key) or ()
        found = [self._earlier.same(name, content, self._options(name)) for name, content in noted]
        return [one for one in found if one is not None] if all(found) else None

    def _noting(
        self, key: str, documents: Iterable[Document | DocumentError]
    ) -> Iterator[Document | Kept | DocumentError]:
        whole, noted = bool(key), []
        for found in documents:
            if isinstance(found, DocumentError):
                whole = False
            else:
                noted.append([found.name, kept.content_of(found)])
            yield found
        if whole:
            self.seen[key] = noted


def _key(path: Path) -> str:
    """Return what tells a file from others, its content and its name, which names its documents; "" if it has none."""
    try:
        if path.stat().st_size > reading.MAXIMUM_BYTES:
            return ""
        with path.open("rb") as stream:
            return f"{hashlib.file_digest(stream, 'sha256').hexdigest()} {path.name}"
    except OSError:
        return ""
