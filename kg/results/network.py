"""Some facts as a network: entities are nodes, facts are edges, and all they carry is plain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kg.graph import encode
from kg.records import Entity, Fact
from kg.schema import NOTICE

if TYPE_CHECKING:
    import networkx as nx


def of(facts: Iterable[Fact], types: Callable[[Entity], tuple[str, ...]]) -> nx.MultiDiGraph[str]:
    """Make a directed multigraph of facts, in sorted order.

    A node is an entity's IRI, with `label` and `types`; an edge leads from subject to object, its key is the fact's
    IRI. Denied facts are edges of polarity "denied": whoever walks must look.
    """
    import networkx as nx

    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(note=NOTICE)
    ordered = sorted(facts, key=lambda fact: fact.iri)
    entities = {encode.node_of(end).value: end for fact in ordered for end in (fact.subject, fact.object)}
    for iri in sorted(entities):
        network.add_node(iri, label=entities[iri].label, types=" ".join(types(entities[iri])))
    for fact in ordered:
        subject, object_ = (encode.node_of(end).value for end in (fact.subject, fact.object))
        network.add_edge(subject, object_, key=fact.iri, **_attributes(fact))
    return network


def _attributes(fact: Fact) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "kind": fact.kind,
        "polarity": fact.polarity,
        "documents": " ".join(fact.documents),
        "evidence": len(fact.evidence),
        **fact.qualifiers,
    }
    return attributes if fact.level is None else attributes | {"level": fact.level}
