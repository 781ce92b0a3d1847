"""The bytes of a vocabulary file, plain or gzipped, taken in pieces so that a bomb is refused before it goes off."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kg.errors import VocabularyError

MAXIMUM_BYTES = 500_000_000
"""The largest file that is read, compressed or not."""

MAXIMUM_RATIO = 100
"""How many times larger than its file the content may be; what people write shrinks to a tenth."""

_CHUNK = 1 << 18
_SLACK = 1 << 20
_GZIP = b"\x1f\x8b"


class Content(NamedTuple):
    """The content of a file: its bytes, the SHA-256 of the file as stored, and its name without `.gz`."""

    data: bytes
    sha256: str
    name: str


def read(path: Path) -> Content:
    """Read a file whole, unpacked where it is gzipped (by its first bytes, whatever it is called).

    Raises
    ------
    VocabularyError
        When it cannot be read, is empty, is too large, or is no sound gzip file.
    """
    place = str(path)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            pieces = _pieces(stream, digest, place)
            data = b"".join(pieces)
    except OSError as error:
        raise VocabularyError(place, f"cannot be read ({error.strerror})", "name a readable file") from None
    if not data.strip():
        raise VocabularyError(place, "the file is empty", "name a file with a vocabulary")
    if data.startswith(_GZIP):
        raise VocabularyError(place, "is packed twice", "unpack it once")
    return Content(data, digest.hexdigest(), path.name.removesuffix(".gz"))


def text(content: bytes, place: str) -> str:
    """Decode UTF-8, with or without a byte order mark.

    Raises
    ------
    VocabularyError
        When it is something else; the line is named.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise VocabularyError(f"{place}:{line}", "is not UTF-8", "save it as UTF-8") from None


def _pieces(stream: BinaryIO, digest: hashlib._Hash, place: str) -> Iterator[bytes]:
    taken = 0
    unpacker = None
    total = 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        if not taken and chunk.startswith(_GZIP):
            unpacker = _Unpacker(place)
        taken += len(chunk)
        for piece in unpacker.unpack(chunk) if unpacker else (chunk,):
            total += len(piece)
            if total > MAXIMUM_BYTES:
                raise VocabularyError(place, f"larger than {MAXIMUM_BYTES // 1_000_000} MB", "name a smaller selection")
            if unpacker and total > MAXIMUM_RATIO * taken + _SLACK:
                problem = f"unpacks to more than {MAXIMUM_RATIO} times its size"
                raise VocabularyError(place, problem, "unpack it yourself if you trust it")
            yield piece
    if unpacker:
        unpacker.finish()


class _Unpacker:
    """Unpacks gzip piece by piece; a file may hold several members one after another."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._member = zlib.decompressobj(wbits=31)

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            if self._member.eof:
                if not chunk.strip(b"\0"):  # padding at the end
                    return
                self._member = zlib.decompressobj(wbits=31)
            try:
                piece = self._member.decompress(chunk, _CHUNK)
            except zlib.error as error:
                raise VocabularyError(self._place, f"is no sound gzip file ({error})", "fetch it again") from None
            chunk = self._member.unconsumed_tail or self._member.unused_data
            if piece:
                yield piece

    def finish(self) -> None:
        if not self._member.eof:
            raise VocabularyError(self._place, "ends in the middle of its gzip data", "fetch it again")
