"""The graph for walking: a directed multigraph of networkx, entities as nodes, facts as edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.graph import encode
from kg.records import Entity, Fact

if TYPE_CHECKING:
    import networkx as nx

    from kg.api import Graph

NOTE = "Information about documents, not medical advice."


def to_networkx(graph: Graph) -> nx.MultiDiGraph[str]:
    """Make a multigraph whose nodes and edges carry plain strings and numbers only.

    A node is an entity's IRI, with `label` and `types`; an edge leads from subject to object, its key is the fact's
    IRI, and it carries `kind`, `polarity`, the qualifiers, the `documents` and the number of pieces of `evidence`.
    Denied facts are edges of polarity "denied": whoever walks must look. Nodes and edges are in sorted order.
    """
    import networkx as nx

    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(note=NOTE)
    facts = sorted(graph.facts(), key=lambda fact: fact.iri)
    entities = {encode.node_of(e).value: e for fact in facts for e in (fact.subject, fact.object)}
    for iri in sorted(entities):
        network.add_node(iri, label=entities[iri].label, types=_types(graph, entities[iri]))
    for fact in facts:
        subject, object_ = (encode.node_of(entity).value for entity in (fact.subject, fact.object))
        network.add_edge(subject, object_, key=fact.iri, **_attributes(fact))
    return network


def _types(graph: Graph, entity: Entity) -> str:
    return " ".join(graph.types(entity))


def _attributes(fact: Fact) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "kind": fact.kind,
        "polarity": fact.polarity,
        "documents": " ".join(fact.documents),
        "evidence": len(fact.evidence),
        **fact.qualifiers,
    }
    if fact.level is not None:
        attributes["level"] = fact.level
    return attributes
