"""What a client wants a page as: HTML for people, JSON for programs, RDF where the page is that of an IRI."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.web import negotiation


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: its name, media type, ending in a URL, and the RDF format if it is one."""

    name: str
    media_type: str
    ending: str
    rdf: ox.RdfFormat | None = None


HTML = Form("html", "text/html", ".html")
JSON = Form("json", "application/json", ".json")
RDF = (
    Form("turtle", "text/turtle", ".ttl", ox.RdfFormat.TURTLE),
    Form("jsonld", "application/ld+json", ".jsonld", ox.RdfFormat.JSON_LD),
    Form("ntriples", "application/n-triples", ".nt", ox.RdfFormat.N_TRIPLES),
    Form("rdfxml", "application/rdf+xml", ".rdf", ox.RdfFormat.RDF_XML),
    Form("nquads", "application/n-quads", ".nq", ox.RdfFormat.N_QUADS),
    Form("trig", "application/trig", ".trig", ox.RdfFormat.TRIG),
    Form("n3", "text/n3", ".n3", ox.RdfFormat.N3),
)
FOR_ALL = (HTML, JSON)
OF_IRIS = (HTML, JSON, *RDF)


def of_ending(path: str, offered: tuple[Form, ...]) -> tuple[str, Form | None]:
    """Take the ending that names a form off a path.

    >>> of_ending("/concept/gout.ttl", OF_IRIS)[0]
    '/concept/gout'
    """
    for form in offered:
        if path.endswith(form.ending):
            return path.removesuffix(form.ending), form
    return path, None


def negotiate(accept: str, offered: tuple[Form, ...]) -> Form | None:
    """Choose the form that a client likes best; None where it likes none of those offered.

    >>> negotiate("text/turtle;q=0.9, application/json;q=0.8", OF_IRIS).name
    'turtle'
    >>> negotiate("", OF_IRIS).name, negotiate("image/png", OF_IRIS)
    ('html', None)
    """
    by_type = {form.media_type: form for form in offered}
    best = negotiation.best(accept, by_type)
    return by_type[best] if best is not None else None
