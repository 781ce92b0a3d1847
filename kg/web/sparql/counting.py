"""An answer that grows within limits: bytes as they come, rows counted in what has been written.

The engine writes whole answers; to count rows in Python one by one would take longer than to find them. So they are
counted in the bytes, exactly, each time that these have doubled, and at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_FIRST = 1 << 20
Item = TypeVar("Item")


class TooMuchError(Exception):
    """An answer beyond its limits."""


def _json(text: bytes) -> int:
    r"""Count the objects of a list, whatever its strings hold.

    >>> _json(rb'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"value":"},{\""}},{"a":{"value":"["}}]}}')
    2
    """
    plain = text.replace(rb"\\", b"").replace(rb"\"", b"")
    outside = b"".join(plain.split(b'"')[::2])
    return outside.count(b"[{") + outside.count(b",{")


def _xml(text: bytes) -> int:
    return text.count(b"<result>")


def _csv(text: bytes) -> int:
    r"""Count lines below the head, line ends in quotes left out.

    >>> _csv(b'a\r\n"x\r\ny ""z""!"\r\n1\r\n')
    2
    """
    return sum(part.count(b"\n") for part in text.split(b'"')[::2]) - 1


def _tsv(text: bytes) -> int:
    return text.count(b"\n") - 1


COUNTERS: dict[str, Callable[[bytes], int]] = {"srj": _json, "srx": _xml, "csv": _csv, "tsv": _tsv}
"""File name ending of a format → how many rows a text of it has."""


class Bounded:
    """What is written to, up to so many bytes and rows."""

    def __init__(self, most_bytes: int, most_rows: int = 0, count: Callable[[bytes], int] | None = None) -> None:
        self._text = bytearray()
        self._most_bytes, self._most_rows, self._count = most_bytes, most_rows, count
        self._next = _FIRST

    def write(self, part: bytes) -> int:
        """Take a part.

        Raises
        ------
        TooMuchError
            When that is more than is allowed.
        """
        self._text += part
        if len(self._text) > self._most_bytes:
            raise TooMuchError(f"the answer has more than {self._most_bytes:,} bytes")
        if len(self._text) >= self._next:
            self._next *= 2
            self._check()
        return len(part)

    def flush(self) -> None:
        """Do nothing: all is kept."""

    def whole(self) -> bytes:
        """Return everything.

        Raises
        ------
        TooMuchError
            When it has too many rows.
        """
        self._check()
        return bytes(self._text)

    def _check(self) -> None:
        if self._count is not None and self._count(bytes(self._text)) > self._most_rows:
            raise TooMuchError(f"the answer has more than {self._most_rows:,} rows")


def at_most(items: Iterable[Item], most: int) -> Iterator[Item]:
    """Give items one by one, as long as they are not too many.

    Raises
    ------
    TooMuchError
        When there is one more.
    """
    for number, item in enumerate(items):
        if number == most:
            raise TooMuchError(f"the answer has more than {most:,} triples")
        yield item
