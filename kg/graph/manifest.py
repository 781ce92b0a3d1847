"""The manifest of a built folder: what it was made of and with, and the SHA-256 of every file in it.

It is the same on every machine for the same documents and the same version of the package: no time, no path, no name of
a machine. Its own last line is the SHA-256 of all above it, so that a change in the manifest itself shows too.

`quads` are sums over canonical N-Quads: for each named graph its lines in the order of their code points, each ended by
a line feed; for all of them one sum over the lines `SHA-256, space, IRI of the graph`, in the order of the IRIs. So the
sum of a large graph is known again after one document has changed, without the others being read.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyoxigraph as ox

from kg import files, resources
from kg.errors import GraphError

MANIFEST_FILE = "manifest.json"
VERSION = 2
"""Of the folder's layout. A newer one is refused, the first one (which had fewer sums) is read without its store."""

NO_OPTIONS: Mapping[str, str | None] = MappingProxyType({"drug": None, "lexicon": None, "decisions": None})
"""What a build was told where it was told nothing."""

_SUM = "sha256"
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says, as far as the program looks at it.

    Attributes
    ----------
    options : mapping
        What the build was told: the drug named, the SHA-256 of the lexicon and of the decisions.
    made_with : mapping
        The SHA-256 of code, language, vocabulary, rules and shapes of the package.
    documents : mapping
        Document → SHA-256 of its text.
    quads : mapping
        Graph → SHA-256 of its canonical N-Quads; all of them together under "".
    files : mapping
        File (POSIX path in the folder) → SHA-256.
    """

    options: Mapping[str, str | None]
    made_with: Mapping[str, str]
    documents: Mapping[str, str]
    quads: Mapping[str, str]
    files: Mapping[str, str]
    software: str = ""

    def encoded(self) -> bytes:
        """Return the bytes of the file, the same for the same content."""
        graphs = {graph: found for graph, found in sorted(self.quads.items()) if graph}
        return with_sum(
            {
                "version": VERSION,
                "software": self.software or software(),
                "options": dict(self.options),
                "made_with": dict(self.made_with),
                "documents": dict(self.documents),
                "quads": {_SUM: together(graphs), "graphs": graphs},
                "files": dict(self.files),
            }
        )


def read(folder: Path) -> Manifest | None:
    """Read the manifest of a folder; None where it has none, or one of the first layout, which had no sums of graphs.

    Raises
    ------
    GraphError
        When it is no manifest, was changed after it was written, or is of a newer version.
    """
    path = folder / MANIFEST_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GraphError(str(path), f"cannot be read ({error.strerror})", "allow reading it") from None
    try:
        said: dict[str, Any] = json.loads(content)
        version = int(said["version"])
    except (ValueError, KeyError, TypeError):
        raise GraphError(str(path), "is no manifest", "build the folder again, or delete this file") from None
    if version > VERSION:
        problem = f"was written by a newer drug-facts (layout {version}; known is {VERSION})"
        raise GraphError(str(path), problem, "install that version, or build the folder again")
    if version < VERSION:
        return None
    if not sum_fits(content):
        raise GraphError(str(path), "was changed after it was written", "build the folder again, or delete this file")
    quads = {"": said["quads"][_SUM], **said["quads"]["graphs"]}
    return Manifest(said["options"], said["made_with"], said["documents"], quads, said["files"], said["software"])


def with_sum(content: Mapping[str, object]) -> bytes:
    """Write JSON in canonical form, its own SHA-256 in the last line but one."""
    body = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).removesuffix("\n}")
    return f'{body},\n "{_SUM}": "{hashlib.sha256(body.encode()).hexdigest()}"\n}}\n'.encode()


def sum_fits(content: bytes) -> bool:
    """Tell whether what `with_sum` wrote is still as it was written."""
    body, mark, rest = content.rpartition(f',\n "{_SUM}": "'.encode())
    return bool(mark) and rest == f'{hashlib.sha256(body).hexdigest()}"\n}}\n'.encode()


def together(graphs: Mapping[str, str]) -> str:
    """Return the sum over the sums of named graphs."""
    return hashlib.sha256("".join(f"{found} {name}\n" for name, found in sorted(graphs.items())).encode()).hexdigest()


def quads_sum(
    graph: ox.NamedNode | ox.DefaultGraph, triples: Iterable[tuple[ox.NamedNode, ox.NamedNode, object]]
) -> str:
    """Return the SHA-256 of the canonical N-Quads of a named graph; a triple that comes twice counts once."""
    return lines_sum(f"{subject} {predicate} {value} {graph} .\n" for subject, predicate, value in triples)


def lines_sum(lines: Iterable[str]) -> str:
    """Return the SHA-256 of lines in canonical order, each once."""
    return hashlib.sha256("".join(sorted(set(lines))).encode()).hexdigest()


def software() -> str:
    """Return the name and version of this package."""
    return f"drug-facts {_version()}"


@functools.cache
def made_with() -> Mapping[str, str]:
    """Return the SHA-256 of what facts are made with: the code, and each part of the ontology."""
    ontology = resources.folder("ontology")
    parts: dict[str, list[Path]] = {"code": list(_PACKAGE.rglob("*.py"))}
    for path in ontology.rglob("*"):
        if path.is_file() and path.suffix not in (".md", "") and "__pycache__" not in path.parts:
            parts.setdefault(_part(path.relative_to(ontology)), []).append(path)
    roots = {"code": _PACKAGE}
    return {name: _of_files(found, roots.get(name, ontology)) for name, found in sorted(parts.items())}


def of_folder(folder: Path) -> str:
    """Return the SHA-256 over the names and contents of a folder's files."""
    return _of_files((path for path in folder.rglob("*") if path.is_file()), folder)


def of_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    files.write_new(folder / MANIFEST_FILE, manifest.encoded())


def _part(path: Path) -> str:
    if path.parts[0] == "concepts":
        return "vocabulary"
    if path.parts[0] == "shapes":
        return "shapes"
    return "language" if path.suffix in (".ttl", ".jsonld") else "rules"


def _of_files(paths: Iterable[Path], root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.as_posix()):
        found.update(f"{of_file(path)} {path.relative_to(root).as_posix()}\n".encode())
    return found.hexdigest()


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("drug-facts")
    except metadata.PackageNotFoundError:
        return "(not installed)"
