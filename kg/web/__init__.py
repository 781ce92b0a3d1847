"""The web: SPARQL and pages over one graph, read-only, for this machine unless somebody says otherwise."""
