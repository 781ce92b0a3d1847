"""The graph: facts as RDF, in files, in a store and for other libraries."""
