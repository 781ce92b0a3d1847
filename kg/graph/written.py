"""Terms by their names: an IRI is its own name, a literal and a blank node are named as N-Triples writes them.

A check of a large graph looks at each term many times. Strings are compared, hashed and looked up without a step into
the store, which objects of its own need for each of these.

>>> name = of(ox.Literal('a "b"', language="en"))
>>> name, text(name), language(name), is_iri(name)
('"a \\\\"b\\\\""@en', 'a "b"', 'en', False)
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from kg.graph import terms

_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_STRING = terms.XSD + "string"
_LANGUAGE = terms.RDF + "langString"


def of(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """Name a term."""
    if isinstance(term, ox.Triple):
        return f"<<( {term} )>>"
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def term(name: str) -> ox.NamedNode | ox.Literal:
    """Make the term of a name as N-Quads writes it, where IRIs stand in angle brackets.

    >>> term("<urn:a>"), term('"a"@en').language
    (<NamedNode value=urn:a>, 'en')
    """
    if name.startswith("<"):
        return ox.NamedNode(name[1:-1])
    spoken = language(name)
    if spoken is not None:
        return ox.Literal(text(name), language=spoken)
    return ox.Literal(text(name), datatype=ox.NamedNode(datatype(name)))


def is_literal(name: str) -> bool:
    """Tell whether a name is that of a literal."""
    return name.startswith('"')


def is_blank(name: str) -> bool:
    """Tell whether a name is that of a blank node."""
    return name.startswith("_:")


def is_iri(name: str) -> bool:
    """Tell whether a name is that of an IRI: neither literal nor blank node nor a triple in a triple."""
    return not name.startswith(('"', "_:", "<<"))


def text(name: str) -> str:
    """Return a literal's text, an IRI, or a blank node's label."""
    if name.startswith('"'):
        found = name[1 : name.rindex('"')]
        return _ESCAPED.sub(_plain, found) if "\\" in found else found
    return name[2:] if name.startswith("_:") else name


def datatype(name: str) -> str:
    """Return the datatype of a literal."""
    rest = name[name.rindex('"') + 1 :]
    if not rest:
        return _STRING
    return _LANGUAGE if rest.startswith("@") else rest[3:-1]


def language(name: str) -> str | None:
    """Return the language of a literal, without its direction; None where it has none."""
    rest = name[name.rindex('"') + 1 :]
    return rest[1:].partition("--")[0] if rest.startswith("@") else None


def has_direction(name: str) -> bool:
    """Tell whether a name is that of a literal whose language has a direction."""
    return name.startswith('"') and "--" in name[name.rindex('"') :] and name[-1] not in '">'


def _plain(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _SHORT.get(match[3], match[3])
