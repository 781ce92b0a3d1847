"""How the patterns of the tables begin, worked out beforehand: `ontology/phrases/beginnings.tsv`.

To read off a pattern what its matches begin with takes longer than everything else at the start. So it is done once
and kept with the tables, a line a pattern, found by the pattern's hash; a pattern that has no line, such as one of a
user's own tables, is read when it is loaded. `python -m kg.extraction.format` writes the file.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from kg import resources
from kg.extraction.beginnings import Beginnings, beginnings
from kg.extraction.parts import parser, parts_of
from kg.extraction.ways import Way, Ways

_FORMAT = "3\t"
"""What a line begins with behind its key; one of another format is as good as none."""
_NOTHING_KNOWN = "-"
_OR = "\t/\t"
"""Stands between the alternatives of a pattern."""
_KEY = 24
"""Hexadecimal digits of a pattern's hash."""
_WHOLE, _GAP, _INSIDE, _BOUNDED, _MARK = 1, 2, 4, 8, 16


def of(pattern: str) -> tuple[Beginnings, ...]:
    """Return how the matches of each alternative of a pattern begin, as `beginnings` does.

    Raises
    ------
    re.error
        When it is no pattern.
    """
    known = _lines().get(key(pattern))
    return beginnings(pattern) if known is None else decode(known)


def check(pattern: str) -> None:
    """Refuse what is no pattern.

    Raises
    ------
    re.error
        When it is none.
    """
    if key(pattern) not in _lines():
        parts_of(parser.parse(pattern))


def line(pattern: str) -> str:
    """Return the line of a pattern, without its end."""
    return f"{key(pattern)}\t{_FORMAT}{encode(beginnings(pattern))}"


def key(pattern: str) -> str:
    """Return what stands for a pattern in the file."""
    return hashlib.sha256(pattern.encode()).hexdigest()[:_KEY]


def encode(alternatives: Iterable[Beginnings]) -> str:
    r"""Write how a pattern begins: alternatives, each with tabs between what is known of it.

    That is its clear ways, its loose ones, those that a second word follows, how that begins, and what it needs.

    >>> encode(beginnings(r"\b(?:may|can) cause"))
    'Bcan Bmay\t\tBcan Bmay\tAcause\tAcause\tBcan Bmay'
    >>> decode(encode(beginnings(r"[,;]"))) == beginnings(r"[,;]")
    True
    """
    return _OR.join(map(_encode, alternatives))


def _encode(own: Beginnings) -> str:
    loose = _NOTHING_KNOWN if own.loose is None else _written(own.loose)
    behind = _written(own.followed), _written(own.second)
    return "\t".join([_written(own.first), loose, *behind, *map(_written, own.needed)])


def decode(written: str) -> tuple[Beginnings, ...]:
    """Read what `encode` has written."""
    return tuple(map(_decode, written.split(_OR)))


def _decode(written: str) -> Beginnings:
    first, loose, followed, second, *needed = written.split("\t")
    none = None if loose == _NOTHING_KNOWN else _read(loose)
    return Beginnings(_read(first), none, tuple(map(_read, needed)), _read(followed), _read(second))


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
    lines = (line.partition("\t") for line in place().read_text("utf-8").splitlines())
    return {key: own.removeprefix(_FORMAT) for key, _, own in lines if own.startswith(_FORMAT)}
