"""Questions: files of SPARQL with headers, names as people type them, and questions in plain words."""
