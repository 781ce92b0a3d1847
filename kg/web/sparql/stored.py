"""The folder of a store that processes for queries can open: the graph's own, or one written for them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg import files
from kg.graph import disk
from kg.graph.readable import Readable


@contextlib.contextmanager
def stored(place: Path | str | None, store: Readable) -> Iterator[Path]:
    """Give the folder of the store: the graph's own, or one that is written now and removed at the end."""
    own = disk.fitting_data(Path(place)) if place is not None and Path(place).is_dir() else None
    if own is not None:
        yield own
        return
    with files.temporary("kg-serve") as folder:
        written = ox.Store(str(folder))
        written.bulk_extend(iter(store))
        written.flush()
        del written  # closes it
        yield folder
