"""Decoding: facts and documents are read back from a store, whatever file or format it was filled from."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from urllib.parse import unquote

import pyoxigraph as ox

from kg import assembly
from kg.errors import GraphError
from kg.graph import terms
from kg.graph.encode import Source
from kg.records import Entity, Evidence, Fact, Span
from kg.vocabulary import schema
from kg.vocabulary.schema import Schema

_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(terms.RDF_TYPE)
_EVIDENCE = ox.NamedNode(terms.DRUGS + "evidence")
_SUBJECT = ox.NamedNode(terms.DRUGS + "subject")
_LABEL = terms.SKOS + "prefLabel"
_BROADER = terms.SKOS + "broader"
_CORE = frozenset(terms.DRUGS + name for name in ("subject", "object", "polarity", "evidence")) | {terms.RDF_TYPE}


class Reader:
    """Reads facts from one store; labels are looked up once."""

    def __init__(self, store: ox.Store) -> None:
        """Read from `store`, whose default graph must hold everything, as `kg.graph.store` sees to."""
        self.store = store
        self._language: Schema = schema.load()
        self._entities: dict[str, Entity] = {}
        self._spans: dict[str, tuple[Span, str | None]] = {}

    def facts(self, kind: str | None = None, subject: str | None = None, document: str | None = None) -> list[Fact]:
        """Read the facts of a kind, about a subject (its IRI), said by a document; without these, all facts.

        Raises
        ------
        OntologyError
            When the kind is unknown.
        GraphError
            When a fact lacks what every fact has.
        """
        found = [self.fact(node) for node in self._nodes(kind, subject)]
        if document is not None:
            found = [fact for fact in found if document in fact.documents]
        return sorted(found, key=assembly.order)

    def fact(self, node: ox.NamedNode) -> Fact:
        """Read one fact.

        Raises
        ------
        GraphError
            When the node lacks what every fact has.
        """
        said = self._about(node)
        kind = next((k for t in said.get(terms.RDF_TYPE, ()) if (k := self._language.kinds_by_iri.get(t.value))), None)
        if kind is None:
            raise GraphError(node.value, "is no fact of a known kind", "run `kg check` on this graph")
        polarity = self._language.values.get(_one(node, said, terms.DRUGS + "polarity").value)
        proofs = sorted((self._evidence(e) for e in said.get(terms.DRUGS + "evidence", ())), key=_place)
        return Fact(
            kind=kind.name,
            subject=self.entity(_one(node, said, terms.DRUGS + "subject").value),
            object=self.entity(_one(node, said, terms.DRUGS + "object").value),
            evidence=tuple(proofs),
            polarity=polarity.name if polarity else "",
            qualifiers=MappingProxyType(dict(sorted(self._qualifiers(said)))),
            iri=node.value,
        )

    def entity(self, iri: str) -> Entity:
        """Read a concept, a listed value or an unlisted term."""
        entity = self._entities.get(iri)
        if entity is None:
            said = self._about(ox.NamedNode(iri))
            labels = sorted(label.value for label in said.get(_LABEL, ()))
            label = labels[0] if labels else unquote(iri.rsplit("/", 1)[-1])
            if iri.startswith(terms.TERM):
                broader = min((b.value for b in said.get(_BROADER, ())), default=None)
                entity = Entity(label, None, broader)
            else:
                entity = Entity(label, iri)
            self._entities[iri] = entity
        return entity

    def sources(self) -> list[Source]:
        """Read what is known about the documents, sorted by name."""
        found = []
        for quad in self.store.quads_for_pattern(None, _TYPE, ox.NamedNode(terms.DRUGS + "Document"), _DEFAULT):
            node = quad.subject
            said = self._about(node)
            about, same = said.get(terms.DRUGS + "about", ()), said.get(terms.DRUGS + "sameTextAs", ())
            found.append(
                Source(
                    name=_one(node, said, terms.DCTERMS + "identifier").value,
                    title=_one(node, said, terms.DCTERMS + "title").value,
                    source_kind=_one(node, said, terms.DRUGS + "sourceKind").value,
                    sha256=_one(node, said, terms.DRUGS + "sha256").value,
                    length=_number(node, said, terms.DRUGS + "length"),
                    about=self.entity(about[0].value) if about else None,
                    same_text_as=unquote(same[0].value.removeprefix(terms.DOCUMENT)) if same else "",
                )
            )
        return sorted(found, key=lambda source: source.name)

    def _nodes(self, kind: str | None, subject: str | None) -> Iterator[ox.NamedNode]:
        wanted = ox.NamedNode(self._language.kind(kind).iri) if kind is not None else None
        if subject is not None:
            about = self.store.quads_for_pattern(None, _SUBJECT, ox.NamedNode(subject), _DEFAULT)
            nodes = {quad.subject for quad in about}
            if wanted is not None:
                nodes = {n for n in nodes if ox.Quad(n, _TYPE, wanted, _DEFAULT) in self.store}
        elif wanted is not None:
            nodes = {quad.subject for quad in self.store.quads_for_pattern(None, _TYPE, wanted, _DEFAULT)}
        else:
            nodes = {quad.subject for quad in self.store.quads_for_pattern(None, _EVIDENCE, None, _DEFAULT)}
        yield from (node for node in nodes if isinstance(node, ox.NamedNode))

    def _qualifiers(self, said: dict[str, list[ox.NamedNode | ox.Literal]]) -> Iterator[tuple[str, str]]:
        for iri, values in said.items():
            qualifier = self._language.qualifiers.get(iri)
            if iri in _CORE or qualifier is None:
                continue
            value = values[0]
            if qualifier.is_text:
                yield qualifier.name, value.value
            elif value.value in self._language.values:
                yield qualifier.name, self._language.values[value.value].name
            else:
                yield qualifier.name, self.entity(value.value).label

    def _evidence(self, term: ox.NamedNode | ox.Literal) -> Evidence:
        node = ox.NamedNode(term.value)
        said = self._about(node)
        span, quote = self._span(_one(node, said, terms.OA + "hasSelector").value)
        object_span, words = self._span(_one(node, said, terms.DRUGS + "objectSelector").value)
        headings = said.get(terms.DRUGS + "headingSelector", ())
        heading, heading_text = self._span(headings[0].value) if headings else (None, None)
        return Evidence(
            document=unquote(_one(node, said, terms.OA + "hasSource").value.removeprefix(terms.DOCUMENT)),
            span=span,
            quote_sha256=_one(node, said, terms.DRUGS + "quoteSha256").value,
            object_span=object_span,
            object_text=words or "",
            rule=_one(node, said, terms.DRUGS + "rule").value,
            heading=heading,
            quote=quote,
            heading_text=heading_text,
        )

    def _span(self, iri: str) -> tuple[Span, str | None]:
        found = self._spans.get(iri)
        if found is None:
            node = ox.NamedNode(iri)
            said = self._about(node)
            span = Span(_number(node, said, terms.OA + "start"), _number(node, said, terms.OA + "end"))
            words = said.get(terms.OA + "exact", ())
            found = self._spans[iri] = (span, words[0].value if words else None)
        return found

    def _about(self, node: ox.NamedNode | ox.BlankNode | ox.Triple) -> dict[str, list[ox.NamedNode | ox.Literal]]:
        said: dict[str, list[ox.NamedNode | ox.Literal]] = {}
        for quad in self.store.quads_for_pattern(node, None, None, _DEFAULT):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                said.setdefault(quad.predicate.value, []).append(quad.object)
        return said


def facts(store: ox.Store, kind: str | None = None, subject: str | None = None) -> list[Fact]:
    """Read facts from a store: of a kind, about a subject (its IRI), or all."""
    return Reader(store).facts(kind, subject)


def sources(store: ox.Store) -> list[Source]:
    """Read what is known about the documents of a store."""
    return Reader(store).sources()


def types(store: ox.Store, node: ox.NamedNode) -> Iterator[str]:
    """Give the types of a concept by their names in the ontology ("Condition")."""
    for quad in store.quads_for_pattern(node, _TYPE, None, _DEFAULT):
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(terms.DRUGS):
            yield quad.object.value.removeprefix(terms.DRUGS)


def _one(node: object, said: dict[str, list[ox.NamedNode | ox.Literal]], iri: str) -> ox.NamedNode | ox.Literal:
    values = said.get(iri)
    if not values:
        place = getattr(node, "value", str(node))
        raise GraphError(place, f"has no {iri.rsplit('/', 1)[-1]}", "run `kg check` on this graph")
    return values[0]


def _number(node: object, said: dict[str, list[ox.NamedNode | ox.Literal]], iri: str) -> int:
    value = _one(node, said, iri).value
    if not value.isdecimal() or len(value) > 18:
        place = getattr(node, "value", str(node))
        raise GraphError(place, f"{value[:40]!r} is no offset", "run `kg check` on this graph")
    return int(value)


def _place(evidence: Evidence) -> tuple[str, Span, Span]:
    return evidence.document, evidence.span, evidence.object_span
