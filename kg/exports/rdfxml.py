"""RDF/XML: the union of what documents say, for readers that know nothing newer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph import lines, terms

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
    found = b"".join(lines.ordered(said for _, said in lines.graphs(graph.store)))
    triples = ox.parse(found, ox.RdfFormat.N_TRIPLES)
    content = ox.serialize(_checked(triples), format=ox.RdfFormat.RDF_XML, prefixes=terms.PREFIXES)
    return keeping_returns(content or b"")


def _checked(quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
    for quad in quads:
        check(quad.object.value if isinstance(quad.object, ox.Literal) else "", str(quad.subject))
        yield quad.triple


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
