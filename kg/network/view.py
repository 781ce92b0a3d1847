"""The view: all facts and the vocabulary as one directed multigraph, read from the store in a few passes.

Nodes are IRIs with `label` and `types`; an edge carries one `Edge` under `said`. The graph is frozen and its edges are
tuples, so that whoever walks it cannot spoil it for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph import decode, terms
from kg.records import NO_QUALIFIERS, Entity
from kg.vocabulary import schema

if TYPE_CHECKING:
    import networkx as nx

VOCABULARY = "vocabulary"
"""The kind of an edge that no document says: a concept is narrower than another, or a brand is one of a drug."""

AFFIRMED, DENIED = "affirmed", "denied"
CLASS_KIND = "drug_class"
CLASS_TYPE = "DrugClass"
BROADER, BRAND_OF = "broader", "brandOf"

_RELATIONS = ((BROADER, terms.SKOS + "broader"), (BRAND_OF, terms.DRUGS + "brandOf"))
_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(terms.RDF_TYPE)


class Edge(NamedTuple):
    """A fact as an edge from its subject to its object, or a step of the vocabulary from narrower to broader.

    `iri` names the fact, or the relation where `kind` is "vocabulary". `qualifiers` are as of a fact; `concepts` has
    the IRIs of those qualifiers that are entities themselves ("with", "effect", "population").
    """

    iri: str
    kind: str
    subject: str
    object: str
    polarity: str = AFFIRMED
    level: str | None = None
    documents: tuple[str, ...] = ()
    evidence: int = 0
    qualifiers: Mapping[str, str] = NO_QUALIFIERS
    concepts: Mapping[str, str] = NO_QUALIFIERS

    def __hash__(self) -> int:
        """Hash what names the edge; mappings have no hash."""
        return hash((self.iri, self.subject, self.object))

    @property
    def is_said(self) -> bool:
        """Whether a document says it."""
        return self.kind != VOCABULARY

    @property
    def carries(self) -> bool:
        """Whether one may walk along it: what is denied leads nowhere."""
        return self.polarity == AFFIRMED


class View:
    """The network of one graph, with what walking asks of it again and again.

    Attributes
    ----------
    network : networkx.MultiDiGraph
        The graph, frozen: nodes with `label` and `types`, edges with `said`, an `Edge`; the key is the fact's IRI.
    """

    def __init__(self, network: nx.MultiDiGraph[str], labels: Mapping[str, str] = NO_QUALIFIERS) -> None:
        """Look at a network; `labels` also name concepts that are not in it. What is worked out on the way is kept."""
        self.network = network
        self._labels = labels
        self._up: dict[str, list[Edge]] | None = None
        self._down: dict[str, list[str]] = {}
        self._above: dict[str, Mapping[str, tuple[Edge, ...]]] = {}
        self.kept: dict[str, object] = {}

    def __contains__(self, node: object) -> bool:
        """Tell whether the network has a node."""
        return node in self.network

    def entity(self, node: str) -> Entity:
        """Return a node as an entity; words that are in no vocabulary keep their IRI as well."""
        return Entity(self.label(node), node)

    def label(self, node: str) -> str:
        """Return what a node is called."""
        return self._labels.get(node) or _words(node)

    def types(self, node: str) -> tuple[str, ...]:
        """Return the types of a node ("Condition"), sorted."""
        return tuple(self.network.nodes[node]["types"]) if node in self.network else ()

    def edges(self) -> Iterator[Edge]:
        """Give all edges."""
        said: Edge
        for _, _, said in self.network.edges(data="said"):
            yield said

    def out(self, node: str) -> Iterator[Edge]:
        """Give the edges that leave a node: what is said of it, and the steps to broader concepts."""
        if node in self.network:
            said: Edge
            for _, _, said in self.network.out_edges(node, data="said"):
                yield said

    def into(self, node: str) -> Iterator[Edge]:
        """Give the edges that lead to a node."""
        if node in self.network:
            said: Edge
            for _, _, said in self.network.in_edges(node, data="said"):
                yield said

    def between(self, start: str, end: str) -> Iterator[Edge]:
        """Give the edges between two nodes, those that leave `start` first."""
        for subject, object_ in dict.fromkeys(((start, end), (end, start))):
            for attributes in (self.network.get_edge_data(subject, object_) or {}).values():
                yield attributes["said"]

    def facts(self, node: str, kinds: Iterable[str] | None = None, polarity: str = AFFIRMED) -> Iterator[Edge]:
        """Give what documents say of a node, of some kinds and a polarity."""
        wanted = None if kinds is None else frozenset(kinds)
        for edge in self.out(node):
            if edge.is_said and edge.polarity == polarity and (wanted is None or edge.kind in wanted):
                yield edge

    def is_subject(self, node: str) -> bool:
        """Tell whether a document says anything of a node."""
        return node in self._subjects()

    def subjects(self) -> tuple[str, ...]:
        """Return all nodes that documents say something of, sorted."""
        return tuple(self._subjects())

    def _subjects(self) -> dict[str, None]:
        if "subjects" not in self.kept:
            self.kept["subjects"] = dict.fromkeys(sorted({edge.subject for edge in self.edges() if edge.is_said}))
        return self.kept["subjects"]  # type: ignore[return-value]

    def _steps(self) -> dict[str, list[Edge]]:
        """Return the edges that lead from each node to what it is a kind of; those of the vocabulary first."""
        if self._up is None:
            self._up = {}
            for edge in sorted(filter(self._leads_up, self.edges()), key=lambda e: (e.is_said, e.object, e.iri)):
                self._up.setdefault(edge.subject, []).append(edge)
            for lower in sorted(self._up):
                for upper in sorted({edge.object for edge in self._up[lower]}):
                    self._down.setdefault(upper, []).append(lower)
        return self._up

    def _leads_up(self, edge: Edge) -> bool:
        """Tell whether an edge leads to what something is a kind of.

        What a document calls a class is often an example of one ("drugs for the heart, for instance diuretics"): a
        document may put a drug into a class, but how classes are nested is for the vocabulary to say.
        """
        if edge.is_said:
            return edge.kind == CLASS_KIND and edge.carries and CLASS_TYPE not in self.types(edge.subject)
        return True

    def documents(self, *nodes: str) -> tuple[str, ...]:
        """Return the documents that speak of a node in whatever role, sorted."""
        edges = (e for node in nodes for side in (self.out, self.into) for e in side(node))
        return tuple(sorted({name for edge in edges for name in edge.documents}))

    def above(self, node: str) -> Mapping[str, tuple[Edge, ...]]:
        """Return what a node is a kind of, nearest first, each with the steps that lead there; itself not included.

        The steps are those of the vocabulary, and the classes that documents put a drug in.
        """
        if node not in self._above:
            found: dict[str, tuple[Edge, ...]] = {node: ()}
            waiting = [node]
            for place in waiting:
                for edge in self._steps().get(place, ()):
                    if edge.object not in found:
                        found[edge.object] = (*found[place], edge)
                        waiting.append(edge.object)
            del found[node]
            self._above[node] = MappingProxyType(found)
        return self._above[node]

    def below(self, node: str) -> tuple[str, ...]:
        """Return all that is a kind of a node, however many steps down, nearest first; itself not included."""
        self._steps()
        found = dict.fromkeys([node])
        waiting = [node]
        for place in waiting:
            for lower in self._down.get(place, ()):
                if lower not in found:
                    found[lower] = None
                    waiting.append(lower)
        return tuple(found)[1:]

    def members(self, node: str) -> tuple[str, ...]:
        """Return the drugs of a class of which documents say something, sorted; classes below it are not drugs."""
        lower = (n for n in self.below(node) if CLASS_TYPE not in self.types(n) and self.is_subject(n))
        return tuple(sorted(lower))


def build(store: ox.Store) -> View:
    """Read all facts and the vocabulary of a store.

    Raises
    ------
    GraphError
        When a fact lacks what every fact has.
    """
    labels = _labels(store)
    edges = [*_facts(store, labels), *_vocabulary(store)]
    nodes = {node for edge in edges for node in (edge.subject, edge.object)}
    return of(edges, labels, {node: tuple(decode.types(store, ox.NamedNode(node))) for node in nodes})


def of(
    edges: Iterable[Edge],
    labels: Mapping[str, str] = NO_QUALIFIERS,
    types: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> View:
    """Make a view of edges, in an order that does not depend on theirs."""
    import networkx as nx

    ordered = sorted(edges, key=lambda edge: (edge.kind == VOCABULARY, edge.iri, edge.subject, edge.object))
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in sorted({node for edge in ordered for node in (edge.subject, edge.object)}):
        network.add_node(node, label=labels.get(node) or _words(node), types=tuple(sorted(types.get(node, ()))))
    bunch: list[Any] = [(edge.subject, edge.object, edge.iri, {"said": edge}) for edge in ordered]
    network.add_edges_from(bunch)
    return View(nx.freeze(network), labels)


def _words(iri: str) -> str:
    return unquote(iri.rsplit("/", 1)[-1])


def _labels(store: ox.Store) -> dict[str, str]:
    found: dict[str, str] = {}
    for node, label in decode.pairs(store, terms.SKOS + "prefLabel"):
        found[node] = min(label, found.get(node, label))
    return found


def _vocabulary(store: ox.Store) -> Iterator[Edge]:
    for name, predicate in _RELATIONS:
        for lower, upper in decode.pairs(store, predicate):
            if lower != upper and terms.is_entity(lower) and terms.is_entity(upper):
                yield Edge(name, VOCABULARY, lower, upper)


def _facts(store: ox.Store, labels: Mapping[str, str]) -> Iterator[Edge]:
    language = schema.load()
    shared: dict[str, str] = {}  # one string for a name, however often it is read
    subjects, objects, polarities = (
        {fact: shared.setdefault(value, value) for fact, value in decode.pairs(store, terms.DRUGS + name)}
        for name in ("subject", "object", "polarity")
    )
    kinds: dict[str, str] = {}
    for kind in language.kinds.values():
        for quad in store.quads_for_pattern(None, _TYPE, ox.NamedNode(kind.iri), _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode):
                kinds[quad.subject.value] = kind.name
    qualifiers, concepts = _qualifiers(store, labels, shared)
    derived = ox.NamedNode(terms.DRUGS + "DerivedFact")
    follows = {str(quad.subject) for quad in store.quads_for_pattern(None, _TYPE, derived, _DEFAULT)}
    for fact, proofs in _documents(store).items():
        if f"<{fact}>" in follows:
            continue  # whatever else it is said to be, no document says it
        lacks = next((n for n, has in _PARTS if fact not in (kinds, subjects, objects, polarities)[has]), None)
        if lacks is not None:
            raise GraphError(fact, lacks, "run `kg check` on this graph")
        narrowed = qualifiers.get(fact, {})
        polarity = language.values.get(polarities[fact])
        yield Edge(
            iri=fact,
            kind=kinds[fact],
            subject=subjects[fact],
            object=objects[fact],
            polarity=polarity.name if polarity else "",
            level="contraindicated" if kinds[fact] == "contraindication" else narrowed.get("level"),
            documents=tuple(sorted(set(proofs))),
            evidence=len(proofs),
            qualifiers=MappingProxyType(dict(sorted(narrowed.items()))) if narrowed else NO_QUALIFIERS,
            concepts=MappingProxyType(concepts[fact]) if fact in concepts else NO_QUALIFIERS,
        )


_PARTS = (("is no fact of a known kind", 0), ("has no subject", 1), ("has no object", 2), ("has no polarity", 3))


def _qualifiers(
    store: ox.Store, labels: Mapping[str, str], shared: dict[str, str]
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Read the qualifiers of all facts as words, and the IRIs of those that are entities."""
    language = schema.load()
    found: dict[str, dict[str, str]] = {}
    concepts: dict[str, dict[str, str]] = {}
    for iri, qualifier in language.qualifiers.items():
        for fact, value in decode.pairs(store, iri):
            if qualifier.is_text:
                words = value
            elif value in language.values:
                words = language.values[value].name
            else:
                words = labels.get(value) or _words(value)
                concepts.setdefault(fact, {}).setdefault(qualifier.name, shared.setdefault(value, value))
            found.setdefault(fact, {}).setdefault(qualifier.name, shared.setdefault(words, words))
    return found, concepts


def _documents(store: ox.Store) -> dict[str, list[str]]:
    """Read for each fact the document of each piece of its evidence."""
    names: dict[str, str] = {}
    sources: dict[str, str] = {}
    for proof, source in decode.pairs(store, terms.OA + "hasSource"):
        if source not in names:
            names[source] = unquote(source.removeprefix(terms.DOCUMENT))
        sources[proof] = names[source]
    found: dict[str, list[str]] = {}
    for fact, proof in decode.pairs(store, terms.DRUGS + "evidence"):
        if proof not in sources:
            raise GraphError(proof, "has no source", "run `kg check` on this graph")
        found.setdefault(fact, []).append(sources[proof])
    return found
