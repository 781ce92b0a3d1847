"""The IRIs of the project: one prefix map, declared in `ontology/drugs.ttl` and repeated nowhere else but here."""

from __future__ import annotations

from urllib.parse import quote, unquote

BASE = "https://w3id.org/drug-facts/"
DRUGS = BASE + "ontology/"
CONCEPT = BASE + "concept/"
SCHEME = BASE + "scheme/"
TERM = BASE + "term/"
LOCAL = BASE + "local/"
DOCUMENT = BASE + "document/"
GRAPH = BASE + "graph/"
FACT = BASE + "fact/"
EVIDENCE = BASE + "evidence/"
DERIVED = BASE + "derived/"
DERIVATION = BASE + "derivation/"
LINK = BASE + "link/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = RDF + "type"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OA = "http://www.w3.org/ns/oa#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
SHACL = "http://www.w3.org/ns/shacl#"

PREFIXES: dict[str, str] = {
    "drugs": DRUGS,
    "concept": CONCEPT,
    "scheme": SCHEME,
    "term": TERM,
    "local": LOCAL,
    "document": DOCUMENT,
    "graph": GRAPH,
    "fact": FACT,
    "evidence": EVIDENCE,
    "derived": DERIVED,
    "derivation": DERIVATION,
    "link": LINK,
    "level": BASE + "level/",
    "polarity": BASE + "polarity/",
    "frequency": BASE + "frequency/",
    "severity": BASE + "severity/",
    "use": BASE + "use/",
    "approval": BASE + "approval/",
    "stage": BASE + "stage/",
    "topic": BASE + "topic/",
    "category": BASE + "category/",
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "prov": PROV,
    "oa": OA,
    "dcterms": DCTERMS,
    "dcat": DCAT,
    "void": VOID,
}
"""The prefixes of the files that this package writes; a test holds them against the declarations of the ontology."""


def is_entity(iri: str) -> bool:
    """Tell whether an IRI names something that facts can be about: a concept, a term, or a concept of others.

    >>> is_entity(CONCEPT + "gout"), is_entity("http://purl.obolibrary.org/obo/HP_0001997"), is_entity(DRUGS + "Drug")
    (True, True, False)
    """
    return iri.startswith((CONCEPT, TERM, LOCAL)) or not iri.startswith(BASE)


def is_address(text: str) -> bool:
    """Tell whether a text is the address of a server, and no path.

    >>> is_address("http://localhost:7878/query"), is_address("my.kg"), is_address("file:///etc")
    (True, False, False)
    """
    return text.lower().startswith(("http://", "https://"))


def document(name: str) -> str:
    """Return the IRI of a document.

    >>> document("sheet 1.txt")
    'https://w3id.org/drug-facts/document/sheet%201.txt'
    """
    return DOCUMENT + quote(name, safe="")


def document_name(iri: str) -> str:
    """Return the name of a document from its IRI.

    >>> document_name(document("sheet 1.txt"))
    'sheet 1.txt'
    """
    return unquote(iri.removeprefix(DOCUMENT))


def graph(name: str) -> str:
    """Return the IRI of the named graph of what a document says."""
    return GRAPH + quote(name, safe="")


def selector(name: str, start: int, end: int) -> str:
    """Return the IRI of a stretch of a document's text (RFC 5147 fragment, counted in code points)."""
    return f"{document(name)}#char={start},{end}"
