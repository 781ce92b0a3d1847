"""Where the three data folders are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from kg.errors import OntologyError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder `ontology`, `facts` or `queries`.

    Raises
    ------
    OntologyError
        When the folder is neither in the installed package nor beside it.

    >>> (folder("ontology") / "drugs.ttl").is_file()
    True
    """
    for place in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise OntologyError(name, "the data folder is not in the installation", "install drug-facts again")


def files(name: str, pattern: str) -> list[Path]:
    """List the files of a data folder that match a glob pattern, sorted by name so that every run sees one order."""
    return sorted(folder(name).glob(pattern), key=lambda path: path.as_posix())
