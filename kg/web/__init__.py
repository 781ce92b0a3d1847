"""The web: a read-only server of one graph, for people and for programs that speak SPARQL."""
