"""What an earlier build of the same folder left for the next one (`store/kept.jsonl`).

The first line is about the whole, then comes a line for each document (`kg.building.kept`), then one for each subject
of facts (`kg.building.concluding`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kg.building import concluding
from kg.building import kept as keeping
from kg.building.concluding import Concluded
from kg.building.kept import Kept
from kg.building.shelf import Shelf, Text
from kg.errors import GraphError
from kg.graph import disk
from kg.graph.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Whole:
    """What is kept about the whole.

    Attributes
    ----------
    documents : int
        How many there are.
    inputs : mapping
        What each file gave (`kg.building.inputs`).
    compared : mapping
        Which texts were compared, and whether they are copies.
    counts : tuple of int
        How many facts there are, and pieces of evidence.
    concepts : str
        The SHA-256 over the concepts that are described.
    parts : mapping
        What each file about all documents adds to the description (`kg.graph.dataset`), as values of JSON.
    """

    documents: int = 0
    inputs: Mapping[str, list[list[str]]] = field(default_factory=dict)
    compared: Mapping[str, bool] = field(default_factory=dict)
    counts: tuple[int, int] = (0, 0)
    concepts: str = ""
    parts: Mapping[str, list[object]] = field(default_factory=dict)


class Earlier:
    """What an earlier build of the same folder left, to be taken over; empty where there is none that fits."""

    def __init__(self, folder: Path | None) -> None:
        """Look at a folder."""
        self.folder = folder
        self.manifest: Manifest | None = None
        self.kept: dict[str, Kept] = {}
        self.concluded: dict[str, Concluded] = {}
        self.whole = Whole()
        self._places: dict[str, Text] = {}
        self._shelf: Shelf | None = None
        if folder is None or not folder.is_dir():
            return
        try:
            found = disk.whole(folder)
            if found is None:
                return
            self.manifest, path = found
            self._shelf = Shelf(path.open("rb"))
            self._read(self._shelf)
        except (GraphError, OSError, ValueError, KeyError, TypeError, StopIteration):
            self.manifest, self.kept, self.concluded, self.whole = None, {}, {}, Whole()
            self.close()  # it is built as a whole then, which mends it

    def _read(self, shelf: Shelf) -> None:
        lines = shelf.lines()
        self.whole = Whole(**json.loads(next(lines)[0]))
        for line, start in itertools.islice(lines, self.whole.documents):
            one = keeping.read(shelf, line, start)
            self.kept[one.name] = one
            self._places[one.name] = shelf.at(line, start)
        self.concluded = dict(concluding.read(shelf, line, start) for line, start in lines)

    def close(self) -> None:
        """Take down what is kept; nothing of it can be read from then on."""
        if self._shelf is not None:
            self._shelf.close()

    def same(self, name: str, content: str, options: str) -> Kept | None:
        """Return a document if everything that its facts depend on is as it was."""
        one = self.kept.get(name)
        return one if one is not None and (one.content, one.options) == (content, options) else None

    def lines(self, whole: Whole, kept: Iterable[Kept], concluded: Mapping[str, Concluded]) -> Iterator[str]:
        """Write what the next build finds; a document that is still the same as it was read."""
        yield json.dumps(asdict(whole), ensure_ascii=False) + "\n"
        for one in kept:
            same = self.kept.get(one.name) is one
            yield f"{self._places[one.name].read()}\n" if same else keeping.written(one)
        yield from (concluding.written(name, one) for name, one in concluded.items())
