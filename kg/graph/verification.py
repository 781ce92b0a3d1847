"""Verification: is every byte of a built folder as it was written?

The manifest holds the SHA-256 of every file that a build writes, the stamp of the store those of the store's files, and
each of the two its own. So a byte that flipped anywhere is found, and the file that it is in is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph import disk
from kg.graph import manifest as manifests
from kg.graph import store as stores
from kg.graph.manifest import Manifest

_AGAIN = "build the folder again"
_WITHOUT_STORE = f"delete {disk.STORE_FOLDER}/, which only saves time, or build the folder again"


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not as it was written, or a graph that is not what the files say."""

    place: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, and what was looked at.

    Attributes
    ----------
    damages : tuple of Damage
        Sorted by place; empty when all is as it was written.
    files, bytes : int
        How many files were read, and their size.
    graphs : int
        How many named graphs were compared, where that was asked for.
    others : tuple of str
        Files that no build wrote; nothing is known about them.
    """

    damages: tuple[Damage, ...]
    files: int
    bytes: int
    graphs: int
    others: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not self.damages


def verify(folder: Path, *, quads: bool = False) -> Verification:
    """Read every file of a built folder, and with `quads` compare every named graph of files and store with its sum.

    Raises
    ------
    GraphError
        When the folder is missing, or has no manifest to verify it against.
    """
    if not (folder / manifests.MANIFEST_FILE).is_file():
        problem = "has no manifest" if folder.is_dir() else "no such folder"
        raise GraphError(str(folder), problem, "name a folder that `kg build --out` wrote")
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    try:
        manifest = manifests.read(folder)
    except GraphError as error:
        damage = Damage(manifests.MANIFEST_FILE, error.problem, error.remedy)
        return Verification((damage,), 1, found[manifests.MANIFEST_FILE].stat().st_size, 0, ())
    if manifest is None:
        raise GraphError(str(folder), "was written by an older drug-facts and has too few sums", _AGAIN)
    wanted = {name: (sha256, _AGAIN) for name, sha256 in manifest.files.items()}
    damages = []
    stamp_name = f"{disk.STORE_FOLDER}/{disk.STAMP_FILE}"
    if stamp_name in found:
        stamped = _stamped(found[stamp_name], found[manifests.MANIFEST_FILE])
        if isinstance(stamped, Damage):
            damages.append(stamped)
        else:
            wanted.update((name, (sha256, _WITHOUT_STORE)) for name, sha256 in stamped.items())
    damages += _compared(found, wanted)
    graphs = 0
    if quads and not damages:
        compared = list(_quads(folder, manifest))
        graphs = len(compared)
        damages += [damage for damage in compared if damage is not None]
    known = {manifests.MANIFEST_FILE, stamp_name, *wanted, *(damage.place for damage in damages)}
    others = sorted(name for name in found.keys() - known if not name.startswith(f"{disk.STORE_FOLDER}/"))
    read = [found[name] for name in known if name in found]
    size = sum(path.stat().st_size for path in read)
    return Verification(tuple(sorted(damages, key=lambda d: d.place)), len(read), size, graphs, tuple(others))


def _stamped(stamp: Path, manifest: Path) -> dict[str, str] | Damage:
    """Return the sums of the store's files, or what is wrong with the stamp that should hold them."""
    name = f"{disk.STORE_FOLDER}/{disk.STAMP_FILE}"
    content = stamp.read_bytes()
    if not manifests.sum_fits(content):
        return Damage(name, "was changed after it was written", _WITHOUT_STORE)
    said: dict[str, Any] = json.loads(content)
    if said["manifest"] != manifests.of_file(manifest):
        return Damage(name, "is of another manifest", _WITHOUT_STORE)
    data = {f"{disk.STORE_FOLDER}/{disk.DATA_FOLDER}/{file}": noted[2] for file, noted in said["data"].items()}
    kept = {f"{disk.STORE_FOLDER}/{disk.KEPT_FILE}": said["kept"][2]} if said["kept"] else {}
    return {**data, **kept}


def _compared(found: dict[str, Path], wanted: dict[str, tuple[str, str]]) -> Iterator[Damage]:
    for name, (sha256, remedy) in wanted.items():
        if name not in found:
            yield Damage(name, "is missing", remedy)
        elif manifests.of_file(found[name]) != sha256:
            yield Damage(name, "is not as it was written", remedy)
    ours = (f"{stores.STATEMENTS_FOLDER}/", f"{stores.TEXTS_FOLDER}/")
    for name in found.keys() - wanted.keys():
        if name.startswith(ours) or name in stores.WHOLE_FILES:
            yield Damage(name, "was added later", "take it away, or build the folder again")


def _quads(folder: Path, manifest: Manifest) -> Iterator[Damage | None]:
    """Compare each named graph with its sum: as the Turtle files have it, and as the store does."""
    store = disk.fitting(folder)
    for name, path in sorted(disk.facts_of(folder)):
        graph = disk.graph_of(name)
        if isinstance(graph, ox.DefaultGraph):
            continue
        wanted = manifest.quads.get(graph.value)
        said = ((q.subject, q.predicate, q.object) for q in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE))
        if manifests.quads_sum(graph, said) != wanted:
            yield Damage(name, "says something else than the manifest's sum of its graph", _AGAIN)
        elif store is not None and manifests.lines_sum(_lines(store, graph)) != wanted:
            yield Damage(disk.STORE_FOLDER, f"says something else of {graph.value} than the files", _WITHOUT_STORE)
        else:
            yield None
    joined = manifests.together({name: found for name, found in manifest.quads.items() if name})
    if joined != manifest.quads[""]:
        yield Damage(manifests.MANIFEST_FILE, "the sum of all graphs is not that of its parts", _AGAIN)


def _lines(store: ox.Store, graph: ox.NamedNode) -> Iterator[str]:
    for quad in stores.restored(store, graph):
        yield f"{quad.subject} {quad.predicate} {quad.object} {graph} .\n"
