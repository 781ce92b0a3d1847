"""The repair command of the phrase tables: `python -m kg.extraction.format` works out how their patterns begin.

It writes `ontology/phrases/beginnings.tsv`, a line a pattern, sorted: the same tables, the same bytes.
"""

from __future__ import annotations

import sys

from kg import files
from kg.extraction import known_beginnings, phrases
from kg.extraction.beginnings import beginnings

COMMAND = "python -m kg.extraction.format"


def canonical() -> bytes:
    """Return what the file must look like, byte for byte."""
    patterns = {own.pattern for own in phrases.load().patterns()}
    lines = (f"{known_beginnings.key(own)}\t{known_beginnings.encode(beginnings(own))}\n" for own in patterns)
    return "".join(sorted(lines)).encode()


def main() -> int:
    """Write the file, and say so on stderr where it has changed."""
    content, place = canonical(), known_beginnings.place()
    if not place.is_file() or content != place.read_bytes():
        files.write_bytes(place, content)
        print(f"{place.name}: rewritten", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
