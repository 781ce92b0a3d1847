"""Validation: every check finds what it is for, nothing passes unseen, findings name place, problem and remedy."""

# ruff: noqa: E501 - an update is read best on one line

from __future__ import annotations

import os
import re
import socket
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from kg import assembly, building, derivation, resources
from kg.derivation import encode as conclusions
from kg.errors import GraphError, QueryError
from kg.graph import encode, terms
from kg.graph import store as stores
from kg.records import Document, Fact
from kg.validation import VIOLATION, WARNING, Finding, Report, beside, check, checks, converted, shapes
from kg.validation import data as judged
from tests import made

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ROOT.parent / "shared" / "documents"
PREFIXES = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in terms.PREFIXES.items())


@dataclass(frozen=True)
class Sample:
    """Two pages made by hand, their facts and quads."""

    documents: tuple[Document, ...]
    facts: tuple[Fact, ...]
    quads: tuple[ox.Quad, ...]

    @property
    def texts(self) -> dict[str, str]:
        return {document.name: document.text for document in self.documents}

    def store(self) -> ox.Store:
        return stores.from_quads(self.quads)

    def small(self, update: str) -> ox.Store:
        """Return a changed store with the ontology and a few concepts alone: enough for check queries, and quick."""
        store = stores.from_quads(self.quads, with_vocabulary=False)
        store.load((resources.folder("ontology") / "drugs.ttl").read_bytes(), ox.RdfFormat.TURTLE)
        for name in ("clonazepam", "sertraline", "zoloft", "liver-disease", "driving"):
            store.extend(judged.packaged().quads_for_pattern(ox.NamedNode(terms.CONCEPT + name), None, None))
        store.update(PREFIXES + update)
        return store

    def changed(self, *updates: str) -> ox.Store:
        """Return a store with SPARQL updates applied; its graphs are kept apart only where an update names one."""
        store = self.store()
        if not any("GRAPH" in update for update in updates):
            for graph in list(store.named_graphs()):
                store.remove_graph(graph)
        for update in updates:
            store.update(PREFIXES + update)
        return store


@pytest.fixture(scope="module")
def sample() -> Sample:
    pages = [made.page("one.txt"), made.page("two.txt", made.ONE_OF_EACH[:12])]
    documents = tuple(document for document, _ in pages)
    facts = tuple(assembly.assemble(statement for _, statements in pages for statement in statements))
    follows = conclusions.quads(derivation.derive(facts))
    return Sample(documents, facts, (*encode.quads(facts, documents), *follows))


def _sources(report: Report) -> set[str]:
    return {finding.source for finding in report.findings}


# ---------------------------------------------------------------------------------------------------- what is right


def test_a_right_graph_has_no_findings_and_counts_what_was_seen(sample: Sample) -> None:
    report = check(sample.store(), sample.texts)
    assert report.findings == ()
    assert report.ok
    assert report.fact_nodes == report.focus_nodes == len(sample.facts)
    assert (report.documents, report.unchecked_quotes) == (2, 0)
    assert report.checked_quotes == sum(len(fact.evidence) for fact in sample.facts)
    assert report.shapes > 80
    assert report.queries == len(checks.catalogue()) > 15


def test_without_texts_quotes_are_counted_as_unchecked(sample: Sample) -> None:
    report = check(sample.store())
    assert (report.findings, report.checked_quotes) == ((), 0)
    assert report.unchecked_quotes == sum(len(fact.evidence) for fact in sample.facts)


WRONG = (
    "INSERT { ?f drugs:dose 'much' } WHERE { ?f a drugs:Caution }",
    "DELETE { ?e drugs:quoteSha256 ?h } WHERE { ?e drugs:quoteSha256 ?h }",
    "DELETE { ?f drugs:subject ?s } INSERT { ?f drugs:subject drugs:nobody } WHERE { ?f a drugs:Advice ; drugs:subject ?s }",
    "DELETE { ?s a oa:TextPositionSelector } WHERE { ?e drugs:objectSelector ?s }",
)


def test_a_graph_is_judged_in_parts_as_it_is_as_a_whole(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    store = sample.changed(*WRONG)
    whole = check(store, sample.texts, validator="pyshacl")
    assert len({finding.source for finding in whole.findings if "/shapes/" in finding.source}) > 4
    monkeypatch.setattr("kg.validation.judging.PART", 25)
    assert len(list(converted.parts(judged.read(store), 25))) > 3
    assert check(store, sample.texts, validator="pyshacl") == whole
    assert check(store, sample.texts).findings == whole.findings


def test_what_extraction_makes_of_our_own_pages_is_right() -> None:
    pages = sorted((ROOT / "tests" / "documents" / "held_out").glob("*.txt"))[:3]
    result = building.build(pages)
    texts = {document.name: document.text for document in result.documents}
    report = check(stores.from_quads(encode.quads(result.facts, result.documents)), texts)
    assert [finding for finding in report.findings if finding.severity == VIOLATION] == []
    assert report.fact_nodes == report.focus_nodes == len(result.facts) > 100
    assert report.unchecked_quotes == 0


def test_the_facts_of_the_package_are_right() -> None:
    report = check(resources.folder("facts"))
    assert [finding for finding in report.findings if finding.severity == VIOLATION] == []
    assert report.fact_nodes == report.focus_nodes > 0


def test_the_quotes_of_the_package_are_right() -> None:
    if not DOCUMENTS.is_dir():
        pytest.skip("the documents of the packaged facts are not at hand (../shared/documents)")
    report = check(resources.folder("facts"), DOCUMENTS)
    assert [finding for finding in report.findings if finding.severity == VIOLATION] == []
    assert (report.checked_quotes > 0, report.unchecked_quotes) == (True, 0)


def test_any_rdf_file_and_a_folder_with_texts_can_be_checked(sample: Sample, tmp_path: Path) -> None:
    flat = [ox.Quad(q.subject, q.predicate, q.object) for q in sample.quads]
    (tmp_path / "all.ttl").write_bytes(ox.serialize(flat, format=ox.RdfFormat.TURTLE) or b"")
    (tmp_path / "all.nq").write_bytes(ox.serialize(sample.quads, format=ox.RdfFormat.N_QUADS) or b"")
    for name in ("all.ttl", "all.nq"):
        report = check(tmp_path / name)
        assert (report.findings, report.fact_nodes) == ((), len(sample.facts)), name
    building.write_facts(building.Build(sample.facts, sample.documents), tmp_path / "my.kg", with_texts=True)
    assert check(str(tmp_path / "my.kg")).unchecked_quotes == 0
    assert check(tmp_path / "my.kg", {}).checked_quotes == 0


# ---------------------------------------------------------------------------------------------------- check queries

FACT = 'BIND(IRI("https://w3id.org/drug-facts/fact/%s") AS ?fact)'
EVERYWHERE = "INSERT {{ {0} GRAPH graph:one.txt {{ {0} }} }} WHERE {{ {1} }}"
PLANTED = {
    "about_something_else": "INSERT DATA { document:one.txt drugs:about concept:sertraline }",
    "affirmed_and_denied": EVERYWHERE.format(
        "fact:twin a drugs:MechanismOfAction ; drugs:subject ?s ; drugs:object ?o ; drugs:polarity polarity:denied ; drugs:evidence ?e .",
        "?f a drugs:MechanismOfAction ; drugs:subject ?s ; drugs:object ?o ; drugs:evidence ?e",
    ),
    "beyond_the_document": "DELETE { ?d drugs:length ?n } INSERT { ?d drugs:length 100 } WHERE { ?d drugs:length ?n }",
    "brand_of_another_drug": "DELETE { ?f drugs:object ?o } INSERT { ?f drugs:object concept:zoloft } WHERE { ?f a drugs:BrandName ; drugs:object ?o }",
    "broader_than_itself": "INSERT DATA { term:a skos:broader term:b . term:b skos:broader term:c . term:c skos:broader term:a }",
    "derived_in_another_graph": "INSERT { GRAPH graph:one.txt { ?d a drugs:DerivedFact } } WHERE { ?d a drugs:DerivedFact }",
    "copies_not_looked_for": "INSERT DATA { document:one.txt drugs:sameTextAs document:one.txt }",
    "copy_of_a_copy": "INSERT DATA { document:one.txt drugs:sameTextAs document:two.txt }",
    "document_about_nothing": "DELETE WHERE { ?d drugs:about ?o }",
    "document_without_facts": "INSERT DATA { document:three.txt a drugs:Document }",
    "evidence_in_another_graph": "INSERT { GRAPH graph:two.txt { ?e oa:hasSource ?d } } WHERE { ?e oa:hasSource ?d FILTER(?d = document:one.txt) }",
    "evidence_of_nothing": "DELETE WHERE { ?f drugs:evidence ?e }",
    "evidence_of_two_objects": "INSERT { ?f drugs:evidence ?e } WHERE { ?f a drugs:Caution . ?g a drugs:Caution ; drugs:evidence ?e }",
    "fact_without_evidence_in_its_graph": "DELETE WHERE { GRAPH graph:two.txt { ?f drugs:evidence ?e } }",
    "fact_without_short_edge": "DELETE WHERE { ?s drugs:contraindicatedIn ?o }",
    "nothing_known_about_it": "DELETE { ?f drugs:object ?o } INSERT { ?f drugs:object term:nowhere } WHERE { ?f a drugs:Advice ; drugs:object ?o }",
    "object_outside_quote": "DELETE { ?o oa:end ?n } INSERT { ?o oa:end 3000 } WHERE { ?e drugs:objectSelector ?o . ?o oa:end ?n }",
    "one_quote_two_hashes": "INSERT { evidence:z oa:hasSelector ?q ; drugs:quoteSha256 'x' ; oa:hasSource ?d } WHERE { ?e oa:hasSelector ?q ; oa:hasSource ?d }",
    "same_fact_twice": "INSERT { fact:twin ?p ?o } WHERE { ?f a drugs:Contraindication ; ?p ?o }",
    "selector_name": "DELETE { ?o oa:end ?n } INSERT { ?o oa:end 3000 } WHERE { ?e drugs:headingSelector ?o . ?o oa:end ?n }",
    "selector_of_another_document": "DELETE { ?e oa:hasSource ?d } INSERT { ?e oa:hasSource document:two.txt } WHERE { ?e oa:hasSource ?d }",
    "selector_of_nothing": "DELETE WHERE { ?e drugs:headingSelector ?o }",
    "short_edge_in_another_graph": "INSERT { GRAPH graph:two.txt { ?s ?p ?o } } WHERE { GRAPH graph:one.txt { ?s ?p ?o . ?s drugs:hasAdvice ?o } }",
    "short_edge_without_fact": "INSERT DATA { concept:clonazepam drugs:treats concept:liver-disease }",
    "term_of_nothing": "INSERT DATA { term:unused a skos:Concept , drugs:UnlistedTerm ; skos:prefLabel 'unused'@en }",
    "unknown_property": "INSERT DATA { document:one.txt drugs:aboud concept:clonazepam }",
    "words_of_another_length": "DELETE { ?s oa:exact ?w } INSERT { ?s oa:exact 'x' } WHERE { ?s oa:exact ?w }",
}


def test_every_check_query_has_a_plant() -> None:
    assert sorted(PLANTED) == [known.name for known in checks.catalogue()]


@pytest.mark.parametrize("name", PLANTED)
def test_every_check_query_finds_its_plant(sample: Sample, name: str) -> None:
    (known,) = [known for known in checks.catalogue() if known.name == name]
    rows = list(checks.run(sample.small(PLANTED[name]), (known,), is_union=True))
    assert rows
    assert all(row.node for row in rows)


@pytest.mark.parametrize("known", checks.catalogue(), ids=lambda known: known.name)
def test_check_queries_say_what_is_wrong_and_what_to_do(known: checks.Check) -> None:
    for text in (known.title, known.why, known.remedy):
        assert re.fullmatch(r"[A-Z][^\n]{10,}", text), text
    assert known.severity in (VIOLATION, WARNING)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?node { }", "a.rq: the header has no title; add a line `# title: ...` at the top"),
        ("# titel: x\nSELECT ?node { }", "a.rq: the header line '# titel: x' is none of a check; write title"),
        ("# title: x\n# title: y\n", "the header line '# title: y' is none of a check"),
        ("# title: x\n# why: x\n# severity: bad\n# remedy: x\n# columns: node\n", "a wrong severity or columns"),
        ("# title: x\n# why: x\n# severity: warning\n# remedy: x\n# columns: what\n", "a wrong severity or columns"),
    ],
)
def test_a_malformed_header_is_named(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=re.escape(message)):
        checks.parse(text, "a.rq")


@pytest.mark.parametrize(
    ("sparql", "message"), [("SELECT ?node {", "not SPARQL"), ("ASK { ?s ?p ?o }", "is no SELECT query")]
)
def test_a_malformed_check_query_is_named(sparql: str, message: str) -> None:
    known = checks.Check("own", "x", "x", VIOLATION, "x", ("node",), sparql)
    with pytest.raises(QueryError, match=f"own.rq: {message}"):
        list(checks.run(ox.Store(), (known,)))


# ---------------------------------------------------------------------------------------------------- no vacuous pass


def _graph(text: str) -> rdflib.Graph:
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .\n"
    return rdflib.Graph().parse(data=head + text, format="turtle")


def test_an_empty_graph_and_one_without_facts_are_problems(tmp_path: Path) -> None:
    (tmp_path / "empty.ttl").write_text("")
    (tmp_path / "other.ttl").write_text("<http://example.org/a> <http://example.org/b> <http://example.org/c> .")
    for name, problem in (("empty", "The graph is empty"), ("other", "The graph holds no facts")):
        report = check(tmp_path / f"{name}.ttl")
        assert not report.ok
        assert [f.problem for f in report.findings if f.problem.startswith(problem)], name


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "There are no shapes"),
        ("ex:s a sh:NodeShape ; sh:nodeKind sh:IRI .", "A shape has no target"),
        ("ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:deactivated true .", "A shape is switched off"),
        ("ex:s a sh:NodeShape ; sh:targetClass ex:Nothing ; sh:nodeKind sh:IRI .", "No shape looks at this fact"),
    ],
)
def test_idle_shapes_are_problems(sample: Sample, text: str, problem: str) -> None:
    report = check(sample.store(), shape_graph=_graph(text))
    assert not report.ok
    assert [finding for finding in report.findings if finding.problem.startswith(problem)]


def test_shapes_that_others_refer_to_need_no_target_of_their_own() -> None:
    text = """ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:or ( ex:a ex:b ) ; sh:property ex:p .
        ex:a a sh:NodeShape ; sh:not ex:n . ex:b a sh:NodeShape . ex:n a sh:NodeShape . ex:p a sh:PropertyShape ; sh:path ex:q ."""
    assert list(shapes.idle(_graph(text))) == []


def test_a_fact_that_no_shape_looks_at_is_a_problem(sample: Sample) -> None:
    report = check(sample.changed("INSERT DATA { fact:forgotten dcterms:title 'x' }"))
    assert (report.fact_nodes, report.focus_nodes) == (len(sample.facts) + 1, len(sample.facts))
    assert ("coverage", terms.FACT + "forgotten") in {(f.source, f.where) for f in report.findings}


@pytest.mark.parametrize("bad", ["shapes.ttl", "http://example.org/shapes", None, 7])
def test_only_graphs_in_memory_are_judged(bad: object) -> None:
    with pytest.raises(GraphError, match="no graph in memory"):
        shapes.judge(rdflib.Graph(), bad)  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="no graph in memory"):
        shapes.judge(bad, rdflib.Graph())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:p . ex:p a sh:PropertyShape ; sh:minCount 1 .",
        "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ; sh:minCount 'many' .",
    ],
)
def test_malformed_shapes_are_named(text: str) -> None:
    with pytest.raises(GraphError, match=r"^shapes: (not well-formed|could not be applied)"):
        shapes.judge(_graph("ex:a a ex:C ; ex:p 1 ."), _graph(text))


def test_shapes_reach_nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    imports = "<http://example.org/> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/more> ."
    text = f"{imports} ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI ."
    assert shapes.judge(_graph(f"ex:a a ex:C . {imports}"), _graph(text)) == []


@pytest.mark.parametrize(
    "more",
    [
        'sh:sparql ex:q . ex:q sh:select "SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"',
        'sh:js ex:j . ex:j sh:jsFunctionName "f" ; sh:jsLibrary ex:l . ex:l sh:jsLibraryURL "http://127.0.0.1:9/f.js"',
        'sh:rule ex:r . ex:r a sh:SPARQLRule ; sh:construct "CONSTRUCT { $this a ex:D } WHERE { }"',
        'sh:target ex:t . ex:t a sh:SPARQLTarget ; sh:select "SELECT ?this WHERE { ?this ?p ?o }"',
    ],
)
def test_shapes_that_run_code_are_refused(more: str) -> None:
    with pytest.raises(GraphError, match=r"^shapes: sh:\w+ is more than SHACL Core"):
        shapes.judge(_graph("ex:a a ex:C ."), _graph(f"ex:s a sh:NodeShape ; sh:targetClass ex:C ; {more} ."))


def test_every_run_has_shapes_of_its_own(sample: Sample) -> None:
    store = sample.changed("DELETE WHERE { ?f drugs:polarity ?p }")
    first = check(store)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: check(store), range(4))) == {first}


# ---------------------------------------------------------------------------------------------------- findings


def test_findings_name_fact_document_problem_and_remedy(sample: Sample) -> None:
    report = check(
        sample.changed(
            "DELETE { ?f drugs:level ?l } WHERE { ?f a drugs:Caution ; drugs:object concept:driving ; drugs:level ?l }"
        )
    )
    finding = next(f for f in report.findings if f.source.endswith("shapes/caution-level"))
    assert finding.fact == "clonazepam - caution - driving"
    assert finding.document == "one.txt, two.txt"
    assert finding.problem == "A caution has no level of care."
    assert finding.remedy.startswith("Set drugs:level")
    assert finding.where.startswith(terms.FACT)


def test_findings_about_evidence_name_the_fact_it_supports(sample: Sample) -> None:
    report = check(
        sample.changed(
            "DELETE { ?e drugs:rule ?r } WHERE { ?f a drugs:Contraindication ; drugs:evidence ?e . ?e drugs:rule ?r ; oa:hasSource document:one.txt }"
        )
    )
    finding = next(f for f in report.findings if f.source.endswith("shapes/evidence-rule"))
    assert (finding.fact, finding.document) == ("clonazepam - contraindication - liver disease", "one.txt")


def test_warnings_alone_do_not_make_a_graph_wrong(sample: Sample) -> None:
    report = check(sample.changed("DELETE WHERE { ?d drugs:about ?o }"))
    assert report.ok
    assert report.counts() == {VIOLATION: 0, WARNING: 2}


def test_violations_come_first() -> None:
    rows = [Finding(severity, "", "", "", "", "", "") for severity in (WARNING, VIOLATION)]
    assert [finding.severity for finding in sorted(rows, key=lambda finding: finding.order)] == [VIOLATION, WARNING]


# ---------------------------------------------------------------------------------------------------- quotes and names


def _texts_changed(sample: Sample) -> Iterator[tuple[str, dict[str, str], str]]:
    whole = sample.texts
    yield "another text", {**whole, "one.txt": whole["one.txt"].replace("tells", "tolls")}, "Another version"
    yield "a text that grew", {**whole, "one.txt": whole["one.txt"] + "."}, "Another version"


def test_another_text_is_a_problem_and_never_a_quote(sample: Sample) -> None:
    for name, texts, problem in _texts_changed(sample):
        report = check(sample.store(), texts)
        assert [f.document for f in report.findings if f.problem.startswith(problem)] == ["one.txt"], name
        assert report.unchecked_quotes == len(made.ONE_OF_EACH), name


SPOILT = {
    "DELETE { ?e drugs:quoteSha256 ?h } INSERT { ?e drugs:quoteSha256 ?other } WHERE { ?e drugs:quoteSha256 ?h . BIND(SHA256(?h) AS ?other) }": "quotes",
    "DELETE { ?s oa:exact ?w } INSERT { ?s oa:exact ?u } WHERE { ?s oa:exact ?w . BIND(UCASE(?w) AS ?u) }": "quotes",
    "DELETE { ?d drugs:length ?n } INSERT { ?d drugs:length 9000 } WHERE { ?d drugs:length ?n }": "quotes",
    "DELETE { ?f drugs:object ?o } INSERT { ?f drugs:object concept:tremor } WHERE { ?f a drugs:AdverseEffect ; drugs:object ?o }": "identity",
    "DELETE { ?d dcterms:identifier ?n } INSERT { ?d dcterms:identifier 'three.txt' } WHERE { ?d dcterms:identifier ?n }": "identity",
    "DELETE { ?e drugs:rule ?r } INSERT { ?e drugs:rule 'another/rule' } WHERE { ?e drugs:rule ?r }": "identity",
    "DELETE { ?t skos:prefLabel ?l } INSERT { ?t skos:prefLabel 'other words'@en } WHERE { ?t a drugs:UnlistedTerm ; skos:prefLabel ?l }": "identity",
    "INSERT DATA { concept:clonazepam a drugs:Condition }": "identity",
    "INSERT DATA { <http://example.org/C> rdfs:subClassOf drugs:Drug }": "identity",
    "INSERT DATA { level:whatever a drugs:CareLevel , drugs:Level , skos:Concept }": "identity",
    "INSERT DATA { document:one.txt drugs:about [ a drugs:Drug ] }": "identity",
}


@pytest.mark.parametrize(("update", "source"), SPOILT.items(), ids=range(len(SPOILT)))
def test_what_no_shape_can_see_is_seen(sample: Sample, update: str, source: str) -> None:
    report = check(sample.changed(update), sample.texts)
    assert source in _sources(report)
    assert not report.ok


def test_hostile_literals_are_findings_without_noise(sample: Sample, caplog: pytest.LogCaptureFixture) -> None:
    integer, date = (ox.NamedNode(terms.XSD + name) for name in ("nonNegativeInteger", "dateTime"))
    store = sample.store()
    node = ox.NamedNode(terms.document("one.txt"))
    for value in (
        ox.Literal("9" * 5000, datatype=integer),
        ox.Literal("soon", datatype=date),
        ox.Literal("-1", datatype=integer),
    ):
        store.add(ox.Quad(node, ox.NamedNode(terms.DRUGS + "length"), value))
    report = check(store)
    assert terms.BASE + "shapes/document-length" in _sources(report)
    assert caplog.records == []


def test_the_vocabulary_cannot_be_overruled(sample: Sample) -> None:
    """A store without the package's own triples, or with the union missing, is judged like a whole one."""
    bare = ox.Store()
    bare.extend(sample.quads)
    assert check(bare, sample.texts) == check(sample.store(), sample.texts)
    assert judged.read(bare).about == judged.read(sample.store()).about


@pytest.mark.parametrize("most", [0, 5_000_000], ids=["made the union", "left apart"])
def test_graphs_that_are_kept_apart_are_judged_as_their_union(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Right or wrong, it makes no difference where the union of the graphs is made, and a caller's store stays as it is."""
    monkeypatch.setattr("kg.validation.data._MOST_ROWS", most)
    wrong = [quad for quad in sample.quads if not quad.predicate.value.endswith(("prefLabel", "quoteSha256"))]
    for quads in (sample.quads, wrong):
        apart = stores.from_quads(quads, union=False)
        held = len(apart)
        assert len(stores.from_quads(quads)) > held
        assert check(apart, sample.texts) == check(stores.from_quads(quads), sample.texts)
        assert len(apart) == held
    assert not check(apart, sample.texts).ok


UNREADABLE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "missing.ttl": ("no such file or folder", lambda path: path.parent),
    "broken.ttl": ("not Turtle", lambda path: path.write_text("this is no Turtle")),
    "what.xyz": ("not a known RDF format", lambda path: path.write_text("")),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_error(tmp_path: Path, name: str) -> None:
    message, write = UNREADABLE[name]
    write(tmp_path / name)
    with pytest.raises(GraphError, match=message):
        check(tmp_path / name)


# ------------------------------------------------------------------------------------------- beside other checks


def test_check_queries_give_the_same_beside_the_other_checks(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    store = sample.changed(*WRONG)
    alone = check(store, sample.texts)
    assert any(finding.source.startswith("checks/") for finding in alone.findings)
    monkeypatch.setattr("kg.validation.beside.LARGE", 1)
    assert check(store, sample.texts) == alone


COPIES = {
    "it comes to its end": ("", True),
    "it stops early": ("stops", True),
    "it may not be made": ("", False),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system copies no processes")
@pytest.mark.parametrize("how", COPIES)
def test_a_copy_that_fails_costs_no_row(sample: Sample, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    fails, safe = COPIES[how]
    monkeypatch.setattr("kg.validation.beside.LARGE", 1)
    monkeypatch.setattr("kg.validation.beside.is_safe", lambda: safe)
    here, run = os.getpid(), checks.run

    def stopping(*given: Any, **named: Any) -> Any:
        if fails and os.getpid() != here:
            raise QueryError("a.rq", "stops", "go on")
        return run(*given, **named)

    monkeypatch.setattr("kg.validation.checks.run", stopping)
    store = sample.changed(*WRONG)
    expected = list(run(store))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # this process may have threads, the copy starts none
        with beside.running(store, 2) as rows:
            assert rows() == expected != []
        with pytest.raises(GraphError), beside.running(store, 2):
            raise GraphError("a", "b", "c")  # nobody waits for the copy then


def test_a_malformed_query_is_named_by_whoever_runs_it(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.validation.beside.LARGE", 1)
    bad = checks.Check("bad", "a", "b", "violation", "c", ("node",), "SELECT ?node {")
    with pytest.raises(QueryError, match=r"^bad.rq: not SPARQL"):
        check(sample.store(), queries=(bad,))


# ----------------------------------------------------------------------------------------------------- who judged


def test_a_report_says_who_judged_and_how_much_each_shape_looked_at(sample: Sample) -> None:
    reports = {name: check(sample.store(), sample.texts, validator=name) for name in ("fast", "pyshacl", "both")}
    for name, report in reports.items():
        assert (report.validator, report.reason, report.findings) == (name, "", ())
        assert [looked.shape for looked in report.judged] == shapes.names(shapes.packaged())
    assert len({report.judged for report in reports.values()}) == 1
    seen = {looked.shape.removeprefix(terms.BASE): looked.focus_nodes for looked in reports["fast"].judged}
    assert seen["shapes/fact-polarity"] == len(sample.facts) and seen["shapes/is-medicine"] == 0
    with pytest.raises(GraphError, match=r"^quick: no such validator"):
        check(sample.store(), validator="quick")
