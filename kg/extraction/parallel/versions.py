"""What decides which bytes come out of a document: program, ontology, libraries, vocabulary, each as a short hash."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from kg import resources
from kg.errors import KgError

LIBRARIES = ("ahocorasick-rs", "lxml", "marisa-trie", "numpy", "pypdf", "turbohtml")
"""What text and names are found with."""


def version(lexicon: Path | None = None) -> dict[str, str]:
    """Return what documents are read with here: names for people, each with a value to compare."""
    return {**_own(), "vocabulary": _hash(sorted(lexicon.rglob("*")), lexicon) if lexicon else "none"}


def check(theirs: dict[str, str], ours: dict[str, str], place: str) -> None:
    """Compare what a worker reads with to what is read with here.

    Raises
    ------
    KgError
        When something differs: its statements could differ, too.
    """
    for name, value in ours.items():
        if theirs.get(name) != value:
            remedy = "use the same release and the same vocabulary on every host, and start the workers again"
            raise KgError(place, f"reads with another {name} ({theirs.get(name)}) than this program ({value})", remedy)


@functools.cache
def _own() -> dict[str, str]:
    package = Path(__file__).resolve().parents[2]
    ontology = resources.folder("ontology")
    return {
        "drug-facts": _installed("drug-facts"),
        "program": _hash(sorted(package.rglob("*.py")), package),
        "ontology": _hash(sorted(ontology.rglob("*")), ontology),
        "Unicode": unicodedata.unidata_version,
        **{name: _installed(name) for name in LIBRARIES},
    }


def _hash(files: Iterable[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
