"""Make the list of known names that the models look at (`ontology/models/names.bin.gz`) from public vocabularies.

    python -m training.names VOCABULARIES

VOCABULARIES is a folder with MONDO, DOID, MeSH and HPO in formats that `kg vocabulary add` reads. Every name that one
of them gives to anything is in, as a hash; nothing is dropped or merged, because the models learn for themselves what a
vocabulary's word is worth.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from kg.extraction.tagging import known
from kg.vocabulary.sources import read

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {"mondo": "mondo.tsv.gz", "mesh": "mesh.tsv.gz", "doid": "doid.tsv.gz", "hpo": "hp.obo.gz"}
_WORD = re.compile(r"[a-z]+|\d+")


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vocabularies", type=Path)
    arguments = parser.parse_args()
    names: dict[int, int] = {}
    for bit, file in enumerate(SOURCES.values()):
        before = len(names)
        for entry in read(arguments.vocabularies / file).entries:
            for name in (entry.label, *entry.names, *entry.broad):
                words = _WORD.findall(name.lower())
                if known.is_kept(words):
                    own = known.hash_of(words)
                    names[own] = names.get(own, 0) | 1 << bit
        print(file, len(names) - before, "names more")
    place = ROOT / "ontology" / "models" / "names.bin.gz"
    place.write_bytes(known.encode(names, tuple(SOURCES)))
    print(place, place.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
