"""The network for others: nodes and edges that carry plain strings and numbers only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.network.results import NOTICE
from kg.network.view import Edge, View

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(view: View, *, vocabulary: bool = False) -> nx.MultiDiGraph[str]:
    """Make a multigraph of the caller's own, whose nodes and edges carry plain strings and numbers only.

    A node is an entity's IRI, with `label` and `types`; an edge leads from subject to object, its key is the fact's
    IRI, and it carries `kind`, `polarity`, the qualifiers, the `documents` and the number of pieces of `evidence`.
    Denied facts are edges of polarity "denied": whoever walks must look. Nodes and edges are in sorted order.
    With `vocabulary`, the steps from narrower to broader concepts and from brands to drugs are edges of the kind
    "vocabulary".
    """
    edges = [edge for edge in view.edges() if vocabulary or edge.is_said]
    return of(view, {node for edge in edges for node in (edge.subject, edge.object)}, edges)


def of(view: View, nodes: Iterable[str], edges: Iterable[Edge]) -> nx.MultiDiGraph[str]:
    """Make a plain multigraph of some nodes and edges."""
    import networkx as nx

    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(note=NOTICE)
    for node in sorted(nodes):
        network.add_node(node, label=view.label(node), types=" ".join(view.types(node)))
    for edge in sorted(edges, key=lambda edge: (not edge.is_said, edge.iri, edge.subject, edge.object)):
        network.add_edge(edge.subject, edge.object, key=edge.iri, **_attributes(edge))
    return network


def _attributes(edge: Edge) -> dict[str, str | int]:
    if not edge.is_said:
        return {"kind": edge.kind, "relation": edge.iri}
    attributes: dict[str, str | int] = {
        "kind": edge.kind,
        "polarity": edge.polarity,
        "documents": " ".join(edge.documents),
        "evidence": edge.evidence,
        **edge.qualifiers,
    }
    if edge.level is not None:
        attributes["level"] = edge.level
    return attributes
