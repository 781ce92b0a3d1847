"""GraphML: entities and facts as a network, for Gephi, Cytoscape, yEd and the like."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from kg.exports import networks, rdfxml

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

    stream = io.BytesIO()
    nx.write_graphml_xml(networks.for_xml(graph), stream)
    return rdfxml.keeping_returns(stream.getvalue())
