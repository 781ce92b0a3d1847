"""The store: Oxigraph in memory, filled from a folder of facts, the ontology and the vocabulary, or from any RDF file.

One choice for every query, export and page: the **default graph is the union** of all that was loaded, each triple
once (what two documents say counts once), and the **named graphs tell who says it**: `graph:<document>` for what a
document says, `graph:documents` for what is known about the documents, `graph:unnamed` for a plain file of triples.
The ontology and the vocabulary are in the default graph alone, so that `GRAPH ?document { … }` only ever meets
documents. Oxigraph's own union switch (`use_default_graph_as_union`) is left alone: it gives a triple once for each
graph that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pyoxigraph as ox

from kg import resources
from kg.errors import GraphError
from kg.graph import terms

SUFFIXES: dict[str, ox.RdfFormat] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
}
"""File name ending → format of the RDF files that can be read."""

MAXIMUM_BYTES = 500_000_000
"""A larger file belongs into a server, not into memory."""

MAXIMUM_DIGITS = 100
"""The longest number that is taken from a file; longer ones only serve to exhaust a reader."""

MAXIMUM_NESTING = 64
"""The deepest nesting of JSON, XML elements and triple terms: readers overflow their stacks some thousands deep."""

DEFAULT = ox.DefaultGraph()
VOCABULARY = ox.NamedNode(terms.GRAPH + "vocabulary")
"""The graph of an export that holds the concepts that its facts refer to."""

UNNAMED = ox.NamedNode(terms.GRAPH + "unnamed")
"""The graph of what a file says in no graph of its own."""

COUNTS = frozenset((terms.DRUGS + "length", terms.OA + "start", terms.OA + "end"))
"""The properties whose values are counts (`xsd:nonNegativeInteger`)."""

DOCUMENTS_FILE = "documents.ttl"
STATEMENTS_FOLDER = "statements"
TEXTS_FOLDER = "texts"

_COUNT = ox.NamedNode(terms.XSD + "nonNegativeInteger")
_STRING = ox.NamedNode(terms.XSD + "string")
_INTEGER = ox.NamedNode(terms.XSD + "integer")
_UNSAFE = re.compile(r'[/%\\:*?"<>|\x00-\x1f\x7f]|^\.')
_EXPONENT = re.compile(r"[eE][+-]?0*[1-9][0-9]{3,}$")
_TAG = re.compile(rb"<(/?)[A-Za-z_](?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>")
_JSON_MARK = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_SYNTAX_PLACE = re.compile(r" at line (\d+) column \d+.*$", re.DOTALL)


def file_name(name: str) -> str:
    """Return the file name under which a document's statements or text are kept.

    >>> file_name("label.xml#a/b"), file_name(".hidden")
    ('label.xml#a%2Fb', '%2Ehidden')
    """
    return _UNSAFE.sub(lambda m: quote(m.group(), safe="") if m.group() != "." else "%2E", name)


def document_name(file: str) -> str:
    """Return the document's name from the file name that `file_name` gave.

    >>> document_name(file_name("50 %.txt"))
    '50 %.txt'
    """
    return unquote(file)


def open_store(folder: Path | None = None) -> ox.Store:
    """Open a folder of facts together with the ontology and the vocabulary; by default the facts of the package.

    Raises
    ------
    GraphError
        When the folder is missing, is no folder of facts, or holds a file that is not Turtle.
    """
    place = folder if folder is not None else resources.folder("facts")
    catalogue = place / DOCUMENTS_FILE
    if not catalogue.is_file():
        problem = "holds no facts" if place.is_dir() else "no such folder"
        raise GraphError(str(place), problem, "name a folder that `kg build` wrote")
    store = ox.Store()
    _load(store, [*vocabulary_files()])
    _load(store, [catalogue], terms.GRAPH + "documents")
    statements = sorted((place / STATEMENTS_FOLDER).glob("*.ttl"))
    for path in statements:
        _load(store, [path], terms.graph(document_name(path.name.removesuffix(".ttl"))))
    _load(store, [catalogue, *statements])
    return store


def vocabulary_files() -> Iterator[Path]:
    """List the files of the ontology and the vocabulary."""
    yield from resources.files("ontology", "*.ttl")
    yield from resources.files("ontology", "concepts/*.ttl")


def read_any(path: Path, *, with_vocabulary: bool = True) -> ox.Store:
    """Read any RDF file or folder of facts; what the file says is in the default graph, and in its named graphs if any.

    Nothing is fetched: a JSON-LD context must be in the file itself, and XML must declare no document type.

    Raises
    ------
    GraphError
        When the path is missing, of an unknown format, malformed, or built to exhaust its reader.
    """
    if path.is_dir():
        return open_store(path)
    if not path.exists():
        raise GraphError(str(path), "no such file or folder", "check the path")
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise GraphError(str(path), "not a known RDF format", f"use a folder of facts or {' '.join(SUFFIXES)}")
    content = _bytes(path)
    _defend(content, form, str(path))
    quads = list(_numbers_checked(_parsed(content, form, str(path)), str(path)))
    return from_quads(quads, with_vocabulary=with_vocabulary)


def from_quads(quads: Iterable[ox.Quad], *, with_vocabulary: bool = True) -> ox.Store:
    """Make a store of quads: all of them in the default graph, and each in the graph that it came in.

    Where a file brings the concepts that it uses along (`graph:vocabulary`), they go into the default graph alone; what
    a file says in no graph is in `graph:unnamed`, so that it can be told from the vocabulary.
    """
    store = ox.Store()
    if with_vocabulary:
        _load(store, [*vocabulary_files()])
    found = list(quads)
    store.extend(_kept_in(UNNAMED, q) if q.graph_name == DEFAULT else q for q in found if q.graph_name != VOCABULARY)
    store.extend(_kept_in(DEFAULT, quad) for quad in found)
    return store


def _kept_in(graph: ox.NamedNode | ox.DefaultGraph, quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object, graph)


def select(store: ox.Store, query: str, **bindings: ox.NamedNode | ox.Literal) -> Iterator[tuple[str | None, ...]]:
    """Run a SELECT of our own over the default graph and give the rows as strings; values are bound, never pasted."""
    found = store.query(query, prefixes=terms.PREFIXES, substitutions={ox.Variable(k): v for k, v in bindings.items()})
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError("only SELECT gives rows")
    for row in found:
        yield tuple(None if value is None else value.value for value in row)


def restored(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph | None = None) -> Iterator[ox.Quad]:
    """Give the quads of one graph, or of all, with the type of counts put back.

    Oxigraph keeps every whole number as `xsd:integer`; the Web Annotation vocabulary and our shapes want counts to be
    `xsd:nonNegativeInteger`, and so do the files.
    """
    return map(_restored, store.quads_for_pattern(None, None, None, graph))


def restored_of(store: ox.Store, subject: ox.NamedNode) -> Iterator[ox.Quad]:
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
    files = [(path, _bytes(path)) for path in paths]
    try:
        store.load(b"\n".join(content for _, content in files), ox.RdfFormat.TURTLE, to_graph=target)
    except (SyntaxError, ValueError):
        for path, content in files:
            for _ in _parsed(content, ox.RdfFormat.TURTLE, str(path)):
                pass
        raise


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            size = MAXIMUM_BYTES // 1_000_000
            raise GraphError(str(path), f"larger than {size} MB", "load it into a SPARQL server")
        return path.read_bytes()
    except OSError as error:
        raise GraphError(str(path), f"cannot be read ({error.strerror})", "name a readable file") from None


def _parsed(content: bytes, form: ox.RdfFormat, place: str) -> Iterator[ox.Quad]:
    try:
        yield from ox.parse(content, form)
    except (SyntaxError, ValueError, MemoryError) as error:
        text = str(error)
        line = getattr(error, "lineno", None)
        where = f"{place}:{line}" if line else place
        reason = _SYNTAX_PLACE.sub("", text).rstrip(".") or type(error).__name__
        raise GraphError(where, f"not {form.name} ({reason[:200]})", "mend the line it names") from None


def _numbers_checked(quads: Iterable[ox.Quad], place: str) -> Iterator[ox.Quad]:
    """Refuse numbers that are small to write and huge to hold."""
    for quad in quads:
        value = quad.object
        if isinstance(value, ox.Literal) and _is_huge(value):
            problem = f"has a number of more than {MAXIMUM_DIGITS} digits"
            raise GraphError(place, problem, "write it as a plain string")
        yield quad


def _is_huge(value: ox.Literal) -> bool:
    if value.datatype == _STRING or not value.datatype.value.startswith(terms.XSD):
        return False
    return len(value.value) > MAXIMUM_DIGITS or _EXPONENT.search(value.value) is not None


def _defend(content: bytes, form: ox.RdfFormat, place: str) -> None:
    """Refuse what is only there to exhaust a reader or to make it fetch something."""
    _DEFENCES.get(form, _defend_triple_terms)(content, place)


def _defend_xml(content: bytes, place: str) -> None:
    plain = content.replace(b"\x00", b"")  # UTF-16 must not hide a declaration
    upper = plain.upper()
    if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper:
        raise GraphError(place, "declares a document type or entities", "remove <!DOCTYPE and write IRIs in full")
    _check_nesting((m[2] != b"/" and (-1 if m[1] else 1) for m in _TAG.finditer(plain)), place)


def _defend_triple_terms(content: bytes, place: str) -> None:
    _check_nesting((1 if m.group() == b"<<" else -1 for m in re.finditer(rb"<<|>>", content)), place)


def _defend_json(content: bytes, place: str) -> None:
    import json

    marks = (m.group() for m in _JSON_MARK.finditer(content))
    _check_nesting((1 if mark in b"[{" else -1 for mark in marks if mark[:1] != b'"'), place)
    try:
        contexts = list(_contexts(json.loads(content)))
    except ValueError as error:
        raise GraphError(place, f"not JSON ({error})", "mend the line it names") from None
    if any(isinstance(context, str) for context in contexts):
        raise GraphError(place, "names a context that would have to be fetched", "put the context into the file")


def _check_nesting(steps: Iterable[int], place: str) -> None:
    """Refuse what is nested so deeply that a reader's stack overflows; `steps` go down (1) and up again (-1)."""
    depth = 0
    for step in steps:
        depth = max(0, depth + step)
        if depth > MAXIMUM_NESTING:
            raise GraphError(place, f"nested deeper than {MAXIMUM_NESTING}", "write it flat")


def _contexts(value: object) -> Iterator[object]:
    """Give every context in a JSON-LD value, those inside of contexts and their imports included."""
    if isinstance(value, list):
        for item in value:
            yield from _contexts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("@context", "@import"):
                yield from item if isinstance(item, list) else [item]
            yield from _contexts(item)


_DEFENCES: dict[ox.RdfFormat, Callable[[bytes, str], None]] = {
    ox.RdfFormat.RDF_XML: _defend_xml,
    ox.RdfFormat.JSON_LD: _defend_json,
}
