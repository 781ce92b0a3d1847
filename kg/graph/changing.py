"""A store on disk is changed: triples leave its graphs and come, and the default graph stays the union of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.graph import store as stores
from kg.graph import terms

Change = tuple[ox.NamedNode | ox.DefaultGraph, frozenset[ox.Triple], frozenset[ox.Triple]]
"""A graph, the triples that leave it, and those that come."""

_OF_DOCUMENTS = (terms.FACT, terms.EVIDENCE, terms.TERM, terms.DOCUMENT, terms.DERIVED, terms.LINK)
"""What the vocabulary says nothing of."""


def change(data: Path, changed: list[Change]) -> None:
    """Change a store, and close it.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    store = ox.Store(str(data))
    store.extend(_quad(triple, graph) for graph, _, fresh in changed for triple in fresh)
    store.extend(_quad(triple, stores.DEFAULT) for _, _, fresh in changed for triple in fresh)
    for graph, gone, _ in changed:
        for triple in gone:
            store.remove(_quad(triple, graph))
    vocabulary = _Vocabulary(path.read_bytes() for path in stores.vocabulary_files())
    for triple in {triple for _, gone, _ in changed for triple in gone}:
        if not _is_said(store, triple, vocabulary):
            store.remove(_quad(triple, stores.DEFAULT))
    store.flush()


class _Vocabulary:
    """The vocabulary's files, parsed only where they can say a triple; each word is looked for once."""

    def __init__(self, contents: Iterable[bytes]) -> None:
        self._contents = tuple(contents)
        self._holders: dict[str, frozenset[int]] = {}

    def says(self, triple: ox.Triple) -> bool:
        """Tell whether one of the files says a triple."""
        said = getattr(triple.subject, "value", ""), triple.predicate.value
        names = [name.rsplit("/", 1)[-1].rsplit("#", 1)[-1] for name in said]
        if triple.predicate.value == terms.RDF_TYPE:
            names.pop()  # written as "a"
        holders = frozenset.intersection(*map(self._of, names))
        return any(quad.triple == triple for holder in holders for quad in self._parsed(holder))

    def _of(self, name: str) -> frozenset[int]:
        found = self._holders.get(name)
        if found is None:
            word = name.encode()
            found = frozenset(place for place, content in enumerate(self._contents) if word in content)
            self._holders[name] = found
        return found

    def _parsed(self, place: int) -> Iterator[ox.Quad]:
        return ox.parse(self._contents[place], ox.RdfFormat.TURTLE)


def _is_said(store: ox.Store, triple: ox.Triple, vocabulary: _Vocabulary) -> bool:
    """Tell whether a graph still holds a triple, or the vocabulary's files, which are in the default graph alone."""
    if any(
        quad.graph_name != stores.DEFAULT
        for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    ):
        return True
    subject = triple.subject
    return isinstance(subject, ox.NamedNode) and not subject.value.startswith(_OF_DOCUMENTS) and vocabulary.says(triple)


def _quad(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)
