"""The repair command of the vocabulary: `python -m kg.vocabulary.format` makes `ontology/concepts/*.ttl` canonical.

One file a type of concept, subjects and values sorted, only the prefixes that are used: the same concepts, the same
bytes, so that a diff shows what changed and nothing else. What is loaded of them is worked out beside them.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg import files, resources, vocabulary
from kg.errors import KgError, OntologyError
from kg.graph import terms, turtle
from kg.vocabulary import lexicon, prepared

COMMAND = "python -m kg.vocabulary.format"


def declared_prefixes(ontology: Path | None = None) -> dict[str, str]:
    """Read the prefix map that `ontology/drugs.ttl` declares, the public identifiers' prefixes among it.

    >>> declared_prefixes()["atc"]
    'http://purl.bioontology.org/ontology/ATC/'
    """
    path = ontology or resources.folder("ontology") / "drugs.ttl"
    store = ox.Store()
    _load(store, path)
    found = store.query(
        "SELECT ?prefix ?namespace { ?ontology sh:declare [ sh:prefix ?prefix ; sh:namespace ?namespace ] }",
        prefixes={"sh": terms.SHACL},
    )
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - for the type checker: the query is a SELECT
    return dict(sorted((row["prefix"].value, row["namespace"].value) for row in found))


def canonical(path: Path) -> bytes:
    """Return what a file of concepts must look like, byte for byte: its leading comment, then its triples sorted.

    Raises
    ------
    OntologyError
        When the file is not Turtle.
    """
    store = ox.Store()
    _load(store, path)
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    triples = ((q.subject, q.predicate, q.object) for q in store)
    return turtle.write(triples, "\n".join(lines), declared_prefixes())


def outdated() -> bytes | None:
    """Return what the file of the prepared vocabulary must hold, where it does not.

    Raises
    ------
    OntologyError
        When a file of concepts is not Turtle.
    """
    known, place = vocabulary.read(resources.folder("ontology") / "concepts"), prepared.place()
    content = prepared.encode(known.concepts.values(), lexicon.spelled(known))
    same = place.is_file() and gzip.decompress(content) == gzip.decompress(place.read_bytes())  # zlibs differ
    return None if same else content


def main(arguments: Sequence[str] = ()) -> int:
    """Rewrite the files named, or every file of concepts, and say on stderr which ones changed."""
    paths = [Path(argument) for argument in arguments] or resources.files("ontology", "concepts/*.ttl")
    try:
        for path in paths:
            content = canonical(path)
            if content != path.read_bytes():
                files.write_bytes(path, content)
                print(f"{path.name}: rewritten", file=sys.stderr)  # noqa: T201
        ready = None if arguments else outdated()
        if ready is not None:
            files.write_bytes(prepared.place(), ready)
            print(f"{prepared.place().name}: rewritten", file=sys.stderr)  # noqa: T201
    except KgError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _load(store: ox.Store, path: Path) -> None:
    try:
        store.bulk_load(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    except OSError as error:
        raise OntologyError(str(path), f"cannot be read ({error.strerror})", "name a readable Turtle file") from None
    except SyntaxError as error:
        raise OntologyError(str(path), f"not Turtle ({error})", "mend the line it names") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
