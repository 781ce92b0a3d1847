"""RDF/XML: the union of what documents say, for readers that know nothing newer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import GraphError
from kg.exports import triples
from kg.graph import foreign, terms

if TYPE_CHECKING:
    from kg.api import Graph

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def encode(graph: Graph) -> bytes:
    """Write RDF/XML, sorted.

    Raises
    ------
    GraphError
        When a text has a character that XML cannot hold.
    """
    found = [ox.Triple(*triple) for triple in triples.plain(foreign.leaving(graph.store))]
    for triple in found:
        check(triple.object.value if isinstance(triple.object, ox.Literal) else "", str(triple.subject))
    unique = dict.fromkeys(sorted(found, key=str))
    return keeping_returns(ox.serialize(unique, format=ox.RdfFormat.RDF_XML, prefixes=terms.PREFIXES) or b"")


def keeping_returns(content: bytes) -> bytes:
    r"""Write carriage returns as XML's readers keep them: a bare one is read as a line feed, or not at all.

    >>> keeping_returns(b"<a>x\r\ny</a>")
    b'<a>x&#13;\ny</a>'
    """
    return content.replace(b"\r", b"&#13;")


def check(text: str, place: str, holder: str = "XML") -> None:
    """Refuse a text that XML, or another format that forbids the same characters, cannot hold.

    Raises
    ------
    GraphError
        When there is a control character in it.
    """
    found = _NOT_XML.search(text)
    if found:
        problem = f"has the control character U+{ord(found.group()):04X}, which {holder} cannot hold"
        raise GraphError(place, problem, "export to turtle or jsonld instead")
