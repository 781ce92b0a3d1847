"""The store on disk: what `kg build` wrote, ready to be asked, for folders that are too large to be read each time.

The Turtle files of a folder are the facts; the store beside them only saves the time to read them. `manifest.json`
names the files with their SHA-256 and the ontology that they were written with, and is the same for the same documents.
`store/` may be deleted at any time: `data` is Oxigraph's, `stamp.json` tells which manifest it was made of, and the
size, time and SHA-256 of each file.

A store is used only while it fits: no file more or less, each of the size and time noted. Where only the time differs
(the folder was copied) the file's SHA-256 decides. Whatever does not fit is passed over in silence, and the Turtle
files are read: that costs time and changes no answer. Somebody who alters a file and puts its size and time back is
not found out here; Oxigraph checks each block that it reads against a sum of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg import files
from kg.graph import store as stores
from kg.graph import terms

MANIFEST_FILE = "manifest.json"
STORE_FOLDER = "store"
VERSION = 1
"""Of the two JSON files; others are passed over."""

_DATA = "data"
_STAMP_FILE = "stamp.json"
_ENGINE = ".".join(ox.__version__.split(".")[:2])
_TRANSIENT = ("LOG", "LOCK")


def write(folder: Path) -> None:
    """Write the manifest of a folder of facts in canonical form, and the store that answers from it.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    said = dict(_facts(folder))
    manifest = {
        "version": VERSION,
        "ontology": _ontology(),
        "files": {name: _sha256(path) for name, path in sorted(said.items())},
    }
    files.write_bytes(folder / MANIFEST_FILE, _json(manifest))
    data = folder / STORE_FOLDER / _DATA
    data.mkdir(parents=True)
    store = ox.Store(str(data))
    store.bulk_load(_Stream(_trig(said)), ox.RdfFormat.TRIG)  # type: ignore[arg-type]
    store.optimize()  # questions take a third of the time
    store.flush()
    del store  # closes it
    for path in list(data.iterdir()):
        if path.name.startswith(_TRANSIENT):
            path.unlink()  # holds paths of this machine
    stamp = {
        "version": VERSION,
        "engine": _ENGINE,
        "manifest": _sha256(folder / MANIFEST_FILE),
        "facts": {name: _stamp(path) for name, path in said.items()},
        "data": {path.name: [*_stamp(path), _sha256(path)] for path in sorted(data.iterdir())},
    }
    files.write_bytes(folder / STORE_FOLDER / _STAMP_FILE, _json(stamp))


def fitting(folder: Path) -> ox.Store | None:
    """Open the store of a folder of facts for reading; None where there is none, or it does not fit the folder."""
    data = fitting_data(folder)
    try:
        return None if data is None else ox.Store.read_only(str(data))
    except (OSError, ValueError):
        return None


def fitting_data(folder: Path) -> Path | None:
    """Return where the store of a folder of facts is, for others to open; None as in `fitting`."""
    try:
        return folder / STORE_FOLDER / _DATA if _fits(folder) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def open_folder(folder: Path) -> ox.Store:
    """Open a folder of facts: its store where that fits, and otherwise its Turtle files, read into memory.

    Raises
    ------
    GraphError
        When the folder is missing, is no folder of facts, or holds a file that is not Turtle.
    """
    return fitting(folder) or stores.open_store(folder)


def _fits(folder: Path) -> bool:
    manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
    stamp = json.loads((folder / STORE_FOLDER / _STAMP_FILE).read_bytes())
    if (manifest["version"], stamp["version"], stamp["engine"]) != (VERSION, VERSION, _ENGINE):
        return False
    if stamp["manifest"] != _sha256(folder / MANIFEST_FILE) or manifest["ontology"] != _ontology():
        return False
    data = ((path.name, path) for path in (folder / STORE_FOLDER / _DATA).iterdir())
    kept = {name: path for name, path in data if not name.startswith(_TRANSIENT)}
    return _unchanged(dict(_facts(folder)), stamp["facts"], manifest["files"].__getitem__) and _unchanged(
        kept, stamp["data"], lambda name: stamp["data"][name][2]
    )


def _unchanged(found: Mapping[str, Path], noted: Mapping[str, list[int]], sha256: Callable[[str], str]) -> bool:
    if found.keys() != noted.keys():
        return False
    for name, path in found.items():
        size, time = _stamp(path)
        if size != noted[name][0] or (time != noted[name][1] and _sha256(path) != sha256(name)):
            return False
    return True


def _facts(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name the Turtle files that the facts of a folder are read from."""
    yield stores.DOCUMENTS_FILE, folder / stores.DOCUMENTS_FILE
    for name in (stores.CONCEPTS_FILE, stores.DERIVED_FILE):
        if (folder / name).is_file():
            yield name, folder / name
    with os.scandir(folder / stores.STATEMENTS_FOLDER) as entries:
        for entry in entries:
            if entry.name.endswith(".ttl"):
                yield f"{stores.STATEMENTS_FOLDER}/{entry.name}", Path(entry.path)


def _trig(said: Mapping[str, Path]) -> Iterator[bytes]:
    """Give everything as TriG: all in the default graph, and what a document says in its own graph too."""
    for path in stores.vocabulary_files():
        yield path.read_bytes() + b"\n"
    for name, path in sorted(said.items()):
        content = path.read_bytes()
        yield content
        if name == stores.CONCEPTS_FILE:
            continue
        head, _, body = content.partition(b"\n\n")  # as `turtle.write` does it: prefixes, then an empty line
        if name == stores.DOCUMENTS_FILE:
            graph = terms.GRAPH + "documents"
        elif name == stores.DERIVED_FILE:
            graph = stores.DERIVED.value
        else:
            graph = terms.graph(stores.document_name(path.name.removesuffix(".ttl")))
        yield head + f"\n<{graph}> {{\n".encode()
        yield body + b"\n}\n"


class _Stream:
    """Pieces of bytes as a file to be read from, so that they are never all in memory."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Give at most `size` bytes; none at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        size = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:size], self._rest[size:]
        return bytes(given)


def _ontology() -> str:
    """Return the SHA-256 of the ontology and the vocabulary that come with the package."""
    found = hashlib.sha256()
    for path in stores.vocabulary_files():
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def _stamp(path: Path) -> list[int]:
    seen = path.stat()
    return [seen.st_size, seen.st_mtime_ns]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
