"""Patterns compiled beforehand: `ontology/phrases/compiled.bin.gz`.

Python compiles a pattern slowly, and a single label needs hundreds of them: a fifth of what a short run took. What is
made of a pattern is a list of numbers for the engine that matches; so it is made once and kept with the tables, found
by the pattern's hash. An engine that nobody has compared with, or a pattern that is not kept, is compiled as ever.
`python -m kg.extraction.format` writes the file, and a test compares every pattern of it with what Python makes of it.
"""

from __future__ import annotations

import functools
import gzip
import importlib
import json
import re
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from kg import resources
from kg.extraction.known_beginnings import key

# The engine of the standard library; the module is not public, as little as the parser that `beginnings` reads with.
_engine = importlib.import_module("_sre")

ENGINES = frozenset({20220615, 20221023, 20230612})
"""Engines for which Python makes the same numbers of the tables' patterns: those of Python 3.11, 3.12 and 3.13."""

_SIZE = 4
"""Bytes of a number."""


class _Compiled(NamedTuple):
    """Of each pattern where its numbers begin and end, its flags, its groups and their names; and all numbers."""

    patterns: dict[str, tuple[int, int, int, int, dict[str, int]]]
    numbers: memoryview


def compiled(pattern: str) -> re.Pattern[str]:
    """Return what `re.compile` returns.

    >>> compiled(r"\\bharm\\b") == re.compile(r"\\bharm\\b")
    True

    Raises
    ------
    re.error
        When it is no pattern.
    """
    return kept(pattern) or re.compile(pattern)


def kept(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern that was compiled beforehand for the engine at hand; None where it was not."""
    content = _content()
    if content is None or (own := content.patterns.get(key(pattern))) is None:
        return None
    start, end, flags, groups, names = own
    numbers = content.numbers[start:end].tolist()
    by_number = {number: name for name, number in names.items()}
    found: re.Pattern[str] = _engine.compile(
        pattern, flags, numbers, groups, names, (None, *(by_number.get(number) for number in range(1, groups + 1)))
    )
    return found


def place() -> Path:
    """Return where the file is."""
    return resources.folder("ontology") / "phrases" / "compiled.bin.gz"


def encode(patterns: Iterable[str]) -> bytes:
    """Write patterns: a line of JSON about each of them, and the numbers of all, 32 bits each, the lowest byte first.

    Raises
    ------
    re.error
        When one is no pattern.
    """
    parser, compiler = importlib.import_module("re._parser"), importlib.import_module("re._compiler")
    about: dict[str, Any] = {}
    numbers: list[int] = []
    for own in sorted(set(patterns), key=key):
        parsed = parser.parse(own)
        flags, names = parsed.state.flags, dict(parsed.state.groupdict)
        code = compiler._code(parsed, flags)
        about[key(own)] = (len(numbers), len(numbers) + len(code), flags, parsed.state.groups - 1, names)
        numbers += code
    packed = array("I", numbers)
    if sys.byteorder != "little":
        packed.byteswap()
    return gzip.compress(json.dumps(about, separators=(",", ":")).encode() + b"\n" + packed.tobytes(), mtime=0)


@functools.cache
def _content() -> _Compiled | None:
    """Read the file; without it, or where the engine is another one, every pattern is compiled when it is needed."""
    is_ours = _engine.MAGIC in ENGINES and _engine.CODESIZE == array("I").itemsize == _SIZE
    if not is_ours or sys.byteorder != "little" or not place().is_file():
        return None
    about, _, numbers = gzip.decompress(place().read_bytes()).partition(b"\n")
    return _Compiled(json.loads(about), memoryview(numbers).cast("I"))
