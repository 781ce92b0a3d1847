"""GEXF and Cytoscape JSON: entities and facts as a network, as in GraphML.

They keep qualifiers, polarity and the names of documents, and lose places and quotes. A denied fact is an edge of
polarity "denied": whoever walks must look.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kg.exports import rdfxml

if TYPE_CHECKING:
    import networkx as nx

    from kg.api import Graph

_TODAY = re.compile(r' lastmodifieddate="[^"]*"')


def gexf(graph: Graph) -> bytes:
    """Write GEXF 1.2; the fact's IRI is the edge's identifier.

    Raises
    ------
    GraphError
        When a text has a character that XML cannot hold.
    """
    import networkx as nx

    found = for_xml(graph)
    for _, _, key, attributes in found.edges(keys=True, data=True):
        attributes["id"] = key
    lines = list(nx.generate_gexf(found))
    # The day of writing is no fact.
    return ("\n".join(_TODAY.sub("", line) if "<meta" in line else line for line in lines) + "\n").encode()


def cytoscape(graph: Graph) -> bytes:
    """Write the JSON that Cytoscape and Cytoscape.js read; the fact's IRI is the edge's identifier."""
    import networkx as nx

    found = nx.cytoscape_data(graph.to_networkx(), name="label")
    for node in found["elements"]["nodes"]:
        node["data"]["name"] = node["data"]["label"]
    for edge in found["elements"]["edges"]:
        edge["data"]["id"] = edge["data"]["key"]
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def for_xml(graph: Graph) -> nx.MultiDiGraph[str]:
    """Make the network, and refuse texts that XML cannot hold.

    Raises
    ------
    GraphError
        When there is a control character in one.
    """
    found = graph.to_networkx()
    held = [(iri, dict(found.nodes[iri])) for iri in found]
    held += [(key, dict(attributes)) for _, _, key, attributes in found.edges(keys=True, data=True)]
    for place, attributes in held:
        for value in attributes.values():
            rdfxml.check(str(value), str(place))
    return found
