"""The repair command of the phrase tables: `python -m kg.extraction.format` works out what is known of their patterns.

It writes `ontology/phrases/beginnings.tsv`, how each pattern begins, a line a pattern, sorted; and `compiled.bin.gz`
beside it, what the engine makes of each. The same tables, the same bytes.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from kg import files
from kg.extraction import known_beginnings, phrases, precompiled

COMMAND = "python -m kg.extraction.format"


def canonical() -> bytes:
    """Return what the file of beginnings must look like, byte for byte."""
    return "".join(sorted(f"{known_beginnings.line(own)}\n" for own in patterns())).encode()


def patterns() -> set[str]:
    """Return every pattern of the tables."""
    return {own.pattern for own in phrases.load().patterns()}


def outdated() -> Iterator[tuple[Path, bytes]]:
    """Give the files that are not those of the tables, each with what it must hold."""
    place, content = known_beginnings.place(), canonical()
    if not place.is_file() or content != place.read_bytes():
        yield place, content
    place, content = precompiled.place(), precompiled.encode(patterns())
    if not place.is_file() or gzip.decompress(content) != gzip.decompress(place.read_bytes()):  # zlibs differ
        yield place, content


def main() -> int:
    """Write the files, and say so on stderr where one has changed."""
    for place, content in outdated():
        files.write_bytes(place, content)
        print(f"{place.name}: rewritten", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
