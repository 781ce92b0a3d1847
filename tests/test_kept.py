"""What is kept of documents comes back from the shelf as it was put there, and long Turtle is loaded in parts."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pyoxigraph as ox
import pytest

from kg.agreement.copies import Sketch
from kg.building import kept
from kg.building.kept import Documents, Kept
from kg.building.shelf import Shelf
from kg.graph import disk, turtle
from kg.graph.encode import Source
from kg.records import Entity


def one(shelf: Shelf, name: str) -> Kept:
    """Make a document's record."""
    source = Source(name, "title", "web", "1" * 64, 7, Entity("näme", "https://example.org/a"))
    return Kept(
        source, "2" * 64, "3" * 64, "4" * 64, "5" * 64, {"word \t": "", "ω": "https://example.org/b"}, {"ω": ""},
        ("https://example.org/c",), Sketch((1, 2**63), 5), ("6" * 64,), "node", shelf.put("part"), shelf.put("[]"),
        {Entity("näme", "https://example.org/a"): shelf.put("facts\n\t"), Entity("own", None): shelf.put("")},
    )  # fmt: skip


def test_documents_come_back_as_they_were() -> None:
    with closing(Shelf()) as shelf, closing(Shelf()) as other:
        check_documents(shelf, other)


def check_documents(shelf: Shelf, other: Shelf) -> None:
    documents = Documents(shelf)
    made, taken_over = one(shelf, "b.txt"), one(other, "a.txt")
    documents["b.txt"], documents["a.txt"] = made, taken_over
    assert documents["b.txt"] == made and documents["b.txt"] is not made
    assert documents["a.txt"] is taken_over
    assert [text.read() for text in documents["b.txt"].facts.values()] == ["facts\n\t", ""]
    assert kept.written(documents["b.txt"]) == kept.written(made)
    documents["b.txt"] = replace(made, mainly="another")
    assert documents["b.txt"].mainly == "another"
    documents.sort()
    assert list(documents) == ["a.txt", "b.txt"] and len(documents) == 2
    del documents["a.txt"]
    assert "a.txt" not in documents


@pytest.mark.parametrize("size", [1, 40, 200, 10_000])
def test_parts_of_a_file_say_what_the_whole_says(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_CHUNK", size)
    node = [ox.NamedNode(f"https://example.org/{number}") for number in range(20)]
    triples = [(own, node[0], ox.Literal(f"said\n\n{number} .\n\n")) for number, own in enumerate(node)]
    head, _, body = turtle.write(triples).partition(b"\n\n")
    parts = list(disk._parts(body))
    assert len(parts) > 1 or size == 10_000
    assert b"".join(parts) == body
    said = {quad.triple for part in parts for quad in ox.parse(head + b"\n" + part, ox.RdfFormat.TURTLE)}
    assert said == {ox.Triple(*triple) for triple in triples}
