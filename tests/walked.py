"""Small networks for the tests of traversals: facts as tuples, without documents to read or a store to fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kg.errors import UnknownNameError
from kg.graph import terms
from kg.network import view
from kg.network.view import Edge, View
from kg.questions.names import Named
from kg.records import Entity, Evidence, Fact, Span
from kg.vocabulary import schema

Told = tuple[str, ...]
"""Subject, kind, object, and in any order: a level, "denied", documents ("in a b"), qualifiers ("severity=serious")."""

DRUG, CLASS, CONDITION = "Drug", "DrugClass", "Condition"


def iri(name: str) -> str:
    """Return the IRI of a name."""
    return terms.CONCEPT + name.replace(" ", "-")


def edge(told: Told) -> Edge:
    """Make an edge of a fact, or of a step of the vocabulary ("broader")."""
    subject, kind, object_, *more = told
    if kind in ("broader", "brandOf"):
        return Edge(kind, view.VOCABULARY, iri(subject), iri(object_))
    levels = schema.load().levels
    qualifiers = dict(word.split("=", 1) for word in more if "=" in word)
    level = next((word for word in more if word in levels), "contraindicated" if kind == "contraindication" else None)
    if level and kind != "contraindication":
        qualifiers["level"] = level
    documents = next((word[3:].split() for word in more if word.startswith("in ")), ["a"])
    return Edge(
        iri=terms.FACT + "/".join(told).replace(" ", "-"),
        kind=kind,
        subject=iri(subject),
        object=iri(object_),
        polarity="denied" if "denied" in more else "affirmed",
        level=level,
        documents=tuple(documents),
        evidence=len(documents),
        qualifiers=MappingProxyType(qualifiers),
        concepts=MappingProxyType({k: iri(v) for k, v in qualifiers.items() if k in ("with", "effect", "population")}),
    )


@dataclass(frozen=True)
class Small:
    """A graph of a few edges, as traversals want it."""

    view: View

    @property
    def names(self) -> Small:
        """The names are the nodes' own."""
        return self

    def find(self, name: str) -> Named:
        """Return the node of a name."""
        if iri(name) not in self.view:
            raise UnknownNameError(name, "nothing is called so", "check the spelling")
        return Named(iri(name), self.view.label(iri(name)), frozenset(self.view.types(iri(name))))

    drug = find

    def entity(self, name: str) -> tuple[Named, ...]:
        """Return all nodes of a name: there is one."""
        return (self.find(name),)

    def fact(self, iri: str) -> Fact:
        """Return the fact of an edge, with one piece of evidence for each document."""
        (found,) = [e for e in self.view.edges() if e.iri == iri]
        one, two = (Entity(self.view.label(node), node) for node in (found.subject, found.object))
        proofs = tuple(Evidence(name, Span(0, 9), "0" * 64, Span(0, 4), "word", "rule") for name in found.documents)
        return Fact(found.kind, one, two, proofs, found.polarity, found.qualifiers, found.iri)


def graph(told: Iterable[Told], types: Mapping[str, str] = MappingProxyType({})) -> Small:
    """Make a graph; what has no type is a drug where something is said of it, and a condition otherwise."""
    edges = [edge(item) for item in told]
    names = {e.subject: DRUG for e in edges if e.is_said}
    of = {node: names.get(node, CONDITION) for e in edges for node in (e.subject, e.object)}
    of.update({iri(name): type_ for name, type_ in types.items()})
    labels = {node: node.removeprefix(terms.CONCEPT).replace("-", " ") for node in of}
    return Small(view.of(edges, labels, {node: (type_,) for node, type_ in of.items()}))
