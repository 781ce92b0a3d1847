"""The SPARQL endpoint: the protocol, and the processes in which queries of strangers run."""
