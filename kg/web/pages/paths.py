"""Where things are on the site: an IRI of the project is found at the path that it names; others by a parameter."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from kg.graph import terms

_ROOT = terms.BASE.rstrip("/")
ELSEWHERE = "/entity"
"""The page of a concept whose IRI is of another vocabulary."""


def of_iri(iri: str) -> str:
    """Return the path of what an IRI names.

    >>> of_iri(terms.CONCEPT + "gout"), of_iri("http://purl.obolibrary.org/obo/HP_0001997")
    ('/concept/gout', '/entity?iri=http%3A%2F%2Fpurl.obolibrary.org%2Fobo%2FHP_0001997')
    """
    if iri.startswith(terms.BASE):
        return iri.removeprefix(_ROOT)
    return f"{ELSEWHERE}?{urlencode({'iri': iri})}"


def to_iri(path: str) -> str:
    """Return the IRI that a path, percent-encoded as it came, is that of."""
    return _ROOT + path


def of_document(name: str) -> str:
    """Return the path of a document."""
    return of_iri(terms.document(name))


def of_place(name: str, start: int, end: int) -> str:
    """Return the path of a stretch of a document, with the statements that are made there.

    >>> of_place("sheet 1.txt", 10, 20)
    '/document/sheet%201.txt?at=10-20#at'
    """
    return f"{of_document(name)}?at={start}-{end}#at"


def of_question(name: str) -> str:
    """Return the path of a question of the catalogue."""
    return f"/questions/{quote(name, safe='')}"


def with_query(path: str, **values: str | list[str] | int | None) -> str:
    """Return a path with parameters; those without a value are left out.

    >>> with_query("/compare", drug=["a", "b & c"], of=None)
    '/compare?drug=a&drug=b+%26+c'
    """
    kept = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(kept, doseq=True)}" if kept else path


def is_web(iri: str) -> bool:
    """Tell whether an IRI may be linked to: nothing but http and https, whatever a graph holds.

    >>> is_web("https://example.org/"), is_web("javascript:alert(1)")
    (True, False)
    """
    return iri.startswith(("http://", "https://"))
