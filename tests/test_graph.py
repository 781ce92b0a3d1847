"""The graph: facts to RDF and back, who says what, and files that were made to harm their reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import assembly, resources
from kg.errors import GraphError
from kg.graph import decode, encode, foreign, store, terms, turtle
from kg.records import Entity, Fact
from tests import made

BASE = terms.BASE


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    """One fact of each kind, said by two pages."""
    return assembly.assemble([s for name in ("a.txt", "b.txt") for s in made.page(name)[1]])


@pytest.fixture(scope="module")
def filled(facts: list[Fact]) -> ox.Store:
    """A store of these facts, with the vocabulary."""
    return store.from_quads(encode.quads(facts, [made.page(name)[0] for name in ("a.txt", "b.txt")]))


def test_what_goes_in_comes_out(facts: list[Fact], filled: ox.Store) -> None:
    assert decode.facts(filled) == made.without_quotes(facts)


def test_every_kind_is_tried() -> None:
    from kg.vocabulary import schema

    assert {said[0] for said in made.ONE_OF_EACH} == set(schema.load().kinds)
    tried = {name for said in made.ONE_OF_EACH for name in said[2]}
    assert tried >= {q.name for q in schema.load().qualifiers.values()} - {"route"}


def test_quotes_are_written_only_on_request(facts: list[Fact]) -> None:
    documents = [made.page(name)[0] for name in ("a.txt", "b.txt")]
    quotes = {evidence.quote for fact in facts for evidence in fact.evidence}
    for asked in (False, True):
        written = {
            q.object.value for q in encode.quads(facts, documents, quotes=asked) if isinstance(q.object, ox.Literal)
        }
        assert quotes <= written if asked else not quotes & written


@pytest.mark.parametrize(("kind", "count"), [("caution", 3), ("contraindication", 1), ("dosage", 1)])
def test_facts_are_read_by_kind_and_subject(filled: ox.Store, kind: str, count: int) -> None:
    subject = made.entity_of("clonazepam").iri
    assert len(decode.facts(filled, kind)) == count == len(decode.facts(filled, kind, subject))
    assert decode.facts(filled, kind, made.entity_of("alcohol").iri) == []


def test_what_two_documents_say_counts_once_by_default_and_is_told_apart_by_graph(filled: ox.Store) -> None:
    once = list(store.select(filled, "SELECT ?f WHERE { ?f a drugs:Contraindication }"))
    by_graph = list(store.select(filled, "SELECT ?g WHERE { GRAPH ?g { ?f a drugs:Contraindication } } ORDER BY ?g"))
    assert len(once) == 1
    assert by_graph == [(f"{terms.GRAPH}a.txt",), (f"{terms.GRAPH}b.txt",)]


def test_named_graphs_are_documents_only(filled: ox.Store) -> None:
    names = sorted(str(getattr(name, "value", name)) for name in filled.named_graphs())
    assert names == [f"{terms.GRAPH}a.txt", f"{terms.GRAPH}b.txt", f"{terms.GRAPH}documents"]


EDGES: tuple[tuple[made.Said, str | None], ...] = (
    (("indication", "insomnia", {}, "affirmed"), "treats"),
    (("indication", "insomnia", {"approval": "labelled"}, "affirmed"), "treats"),
    (("indication", "insomnia", {"approval": "off_label"}, "affirmed"), "usedOffLabelFor"),
    (("indication", "insomnia", {}, "denied"), None),
    (("caution", "driving", {"level": "adjust_dose"}, "affirmed"), "needsCareIn"),
    (("caution", "driving", {"level": "no_data"}, "affirmed"), None),
    (("caution", "driving", {"level": "stated_safe"}, "affirmed"), None),
    (("interaction", "alcohol", {}, "affirmed"), "interactsWith"),
    (("interaction", "alcohol", {"level": "stated_safe"}, "affirmed"), None),
    (("contraindication", "insomnia", {}, "affirmed"), "contraindicatedIn"),
)


@pytest.mark.parametrize(("said", "edge"), EDGES, ids=str)
def test_short_edges(said: made.Said, edge: str | None) -> None:
    (fact,) = assembly.assemble(made.page(said=(said,))[1])
    assert encode.short_edge(fact) == (edge and terms.DRUGS + edge)
    written = {predicate.value for _, predicate, _ in encode.statements([fact], "page.txt")}
    assert ((terms.DRUGS + edge) in written) if edge else not {terms.DRUGS + e for _, e in EDGES if e} & written


def test_there_is_no_blank_node(facts: list[Fact]) -> None:
    assert not [
        q for q in encode.quads(facts, []) if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)
    ]


def test_what_is_written_conforms_to_the_shapes(filled: ox.Store) -> None:
    import pyshacl
    import rdflib

    shapes = rdflib.Graph()
    for path in resources.files("ontology", "shapes/*.ttl"):
        shapes.parse(data=path.read_bytes(), format="turtle")
    data = foreign.to_rdflib(filled, vocabulary=False)
    data.parse(data=(resources.folder("ontology") / "drugs.ttl").read_bytes(), format="turtle")
    conforms, _, report = pyshacl.validate(data, shacl_graph=shapes, inference="none", do_owl_imports=False)
    assert conforms, report


def test_counts_keep_their_type(filled: ox.Store) -> None:
    types = {
        quad.object.datatype.value.rsplit("#", 1)[1]
        for quad in store.restored(filled, ox.DefaultGraph())
        if quad.predicate.value in store.COUNTS and isinstance(quad.object, ox.Literal)
    }
    assert types == {"nonNegativeInteger"}


def test_a_label_that_is_missing_is_the_name(filled: ox.Store) -> None:
    assert decode.Reader(filled).entity(f"{BASE}concept/of%20nobody") == Entity(
        "of nobody", f"{BASE}concept/of%20nobody"
    )


def test_turtle_of_the_same_facts_is_the_same_bytes(facts: list[Fact]) -> None:
    backwards = list(reversed(list(encode.statements(facts, "a.txt"))))
    assert turtle.write(backwards) == turtle.write(encode.statements(facts, "a.txt"))


# Files ----------------------------------------------------------------------------------------------------------------

Content = bytes | Callable[[], bytes]
HOSTILE: tuple[tuple[str, Content, str], ...] = (
    ("entities.rdf", b'<!DOCTYPE r [<!ENTITY a "aaaa">]><rdf:RDF/>', "declares a document type or entities"),
    ("external.rdf", b'<!DOCTYPE r SYSTEM "file:///nowhere"><rdf:RDF/>', "declares a document type or entities"),
    (
        "hidden.rdf",
        '<!DOCTYPE r [<!ENTITY a "aaaa">]><rdf:RDF/>'.encode("utf-16"),
        "declares a document type or entities",
    ),
    ("deep.rdf", lambda: b"<a>" * 100_000, "nested deeper than 64"),
    ("deep.jsonld", lambda: b'{"@graph":' * 20_000 + b"1", "nested deeper than 64"),
    ("lists.jsonld", lambda: b"[" * 20_000, "nested deeper than 64"),
    (
        "remote.jsonld",
        b'{"@context": "http://localhost:1/c", "@id": "x:y"}',
        "names a context that would have to be fetched",
    ),
    ("inside.jsonld", b'{"@context": [{}, {"@import": "c.json"}]}', "names a context that would have to be fetched"),
    ("terms.ttl", lambda: b"<x:s> <x:p> " + b"<<( <x:s> <x:p> " * 20_000, "nested deeper than 64"),
    ("number.ttl", lambda: b"<x:s> <x:p> " + b"1" * 5_000 + b" .", "has a number of more than 100 digits"),
    ("exponent.ttl", b"<x:s> <x:p> 1E+200000000 .", "has a number of more than 100 digits"),
)


@pytest.mark.parametrize(("name", "content", "problem"), HOSTILE, ids=[case[0] for case in HOSTILE])
def test_hostile_files_are_refused(tmp_path: Path, name: str, content: Content, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content())
    with pytest.raises(GraphError) as caught:
        store.read_any(path)
    assert (caught.value.place, caught.value.problem) == (str(path), problem)


BROKEN: tuple[tuple[str, bytes, str], ...] = (
    ("broken.ttl", b"<x:s> <x:p>\n<x:o> ;; ;\n oops", "not Turtle"),
    ("broken.nt", b"<x:s> <x:p> .", "not N-Triples"),
    ("broken.trig", b"<x:g> {", "not TriG"),
    ("broken.nq", b"what?", "not N-Quads"),
    ("broken.rdf", b"<rdf:RDF", "not RDF/XML"),
    ("broken.jsonld", b"{", "not JSON"),
    ("latin.ttl", '<x:s> <x:p> "\xe9" .'.encode("latin-1"), "not Turtle"),
    ("text.docx", b"PK", "not a known RDF format"),
)


@pytest.mark.parametrize(("name", "content", "problem"), BROKEN, ids=[case[0] for case in BROKEN])
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(GraphError) as caught:
        store.read_any(path)
    assert caught.value.place.startswith(str(path))
    assert caught.value.problem.startswith(problem)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    for name in ("nothing.ttl", "my.kg"):
        with pytest.raises(GraphError, match="no such file or folder"):
            store.read_any(tmp_path / name)
    with pytest.raises(GraphError, match="holds no facts"):
        store.open_store(tmp_path)
    with pytest.raises(GraphError, match="no such folder"):
        store.open_store(tmp_path / "nothing")


def test_a_broken_file_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "documents.ttl").write_text("")
    (tmp_path / "statements").mkdir()
    (tmp_path / "statements" / "a.txt.ttl").write_text("\n\nnonsense")
    with pytest.raises(GraphError, match=r"a\.txt\.ttl:3: not Turtle"):
        store.open_store(tmp_path)


@pytest.mark.parametrize(
    "name", ["page.txt", "a/b", "..", ".hidden", "50 % off.txt", "label.xml#id", "ü\n:*?.md", "\\"]
)
def test_document_names_are_file_names_and_back(name: str) -> None:
    file = store.file_name(name)
    assert store.document_name(file) == name
    assert "/" not in file
    assert not file.startswith(".")


def test_a_graph_without_facts_is_said_to_have_none(tmp_path: Path) -> None:
    path = tmp_path / "other.ttl"
    path.write_text('<x:s> <x:p> "o" .')
    assert decode.facts(store.read_any(path)) == []


def test_a_fact_that_lacks_something_is_named(tmp_path: Path) -> None:
    path = tmp_path / "half.ttl"
    path.write_text(f"<{BASE}fact/1> a <{terms.DRUGS}Caution> ; <{terms.DRUGS}evidence> <{BASE}evidence/1> .")
    with pytest.raises(GraphError, match="has no"):
        decode.facts(store.read_any(path))
