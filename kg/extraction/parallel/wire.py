"""What goes between this program and its workers: JSON and the bytes of files, never pickled objects.

A worker sends where a quote stands, not the quote: it is cut out of the text that is here, so that whatever a worker
says, a quote is a slice of the stored text.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kg import errors, extraction, reading
from kg.errors import DocumentError, KgError
from kg.records import Document, Entity, Evidence, Product, Reading, Section, Span, Statement

Version = dict[str, str]


def settings(lexicon: Path | None) -> bytes:
    """Write what a worker is told first: what to read with."""
    return _packed({"lexicon": lexicon and str(lexicon.resolve())})


def to_read(document: Document, drug: str | None) -> bytes:
    """Write the request to say what a document says."""
    return _packed({"document": _row(document), "drug": drug})


def to_open(path: Path, content: bytes) -> bytes:
    """Write the request to find the documents in the bytes of a file."""
    return _packed({"path": str(path)}) + b"\n" + content


def answer(request: bytes, lexicon: Path | None) -> bytes:
    """Do what a request asks for; whatever goes wrong with a document is in the reply."""
    head, _, content = request.partition(b"\n")
    asked = json.loads(head)
    if "path" in asked:
        path = Path(asked["path"])
        found = extraction.attempted(path, reading.documents_in(content, path))
        return _packed({"documents": [_error(d) if isinstance(d, DocumentError) else _row(d) for d in found]})
    try:
        (said,) = extraction.extract_documents([_document(asked["document"])], asked["drug"], lexicon)
    except KgError as error:
        return failed(error)
    if isinstance(said, DocumentError):
        return left_out(said)
    return _packed({"statements": [_statement_row(statement) for statement in said.statements]})


def left_out(error: DocumentError) -> bytes:
    """Write the reply that a document, or a file, cannot be read."""
    return _packed({"left_out": _error(error)})


def failed(error: KgError) -> bytes:
    """Write the reply that no document can be read, and why."""
    return _packed({"failed": [type(error).__name__, error.place, error.problem, error.remedy]})


def ready(version: Version) -> bytes:
    """Write what a worker says first: it has loaded everything, and this is what it reads with."""
    return _packed({"version": version})


def version_of(reply: bytes) -> Version:
    """Return what a worker reads with; an error that concerns every document is raised."""
    version: Version = _reply(reply)["version"]
    return version


def reading_of(reply: bytes, document: Document) -> Reading | DocumentError:
    """Put together what a document says; an error that concerns every document is raised."""
    said = _reply(reply)
    if "left_out" in said:
        return DocumentError(*said["left_out"])
    return Reading(document, tuple(_statement(row, document) for row in said["statements"]))


def documents_of(reply: bytes) -> list[Document | DocumentError]:
    """Put together what was found in a file."""
    said = _reply(reply)
    if "left_out" in said:
        return [DocumentError(*said["left_out"])]
    return [DocumentError(*row) if len(row) == _ERROR_LENGTH else _document(row) for row in said["documents"]]


def _packed(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _reply(reply: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(reply)
    if "failed" in said:
        name, *parts = said["failed"]
        raise getattr(errors, name, KgError)(*parts)
    return said


_ERROR_LENGTH = 3


def _error(error: DocumentError) -> list[str]:
    return [error.place, error.problem, error.remedy]


def _row(document: Document) -> list[Any]:
    product = document.product
    return [
        document.name,
        document.text,
        document.title,
        document.source_kind,
        document.markup,
        document.sha256,
        product and [product.names, product.substances, product.classes],
        [[section.span, sorted(section.kinds)] for section in document.sections],
    ]


def _document(row: list[Any]) -> Document:
    name, text, title, source_kind, markup, sha256, said, typed = row
    product = said and Product(*map(tuple, said))
    sections = tuple(Section(Span(*span), frozenset(kinds)) for span, kinds in typed)
    return Document(name, text, title, source_kind, markup, sha256, product, sections)


def _statement_row(statement: Statement) -> list[Any]:
    said, about, what = statement.evidence, statement.subject, statement.object
    return [
        statement.kind,
        [about.label, about.iri, about.broader],
        [what.label, what.iri, what.broader],
        [said.span, said.quote_sha256, said.object_span, said.rule, said.heading],
        statement.polarity,
        dict(statement.qualifiers),
    ]


def _statement(row: list[Any], document: Document) -> Statement:
    kind, about, what, (span, sha256, object_span, rule, heading), polarity, qualifiers = row
    text, place, object_place = document.text, Span(*span), Span(*object_span)
    above = heading and Span(*heading)
    evidence = Evidence(
        document.name,
        place,
        sha256,
        object_place,
        object_place.of(text),
        rule,
        above,
        place.of(text),
        above and above.of(text),
    )
    return Statement(kind, Entity(*about), Entity(*what), evidence, polarity, MappingProxyType(qualifiers))
