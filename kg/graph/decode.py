"""Decoding: facts and documents are read back from a store, whatever file or format it was filled from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyoxigraph as ox

from kg import assembly
from kg.errors import GraphError
from kg.graph import late, terms
from kg.graph.encode import Source
from kg.graph.readable import Readable
from kg.records import NO_QUALIFIERS, Entity, Evidence, Fact, Span
from kg.vocabulary import schema
from kg.vocabulary.schema import Schema

if TYPE_CHECKING:
    from kg.graph.edges import Edge
    from kg.graph.whole import Whole

_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(terms.RDF_TYPE)
_EVIDENCE = ox.NamedNode(terms.DRUGS + "evidence")
_ENDS = ox.NamedNode(terms.DRUGS + "subject"), ox.NamedNode(terms.DRUGS + "object")
_LABEL = ox.NamedNode(terms.SKOS + "prefLabel")
_BROADER = ox.NamedNode(terms.SKOS + "broader")
_OF_DOCUMENTS = (
    *(terms.DCTERMS + name for name in ("identifier", "title")),
    *(terms.DRUGS + name for name in ("sourceKind", "sha256", "length", "about", "sameTextAs")),
)
_FACT = tuple(terms.DRUGS + name for name in ("subject", "object", "polarity", "evidence"))
_CORE = frozenset(_FACT) | {terms.RDF_TYPE}
_OF_EVIDENCE = (
    *(terms.OA + name for name in ("hasSource", "hasSelector")),
    *(terms.DRUGS + name for name in ("quoteSha256", "objectSelector", "rule", "headingSelector")),
)
_EXACT = terms.OA + "exact"
_OFFSETS = re.compile(r"#char=([0-9]{1,18}),([0-9]{1,18})\Z")

_PLACES = (
    f"SELECT ?fact ?quote ?words {{{{ GRAPH <{{graph}}> {{{{ ?fact <{_EVIDENCE.value}> ?proof ."
    f" ?proof <{terms.OA}hasSelector> ?quote ; <{terms.DRUGS}objectSelector> ?words }}}} }}}}"
)

Said = dict[str, list[str]]
"""What is said of a node: the values of each property."""

Given = Mapping[str, Sequence[str]]
"""The same as others have read it."""

About = Callable[[str], Given]
"""Tells what is said of a node."""

Values = Callable[[str, str], Iterable[str]]
"""Tells the values of one property of a node."""

FACTS_KEPT = 4_000
"""Facts that a reader keeps, since those about one drug are asked for several times in a row."""


class Reader:
    """Reads facts from one store; labels are looked up once, and the facts read last are kept."""

    def __init__(self, store: Readable, *, quotes: bool = True, values: Values | None = None) -> None:
        """Read from `store`, whose default graph must hold everything, as `kg.graph.store` sees to.

        `whole` may be given all facts in memory, to answer from; their evidence is read from the store as before.
        Without `quotes`, sentences and headings are not looked for: who has the texts takes them from there; and the
        evidence of facts that are read one by one is read when somebody looks at it. `values` tells what entities are
        called where that was read already.
        """
        self.store = store
        self._given = values
        self._has_quotes = quotes
        self._is_late = not quotes and isinstance(store, ox.Store)  # a server is asked once for what comes together
        self.whole: Whole | None = None
        self._graphs: dict[str, str] | None = None
        self._language: Schema = schema.load()
        self._entities: dict[str, Entity] = {}
        self._spans: dict[str, tuple[Span, str | None]] = {}
        self._facts: dict[str, Fact] = {}

    def facts(self, kind: str | None = None, subject: str | None = None, document: str | None = None) -> list[Fact]:
        """Read the facts of a kind, about a subject (its IRI), said by a document; without these, all facts.

        Raises
        ------
        OntologyError
            When the kind is unknown.
        GraphError
            When a fact lacks what every fact has.
        """
        if kind or subject:
            found = list(map(self._kept, self._nodes(kind, subject)))
        else:
            about = self._everything((*_FACT, *self._language.qualifiers, *_OF_EVIDENCE, _EXACT))
            found = [self._fact(node, about) for node in self._nodes(None, None)]
        if document is not None:
            found = [fact for fact in found if document in fact.documents]
        return sorted(found, key=assembly.order)

    def fact(
        self, node: ox.NamedNode | str, about: About | None = None, evidence: tuple[Evidence, ...] | None = None
    ) -> Fact:
        """Read one fact; `about` tells what is said of nodes where that was read already.

        Where `evidence` is given, that of the fact is not read.

        Raises
        ------
        GraphError
            When the node lacks what every fact has.
        """
        iri = node if isinstance(node, str) else node.value
        return self._fact(iri, about, evidence) if about is not None else self._kept(iri)

    def _kept(self, iri: str) -> Fact:
        fact = self._facts.get(iri)
        if fact is None:
            edge = self.whole.facts.get(iri) if self.whole is not None else None
            fact = self._fact(iri, self._about) if edge is None else self._of_edge(edge)
            if len(self._facts) >= FACTS_KEPT:
                self._facts.clear()
            self._facts[iri] = fact
        return fact

    def _fact(self, iri: str, about: About, evidence: tuple[Evidence, ...] | None = None) -> Fact:
        said = about(iri)
        if evidence is None and self._is_late and about == self._about:
            return late.late(self._content(iri, said, tuple), self)
        nodes = said.get(terms.DRUGS + "evidence", ())
        return self._content(iri, said, lambda: self._proofs(nodes, about) if evidence is None else evidence)

    def _proofs(self, nodes: Iterable[str], about: About) -> tuple[Evidence, ...]:
        return tuple(sorted((self._evidence(node, about) for node in nodes), key=_place))

    def _of_edge(self, edge: Edge) -> Fact:
        ends = self.entity(edge.subject), self.entity(edge.object)
        return late.late(Fact(edge.kind, *ends, (), edge.polarity, edge.qualifiers, edge.iri), self, edge.documents)

    def _content(self, iri: str, said: Given, proofs: Callable[[], tuple[Evidence, ...]]) -> Fact:
        """Make a fact; its evidence is read once it is known to be one."""
        kinds = self._language.kinds_by_iri
        kind = min([kinds[t].name for t in said.get(terms.RDF_TYPE, ()) if t in kinds], default=None)
        if kind is None:
            raise GraphError(iri, "is no fact of a known kind", "run `kg check` on this graph")
        polarity = self._language.values.get(_one(iri, said, terms.DRUGS + "polarity"))
        qualifiers = sorted(self._qualifiers(said))
        return Fact(
            kind=kind,
            subject=self.entity(_one(iri, said, terms.DRUGS + "subject")),
            object=self.entity(_one(iri, said, terms.DRUGS + "object")),
            evidence=proofs(),
            polarity=polarity.name if polarity else "",
            qualifiers=MappingProxyType(dict(qualifiers)) if qualifiers else NO_QUALIFIERS,
            iri=iri,
        )

    def proofs(self, iri: str, /) -> tuple[Evidence, ...]:
        """Read the evidence of a fact, in order.

        Raises
        ------
        GraphError
            When it lacks what every piece of evidence has.
        """
        return self._proofs(self._values(iri, _EVIDENCE), self._about)

    def said_by(self, iri: str, /) -> tuple[str, ...]:
        """Return the names of the documents that say a fact, sorted: their named graphs hold its evidence.

        Where the store has no graph for each document, as one read from plain triples, the evidence tells.
        """
        if self.whole is not None and iri in self.whole.facts:
            return self.whole.facts[iri].documents
        quads = self.store.quads_for_pattern(ox.NamedNode(iri), _EVIDENCE, None, None)
        graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
        names = self.graphs()
        if not graphs or not graphs <= names.keys():
            return tuple(sorted({proof.document for proof in self.proofs(iri)}))
        return tuple(sorted(names[graph] for graph in graphs))

    def graphs(self) -> dict[str, str]:
        """Return the documents by the graphs of what they say."""
        if self._graphs is None:
            self._graphs = {terms.graph(source.name): source.name for source in self.sources()}
        return self._graphs

    def ids(self, role: str, iri: str) -> Sequence[str]:
        """Return the IRIs of the facts that have something as their "subject" or their "object", in no order."""
        if self.whole is not None:
            return self.whole.about(iri) if role == "subject" else self.whole.on(iri)
        found = self.store.quads_for_pattern(None, ox.NamedNode(terms.DRUGS + role), ox.NamedNode(iri), _DEFAULT)
        return list({quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)})

    def ends(self, iri: str) -> tuple[str, ...]:
        """Return the IRIs of what a fact is about and of its object, without reading the fact."""
        edge = self.whole.facts.get(iri) if self.whole is not None else None
        if edge is not None:
            return edge.subject, edge.object
        quads = (self.store.quads_for_pattern(ox.NamedNode(iri), role, None, _DEFAULT) for role in _ENDS)
        return tuple(quad.object.value for found in quads for quad in found if isinstance(quad.object, ox.NamedNode))

    def said_in(self, document: str) -> Sequence[str]:
        """Return the IRIs of the facts in the named graph of a document, in no order."""
        if self.whole is not None:
            return self.whole.said_in(document)
        graph = ox.NamedNode(terms.graph(document))
        found = self.store.quads_for_pattern(None, _EVIDENCE, None, graph)
        return list({quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)})

    def places(self, document: str) -> Iterator[tuple[str, Span, Span]]:
        """Give the facts of a document's named graph by their IRIs, each with its sentence and its object's words."""
        for fact, quote, words in self.store.query(_PLACES.format(graph=terms.graph(document))):  # type: ignore[union-attr]
            found = [_OFFSETS.search(one.value) for one in (quote, words)]
            if all(found):
                spans = [Span(int(one[1]), int(one[2])) for one in found if one]
                yield fact.value, spans[0], spans[1]

    def entity(self, iri: str) -> Entity:
        """Read a concept, a listed value or an unlisted term."""
        entity = self._entities.get(iri)
        if entity is None:
            label = self.whole.labels.get(iri) if self.whole is not None else None
            label = label or min(self._values(iri, _LABEL), default=unquote(iri.rsplit("/", 1)[-1]))
            if iri.startswith(terms.TERM):
                entity = Entity(label, None, min(self._values(iri, _BROADER), default=None))
            else:
                entity = Entity(label, iri)
            self._entities[iri] = entity
        return entity

    def sources(self) -> list[Source]:
        """Read what is known about the documents, sorted by name."""
        found = []
        described: dict[str, Said] = {}
        for iri in _OF_DOCUMENTS:  # seven walks instead of one for each document
            for quad in self.store.quads_for_pattern(None, ox.NamedNode(iri), None, _DEFAULT):
                if isinstance(quad.object, ox.NamedNode | ox.Literal):
                    described.setdefault(str(quad.subject), {}).setdefault(iri, []).append(quad.object.value)
        for quad in self.store.quads_for_pattern(None, _TYPE, ox.NamedNode(terms.DRUGS + "Document"), _DEFAULT):
            node, said = getattr(quad.subject, "value", ""), described.get(str(quad.subject), {})
            about, same = said.get(terms.DRUGS + "about", ()), said.get(terms.DRUGS + "sameTextAs", ())
            found.append(
                Source(
                    name=_one(node, said, terms.DCTERMS + "identifier"),
                    title=_one(node, said, terms.DCTERMS + "title"),
                    source_kind=_one(node, said, terms.DRUGS + "sourceKind"),
                    sha256=_one(node, said, terms.DRUGS + "sha256"),
                    length=_number(node, said, terms.DRUGS + "length"),
                    about=self.entity(about[0]) if about else None,
                    same_text_as=unquote(same[0].removeprefix(terms.DOCUMENT)) if same else "",
                )
            )
        return sorted(found, key=lambda source: source.name)

    def _nodes(self, kind: str | None, subject: str | None) -> Iterator[str]:
        wanted = ox.NamedNode(self._language.kind(kind).iri) if kind is not None else None
        if subject is not None:
            found = self.ids("subject", subject)
            if self.whole is not None:
                yield from (iri for iri in found if kind in (None, self.whole.facts[iri].kind))
                return
            yield from (n for n in found if wanted is None or ox.Quad(ox.NamedNode(n), _TYPE, wanted) in self.store)
            return
        role = _EVIDENCE if wanted is None else _TYPE
        nodes = {quad.subject for quad in self.store.quads_for_pattern(None, role, wanted, _DEFAULT)}
        yield from (node.value for node in nodes if isinstance(node, ox.NamedNode))

    def _qualifiers(self, said: Given) -> Iterator[tuple[str, str]]:
        for iri, values in said.items():
            qualifier = self._language.qualifiers.get(iri)
            if iri in _CORE or qualifier is None:
                continue
            value = values[0]
            if qualifier.is_text:
                yield qualifier.name, value
            elif value in self._language.values:
                yield qualifier.name, self._language.values[value].name
            else:
                yield qualifier.name, self.entity(value).label

    def _evidence(self, iri: str, about: About) -> Evidence:
        said = about(iri)
        span, quote = self._quote(_one(iri, said, terms.OA + "hasSelector"), about)
        object_span, words = self._span(_one(iri, said, terms.DRUGS + "objectSelector"), about)
        headings = said.get(terms.DRUGS + "headingSelector", ())
        heading, heading_text = self._quote(headings[0], about) if headings else (None, None)
        return Evidence(
            document=unquote(_one(iri, said, terms.OA + "hasSource").removeprefix(terms.DOCUMENT)),
            span=span,
            quote_sha256=_one(iri, said, terms.DRUGS + "quoteSha256"),
            object_span=object_span,
            object_text=words or "",
            rule=_one(iri, said, terms.DRUGS + "rule"),
            heading=heading,
            quote=quote,
            heading_text=heading_text,
        )

    def _quote(self, iri: str, about: About) -> tuple[Span, str | None]:
        """Read a sentence or a heading; its words only if they are wanted."""
        named = None if self._has_quotes else _OFFSETS.search(iri)
        return (Span(int(named[1]), int(named[2])), None) if named else self._span(iri, about)

    def _span(self, iri: str, about: About) -> tuple[Span, str | None]:
        """Read a stretch and its words; its name tells the offsets, and `kg check` that it tells the right ones."""
        found = self._spans.get(iri)
        if found is None:
            named = _OFFSETS.search(iri)
            said = about(iri) if named else self._about(iri)
            if named:
                span = Span(int(named[1]), int(named[2]))
            else:
                span = Span(_number(iri, said, terms.OA + "start"), _number(iri, said, terms.OA + "end"))
            words = said.get(_EXACT, ())
            found = self._spans[iri] = (span, words[0] if words else None)
        return found

    def _everything(self, properties: Iterable[str]) -> About:
        """Read some properties of all facts and their evidence, one after the other: the fastest way to all."""
        found: dict[str, Said] = {}
        shared: dict[str, str] = {}  # one string for a value, however often it is read
        for iri in properties:
            for node, value in pairs(self.store, iri):
                found.setdefault(node, {}).setdefault(iri, []).append(shared.setdefault(value, value))
        for kind in self._language.kinds_by_iri:
            for quad in self.store.quads_for_pattern(None, _TYPE, ox.NamedNode(kind), _DEFAULT):
                if isinstance(quad.subject, ox.NamedNode):
                    found.setdefault(quad.subject.value, {}).setdefault(terms.RDF_TYPE, []).append(kind)
        return lambda iri: found.get(iri, {})

    def _values(self, iri: str, predicate: ox.NamedNode) -> Iterator[str]:
        """Give the values of one property: a drug may have a thousand short edges beside its label."""
        if self._given is not None:
            yield from self._given(iri, predicate.value)
            return
        for quad in self.store.quads_for_pattern(ox.NamedNode(iri), predicate, None, _DEFAULT):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                yield quad.object.value

    def _about(self, iri: str) -> Said:
        """Read what is said of one node; of the stretch of a text that its name tells, only the words."""
        said: Said = {}
        predicate = ox.NamedNode(_EXACT) if _OFFSETS.search(iri) else None
        for quad in self.store.quads_for_pattern(ox.NamedNode(iri), predicate, None, _DEFAULT):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                said.setdefault(quad.predicate.value, []).append(quad.object.value)
        return said


def pairs(store: Readable, predicate: str) -> Iterator[tuple[str, str]]:
    """Give what all nodes say under a property; blank nodes name nothing that can be found again.

    A query fetches the two ends alone, which is what takes the time in a store on disk.
    """
    rows = store.query(f"SELECT ?node ?value {{ ?node <{predicate}> ?value }}")
    for node, value in rows:  # type: ignore[union-attr]
        if isinstance(node, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            yield node.value, value.value


def facts(store: Readable, kind: str | None = None, subject: str | None = None) -> list[Fact]:
    """Read facts from a store: of a kind, about a subject (its IRI), or all."""
    return Reader(store).facts(kind, subject)


def sources(store: Readable) -> list[Source]:
    """Read what is known about the documents of a store."""
    return Reader(store).sources()


def types(store: Readable, node: ox.NamedNode) -> Iterator[str]:
    """Give the types of a concept by their names in the ontology ("Condition")."""
    for quad in store.quads_for_pattern(node, _TYPE, None, _DEFAULT):
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(terms.DRUGS):
            yield quad.object.value.removeprefix(terms.DRUGS)


def _one(node: str, said: Given, iri: str) -> str:
    values = said.get(iri)
    if not values:
        raise GraphError(node, f"has no {iri.rsplit('/', 1)[-1]}", "run `kg check` on this graph")
    return values[0]


def _number(node: str, said: Given, iri: str) -> int:
    value = _one(node, said, iri)
    if not value.isdecimal() or len(value) > 18:
        raise GraphError(node, f"{value[:40]!r} is no offset", "run `kg check` on this graph")
    return int(value)


def _place(evidence: Evidence) -> tuple[str, Span, Span]:
    return evidence.document, evidence.span, evidence.object_span
