"""What the tests of exports share: a graph of every kind of fact, texts that need care, and how it is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

import kg
from kg import assembly, evidence, exports
from kg.exports.asked import Asked
from kg.graph import encode, lines, store
from kg.graph import written as names
from kg.graph.readable import Readable
from kg.records import Document
from tests import made

ABOUT = Asked("clonazepam")
"""What a report and a picture are about: the drug of every page that is made by hand."""

AWKWARD: tuple[made.Said, ...] = (
    ("advice", "=1+1 \"<&>' ümlaut, \\ and", {"topic": "storage"}, "affirmed"),
    ("contraindication", "glaucoma | \"blue\" 'eyes', \\ =SUM(A1)", {"population": "+1 village"}, "affirmed"),
    ("contraindication", "alcohol", {}, "affirmed"),
    ("contraindication", "pregnancy", {}, "denied"),
    ("caution", "older adults", {"level": "adjust_dose"}, "affirmed"),
    ("caution", "seizure", {"level": "avoid"}, "denied"),
)
"""Statements beside those of each kind: texts that every format must quote, and denials."""


def graph_of(said: Iterable[made.Said], names: Iterable[str] = ("a.txt", "b.txt"), *, quotes: bool = True) -> kg.Graph:
    """Make a graph of statements, each on every page, with the pages' texts at hand unless they are not wanted."""
    told = tuple(said)
    pages = [made.page(name, told) for name in names]
    documents: list[Document] = [document for document, _ in pages]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    graph = kg.Graph(store.from_quads(encode.quads(facts, documents)))
    if quotes:
        graph.texts = evidence.texts_of(graph.documents, documents)
    return graph


def whole() -> kg.Graph:
    """One fact of each kind, and those that need care."""
    return graph_of((*made.ONE_OF_EACH, *AWKWARD))


def written(graph: kg.Graph, folder: Path, name: str, *, with_quotes: bool = False) -> tuple[Path, ...]:
    """Write a format and return its files."""
    form = exports.write(graph, folder / "facts", name, with_quotes=with_quotes, asked=ABOUT)
    return form.paths(folder / "facts")


def leaving(store: Readable) -> list[ox.Quad]:
    """Return what every RDF format holds, as quads."""
    return [
        ox.Quad(names.term(subject), ox.NamedNode(predicate[1:-1]), names.term(value), ox.NamedNode(name[1:-1]))  # type: ignore[arg-type]
        for name, subject, predicate, value in lines.names(store)
    ]
