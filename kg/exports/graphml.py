"""GraphML: entities and facts as a network, for Gephi, Cytoscape, yEd and the like."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from kg.exports import rdfxml

if TYPE_CHECKING:
    from kg.api import Graph


def encode(graph: Graph) -> bytes:
    """Write GraphML; the fact's IRI is the edge's identifier.

    Raises
    ------
    GraphError
        When a text has a character that XML cannot hold.
    """
    import networkx as nx

    found = graph.to_networkx()
    held = [(iri, dict(found.nodes[iri])) for iri in found]
    held += [(key, dict(attributes)) for _, _, key, attributes in found.edges(keys=True, data=True)]
    for place, attributes in held:
        for value in attributes.values():
            rdfxml.check(str(value), str(place))
    stream = io.BytesIO()
    nx.write_graphml_xml(found, stream)
    return stream.getvalue()
