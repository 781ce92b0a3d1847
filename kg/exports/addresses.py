"""Evidence and documents as addresses: one line that holds all there is to know of a place, for formats of flat cells.

An address is the IRI of the document with what is known of it in its fragment (evidence) or, since a document's own IRI
says nothing of its content, the hash of its text with what is known of the document in the query. Every value is
percent-encoded, so that no format has to quote anything.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode

from kg.errors import GraphError
from kg.graph import terms
from kg.graph.encode import Source, node_of
from kg.records import Evidence, Span

_HASH = "hash://sha256/"
_SPAN = re.compile(r"([0-9]{1,18}),([0-9]{1,18})")
_REMEDY = "export it again with `kg export`"


def of_evidence(evidence: Evidence) -> str:
    """Return the address of a piece of evidence, without the words of the passage and its heading.

    >>> place = Evidence("a.txt", Span(3, 9), "0" * 64, Span(4, 6), "an ox", "made/by-hand")
    >>> of_evidence(place)[42:-64]
    '#char=3,9&object=4,6&words=an%20ox&rule=made%2Fby-hand&sha256='
    >>> to_evidence(of_evidence(place)) == place
    True
    """
    said = {"char": evidence.span, "object": evidence.object_span, "heading": evidence.heading}
    parts = [f"{name}={span[0]},{span[1]}" for name, span in said.items() if span is not None]
    words = {"words": evidence.object_text, "rule": evidence.rule, "sha256": evidence.quote_sha256}
    return f"{terms.document(evidence.document)}#{'&'.join(parts)}&{_query(words)}"


def to_evidence(address: str) -> Evidence:
    """Return the evidence of an address.

    Raises
    ------
    GraphError
        When it is none of evidence.
    """
    document, _, fragment = address.partition("#")
    said = _said(fragment)
    try:
        heading = said.get("heading")
        return Evidence(
            document=terms.document_name(document),
            span=_span(said["char"]),
            quote_sha256=said["sha256"],
            object_span=_span(said["object"]),
            object_text=said["words"],
            rule=said["rule"],
            heading=None if heading is None else _span(heading),
        )
    except (KeyError, ValueError):
        raise GraphError(address[:100], "is no address of evidence", _REMEDY) from None


def of_source(source: Source) -> str:
    """Return the address of a document's text, with what is known of the document.

    >>> source = Source("a.txt", "A", "web page", "0" * 64, 12, same_text_as="a.txt")
    >>> of_source(source)[-25:]
    '0000?length=12&same=a.txt'
    >>> to_source("a.txt", "A", "web page", of_source(source)) == (source, None)
    True
    """
    said = {"length": str(source.length)}
    if source.about is not None:
        said["about"] = node_of(source.about).value
    if source.same_text_as:
        said["same"] = source.same_text_as
    return f"{_HASH}{source.sha256}?{_query(said)}"


def to_source(name: str, title: str, source_kind: str, address: str) -> tuple[Source, str | None]:
    """Return a document, and the IRI of what it is about.

    Raises
    ------
    GraphError
        When the address is none of a text.
    """
    sha256, _, query = address.removeprefix(_HASH).partition("?")
    said = _said(query)
    if not address.startswith(_HASH) or not said.get("length", "").isdecimal() or len(said["length"]) > 18:
        raise GraphError(address[:100], "is no address of a text", _REMEDY)
    source = Source(name, title, source_kind, sha256, int(said["length"]), None, said.get("same", ""))
    return source, said.get("about")


def is_source(address: str) -> bool:
    """Tell whether it is the address of a text."""
    return address.startswith(_HASH)


def _query(said: dict[str, str]) -> str:
    return urlencode(said, quote_via=quote, safe="")


def _said(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True, strict_parsing=False))


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return Span(int(found[1]), int(found[2]))
