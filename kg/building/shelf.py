"""A shelf for long texts: on disk, so that what is kept of a document is short whatever the document says."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO


@dataclass(frozen=True, slots=True)
class Text:
    """A text on a shelf; two are the same where their sums are."""

    sha256: bytes
    _stream: IO[bytes] = field(compare=False, repr=False)
    _start: int = field(compare=False, repr=False)
    _length: int = field(compare=False, repr=False)

    @property
    def place(self) -> tuple[str, int, int]:
        """Its sum, and where it lies."""
        return self.sha256.hex(), self._start, self._length

    def read(self) -> str:
        """Take it from the shelf."""
        self._stream.seek(self._start)
        return self._stream.read(self._length).decode()


class Shelf:
    """Keeps texts in a file, one after the other: its own, which goes away with it, or one that is there already."""

    def __init__(self, stream: IO[bytes] | None = None) -> None:
        """Begin an empty shelf, or put up a file that is read only."""
        self._stream = tempfile.TemporaryFile() if stream is None else stream  # noqa: SIM115 - open as long as it is

    def put(self, text: str) -> Text:
        """Put a text on the shelf."""
        content = text.encode()
        start = self._stream.seek(0, 2)
        self._stream.write(content)
        return self._text(content, start)

    def lines(self) -> Iterator[tuple[bytes, int]]:
        """Give the lines of the file that is put up, each with its place, without the end of the line."""
        start = self._stream.seek(0)
        for line in self._stream:
            yield line.removesuffix(b"\n"), start
            start += len(line)

    def at(self, content: bytes, start: int) -> Text:
        """Name a text that was read at a place of the file."""
        return self._text(content, start)

    def placed(self, sha256: str, start: int, length: int) -> Text:
        """Return the text of a `Text.place` of this shelf."""
        return Text(bytes.fromhex(sha256), self._stream, start, length)

    def holds(self, text: Text) -> bool:
        """Tell whether a text lies on this shelf."""
        return text._stream is self._stream

    def close(self) -> None:
        """Take the shelf down."""
        self._stream.close()

    def _text(self, content: bytes, start: int) -> Text:
        return Text(hashlib.sha256(content).digest(), self._stream, start, len(content))
