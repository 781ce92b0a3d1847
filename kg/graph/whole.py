"""All facts of a graph in memory, without the places that say them: for a server, which is asked again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.graph import decode, edges, terms
from kg.graph import store as stores
from kg.graph.edges import Edge
from kg.graph.readable import Readable

MOST = 500_000
"""Facts. More are not read into memory."""

_NUMBER = f"SELECT (COUNT(*) AS ?number) {{ ?fact <{terms.DRUGS}subject> ?subject }}"


def keep(reader: decode.Reader, most: int | None = None) -> None:
    """Read all facts of a reader's store into memory, for it to answer from, unless they are more than `most`.

    Raises
    ------
    GraphError
        When a fact lacks what every fact has; the reader goes on as before.
    """
    ((number,),) = stores.select(reader.store, _NUMBER)
    if reader.whole is None and int(number or 0) <= (MOST if most is None else most):
        reader.whole = Whole(reader.store)


class Whole:
    """All facts of a store as edges, by their IRI, by what they are about, and by the documents that say them.

    Attributes
    ----------
    labels : dict
        What concepts are called.
    facts : dict
        The facts by their IRIs.
    """

    def __init__(self, store: Readable) -> None:
        """Read a store, once.

        Raises
        ------
        GraphError
            When a fact lacks what every fact has.
        """
        self.labels = edges.labels(store)
        self.facts: dict[str, Edge] = {}
        self._by_subject: dict[str, list[str]] = {}
        self._by_object: dict[str, list[str]] = {}
        self._by_document: dict[str, list[str]] = {}
        for edge in edges.facts(store, self.labels):
            self.facts[edge.iri] = edge
            self._by_subject.setdefault(edge.subject, []).append(edge.iri)
            self._by_object.setdefault(edge.object, []).append(edge.iri)
            for name in edge.documents:
                self._by_document.setdefault(name, []).append(edge.iri)

    def about(self, subject: str) -> Sequence[str]:
        """Return the IRIs of the facts about something."""
        return self._by_subject.get(subject, ())

    def on(self, object_: str) -> Sequence[str]:
        """Return the IRIs of the facts that have something as their object."""
        return self._by_object.get(object_, ())

    def said_in(self, document: str) -> Sequence[str]:
        """Return the IRIs of the facts that a document says."""
        return self._by_document.get(document, ())

    def spoken_of(self) -> Iterator[str]:
        """Give everything that facts are about or on, each once."""
        yield from dict.fromkeys((*self._by_subject, *self._by_object))
