"""The store on disk: what `kg build` wrote, ready to be asked, for folders that are too large to be read each time.

The Turtle files of a folder are the facts; the store beside them only saves the time to read them. `store/` may be
deleted at any time: `data` is Oxigraph's, `stamp.json` tells which manifest it was made for, with which ontology, and
the size, time and SHA-256 of each file.

A folder whose Turtle files are not those of its manifest is refused: somebody changed them, and nobody judged them. A
store is used only while it fits its folder, and is passed over in silence otherwise: the Turtle files are read then,
which costs time and changes no answer. "Fits" means no file more or less, each of the size and time noted; where only
the time differs (the folder was copied) its SHA-256 decides. A change that puts size and time back is found by
`kg verify`, which reads every byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg import files, memory
from kg.errors import GraphError
from kg.graph import changing, terms
from kg.graph import manifest as manifests
from kg.graph import store as stores
from kg.graph.manifest import Manifest

STORE_FOLDER = "store"
KEPT_FILE = "kept.jsonl"
"""In the store's folder: what `kg build` keeps of each document to build again (`kg.building.kept`)."""

STAMP_FILE = "stamp.json"
DATA_FOLDER = "data"
VERSION = 2
"""Of the stamp; others are passed over."""

_ENGINE = ".".join(ox.__version__.split(".")[:2])
_TRANSIENT = ("LOG", "LOCK")
_APART = b"\n\n"
"""What `kg.graph.turtle` puts between the prefixes and the subjects, and between two of these."""
_FEW = 10
"""After so many loads what they needed is given back."""
_CHUNK = 1_500_000
"""Bytes that are loaded at once: the loader keeps them in memory, thirty times as large. With 3 MB a load had 156 MB,
with 1 MB 98 MB and 9 % more time."""


def create(folder: Path, manifest: Manifest) -> None:
    """Write the store that answers from a folder of facts.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    data = folder / STORE_FOLDER / DATA_FOLDER
    data.mkdir(parents=True)
    _fill(data, _trig(dict(facts_of(folder))))
    _stamp_store(folder, manifest, {})


def publish(folder: Path) -> None:
    """Write the manifest of a folder whose Turtle files and texts are there, and its store.

    Raises
    ------
    OSError
        When they cannot be written.
    """
    summed = {name: manifests.of_file(path) for name, path in facts_of(folder)}
    graphs = {}
    for name, path in facts_of(folder):
        graph = graph_of(name)
        if isinstance(graph, ox.NamedNode):
            said = ((q.subject, q.predicate, q.object) for q in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE))
            graphs[graph.value] = manifests.quads_sum(graph, said)
    for path in (folder / stores.TEXTS_FOLDER).glob("*"):
        summed[f"{stores.TEXTS_FOLDER}/{path.name}"] = manifests.of_file(path)
    catalogue = ox.parse((folder / stores.DOCUMENTS_FILE).read_bytes(), ox.RdfFormat.TURTLE)
    sha256 = {q.subject.value: q.object.value for q in catalogue if q.predicate.value == terms.DRUGS + "sha256"}
    documents = {terms.document_name(iri): value for iri, value in sha256.items()}
    manifest = Manifest(manifests.NO_OPTIONS, manifests.made_with(), documents, graphs, summed)
    manifests.write(folder, manifest)
    create(folder, manifest)


def update(folder: Path, manifest: Manifest, old: Path, changes: Iterable[changing.Change]) -> None:
    """Write the store of a folder as that of an older one with some changes; unchanged files of it are shared.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    before, data = old / STORE_FOLDER / DATA_FOLDER, folder / STORE_FOLDER / DATA_FOLDER
    data.mkdir(parents=True)
    for path in before.iterdir():
        if path.name.startswith(_TRANSIENT):
            continue
        if path.suffix == ".sst":  # never written again once it is there
            files.share(path, data / path.name)
        else:
            shutil.copy2(path, data / path.name)
    changing.change(data, list(changes))
    _stamp_store(folder, manifest, json.loads((old / STORE_FOLDER / STAMP_FILE).read_bytes())["data"])


def _fill(data: Path, pieces: Iterable[bytes]) -> None:
    """Load a new store, and close it: until then it goes on writing."""
    store = ox.Store(str(data))
    for number, chunk in enumerate(_chunks(pieces), 1):
        store.bulk_load(_Stream(chunk), ox.RdfFormat.TRIG)  # type: ignore[arg-type]
        if number % _FEW == 0:
            memory.give_back()
    store.optimize()  # questions take a third of the time
    store.flush()


def fitting(folder: Path) -> ox.Store | None:
    """Open the store of a folder of facts for reading; None where there is none, or it does not fit the folder.

    Raises
    ------
    GraphError
        When the folder's files are not those of its manifest, or the manifest cannot be used.
    """
    data = fitting_data(folder)
    try:
        return None if data is None else ox.Store.read_only(str(data))
    except (OSError, ValueError):
        return None


def fitting_data(folder: Path) -> Path | None:
    """Return where the store of a folder of facts is, for others to open; None as in `fitting`.

    Raises
    ------
    GraphError
        As `fitting` does.
    """
    return folder / STORE_FOLDER / DATA_FOLDER if fits(folder) else None


def fits(folder: Path) -> bool:
    """Tell whether a folder has a store that fits it.

    Raises
    ------
    GraphError
        When the folder's files are not those of its manifest, or the manifest cannot be used.
    """
    manifest = manifests.read(folder)
    if manifest is None or not (folder / stores.STATEMENTS_FOLDER).is_dir():
        return False
    stamp = _stamp_of(folder)
    _refuse_changed(folder, manifest, stamp.get("facts", {}))
    try:
        data = {path.name: path for path in (folder / STORE_FOLDER / DATA_FOLDER).iterdir()}
        kept = {name: path for name, path in data.items() if not name.startswith(_TRANSIENT)}
        noted = stamp["data"]
        return kept.keys() == noted.keys() and all(
            _is_unchanged(path, noted[name], lambda name=name: noted[name][2])  # type: ignore[misc]
            for name, path in kept.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return False


def whole(folder: Path) -> tuple[Manifest, Path] | None:
    """Return the manifest of a folder and the file of what is kept in it; None unless all is as it was written.

    Everything counts here: facts, store, texts, and what is kept, since a build takes it over without reading it again.

    Raises
    ------
    GraphError
        When the folder's files are not those of its manifest, or the manifest cannot be used.
    """
    manifest = manifests.read(folder) if fits(folder) else None
    if manifest is None:
        return None
    stamp, path = _stamp_of(folder), folder / STORE_FOLDER / KEPT_FILE
    try:
        noted = stamp["texts"]
        texts = {text.name: text for text in (folder / stores.TEXTS_FOLDER).iterdir()}
        same = texts.keys() == noted.keys() and all(
            _is_unchanged(text, noted[name], lambda name=name: manifest.files[f"{stores.TEXTS_FOLDER}/{name}"])  # type: ignore[misc]
            for name, text in texts.items()
        )
        fitting_sum = manifests.of_file(path) == stamp["kept"][2]
    except (OSError, KeyError, TypeError, IndexError):
        return None
    return (manifest, path) if same and fitting_sum else None


def open_folder(folder: Path) -> ox.Store:
    """Open a folder of facts: its store where that fits, and otherwise its Turtle files, read into memory.

    Raises
    ------
    GraphError
        When the folder is missing, is no folder of facts, holds a file that is not Turtle, or files that are not those
        of its manifest.
    """
    return fitting(folder) or stores.open_store(folder)


def facts_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name the Turtle files that the facts of a folder are read from."""
    yield stores.DOCUMENTS_FILE, folder / stores.DOCUMENTS_FILE
    for name in stores.WHOLE_FILES[1:]:
        if (folder / name).is_file():
            yield name, folder / name
    with os.scandir(folder / stores.STATEMENTS_FOLDER) as entries:
        for entry in entries:
            if entry.name.endswith(".ttl"):
                yield f"{stores.STATEMENTS_FOLDER}/{entry.name}", Path(entry.path)


def graph_of(name: str) -> ox.NamedNode | ox.DefaultGraph:
    """Return the graph that a Turtle file of a folder is loaded into, beside the default graph."""
    if name == stores.CONCEPTS_FILE:
        return stores.DEFAULT
    known = stores.GRAPH_OF_FILE.get(name)
    file = name.removeprefix(f"{stores.STATEMENTS_FOLDER}/").removesuffix(".ttl")
    return known or ox.NamedNode(terms.graph(stores.document_name(file)))


def _refuse_changed(folder: Path, manifest: Manifest, noted: Mapping[str, list[int]]) -> None:
    found = dict(facts_of(folder))
    wanted = {name for name in manifest.files if not name.startswith(f"{stores.TEXTS_FOLDER}/")}
    remedy = "build it again, or delete manifest.json to have it read as it is"
    for name in sorted(found.keys() ^ wanted):
        problem = (
            "is named in the folder's manifest and missing" if name in wanted else "is not in the folder's manifest"
        )
        raise GraphError(str(folder / name), problem, remedy)
    for name, path in found.items():
        if not _is_unchanged(path, noted.get(name), lambda name=name: manifest.files[name]):  # type: ignore[misc]
            raise GraphError(str(path), "is not as the folder's manifest has it", remedy)


def _is_unchanged(path: Path, noted: list[Any] | None, sha256: Callable[[], str]) -> bool:
    seen = path.stat()
    if noted is not None and seen.st_size != noted[0]:
        return False
    return (noted is not None and seen.st_mtime_ns == noted[1]) or manifests.of_file(path) == sha256()


def _stamp_of(folder: Path) -> dict[str, Any]:
    """Read the stamp; nothing where there is none that can be used, or it is that of another manifest."""
    try:
        content = (folder / STORE_FOLDER / STAMP_FILE).read_bytes()
        stamp = json.loads(content)
        known = (stamp["version"], stamp["engine"], stamp["ontology"]) == (VERSION, _ENGINE, _ontology())
        is_its_own = stamp["manifest"] == manifests.of_file(folder / manifests.MANIFEST_FILE)
        return dict(stamp) if known and is_its_own and manifests.sum_fits(content) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _stamp_store(folder: Path, manifest: Manifest, noted: Mapping[str, list[Any]]) -> None:
    data = folder / STORE_FOLDER / DATA_FOLDER
    for path in list(data.iterdir()):
        if path.name.startswith(_TRANSIENT):
            path.unlink()  # holds paths of this machine
    kept = folder / STORE_FOLDER / KEPT_FILE
    stamp = {
        "version": VERSION,
        "engine": _ENGINE,
        "ontology": _ontology(),
        "manifest": hashlib.sha256(manifest.encoded()).hexdigest(),
        "facts": {name: _stamp(path) for name, path in facts_of(folder)},
        "texts": {path.name: _stamp(path) for path in sorted((folder / stores.TEXTS_FOLDER).glob("*"))},
        "data": {path.name: _summed(path, noted.get(path.name)) for path in sorted(data.iterdir())},
        "kept": _summed(kept, None) if kept.is_file() else None,
    }
    files.write_new(folder / STORE_FOLDER / STAMP_FILE, manifests.with_sum(stamp))


def _summed(path: Path, noted: list[Any] | None) -> list[Any]:
    stamp = _stamp(path)
    return noted if noted is not None and noted[:2] == stamp else [*stamp, manifests.of_file(path)]


def _trig(said: Mapping[str, Path]) -> Iterator[bytes]:
    """Give everything as TriG, a file at a time or a part of a large one: all of it in the default graph, and what a
    document says in its own too."""
    for path in stores.vocabulary_files():
        yield path.read_bytes() + b"\n"
    for name, path in sorted(said.items()):
        content, graph = path.read_bytes(), graph_of(name)
        head, _, body = content.partition(_APART)  # as `turtle.write` does it: prefixes, then an empty line
        for part in _parts(body):
            yield head + b"\n" + part + b"\n"
            if graph != stores.DEFAULT:
                yield head + f"\n{graph} {{\n".encode() + part + b"\n}\n"


def _parts(body: bytes) -> Iterator[bytes]:
    """Cut Turtle between two subjects, into parts that are not too large to be loaded at once."""
    start = 0
    while len(body) - start > _CHUNK:
        cut = body.rfind(_APART, start + 1, start + _CHUNK)
        if cut < 0:  # a long subject
            cut = body.find(_APART, start + _CHUNK)
        if cut < 0:
            break
        yield body[start:cut]
        start = cut
    yield body[start:]


def _chunks(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Put pieces together until they are large enough to be worth loading."""
    found, size = list[bytes](), 0
    for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield found
            found, size = [], 0
    yield found


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


def _stamp(path: Path) -> list[Any]:
    seen = path.stat()
    return [seen.st_size, seen.st_mtime_ns]
