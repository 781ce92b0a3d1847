"""Facts in the words of the Biolink Model, as `ontology/biolink.toml` says them: nodes and edges, both plain dicts.

Documents are nodes too (`biolink:Publication`), which no edge leads to. What is lost: the order of levels of care (a
caution is `biolink:related_to`, its level a qualifier), withdrawal, and the kinds that the table leaves out. Facts of
the levels "no data" and "stated safe" are left out, and denied facts too where the predicate with `negated` would say
more than the document. An entity in a document's own words (`UnlistedTerm`) is a `biolink:NamedThing`, whatever the
predicate's range.
"""

from __future__ import annotations

import functools
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg import resources
from kg.errors import OntologyError
from kg.exports import addresses, identifiers
from kg.graph import encode, terms
from kg.records import Entity, Fact
from kg.vocabulary import schema

if TYPE_CHECKING:
    from kg.api import Graph

Value = str | bool | tuple[str, ...] | list[dict[str, str | list[str]]]
Row = dict[str, Value]

_NAMED_THING = "biolink:NamedThing"
_ASSOCIATION = "biolink:Association"
_PUBLICATION = "biolink:Publication"


@dataclass(frozen=True, slots=True)
class Predicate:
    """How a kind of fact is said; empty `subjects` and `objects` allow any type."""

    kind: str
    predicate: str
    category: str = _ASSOCIATION
    when: Mapping[str, str] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    deniable: bool = False
    loss: str = ""

    def fits(self, fact: Fact, subject: tuple[str, ...], object_: tuple[str, ...]) -> bool:
        """Tell whether it says this fact, whose subject and object have these types."""
        return (
            self.kind == fact.kind
            and all(fact.qualifiers.get(name) == value for name, value in self.when.items())
            and (not self.subjects or not set(self.subjects).isdisjoint(subject))
            and (not self.objects or not set(self.objects).isdisjoint(object_))
        )


@dataclass(frozen=True, slots=True)
class Category:
    """The category of a type of entity, and the public identifiers that can stand for it, the best first."""

    category: str
    identifiers: tuple[str, ...]
    by_prefix: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Qualifier:
    """The property of some associations that holds a qualifier; `values` renames what it can be."""

    property: str
    categories: tuple[str, ...]
    values: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """The whole of `ontology/biolink.toml`."""

    version: str
    edge: Mapping[str, str]
    by_hand: Mapping[str, str]
    rules_by_hand: frozenset[str]
    prefixes: Mapping[str, str]
    categories: Mapping[str, Category]
    predicates: tuple[Predicate, ...]
    qualifiers: Mapping[str, Qualifier]
    left_out: frozenset[str]


@functools.cache
def table() -> Table:
    """Read the table.

    Raises
    ------
    OntologyError
        When the file is not what it must be.
    """
    path = resources.folder("ontology") / "biolink.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        hand = dict(data["edge_by_hand"])
        return Table(
            version=data["version"],
            edge=data["edge"],
            rules_by_hand=frozenset(hand.pop("rules")),
            by_hand=hand,
            prefixes=data["prefixes"],
            categories={
                name: Category(c["category"], tuple(c["identifiers"]), c.get("by_prefix", {}))
                for name, c in data["categories"].items()
            },
            predicates=tuple(map(_predicate, data["predicates"])),
            qualifiers={
                name: Qualifier(q["property"], tuple(q["categories"]), q.get("values", {}))
                for name, q in data["qualifiers"].items()
            },
            left_out=frozenset(data["left_out"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise OntologyError(str(path), f"not a table of Biolink's words ({error})", "restore the file") from None


def _predicate(entry: dict[str, Any]) -> Predicate:
    values: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in entry.items()}
    return Predicate(**values)


class Said:
    """A graph in Biolink's words."""

    def __init__(self, graph: Graph) -> None:
        """Look at every fact that has a word, and give each entity one identifier and no two the same."""
        self._graph, self._table, self._language = graph, table(), schema.load()
        self._facts = [(fact, word) for fact in identifiers.stated(graph) if (word := self._word(fact)) is not None]
        entities = {encode.node_of(e).value: e for fact, _ in self._facts for e in (fact.subject, fact.object)}
        entities |= {iri: e for fact, _ in self._facts for iri, e in self._narrowing(fact) if iri not in entities}
        self._entities: dict[str, Entity] = dict(sorted(entities.items()))
        wanted = {iri: self._public(iri) for iri in self._entities}
        taken = Counter(wanted.values())
        self._ids = {iri: name if taken[name] == 1 else self._curie(iri) for iri, name in wanted.items()}

    def nodes(self) -> Iterator[Row]:
        """Give the entities, sorted by identifier, and after them the documents."""
        for iri, entity in sorted(self._entities.items(), key=lambda item: self._ids[item[0]]):
            name = self._ids[iri]
            others = {self._curie(i) for i in (iri, *identifiers.matches(self._graph, iri))} - {name}
            yield {
                "id": name,
                "category": (self._category(iri, name),),
                "name": entity.label,
                "xref": tuple(sorted(others)),
                "type": tuple(self._curie(terms.DRUGS + kind) for kind in identifiers.types(self._graph, iri)),
                "synonym": identifiers.synonyms(self._graph, iri),
            }
        for source in self._graph.documents:
            yield {
                "id": self._curie(terms.document(source.name)),
                "category": (_PUBLICATION,),
                "name": source.title,
                "xref": (addresses.of_source(source),),
                "publication_type": (source.source_kind,),
            }

    def edges(self) -> Iterator[Row]:
        """Give the facts, sorted by identifier."""
        for fact, word in self._facts:
            rules = {proof.rule for proof in fact.evidence}
            edge = {**self._table.edge, **(self._table.by_hand if rules <= self._table.rules_by_hand else {})}
            ids = [self._ids[encode.node_of(e).value] for e in (fact.subject, fact.object)]
            own = [self._curie(encode.node_of(e).value) for e in (fact.subject, fact.object)]
            nodes = {n: self._curie(iri) for n, iri in identifiers.qualifier_nodes(self._graph, fact).items()}
            documents = tuple(self._curie(terms.document(name)) for name in fact.documents)
            source: dict[str, str | list[str]] = {
                "id": edge["primary_knowledge_source"],
                "resource_id": edge["primary_knowledge_source"],
                "resource_role": "primary_knowledge_source",
                "source_record_urls": [fact.iri],
            }
            yield {
                "id": self._curie(fact.iri),
                "category": (word.category,),
                "subject": ids[0],
                "predicate": word.predicate,
                "object": ids[1],
                "negated": fact.polarity == "denied",
                "qualifiers": tuple(nodes.values()),
                **dict(self._narrowed(fact, word, nodes)),
                "description": identifiers.described(fact),
                **edge,
                "publications": documents,
                "has_evidence": tuple(map(addresses.of_evidence, fact.evidence)),
                "sources": [source],
                "original_subject": own[0],
                "original_predicate": self._curie(encode.short_edge(fact) or self._language.kind(fact.kind).short_edge),
                "original_object": own[1],
                "supporting_text": identifiers.unique(e.quote for e in fact.evidence if e.quote is not None),
            }

    def _word(self, fact: Fact) -> Predicate | None:
        if fact.kind in self._table.left_out or identifiers.is_warning_of_nothing(fact):
            return None
        types = [identifiers.types(self._graph, encode.node_of(e).value) for e in (fact.subject, fact.object)]
        word = next((p for p in self._table.predicates if p.fits(fact, types[0], types[1])), None)
        return None if word is None or (fact.polarity != "affirmed" and not word.deniable) else word

    def _narrowing(self, fact: Fact) -> Iterator[tuple[str, Entity]]:
        """Give the concepts and terms that narrow a fact down; members of closed lists are no entities."""
        listed = self._language.values
        for name, iri in identifiers.qualifier_nodes(self._graph, fact).items():
            if iri not in listed:
                yield iri, Entity(fact.qualifiers[name], None if iri.startswith(terms.TERM) else iri)

    def _narrowed(self, fact: Fact, word: Predicate, nodes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for name, qualifier in self._table.qualifiers.items():
            if name not in fact.qualifiers or word.category not in qualifier.categories:
                continue
            value = fact.qualifiers[name]
            if qualifier.values:
                value = qualifier.values.get(value, "")
            elif name in nodes:
                value = nodes[name]
            yield qualifier.property, value

    def _public(self, iri: str) -> str:
        others = [self._curie(match) for match in identifiers.matches(self._graph, iri)]
        for prefix in (p for category in self._categories(iri) for p in category.identifiers):
            found = [name for name in others if name.startswith(f"{prefix}:")]
            if len(found) == 1:
                return found[0]
        return self._curie(iri)

    def _category(self, iri: str, name: str) -> str:
        found = self._categories(iri)
        if not found:
            return _NAMED_THING
        prefix = name.partition(":")[0]
        return found[0].by_prefix.get(prefix, found[0].category)

    def _categories(self, iri: str) -> list[Category]:
        named = set(identifiers.types(self._graph, iri))
        return [category for name, category in self._table.categories.items() if name in named]

    def _curie(self, iri: str) -> str:
        return identifiers.curie(iri, self._table.prefixes)


def losses() -> Iterator[tuple[str, str, str]]:
    """Give kind, predicate and what is lost by it, for the documentation and its test."""
    for kind in schema.load().kinds:
        if kind in table().left_out:
            yield kind, "", "left out"
        yield from ((kind, p.predicate, p.loss) for p in table().predicates if p.kind == kind)
