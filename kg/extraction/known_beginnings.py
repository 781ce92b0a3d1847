"""How the patterns of the tables begin, worked out beforehand: `ontology/phrases/beginnings.tsv`.

To read off a pattern what its matches begin with takes longer than everything else at the start. So it is done once
and kept with the tables, a line a pattern, found by the pattern's hash; a pattern that has no line, such as one of a
user's own tables, is read when it is loaded. `python -m kg.extraction.format` writes the file.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from kg import resources
from kg.extraction.beginnings import Beginnings, Way, Ways, beginnings

_NOTHING_KNOWN = "-"
_KEY = 24
"""Hexadecimal digits of a pattern's hash."""
_WHOLE, _GAP, _INSIDE, _BOUNDED, _MARK = 1, 2, 4, 8, 16


def of(pattern: str) -> Beginnings:
    """Return how the matches of a pattern begin, as `beginnings` does.

    Raises
    ------
    re.error
        When it is no pattern.
    """
    line = _lines().get(key(pattern))
    return beginnings(pattern) if line is None else decode(line)


def key(pattern: str) -> str:
    """Return what stands for a pattern in the file."""
    return hashlib.sha256(pattern.encode()).hexdigest()[:_KEY]


def encode(own: Beginnings) -> str:
    r"""Write how a pattern begins: its clear ways, its loose ones, and what it needs, with tabs between them.

    >>> encode(beginnings(r"\b(?:may|can) cause"))
    'Bcan Bmay\t\tAcause\tBcan Bmay'
    >>> decode(encode(beginnings(r"[,;]"))) == beginnings(r"[,;]")
    True
    """
    loose = _NOTHING_KNOWN if own.loose is None else _written(own.loose)
    return "\t".join([_written(own.first), loose, *map(_written, own.needed)])


def decode(line: str) -> Beginnings:
    """Read what `encode` has written."""
    first, loose, *needed = line.split("\t")
    return Beginnings(_read(first), None if loose == _NOTHING_KNOWN else _read(loose), tuple(map(_read, needed)))


def _written(ways: Ways) -> str:
    """Write ways: before each word or mark a letter that says what sort of way it is."""
    return " ".join(sorted(map(_way_written, ways)))


def _way_written(way: Way) -> str:
    sort = _WHOLE * way.whole + _GAP * way.gap + _INSIDE * way.inside + _BOUNDED * way.bounded + _MARK * bool(way.mark)
    return chr(ord("A") + sort) + (way.mark or way.word)


def _read(ways: str) -> Ways:
    return frozenset(map(_way_read, ways.split(" "))) if ways else frozenset()


@functools.cache
def _way_read(text: str) -> Way:
    sort, word = ord(text[0]) - ord("A"), text[1:]
    marked = bool(sort & _MARK)
    return Way(
        "" if marked else word, bool(sort & _WHOLE), bool(sort & _GAP), word if marked else "",
        bool(sort & _BOUNDED), bool(sort & _INSIDE),
    )  # fmt: skip


def place() -> Path:
    """Return where the file is."""
    return resources.folder("ontology") / "phrases" / "beginnings.tsv"


@functools.cache
def _lines() -> dict[str, str]:
    """Return the lines of the file by their keys; without the file every pattern is read when it is loaded."""
    if not place().is_file():
        return {}
    return {line[:_KEY]: line[_KEY + 1 :] for line in place().read_text("utf-8").splitlines()}
