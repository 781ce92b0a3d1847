"""Tables of `queries/` in TOML: read once, with errors that name the file and the remedy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg import resources
from kg.errors import QueryError


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read, and its place."""

    place: str
    values: Mapping[str, object]

    def rows(self, name: str) -> list[Mapping[str, object]]:
        """Return the tables of an array of tables."""
        found = self.values[name]
        if not isinstance(found, list):
            raise TypeError(name)
        return [row for row in found if isinstance(row, Mapping)]

    def named(self, name: str) -> Mapping[str, object]:
        """Return a table by its name."""
        found = self.values[name]
        if not isinstance(found, Mapping):
            raise TypeError(name)
        return found


def read(name: str, path: Path | None = None) -> Table:
    """Read a table of the package, or a file.

    Raises
    ------
    QueryError
        When the file is missing or malformed.
    """
    import tomllib

    place = path or resources.folder("queries") / name
    try:
        return Table(str(place), tomllib.loads(place.read_text(encoding="utf-8")))
    except OSError as error:
        raise QueryError(str(place), f"cannot be read ({error.strerror})", "name a file that you may read") from None
    except tomllib.TOMLDecodeError as error:
        raise QueryError(str(place), f"not TOML ({error})", "mend the line it names") from None


@contextlib.contextmanager
def complete(place: str, what: str, remedy: str) -> Iterator[None]:
    """Turn a missing or mistyped entry into an error of the file.

    Raises
    ------
    QueryError
        When an entry is missing or is not what it must be.
    """
    try:
        yield
    except (KeyError, TypeError, AttributeError) as error:
        raise QueryError(place, f"{what} is incomplete ({error})", remedy) from None


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts.

    Raises
    ------
    TypeError
        When it is something else.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise TypeError("a list of texts is wanted")
    return tuple(value)
