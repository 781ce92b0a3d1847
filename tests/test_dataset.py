"""The description of a build by itself: right counts, judged by shapes, counted again, the same bytes for the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, OWL, PROV, RDF, VOID

import kg
from kg import assembly, building, cli, derivation, resources
from kg.graph import dataset, encode, terms
from kg.graph import store as stores
from kg.graph.readable import Readable
from kg.validation import check, shapes
from kg.validation import data as judged
from kg.validation import dataset as counted
from tests import made

ROOT = Path(__file__).resolve().parents[1]
PREFIXES = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in terms.PREFIXES.items())
SHAPES_FILE = resources.folder("ontology") / "shapes" / "dataset.ttl"
NAMES = ("one.txt", "two.txt", "50 %.txt")


def built() -> building.Build:
    """Three pages, two of which say the same."""
    pages = [made.page(NAMES[0]), made.page(NAMES[1], made.ONE_OF_EACH[:12]), made.page(NAMES[2], made.ONE_OF_EACH[:2])]
    facts = tuple(assembly.assemble(statement for _, statements in pages for statement in statements))
    return building.Build(facts, tuple(d for d, _ in pages), derived=derivation.derive(facts))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("described") / "my.kg"
    building.write_facts(built(), target, with_texts=True)
    return target


@pytest.fixture(scope="module")
def described(folder: Path) -> rdflib.Graph:
    """The description alone, read by a reader that is not ours."""
    return rdflib.Graph().parse(data=(folder / stores.DATASET_FILE).read_bytes(), format="turtle")


def said(folder: Path) -> rdflib.Graph:
    """Everything else in the folder, each triple once."""
    graph = rdflib.Graph()
    for path in folder.rglob("*.ttl"):
        if path.name != stores.DATASET_FILE:
            graph.parse(data=path.read_bytes(), format="turtle")
    return graph


def number(graph: rdflib.Graph, node: rdflib.term.Node, what: rdflib.URIRef) -> int:
    return int(str(graph.value(node, what, any=False)))


def test_counts_are_those_of_another_reader(folder: Path, described: rdflib.Graph) -> None:
    graph, node = said(folder), described.value(None, RDF.type, VOID.Dataset, any=False)
    assert node is not None
    assert number(described, node, VOID.triples) == len(graph)
    assert number(described, node, VOID.entities) == len(set(graph.subjects(RDF.type)))
    classes = {
        described.value(part, VOID["class"]): number(described, part, VOID.entities)
        for part in described.objects(node, VOID.classPartition)
    }
    assert classes == {kind: len(set(graph.subjects(RDF.type, kind))) for kind in set(graph.objects(None, RDF.type))}
    properties = {
        described.value(part, VOID.property): number(described, part, VOID.triples)
        for part in described.objects(node, VOID.propertyPartition)
    }
    assert properties == {p: len(list(graph.subject_objects(p))) for p in set(graph.predicates())}
    assert len(classes) > 15
    assert len(properties) > 20


def test_it_says_what_it_is_and_what_made_it(described: rdflib.Graph) -> None:
    (node,) = set(described.subjects(RDF.type, VOID.Dataset)) & set(described.subjects(RDF.type, DCAT.Dataset))
    assert "not medical advice" in str(described.value(node, DCTERMS.description))
    assert described.value(node, DCTERMS.title)
    assert described.value(node, DCTERMS.license) == rdflib.URIRef(dataset.LICENCE)
    assert rdflib.URIRef(terms.DRUGS) in set(described.objects(node, VOID.vocabulary))
    (files,) = described.objects(node, DCAT.distribution)
    assert (files, RDF.type, DCAT.Distribution) in described
    (making,) = described.objects(node, PROV.wasGeneratedBy)
    (agent,) = described.objects(making, PROV.wasAssociatedWith)
    assert (agent, RDF.type, PROV.SoftwareAgent) in described
    assert str(described.value(agent, OWL.versionInfo)) == dataset.program_version()
    used = {str(document) for document in described.objects(making, PROV.used)}
    assert used == {terms.document(name) for name in NAMES}
    hashes = {str(d): str(h) for d, h in described.subject_objects(rdflib.URIRef(terms.DRUGS + "sha256"))}
    assert hashes == {terms.document(d.name): d.sha256 for d in built().documents}


def test_it_has_no_date_no_path_and_no_blank_node(folder: Path, described: rdflib.Graph) -> None:
    text = (folder / stores.DATASET_FILE).read_text("utf-8")
    assert not re.search(r"\b(19|20)\d\d-\d\d", text)
    assert str(folder.parent) not in text
    assert not [term for triple in described for term in triple if isinstance(term, rdflib.BNode)]


def test_the_same_documents_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kg import building; from tests import test_dataset as t;"
        "building.write_facts(t.built(), Path(sys.argv[1]), with_texts=False)"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / seed)], check=True, cwd=ROOT, env=environment)
        again = (tmp_path / seed / stores.DATASET_FILE).read_bytes()
        assert again == (folder / stores.DATASET_FILE).read_bytes()


def test_other_documents_give_another_name(tmp_path: Path) -> None:
    names = []
    for place, pages in ((tmp_path / "a", ["a.txt"]), (tmp_path / "b", ["b.txt"])):
        documents = tuple(made.page(name)[0] for name in pages)
        facts = tuple(assembly.assemble(s for name in pages for s in made.page(name)[1]))
        building.write_facts(building.Build(facts, documents), place, with_texts=False)
        names += re.findall(r"^<(\S+/dataset/[0-9a-f]{64})>$", (place / stores.DATASET_FILE).read_text(), re.M)
    assert len(set(names)) == 2


def wrong(store: ox.Store) -> list[str]:
    """What is wrong with the description in a store."""
    return [problem.problem for problem in counted.check(judged.read(store))]


def quads_of(store: Readable) -> set[ox.Quad]:
    return set(store.quads_for_pattern(None, None, None, stores.DATASET))


def test_it_is_in_a_graph_of_its_own_wherever_facts_are(folder: Path, tmp_path: Path) -> None:
    graph = kg.open(folder)
    expected = quads_of(graph.store)
    assert expected
    assert expected == quads_of(stores.open_store(folder))
    for ending in (".trig", ".nq", ".jsonld"):
        path = tmp_path / f"facts{ending}"
        graph.export(path)
        assert quads_of(stores.read_any(path)) == expected
    page = ROOT / "tests" / "documents" / "development" / "warfarin.txt"
    target = tmp_path / "page.kg"
    assert cli.main(["build", str(page), "--out", str(target), "--vocabulary", "none"]) == 0
    assert quads_of(kg.build(page).store) == quads_of(kg.open(target).store)


def test_the_package_describes_its_facts() -> None:
    assert (resources.folder("facts") / stores.DATASET_FILE).is_file()
    assert wrong(stores.open_store()) == []


@pytest.mark.parametrize("ending", [".ttl", ".trig", ".nq", ".jsonld", ".rdf"])
@pytest.mark.parametrize("with_quotes", [False, True], ids=["plain", "quoted"])
def test_the_counts_fit_every_export(folder: Path, tmp_path: Path, ending: str, with_quotes: bool) -> None:
    path = tmp_path / f"facts{ending}"
    kg.open(folder).export(path, with_quotes=with_quotes)
    assert ("tells of" in path.read_text("utf-8")) is with_quotes
    assert wrong(stores.read_any(path)) == []


def test_a_document_that_says_nothing_is_among_them(tmp_path: Path) -> None:
    documents = (made.page("a.txt")[0], made.page("nothing.txt", ())[0])
    facts = tuple(assembly.assemble(made.page("a.txt")[1]))
    building.write_facts(building.Build(facts, documents), tmp_path / "facts", with_texts=False)
    store = stores.open_store(tmp_path / "facts")
    used = store.quads_for_pattern(None, ox.NamedNode(terms.PROV + "used"), None, stores.DATASET)
    assert len(list(used)) == 2
    assert wrong(store) == []


# ------------------------------------------------------------------------------------------ what is wrong is found

DATASET = "?d a void:Dataset"
WRONG_COUNTS = {
    "triples": "DELETE { ?d void:triples ?n } INSERT { ?d void:triples 7 }"
    f" WHERE {{ {DATASET} ; void:triples ?n }}",
    "entities": "DELETE { ?d void:entities ?n } INSERT { ?d void:entities 7 }"
    f" WHERE {{ {DATASET}; void:entities ?n }}",
    "a class": "DELETE { ?d void:entities ?n } INSERT { ?d void:entities 99 }"
    " WHERE { ?d void:class drugs:Caution ; void:entities ?n }",
    "a property": "DELETE { ?d void:triples ?n } INSERT { ?d void:triples 99 }"
    " WHERE { ?d void:property drugs:subject ; void:triples ?n }",
    "a fact less": "DELETE { ?f ?p ?o } WHERE { ?f a drugs:Caution ; drugs:level level:monitor ; ?p ?o }",
}
WRONG_REST = {
    "another document": ("says what does not follow", "INSERT DATA { <M> prov:used document:three.txt }"),
    "a document less": ("lacks what follows", "DELETE { ?m prov:used ?u } WHERE { ?m prov:used ?u }"),
    "a class less": ("lacks what follows", "DELETE WHERE { ?d void:classPartition ?p }"),
    "another title": (
        "says what does not follow",
        'DELETE { ?d dcterms:title ?t } INSERT { ?d dcterms:title "All"@en }'
        f" WHERE {{ {DATASET} ; dcterms:title ?t }}",
    ),
    "two descriptions": ("more than one", f"INSERT DATA {{ <{dataset.NAMESPACE}{'0' * 64}> void:triples 1 }}"),
}


@pytest.fixture(scope="module")
def quads(folder: Path) -> list[ox.Quad]:
    return [
        quad
        for quad in stores.restored(stores.open_store(folder))
        if quad.graph_name != stores.DEFAULT
    ]  # fmt: skip


def plain(quads: list[ox.Quad]) -> ox.Store:
    """The union alone, so that an update changes all there is."""
    return stores.from_quads({ox.Quad(q.subject, q.predicate, q.object) for q in quads})


def changed(quads: list[ox.Quad], update: str) -> ox.Store:
    store = plain(quads)
    store.remove_graph(stores.UNNAMED)
    making = next(store.quads_for_pattern(None, ox.NamedNode(terms.PROV + "used"), None)).subject
    store.update(PREFIXES + update.replace("<M>", str(making)))
    return store


@pytest.mark.parametrize("update", WRONG_COUNTS.values(), ids=WRONG_COUNTS)
def test_a_wrong_count_is_found(quads: list[ox.Quad], update: str) -> None:
    assert "The description of the data set has a wrong count." in wrong(changed(quads, update))


@pytest.mark.parametrize(("problem", "update"), WRONG_REST.values(), ids=WRONG_REST)
def test_whatever_else_is_wrong_is_found(quads: list[ox.Quad], problem: str, update: str) -> None:
    assert any(problem in found for found in wrong(changed(quads, update)))


def test_a_check_says_what_the_count_is(quads: list[ox.Quad]) -> None:
    report = check(changed(quads, WRONG_COUNTS["triples"]))
    triples = ox.NamedNode(terms.VOID + "triples")
    counts = plain(quads).quads_for_pattern(ox.NamedNode(name_of(quads)), triples, None, stores.DEFAULT)
    (count,) = (quad.object.value for quad in counts if isinstance(quad.object, ox.Literal))
    assert [(f.severity, f.value) for f in report.findings] == [("violation", f"7, and it is {count}")]


def name_of(quads: list[ox.Quad]) -> str:
    """The name of the description."""
    vocabulary = terms.VOID + "vocabulary"
    return next(
        q.subject.value for q in quads if q.predicate.value == vocabulary and isinstance(q.subject, ox.NamedNode)
    )


def test_a_description_under_another_name_is_found(quads: list[ox.Quad]) -> None:
    name = name_of(quads)
    other = dataset.NAMESPACE + "1" * 64

    def renamed(term: object) -> object:
        return ox.NamedNode(term.value.replace(name, other)) if isinstance(term, ox.NamedNode) else term

    moved = [ox.Quad(renamed(q.subject), q.predicate, renamed(q.object), q.graph_name) for q in quads]  # type: ignore[arg-type]
    assert wrong(stores.from_quads(moved)) == ["The name of the description does not fit its content."]


SHAPES: dict[str, str] = {
    "Dataset": "INSERT DATA { <x:set> a void:Dataset }",
    "dataset-type": f"DELETE {{ ?d a dcat:Dataset }} WHERE {{ {DATASET} }}",
    "dataset-title": f"DELETE {{ ?d dcterms:title ?t }} WHERE {{ {DATASET} ; dcterms:title ?t }}",
    "dataset-description": 'DELETE { ?d dcterms:description ?t } INSERT { ?d dcterms:description "Advice."@en }'
    " WHERE { ?d dcterms:description ?t }",
    "dataset-license": "DELETE { ?d dcterms:license ?t } WHERE { ?d dcterms:license ?t }",
    "dataset-vocabulary": "DELETE { ?d void:vocabulary ?t } WHERE { ?d void:vocabulary ?t }",
    "dataset-triples": 'DELETE { ?d void:triples ?n } INSERT { ?d void:triples "many" } WHERE { ?d void:triples ?n }',
    "dataset-entities": "INSERT { ?d void:entities 0 } WHERE { ?d void:class drugs:Caution }",
    "dataset-class": "DELETE { ?d void:class ?c } WHERE { ?d void:class ?c }",
    "dataset-property": "INSERT { ?d void:property drugs:none } WHERE { ?d void:property drugs:subject }",
    "dataset-distribution": "DELETE { ?d a dcat:Distribution } WHERE { ?d a dcat:Distribution }",
    "distribution-media-type": 'INSERT { ?d dcat:mediaType "text/turtle" } WHERE { ?d a dcat:Distribution }',
    "dataset-making": "DELETE { ?d prov:wasGeneratedBy ?m } WHERE { ?d prov:wasGeneratedBy ?m }",
    "making-used": "INSERT { ?m prov:used <x:something> } WHERE { ?m a prov:Activity }",
    "making-agent": "DELETE { ?m prov:wasAssociatedWith ?a } WHERE { ?m prov:wasAssociatedWith ?a }",
    "agent-version": "DELETE { ?a owl:versionInfo ?v } WHERE { ?a owl:versionInfo ?v }",
}


def test_every_shape_of_the_description_has_a_case() -> None:
    text = SHAPES_FILE.read_text("utf-8")
    assert set(re.findall(r"^shapes:(\S+)\n    a sh:", text, re.M)) == set(SHAPES)


def broken(quads: list[ox.Quad], update: str) -> set[str]:
    """The shapes that refuse the description after an update; of the facts, what is said of documents is enough."""
    store = ox.Store()
    store.extend(
        ox.Quad(q.subject, q.predicate, q.object)
        for q in quads
        if q.graph_name in (stores.DATASET, encode.DOCUMENTS) and q.predicate.value != terms.DRUGS + "length"
    )
    if update:
        store.update(PREFIXES + update)
    graph = rdflib.Graph().parse(data=store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=stores.DEFAULT), format="nt")
    rules = rdflib.Graph().parse(data=SHAPES_FILE.read_bytes(), format="turtle")
    return {result.shape.removeprefix(f"{terms.BASE}shapes/") for result in shapes.judge(graph, rules)}


def test_the_shapes_take_what_is_right(quads: list[ox.Quad]) -> None:
    assert broken(quads, "") == set()
    assert check(plain(quads)).findings == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_refuses_what_is_wrong(quads: list[ox.Quad], shape: str) -> None:
    assert shape in broken(quads, SHAPES[shape])


def test_quads_and_files_are_counted_alike(quads: list[ox.Quad], folder: Path) -> None:
    facts = [quad for quad in quads if quad.graph_name != stores.DATASET]
    assert {q.triple for q in dataset.of_quads(facts)} == {ox.Triple(*t) for t in dataset.of_folder(folder)}
    assert {q.graph_name for q in dataset.of_quads(facts)} == {stores.DATASET}
    assert encode.DOCUMENTS in {q.graph_name for q in facts}
