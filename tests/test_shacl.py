"""SHACL Core: every construct that the shapes use is judged as the specification asks, by both validators alike.

The cases are in `tests/shacl`, in the form of the W3C's test suite: shapes and data in one file, with the results that
the specification asks for. Then thousands of spoilt graphs are judged by both validators, pyshacl being the reference.
"""

# ruff: noqa: E501 - shapes are read best on one line

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg import resources
from kg.errors import GraphError
from kg.graph import terms, written
from kg.validation import compiled, judging, shapes
from kg.validation.compiled import RefusedError
from kg.validation.data import Data, Said, read
from kg.validation.judging import Verdict

CASES = sorted((Path(__file__).parent / "shacl").glob("*.ttl"))
SH = terms.SHACL
PREFIXES = f"@prefix sh: <{SH}> . @prefix ex: <http://example.org/shacl/> . @prefix xsd: <{terms.XSD}> . "
PREFIXES += f"@prefix rdf: <{terms.RDF}> . @prefix rdfs: <{terms.RDFS}> . "

Row = tuple[str, str, str, str, str, str]


def said(text: str) -> dict[str, Said]:
    """Read Turtle as it is written: a store would change the types of numbers."""
    found: dict[str, Said] = {}
    for triple in ox.parse(text, ox.RdfFormat.TURTLE, base_iri="http://example.org/case"):
        about = found.setdefault(written.of(triple.subject), {})
        about[triple.predicate.value] = (*about.get(triple.predicate.value, ()), written.of(triple.object))
    return found


def data_of(about: dict[str, Said]) -> Data:
    nameless = {name: values for name, values in about.items() if written.is_blank(name)}
    return Data(ox.Store(), {name: values for name, values in about.items() if name not in nameless}, nameless)


def shapes_of(text: str) -> rdflib.Graph:
    graph = rdflib.Graph(bind_namespaces="none")
    return graph.parse(data=PREFIXES + text, format="turtle")


def split(about: dict[str, Said]) -> tuple[rdflib.Graph, dict[str, Said], list[Said]]:
    """Tell the shapes of a case from its data and from the results that it asks for."""
    rules, data, results = list[str](), dict[str, Said](), list[Said]()
    manifest = {SH + "ValidationResult", SH + "ValidationReport"}
    for subject, values in about.items():
        kinds = set(values.get(terms.RDF_TYPE, ()))
        if kinds & {SH + "NodeShape", SH + "PropertyShape"} or (
            terms.RDF + "first" in values and not written.is_blank(subject)
        ):
            for predicate, objects in values.items():
                terms_of = (value if written.is_literal(value) else f"<{value}>" for value in objects)
                rules += [f"<{subject}> <{predicate}> {term} ." for term in terms_of]
        elif SH + "ValidationResult" in kinds:
            results.append(values)
        elif not kinds & manifest and not any("/test-manifest#" in p or "shacl-test#" in p for p in values):
            data[subject] = {p: v for p, v in values.items() if p not in (terms.RDF + "first", terms.RDF + "rest")}
    graph = rdflib.Graph(bind_namespaces="none").parse(data="\n".join(rules), format="nt")
    return graph, {subject: values for subject, values in data.items() if values}, results


def rows(verdict: Verdict) -> set[Row]:
    return {(r.node, r.path, r.value, r.component, r.shape, r.severity) for r in verdict.judged.results}


def asked(result: Said) -> Row:
    names = ("focusNode", "resultPath", "value", "sourceConstraintComponent", "sourceShape")
    focus, path, value, component, shape = ("".join(result.get(SH + name, ())) for name in names)
    return focus, path, value, component, shape, compiled.SEVERITIES[result[SH + "resultSeverity"][0]]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("validator", ["fast", "pyshacl"])
def test_the_results_are_those_of_the_specification(path: Path, validator: str) -> None:
    rules, about, results = split(said(path.read_text("utf-8")))
    verdict = judging.judge(data_of(about), rules, validator, own=False)
    assert (verdict.validator, verdict.reason) == (validator, "")
    assert rows(verdict) == set(map(asked, results)) != set()
    assert len(rows(verdict)) == len(results)
    good = verdict.judged.focus - {result.node for result in verdict.judged.results}
    assert good, "a case has something that is right, too"


def test_every_construct_of_the_shapes_has_a_case() -> None:
    used: set[str] = set()
    for path in resources.files("ontology", "shapes/*.ttl"):
        about = said(path.read_text("utf-8"))
        used |= {p for values in about.values() for p in values if p.startswith(SH)}
    cases = "\n".join(path.read_text("utf-8") for path in CASES)
    tried = {SH + name for name in re.findall(r"sh:(\w+)", cases)}
    assert used <= tried


REFUSED = {
    "sh:property": "ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:message 'x' ; sh:property ex:p . "
    "ex:p a sh:PropertyShape ; sh:path ex:q ; sh:minCount 1 ; sh:message 'x' .",
    "sh:targetNode": "ex:s a sh:NodeShape ; sh:targetNode ex:a ; sh:nodeKind sh:Literal ; sh:message 'x' .",
    "sh:node": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:q ; sh:node ex:n ; sh:message 'x' . "
    "ex:n a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:message 'x' .",
    "sh:hasValue": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:q ; sh:hasValue 9 ; sh:message 'x' .",
    "sh:uniqueLang": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:q ; sh:uniqueLang true ; sh:message 'x' .",
    "sh:flags": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:q ; sh:pattern 'X' ; sh:flags 'i' ; sh:message 'x' .",
    "sh:deactivated": "ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:class ex:D ; sh:deactivated false ; sh:message 'x' .",
    "a longer path": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path [ sh:inversePath ex:q ] ; sh:minCount 1 ; sh:message 'x' .",
    "another datatype": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:q ; sh:datatype xsd:date ; sh:message 'x' .",
    "a decimal limit": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:q ; sh:minInclusive 1.5 ; sh:message 'x' .",
    "a list of literals": "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:q ; sh:in ex:l ; sh:message 'x' . "
    "ex:l rdf:first 5 ; rdf:rest rdf:nil .",
    "no message": "ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:class ex:D .",
    "a class that is a shape": "ex:C a sh:NodeShape, rdfs:Class ; sh:class ex:D ; sh:message 'x' .",
    "a property of another vocabulary": "ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:class ex:D ; sh:message 'x' ; ex:own 1 .",
    "sh:closed false": "ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:closed false ; sh:message 'x' .",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_the_fast_validator_does_not_know_is_judged_by_the_reference(text: str) -> None:
    data = data_of(said(PREFIXES + "ex:a a ex:C ; ex:q 5, 'x' . "))
    with pytest.raises(RefusedError):
        compiled.compiled(shapes_of(text))
    verdict = judging.judge(data, shapes_of(text), own=False)
    assert verdict.validator == "pyshacl" and verdict.reason.startswith("the fast one does not judge ")
    other = judging.judge(data, shapes_of(text), "pyshacl", own=False)
    pathless = [{(node, *rest) for node, _, *rest in rows(found)} for found in (verdict, other)]
    assert pathless[0] == pathless[1]  # a longer path is a blank node, which has another name in each report


@pytest.mark.parametrize("values", ["ex:p _:b ; ex:q 5", "ex:p 5 ; ex:q _:b"])
def test_what_the_reference_cannot_compare_is_not_less(values: str) -> None:
    text = "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ; sh:lessThan ex:q ; sh:message 'x' ."
    data = data_of(said(f"{PREFIXES} ex:a a ex:C ; {values} . ex:b a ex:C ; ex:p 1 ; ex:q 2 ."))
    verdict = judging.judge(data, shapes_of(text), own=False)
    assert [result.node for result in verdict.judged.results] == ["http://example.org/shacl/a"]
    with pytest.raises(GraphError, match=r"^shapes: not well-formed"):
        judging.judge(data, shapes_of(text), "both", own=False)


RUN_CODE = (
    'sh:sparql ex:q . ex:q sh:select "SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"',
    'sh:js ex:j . ex:j sh:jsFunctionName "f" ; sh:jsLibrary ex:l . ex:l sh:jsLibraryURL "http://127.0.0.1:9/f.js"',
    'sh:rule ex:r . ex:r a sh:SPARQLRule ; sh:construct "CONSTRUCT { $this a ex:D } FROM <file:///etc/hosts> WHERE { }"',
    'sh:target ex:t . ex:t a sh:SPARQLTarget ; sh:select "SELECT ?this WHERE { GRAPH ?g { ?this ?p ?o } }"',
)


@pytest.mark.parametrize("validator", judging.VALIDATORS)
@pytest.mark.parametrize("more", RUN_CODE)
def test_no_validator_runs_code_of_shapes(more: str, validator: str) -> None:
    """S7: shapes with scripts, rules or SPARQL are named and refused, before anybody looks at the data."""
    text = f"ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:message 'x' ; {more} ."
    with pytest.raises(GraphError, match=r"^shapes: sh:\w+ is more than SHACL Core"):
        judging.judge(data_of(said(PREFIXES + "ex:a a ex:C .")), shapes_of(text), validator, own=False)


@pytest.mark.parametrize("validator", judging.VALIDATORS)
def test_no_validator_follows_imports(validator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """S7: an import in shapes or data is a triple, and nobody asks the network for more."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    imports = f"<http://example.org/> <{terms.OWL}imports> <http://127.0.0.1:9/more> ."
    text = f"{imports} ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:Literal ; sh:message 'x' ."
    data = data_of(said(f"{PREFIXES} ex:a a ex:C . {imports}"))
    assert len(rows(judging.judge(data, shapes_of(text), validator, own=False))) == 1


@pytest.mark.parametrize("value", ["<<( ex:a ex:b 'c' )>>", "'x'@ar--rtl"])
def test_what_is_newer_than_the_reference_is_left_to_it(value: str) -> None:
    text = "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ; sh:nodeKind sh:IRI ; sh:message 'x' ."
    about = said(f"{PREFIXES} ex:a a ex:C ; ex:p {value} .")
    store = ox.Store()
    store.load(f"{PREFIXES} ex:a a ex:C ; ex:p {value} .", ox.RdfFormat.TURTLE)
    for data in (data_of(about), read(store)):
        verdict = judging.judge(data, shapes_of(text), own=False)
        assert (verdict.validator, len(verdict.judged.results)) == ("pyshacl", 1)


def test_a_difference_is_a_finding_and_the_reference_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    data = data_of(said(PREFIXES + "ex:a a ex:C . ex:b a ex:C ; ex:p 1 ."))
    text = "ex:s a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ; sh:minCount 1 ; sh:message 'Give it. Now.' ."
    same = judging.judge(data, shapes_of(text), "both", own=False)
    assert (same.validator, same.differences, len(same.judged.results)) == ("both", (), 1)
    monkeypatch.setattr("kg.validation.fast._focus", lambda *_: {"http://example.org/shacl/b", "http://example.org/x"})
    other = judging.judge(data, shapes_of(text), "both", own=False)
    assert other.judged == same.judged
    said_of = sorted(finding.value for finding in other.differences)
    assert [value.split(":")[0] for value in said_of] == ["only the fast one", "only the reference"]
    assert {finding.severity for finding in other.differences} == {"violation"}
    monkeypatch.setattr("kg.validation.fast._focus", lambda *_: {"http://example.org/shacl/a"})
    fewer = judging.judge(data, shapes_of(text), "both", own=False)
    assert [finding.value for finding in fewer.differences] == ["1 focus nodes, and 2 of the reference"]


# ------------------------------------------------------------------------------------------------- hostile values

HOSTILE = (
    ("a very long text", "'" + "a" * 40_000 + "!'"),
    ("S13", "'1E+200000000'^^xsd:decimal"),
    ("S13", "'" + "9" * 5_000 + "'^^xsd:integer"),
    ("S13", "'" + "9" * 5_000 + "'^^xsd:nonNegativeInteger"),
    ("S13", "'1e400'^^xsd:double"),
    ("S13", "'12.0'^^xsd:decimal"),
    ("S13", "'many'^^xsd:integer"),
    ("S13", "'+3'^^xsd:nonNegativeInteger"),
    ("S13", "'-3'^^xsd:nonNegativeInteger"),
    ("S13", "'3'^^xsd:unsignedInt"),
    ("S13", "'3'^^ex:own"),
    ("S13", "'2024-02-30'^^xsd:date"),
    ("control characters", "'\\u001C\\u001D'"),
    ("a last line break", "'" + "a" * 64 + "\\n'"),
    ("digits of other scripts", "'\\u0663'^^xsd:integer"),
    ("a blank of another width", "'\\u00A0\\u2003'"),
    ("no width at all", "'\\u200B'"),
    ("an empty text", "''"),
    ("a language", "'x'@en-GB"),
    ("a blank node", "_:x"),
    ("itself", "ex:a"),
)
LIMITS = """
ex:text a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:datatype xsd:string ; sh:maxLength 100 ; sh:message "x" .
ex:words a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:datatype rdf:langString ; sh:minLength 1 ; sh:message "x" .
ex:whole a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:datatype xsd:integer ; sh:minInclusive 0 ; sh:message "x" .
ex:count a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:datatype xsd:nonNegativeInteger ; sh:minInclusive 4 ; sh:message "x" .
ex:filled a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:pattern "\\\\S" ; sh:message "x" .
ex:hash a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:pattern "^[0-9a-f]{64}$" ; sh:message "x" .
ex:named a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:nodeKind sh:IRI ; sh:class ex:C ; sh:message "x" .
ex:focus a sh:NodeShape ; sh:targetObjectsOf ex:v ; sh:closed true ; sh:message "x" .
"""


@pytest.mark.parametrize("value", [value for _, value in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_both_judge_hostile_values_alike_and_without_noise(value: str, caplog: pytest.LogCaptureFixture) -> None:
    data = data_of(said(f"{PREFIXES} ex:a a ex:C ; ex:v {value} ; ex:w 5 ."))
    verdict = judging.judge(data, shapes_of(LIMITS), "both", own=False)
    assert (verdict.validator, verdict.differences) == ("both", ())
    assert verdict.judged.results
    assert caplog.records == []


@pytest.mark.parametrize("value", [v for name, v in HOSTILE if name != "a blank node"])
@pytest.mark.parametrize("other", ["5", "'5'", "ex:b", "'x'@en", "'5'^^xsd:date"])
def test_both_compare_alike(value: str, other: str) -> None:
    text = "ex:s a sh:PropertyShape ; sh:targetSubjectsOf ex:v ; sh:path ex:v ; sh:lessThan ex:w ; sh:disjoint ex:w ; sh:message 'x' ."
    data = data_of(said(f"{PREFIXES} ex:a ex:v {value} ; ex:w {other} . ex:b ex:v {other} ; ex:w {value} ."))
    verdict = judging.judge(data, shapes_of(text), "both", own=False)
    assert (verdict.validator, verdict.differences) == ("both", ())


def test_many_blank_nodes_that_look_alike_are_judged_at_once() -> None:
    """S14: blank nodes that all know each other are what makes naming them take for ever; nobody names them.

    The reference writes each of them out in its report, which takes it long for nine.
    """
    for size, validator in ((9, "fast"), (3, "both")):
        clique = " ".join(f"_:n{i} ex:v _:n{j} ." for i in range(size) for j in range(size) if i != j)
        verdict = judging.judge(data_of(said(PREFIXES + clique)), shapes_of(LIMITS), validator, own=False)
        assert (verdict.validator, verdict.differences) == (validator, ())
        assert len(verdict.judged.results) > size * (size - 1)


@pytest.mark.slow
def test_threads_give_what_one_gives_after_the_other() -> None:
    """S20: eight threads, two hundred validations."""
    about = [said(PREFIXES + f"ex:a ex:v {value} ; ex:w 5 .") for _, value in HOSTILE]
    rules = shapes_of(LIMITS)

    def judged(number: int) -> set[Row]:
        return rows(judging.judge(data_of(about[number % len(about)]), rules, own=False))

    serial = [judged(number) for number in range(len(about))]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(judged, range(200)))
    assert found == [serial[number % len(about)] for number in range(200)]


def test_the_shapes_of_the_package_are_known_to_the_fast_validator() -> None:
    rules = compiled.compiled(shapes.packaged())
    assert [shape.iri for shape in rules] == shapes.names(shapes.packaged())
