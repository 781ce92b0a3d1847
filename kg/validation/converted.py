"""Data for the reference validator: graphs of rdflib, whole or in parts, in which no literal can do harm."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kg.graph import terms, written
from kg.validation.data import Data, Said, Users, fact_nodes, mentioned, ontology

if TYPE_CHECKING:
    import rdflib

INTEGERS = {
    terms.XSD + "integer": re.compile(r"[+-]?[0-9]{1,18}"),
    terms.XSD + "nonNegativeInteger": re.compile(r"\+?[0-9]{1,18}"),
}
PLAIN = frozenset({terms.XSD + "string", terms.XSD + "anyURI", terms.RDF + "langString"})
AS_WRITTEN = "#as-written"
"""Ends the datatype of a literal whose value nobody should look at."""

Triples = Iterator[tuple[str, str, str]]


def parts(data: Data, size: int) -> Iterator[frozenset[str]]:
    """Give the subjects of the data in parts of about a size, each fact with what belongs to it.

    Data with blank nodes are one part: these have no name by which they could be told apart.
    """
    if len(data.about) <= size or data.nameless:
        yield frozenset(data.about)
        return
    done: set[str] = set()
    part: list[str] = []
    for start in [*fact_nodes(data), *data.about]:
        waiting = [start]
        while waiting:
            subject = waiting.pop()
            if subject in done or subject not in data.about:
                continue
            done.add(subject)
            part.append(subject)
            if len(part) < 2 * size:
                waiting += [v for values in data.about[subject].values() for v in values if written.is_iri(v)]
        if len(part) >= size:
            yield frozenset(part)
            part = []
    if part:
        yield frozenset(part)


def to_rdflib(data: Data, part: frozenset[str] | None = None, users: Users | None = None) -> rdflib.Graph:
    """Return data, ontology and the concepts that the data mention (with all broader ones) for the shapes to judge.

    Of the data a `part` of their subjects may be asked for: what is said of these, of what they mention, and of what
    that mentions, and how their `users` use them. That is more than the shapes look at that judge one of them.
    """
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    convert = functools.cache(term)
    if part is None or part == data.about.keys():
        own = [_triples(data.about), _triples(data.nameless), _triples(mentioned(data))]
    else:
        near = _near(data, part)
        own = [_triples({iri: data.about[iri] for iri in near}), _triples(mentioned(data, near))]
        own.append(_uses(part, users or {}))
    for triples in [_triples(ontology()), *own]:
        for subject, predicate, value in triples:
            graph.add((convert(subject), rdflib.URIRef(predicate), convert(value)))
    return graph


def term(name: str) -> rdflib.term.Node:
    """Return a term of rdflib.

    rdflib reads the value of every literal that it knows the type of, and logs a traceback where there is none. A
    literal of another type than the shapes ask for, or an ill-typed one, is therefore marked: it can only be wrong.
    """
    import rdflib

    if name.startswith("_:"):
        return rdflib.BNode(name[2:])
    if name.startswith("<<"):
        return rdflib.Literal(name)
    if not name.startswith('"'):
        return rdflib.URIRef(name)
    text, language = written.text(name), written.language(name)
    if language:
        return rdflib.Literal(text, lang=language)
    datatype = written.datatype(name)
    if is_readable(text, datatype):
        return rdflib.Literal(text, datatype=rdflib.URIRef(datatype), normalize=False)
    return rdflib.Literal(text, datatype=rdflib.URIRef(datatype + AS_WRITTEN))


def name(node: rdflib.term.Node) -> str:
    """Return the name of a term of rdflib, the other way round."""
    import pyoxigraph as ox
    import rdflib

    if isinstance(node, rdflib.BNode):
        return f"_:{node}"
    if not isinstance(node, rdflib.Literal):
        return str(node)
    if node.language:
        return str(ox.Literal(str(node), language=node.language))
    datatype = str(node.datatype or rdflib.XSD.string).removesuffix(AS_WRITTEN)
    return str(ox.Literal(str(node), datatype=ox.NamedNode(datatype)))


def is_readable(text: str, datatype: str) -> bool:
    """Tell whether the value of a literal may be looked at: it is a string, or a whole number of a sane length."""
    pattern = INTEGERS.get(datatype)
    return datatype in PLAIN or bool(pattern and pattern.fullmatch(text))


def _near(data: Data, part: frozenset[str]) -> list[str]:
    wanted, edge = set(part), part
    for _ in range(2):
        found = {v for iri in edge for values in data.about[iri].values() for v in values}
        edge = frozenset(found & data.about.keys()) - wanted
        wanted |= edge
    return sorted(wanted)


def _uses(part: frozenset[str], users: Users) -> Triples:
    for iri in sorted(part & users.keys()):
        yield from ((user, predicate, iri) for user, predicate in users[iri])


def _triples(about: Mapping[str, Said]) -> Triples:
    for subject, said in about.items():
        for predicate, values in said.items():
            yield from ((subject, predicate, value) for value in values)
