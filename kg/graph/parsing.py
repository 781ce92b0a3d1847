"""The door for RDF that others wrote: nothing is fetched, nothing is read that is only there to exhaust its reader."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterable, Iterator

import pyoxigraph as ox

from kg.errors import GraphError, KgError
from kg.graph import terms

MAXIMUM_DIGITS = 100
"""The longest number that is taken from a file; longer ones only serve to exhaust a reader."""

MAXIMUM_NESTING = 64
"""The deepest nesting of JSON, XML elements and triple terms: readers overflow their stacks some thousands deep."""

DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
"""What XML declares a document type or an entity with."""

Content = bytes | mmap.mmap
"""What is read: in memory, or a file that the system keeps there as far as it has room."""

_STRING = ox.NamedNode(terms.XSD + "string")
_EXPONENT = re.compile(r"[eE][+-]?0*[1-9][0-9]{3,}$")
_TAG = re.compile(rb"<(/?)[A-Za-z_](?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>")
_JSON_MARK = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_SYNTAX_PLACE = re.compile(r" at line (\d+) column \d+.*$", re.DOTALL)


def foreign(content: Content, form: ox.RdfFormat, place: str, error: type[KgError] = GraphError) -> Iterator[ox.Quad]:
    """Read what somebody else wrote, after looking at it; `error` is what is raised.

    Raises
    ------
    KgError
        When it is malformed, declares a document type or a context elsewhere, or is built to exhaust its reader.
    """
    defend = _DEFENCES.get(form)
    if defend is not None:
        defend(bytes(content), place, error)
    else:
        _defend_triple_terms(content, place, error)
    return _numbers_checked(parsed(content, form, place, error), place, error)


def parsed(content: Content, form: ox.RdfFormat, place: str, error: type[KgError] = GraphError) -> Iterator[ox.Quad]:
    """Read RDF; a syntax error names its line.

    Raises
    ------
    KgError
        When it is malformed.
    """
    try:
        yield from ox.parse(content, form)  # type: ignore[arg-type]  # a map has `read`
    except (SyntaxError, ValueError, MemoryError) as problem:
        text = str(problem)
        line = getattr(problem, "lineno", None)
        where = f"{place}:{line}" if line else place
        reason = _SYNTAX_PLACE.sub("", text).rstrip(".") or type(problem).__name__
        raise error(where, f"not {form.name} ({reason[:200]})", "mend the line it names") from None


def _numbers_checked(quads: Iterable[ox.Quad], place: str, error: type[KgError]) -> Iterator[ox.Quad]:
    """Refuse numbers that are small to write and huge to hold."""
    for quad in quads:
        value = quad.object
        if isinstance(value, ox.Literal) and _is_huge(value):
            problem = f"has a number of more than {MAXIMUM_DIGITS} digits"
            raise error(place, problem, "write it as a plain string")
        yield quad


def _is_huge(value: ox.Literal) -> bool:
    if value.datatype == _STRING or not value.datatype.value.startswith(terms.XSD):
        return False
    return len(value.value) > MAXIMUM_DIGITS or _EXPONENT.search(value.value) is not None


def _defend_xml(content: bytes, place: str, error: type[KgError]) -> None:
    plain = content.replace(b"\x00", b"")  # UTF-16 must not hide a declaration
    if DECLARATION.search(plain):
        raise error(place, "declares a document type or entities", "remove <!DOCTYPE and write IRIs in full")
    _check_nesting((m[2] != b"/" and (-1 if m[1] else 1) for m in _TAG.finditer(plain)), place, error)


def _defend_triple_terms(content: Content, place: str, error: type[KgError]) -> None:
    _check_nesting((1 if m.group() == b"<<" else -1 for m in re.finditer(rb"<<|>>", content)), place, error)


def defend_json(content: bytes, place: str, error: type[KgError] = GraphError) -> None:
    """Refuse JSON that is nested so deeply that its readers overflow their stacks.

    Raises
    ------
    KgError
        When it is.
    """
    marks = (m.group() for m in _JSON_MARK.finditer(content))
    _check_nesting((1 if mark in b"[{" else -1 for mark in marks if mark[:1] != b'"'), place, error)


def _defend_json_ld(content: bytes, place: str, error: type[KgError]) -> None:
    import json

    defend_json(content, place, error)
    try:
        contexts = list(_contexts(json.loads(content)))
    except ValueError as problem:
        raise error(place, f"not JSON ({problem})", "mend the line it names") from None
    if any(isinstance(context, str) for context in contexts):
        raise error(place, "names a context that would have to be fetched", "put the context into the file")


def _check_nesting(steps: Iterable[int], place: str, error: type[KgError]) -> None:
    """Refuse what is nested so deeply that a reader's stack overflows; `steps` go down (1) and up again (-1)."""
    depth = 0
    for step in steps:
        depth = max(0, depth + step)
        if depth > MAXIMUM_NESTING:
            raise error(place, f"nested deeper than {MAXIMUM_NESTING}", "write it flat")


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


_DEFENCES: dict[ox.RdfFormat, Callable[[bytes, str, type[KgError]], None]] = {
    ox.RdfFormat.RDF_XML: _defend_xml,
    ox.RdfFormat.JSON_LD: _defend_json_ld,
}
