"""What is judged: the data of a store, told apart from the ontology and the vocabulary of the package.

Only the package says what a fact or a drug is. What a graph brings along under the same names is data, and is found.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyoxigraph as ox

from kg import resources
from kg.graph import store as stores
from kg.graph import terms
from kg.vocabulary import schema

if TYPE_CHECKING:
    import rdflib

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triple = tuple[Node, str, Node]
Users = dict[str, list[tuple[str, str]]]

_DEFAULT = ox.DefaultGraph()
_FOLLOWED = (terms.SKOS + "broader", terms.DRUGS + "brandOf")
_INTEGERS = {
    terms.XSD + "integer": re.compile(r"[+-]?[0-9]{1,18}"),
    terms.XSD + "nonNegativeInteger": re.compile(r"\+?[0-9]{1,18}"),
}
_PLAIN = frozenset({terms.XSD + "string", terms.XSD + "anyURI", terms.RDF + "langString"})


@dataclass(frozen=True)
class Data:
    """A store and the triples in it that are not the package's own.

    Attributes
    ----------
    store : pyoxigraph.Store
        Data, ontology and vocabulary; the default graph is the union.
    own : tuple of (subject, predicate, object)
        The data alone.
    about : mapping
        Subject → predicate → objects of the data, by IRI.
    """

    store: ox.Store
    own: tuple[Triple, ...]
    about: dict[str, dict[str, list[Node]]] = field(repr=False)

    def values(self, subject: str, predicate: str) -> list[Node]:
        """Return the values that the data give a subject."""
        return self.about.get(subject, {}).get(predicate, [])

    def iris(self, subject: str, predicate: str) -> list[str]:
        """Return those values that are IRIs."""
        return [v.value for v in self.values(subject, predicate) if isinstance(v, ox.NamedNode)]

    def texts(self, subject: str, predicate: str) -> list[str]:
        """Return those values that are literals, as written."""
        return [v.value for v in self.values(subject, predicate) if isinstance(v, ox.Literal)]

    def users(self, predicates: Iterable[str]) -> Users:
        """Return the objects of some properties, each with the subjects and their properties."""
        found: Users = {}
        for predicate in sorted(predicates):
            for subject in self.about:
                for value in self.iris(subject, predicate):
                    found.setdefault(value, []).append((subject, predicate))
        return found

    def label(self, iri: str) -> str:
        """Return the preferred label of an entity, from data or vocabulary; its local name where it has none."""
        pattern = self.store.quads_for_pattern(
            ox.NamedNode(iri), ox.NamedNode(terms.SKOS + "prefLabel"), None, _DEFAULT
        )
        found = sorted(q.object.value for q in pattern if isinstance(q.object, ox.Literal))
        return found[0] if found else unquote(iri.rstrip("/").rsplit("/", 1)[-1])


def read(source: ox.Store | Path | str) -> Data:
    """Read what is to be judged from a store, a folder of facts or any RDF file.

    Raises
    ------
    GraphError
        When the path cannot be read as RDF.
    """
    store = stores.read_any(Path(source)) if isinstance(source, (str, Path)) else source
    store = _complete(store)
    known = packaged()
    # each term and each name once, however many triples hold it: a large graph has ten times as many triples as terms
    terms_of: dict[Node, Node] = {}
    names: dict[str, str] = {}
    written: dict[Node, str] = {}

    def order(triple: Triple) -> tuple[str, str, str]:
        for term in (triple[0], triple[2]):
            if term not in written:
                written[term] = str(term)
        return written[triple[0]], triple[1], written[triple[2]]

    own = [
        (
            terms_of.setdefault(q.subject, q.subject),
            names.setdefault(q.predicate.value, q.predicate.value),
            terms_of.setdefault(q.object, q.object),
        )
        for q in store.quads_for_pattern(None, None, None, _DEFAULT)
        if q not in known
    ]
    own.sort(key=order)
    written.clear()
    about: dict[str, dict[str, list[Node]]] = {}
    for subject, predicate, value in own:
        if isinstance(subject, ox.NamedNode):
            about.setdefault(subject.value, {}).setdefault(predicate, []).append(value)
    return Data(store, tuple(own), about)


@functools.cache
def packaged() -> ox.Store:
    """Return the ontology and the vocabulary of the package alone; nobody writes to it."""
    store = ox.Store()
    for path in stores.vocabulary_files():
        store.load(path.read_bytes(), ox.RdfFormat.TURTLE)
    return store


def fact_nodes(data: Data) -> list[str]:
    """List the nodes that are facts by type, by name, or by having subject, object, polarity or evidence, sorted."""
    classes = {terms.DRUGS + "Fact", *schema.load().kinds_by_iri}
    marks = {terms.DRUGS + name for name in ("subject", "object", "evidence", "polarity")}
    found = set()
    for subject, predicate, value in data.own:
        is_fact = predicate in marks or (predicate == terms.RDF_TYPE and getattr(value, "value", None) in classes)
        name = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
        if is_fact or name.startswith(terms.FACT):
            found.add(name)
    return sorted(found)


def parts(data: Data, size: int) -> Iterator[frozenset[str]]:
    """Give the subjects of the data in parts of about a size, each fact with what belongs to it.

    Data with blank nodes are one part: these have no name by which they could be told apart.
    """
    if len(data.about) <= size or any(not isinstance(subject, ox.NamedNode) for subject, _, _ in data.own):
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
                waiting += [
                    v.value for values in data.about[subject].values() for v in values if isinstance(v, ox.NamedNode)
                ]
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
    convert = _Converter()
    ontology = ox.parse((resources.folder("ontology") / "drugs.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    for quad in ontology:
        graph.add((convert(quad.subject), convert(quad.predicate), convert(quad.object)))
    own = data.own if part is None or part == data.about.keys() else tuple(_of_part(data, part, users or {}))
    for triple in [*own, *_mentioned(own)]:
        graph.add((convert(triple[0]), rdflib.URIRef(triple[1]), convert(triple[2])))
    return graph


def _of_part(data: Data, part: frozenset[str], users: Users) -> Iterator[Triple]:
    wanted, edge = set(part), part
    for _ in range(2):
        mentioned = {
            v.value
            for iri in edge
            for values in data.about[iri].values()
            for v in values
            if isinstance(v, ox.NamedNode)
        }
        edge = frozenset(mentioned & data.about.keys()) - wanted
        wanted |= edge
    for iri in sorted(wanted):
        for predicate, values in data.about[iri].items():
            yield from ((ox.NamedNode(iri), predicate, value) for value in values)
    for iri in sorted(part & users.keys()):
        yield from ((ox.NamedNode(user), predicate, ox.NamedNode(iri)) for user, predicate in users[iri])


class _Converter:
    """Terms of Oxigraph → terms of rdflib, each made once.

    rdflib reads the value of every literal that it knows the type of, and logs a traceback where there is none. A
    literal of another type than the shapes ask for, or an ill-typed one, is therefore marked: it can only be wrong.
    """

    def __init__(self) -> None:
        self._made: dict[Node, rdflib.term.Node] = {}

    def __call__(self, term: Node) -> rdflib.term.Node:
        made = self._made.get(term)
        if made is None:
            made = self._made[term] = _to_rdflib(term)
        return made


def _to_rdflib(term: Node) -> rdflib.term.Node:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Triple):
        return rdflib.Literal(str(term))
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    pattern = _INTEGERS.get(datatype)
    if datatype == terms.XSD + "string":
        return rdflib.Literal(term.value, datatype=rdflib.XSD.string)
    if datatype in _PLAIN or (pattern and pattern.fullmatch(term.value)):
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype), normalize=False)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype + "#as-written"))


def _mentioned(own: Iterable[Triple]) -> Iterator[Triple]:
    """Give what the vocabulary says of every concept that the data mention."""
    waiting = {v.value for triple in own for v in (triple[0], triple[2]) if isinstance(v, ox.NamedNode)}
    seen: set[str] = set()
    while waiting:
        iri = waiting.pop()
        seen.add(iri)
        if not iri.startswith(terms.CONCEPT):
            continue
        for quad in packaged().quads_for_pattern(ox.NamedNode(iri), None, None, _DEFAULT):
            yield quad.subject, quad.predicate.value, quad.object
            if (
                quad.predicate.value in _FOLLOWED
                and isinstance(quad.object, ox.NamedNode)
                and quad.object.value not in seen
            ):
                waiting.add(quad.object.value)


def _complete(store: ox.Store) -> ox.Store:
    """Return a store whose default graph is the union of all graphs, the package's own triples included."""

    def missing() -> Iterator[ox.Quad]:
        named = (ox.Quad(q.subject, q.predicate, q.object, _DEFAULT) for q in store if q.graph_name != _DEFAULT)
        return (q for q in itertools.chain(named, packaged()) if q not in store)

    if next(missing(), None) is None:
        return store
    whole = ox.Store()
    whole.bulk_extend(itertools.chain(store, missing()))
    return whole
