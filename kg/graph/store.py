"""The store: Oxigraph in memory, filled from a folder of facts, the ontology and the vocabulary, or from any RDF file.

One choice for every query, export and page: the **default graph is the union** of all that was loaded, each triple
once (what two documents say counts once), and the **named graphs tell who says it**: `graph:<document>` for what a
document says, `graph:documents` for what is known about the documents, `graph:derived` for what follows from what
they say, `graph:dataset` for what the whole says of itself, `graph:unnamed` for a plain file of triples.
The ontology and the vocabulary are in the default graph alone, so that `GRAPH ?document { … }` only ever meets
documents. Oxigraph's own union switch (`use_default_graph_as_union`) is left alone: it gives a triple once for each
graph that holds it.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import unquote

import pyoxigraph as ox

from kg import files, resources
from kg.errors import GraphError
from kg.graph import parsing, terms
from kg.graph.readable import Readable

SUFFIXES: dict[str, ox.RdfFormat] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
}
"""File name ending → format of the RDF files that can be read."""

_WHOLE = frozenset((ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML))
"""Formats that are looked at as a whole before they are read."""

MAXIMUM_BYTES = 500_000_000
"""A larger file is not held in memory."""

MAXIMUM_STREAMED = 4_000_000_000
"""A larger one that is read piece by piece belongs into a server: what it says takes twice as much memory."""

DEFAULT = ox.DefaultGraph()
VOCABULARY = ox.NamedNode(terms.GRAPH + "vocabulary")
"""The graph of an export that holds the concepts that its facts refer to."""

UNNAMED = ox.NamedNode(terms.GRAPH + "unnamed")
"""The graph of what a file says in no graph of its own."""

DERIVED = ox.NamedNode(terms.GRAPH + "derived")
"""The graph of what follows from what documents say, and is said by none of them."""

DATASET = ox.NamedNode(terms.GRAPH + "dataset")
"""The graph of what a data set says of itself."""

COUNTS = frozenset((terms.DRUGS + "length", terms.OA + "start", terms.OA + "end"))
"""The properties whose values are counts (`xsd:nonNegativeInteger`)."""

DOCUMENTS_FILE = "documents.ttl"
CONCEPTS_FILE = "concepts.ttl"
"""What a folder of facts says of the concepts of local lexicons that it uses."""

DERIVED_FILE = "derived.ttl"
"""What follows from the facts of a folder."""

DATASET_FILE = "dataset.ttl"
"""What a folder of facts says of itself: how much it holds, and what made it of which documents."""

WHOLE_FILES = (DOCUMENTS_FILE, CONCEPTS_FILE, DERIVED_FILE, DATASET_FILE)
"""The Turtle files of a folder that are about all of its documents; only the first must be there."""

GRAPH_OF_FILE = {
    DOCUMENTS_FILE: ox.NamedNode(terms.GRAPH + "documents"),
    DERIVED_FILE: DERIVED,
    DATASET_FILE: DATASET,
}
"""The graphs that they are loaded into; concepts are in the default graph alone."""

STATEMENTS_FOLDER = "statements"
TEXTS_FOLDER = "texts"

_COUNT = ox.NamedNode(terms.XSD + "nonNegativeInteger")
_INTEGER = ox.NamedNode(terms.XSD + "integer")
_UNSAFE = re.compile(r'[/%\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')


def file_name(name: str) -> str:
    """Return the file name under which a document's statements or text are kept.

    >>> file_name("label.xml#a/b"), file_name(".hidden"), file_name("con.txt")
    ('label.xml#a%2Fb', '%2Ehidden', '%63on.txt')
    """
    safe = _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode()), name)
    return f"%{ord(safe[0]):02X}{safe[1:]}" if files.DEVICE.match(safe) else safe


def document_name(file: str) -> str:
    """Return the document's name from the file name that `file_name` gave.

    >>> document_name(file_name("50 %.txt"))
    '50 %.txt'
    """
    return unquote(file)


def open_store(folder: Path | None = None, *, union: bool = True) -> ox.Store:
    """Open a folder of facts together with the ontology and the vocabulary; by default the facts of the package.

    Without `union`, what is in a named graph is not in the default graph too: half the memory and half the time, for
    those who look at all graphs at once.

    Raises
    ------
    GraphError
        When the folder is missing, is no folder of facts, or holds a file that is not Turtle.
    """
    place = folder if folder is not None else resources.folder("facts")
    if not (place / DOCUMENTS_FILE).is_file():
        problem = "holds no facts" if place.is_dir() else "no such folder"
        raise GraphError(str(place), problem, "name a folder that `kg build` wrote")
    named = [(place / name, graph.value) for name, graph in GRAPH_OF_FILE.items() if (place / name).is_file()]
    named += [
        (path, terms.graph(document_name(path.name.removesuffix(".ttl"))))
        for path in sorted((place / STATEMENTS_FOLDER).glob("*.ttl"))
    ]
    store = ox.Store()
    _load(store, [*vocabulary_files()])
    for path, graph in named:
        _load(store, [path], graph)
    concepts = [path for path in (place / CONCEPTS_FILE,) if path.is_file()]
    _load(store, [*(path for path, _ in named if union), *concepts])
    return store


def vocabulary_files() -> Iterator[Path]:
    """List the files of the ontology and the vocabulary."""
    yield from resources.files("ontology", "*.ttl")
    yield from resources.files("ontology", "concepts/*.ttl")


def read_any(path: Path, *, union: bool = True) -> ox.Store:
    """Read any RDF file or folder of facts; what the file says is in the default graph, and in its named graphs if any.

    Nothing is fetched: a JSON-LD context must be in the file itself, and XML must declare no document type. Without
    `union`, nothing is in the default graph that is in a named one.

    Raises
    ------
    GraphError
        When the path is missing, of an unknown format, malformed, or built to exhaust its reader.
    """
    if path.is_dir():
        return open_store(path, union=union)
    return from_quads(quads_of(path), union=union)


def quads_of(path: Path) -> Iterator[ox.Quad]:
    """Read any RDF file, with the defences of `kg.graph.parsing`; one of lines or Turtle is never all in memory.

    Raises
    ------
    GraphError
        As `read_any`.
    """
    if not path.exists():
        raise GraphError(str(path), "no such file or folder", "check the path")
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise GraphError(str(path), "not a known RDF format", f"use a folder of facts or {' '.join(SUFFIXES)}")
    is_whole = form in _WHOLE or path.stat().st_size == 0  # an empty file cannot be mapped
    yield from parsing.foreign(bytes_of(path) if is_whole else _mapped(path), form, str(path))


def from_quads(quads: Iterable[ox.Quad], *, with_vocabulary: bool = True, union: bool = True) -> ox.Store:
    """Make a store of quads: all of them in the default graph, and each in the graph that it came in.

    Where a file brings the concepts that it uses along (`graph:vocabulary`), they go into the default graph alone; what
    a file says in no graph is in `graph:unnamed`, so that it can be told from the vocabulary. Without `union`, what is
    in a named graph is not in the default graph too.
    """
    store = ox.Store()
    if with_vocabulary:
        _load(store, [*vocabulary_files()])
    if not union:
        store.bulk_extend(map(_placed, quads))
        return store
    found = list(quads)
    store.extend(_placed(quad) for quad in found if quad.graph_name != VOCABULARY)
    store.extend(_kept_in(DEFAULT, quad) for quad in found)
    return store


def _placed(quad: ox.Quad) -> ox.Quad:
    if quad.graph_name == DEFAULT:
        return _kept_in(UNNAMED, quad)
    return _kept_in(DEFAULT, quad) if quad.graph_name == VOCABULARY else quad


def _kept_in(graph: ox.NamedNode | ox.DefaultGraph, quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def embedded(store: Readable) -> ox.Store:
    """Return a store as it is when it is an embedded one, and otherwise one in memory of all that it holds."""
    if isinstance(store, ox.Store):
        return store
    whole = getattr(store, "whole", None)  # what was read of a server is in memory already
    if whole is not None:
        return cast(ox.Store, whole())
    copy = ox.Store()
    copy.bulk_extend(iter(store))
    return copy


def select(store: Readable, query: str, **bindings: ox.NamedNode | ox.Literal) -> Iterator[tuple[str | None, ...]]:
    """Run a SELECT of our own over the default graph and give the rows as strings; values are bound, never pasted."""
    found = store.query(query, prefixes=terms.PREFIXES, substitutions={ox.Variable(k): v for k, v in bindings.items()})
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError("only SELECT gives rows")
    for row in found:
        yield tuple(None if value is None else value.value for value in row)


def restored(store: Readable, graph: ox.NamedNode | ox.DefaultGraph | None = None) -> Iterator[ox.Quad]:
    """Give the quads of one graph, or of all, with the type of counts put back.

    Oxigraph keeps every whole number as `xsd:integer`; the Web Annotation vocabulary and our shapes want counts to be
    `xsd:nonNegativeInteger`, and so do the files.
    """
    return map(_restored, store.quads_for_pattern(None, None, None, graph))


def restored_of(store: Readable, subject: ox.NamedNode) -> Iterator[ox.Quad]:
    """Give what the default graph says of a node, with the type of counts put back."""
    return map(_restored, store.quads_for_pattern(subject, None, None, DEFAULT))


def _restored(quad: ox.Quad) -> ox.Quad:
    value = quad.object
    if quad.predicate.value in COUNTS and isinstance(value, ox.Literal) and value.datatype == _INTEGER:
        return ox.Quad(quad.subject, quad.predicate, ox.Literal(value.value, datatype=_COUNT), quad.graph_name)
    return quad


def _load(store: ox.Store, paths: Iterable[Path], graph: str | None = None) -> None:
    """Load Turtle files of our own in one go; only when that fails, find out which file is to blame."""
    target = ox.NamedNode(graph) if graph else None
    files = [(path, bytes_of(path)) for path in paths]
    try:
        store.load(b"\n".join(content for _, content in files), ox.RdfFormat.TURTLE, to_graph=target)
    except (SyntaxError, ValueError):
        for path, content in files:
            for _ in parsing.parsed(content, ox.RdfFormat.TURTLE, str(path)):
                pass
        raise


def _mapped(path: Path) -> mmap.mmap:
    """Give the content of a file that is not far too large, of which the system keeps in memory what it has room for.

    It is closed when nobody looks at it any more; who gave up reading it may still do.
    """
    _refuse_large(path, MAXIMUM_STREAMED)
    try:
        with path.open("rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise GraphError(str(path), f"cannot be read ({error.strerror})", "name a readable file") from None


def bytes_of(path: Path) -> bytes:
    """Read a file that is not too large to be held in memory.

    Raises
    ------
    GraphError
        When it is, or cannot be read.
    """
    _refuse_large(path, MAXIMUM_BYTES)
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraphError(str(path), f"cannot be read ({error.strerror})", "name a readable file") from None


def _refuse_large(path: Path, most: int) -> None:
    try:
        if path.stat().st_size > most:
            size = most // 1_000_000
            raise GraphError(str(path), f"larger than {size} MB", "load it into a SPARQL server")
    except OSError as error:
        raise GraphError(str(path), f"cannot be read ({error.strerror})", "name a readable file") from None
