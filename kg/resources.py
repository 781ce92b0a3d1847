"""Where the three data folders are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@contextlib.contextmanager
def table(name: str, what: str, remedy: str) -> Iterator[dict[str, Any]]:
    """Read a table of `ontology/` in TOML; what its reader finds missing or mistyped is an error of the file, too.

    Raises
    ------
    OntologyError
        When the file is missing, malformed, or not of the form that its reader wants.
    """
    import tomllib

    path = folder("ontology") / name
    try:
        yield tomllib.loads(path.read_text("utf-8"))
    except (
        OSError,
        UnicodeDecodeError,
        tomllib.TOMLDecodeError,
        KeyError,
        TypeError,
        AttributeError,
        re.error,
    ) as error:
        raise OntologyError(str(path), f"not a table of {what} ({error})", remedy) from None
