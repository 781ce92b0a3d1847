"""Derived facts in the graph: written, loaded and read back, kept apart from what is said, and judged by `check`."""

# ruff: noqa: E501 - an update is read best on one line

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg import assembly, building, derivation, resources, vocabulary
from kg.derivation import encode as encoding
from kg.graph import decode, encode, terms, turtle, written
from kg.graph import store as stores
from kg.records import Concept, Derived, Entity, Fact
from kg.validation import VIOLATION, WARNING, Finding, check
from kg.validation import data as judged
from kg.validation import derived as derivations
from tests import derived as lines

Triple = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]

ROOT = Path(__file__).resolve().parents[1]
PREFIXES = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in terms.PREFIXES.items())
SAID = (
    "lorazepam | drug_class: benzodiazepine",
    "lorazepam | pharmacokinetics: hepatic metabolism",
    "lorazepam | contraindication: cirrhosis",
    "lorazepam | adverse_effect: respiratory depression; population=people of one village",
    "lorazepam | advice: keep it dry",
    "benzodiazepine | adverse_effect: drowsiness @ lorazepam.txt",
    "benzodiazepine | caution: old damage < liver disease; level=monitor @ lorazepam.txt",
)


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    return lines.facts(*SAID)


@pytest.fixture(scope="module")
def found(facts: list[Fact]) -> tuple[Derived, ...]:
    return derivation.derive(facts)


def filled(facts: list[Fact], found: tuple[Derived, ...]) -> ox.Store:
    sources = [
        encode.Source(name, name, "text", "0" * 64, 10**9) for name in sorted({d for f in facts for d in f.documents})
    ]
    return stores.from_quads([*encode.quads(facts, sources), *encoding.quads(found)])


@pytest.fixture(scope="module")
def store(facts: list[Fact], found: tuple[Derived, ...]) -> ox.Store:
    return filled(facts, found)


# ---------------------------------------------------------------------------------------------------- there and back


def test_derived_facts_are_read_back_as_they_were(store: ox.Store, found: tuple[Derived, ...]) -> None:
    assert derivation.read(store) == found
    assert {one.rule for one in found} == {
        "class-to-member",
        "cleared-by-the-liver",
        "alertness",
        "adds-up",
        "breathing",
    }
    assert any(one.links for one in found)
    assert any(one.outranked_by for one in found)
    assert any(one.qualifiers.get("population") for one in found)


def test_reading_asks_for_a_drug_an_object_or_both(store: ox.Store, found: tuple[Derived, ...]) -> None:
    lorazepam, driving = lines.entity("lorazepam").iri, lines.entity("driving").iri
    assert {one.iri for one in derivation.read(store, lorazepam)} == {
        one.iri for one in found if one.subject.label == "lorazepam"
    }
    both = derivation.read(store, subject=lorazepam, object=driving)
    assert {one.object.label for one in both} == {"driving"}
    assert {one.object.label for one in derivation.read(store, object=driving)} == {"driving"}
    assert derivation.read(store, terms.CONCEPT + "nothing") == ()


def test_nobody_takes_a_derived_fact_for_a_stated_one(store: ox.Store, facts: list[Fact]) -> None:
    assert {fact.iri for fact in decode.facts(store)} == {fact.iri for fact in facts}
    said = {terms.DRUGS + name for name in ("subject", "object", "evidence", "polarity")}
    types = set()
    for quad in store.quads_for_pattern(None, None, None, stores.DERIVED):
        assert isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.object, ox.BlankNode)
        assert quad.subject.value.startswith((terms.DERIVED, terms.DERIVATION, terms.LINK))  # no short edges
        assert quad.predicate.value not in said
        if quad.predicate.value == terms.RDF_TYPE:
            assert isinstance(quad.object, ox.NamedNode)
            types.add(quad.object.value.removeprefix(terms.DRUGS))
    assert types == {"DerivedFact", "DerivationRule", "VocabularyStep"}


def test_names_come_of_content_and_not_of_what_it_rests_on(found: tuple[Derived, ...]) -> None:
    more = derivation.derive(
        lines.facts(*SAID, "lorazepam | adverse_effect: hypercapnia; population=people of one village")
    )
    named = {one.iri: one for one in more}
    assert {one.iri for one in found} <= named.keys()
    assert len({one.iri for one in more}) == len(more)
    assert any(len(named[one.iri].facts) > len(one.facts) for one in found)


# ------------------------------------------------------------------------------------------- folders, builds, exports

PAGE = """# Inventine

Inventine is metabolized by the liver.

## Side effects

Inventine may cause drowsiness.
"""


def test_a_build_derives_writes_and_loads_the_same(tmp_path: Path) -> None:
    page = tmp_path / "inventine.md"
    page.write_text(PAGE, encoding="utf-8")
    result = building.build(page, drug="inventine")
    assert result.derived
    folder = tmp_path / "my.kg"
    building.write_facts(result, folder, with_texts=True)
    written = (folder / stores.DERIVED_FILE).read_bytes()
    assert written == turtle.write(encoding.triples(reversed(result.derived)), building.COMMENT)
    opened = kg.open(folder)
    assert [one.iri for one in derivation.read(opened.store)] == [one.iri for one in result.derived]
    memory = kg.build(page, drug="inventine")
    assert [one.iri for one in derivation.read(memory.store)] == [one.iri for one in result.derived]
    assert check(folder).findings == ()


def test_a_build_that_derives_nothing_leaves_no_old_file(tmp_path: Path) -> None:
    page, folder = tmp_path / "inventine.md", tmp_path / "my.kg"
    for text, is_there in ((PAGE, True), ("# Inventine\n\nInventine may cause a cough.\n", False)):
        page.write_text(text, encoding="utf-8")
        building.write_facts(building.build(page, drug="inventine"), folder, with_texts=False)
        assert (folder / stores.DERIVED_FILE).is_file() is is_there


def test_the_facts_of_the_package_have_what_follows_from_them() -> None:
    graph = kg.load()
    given = derivation.derive(graph.facts())
    assert given
    assert [one.iri for one in derivation.read(graph.store)] == [one.iri for one in given]
    assert resources.folder("facts").joinpath(stores.DERIVED_FILE).is_file()


@pytest.mark.parametrize("format_", ["nq", "trig", "jsonld"])
def test_exports_that_know_graphs_keep_derived_facts_in_theirs(format_: str, tmp_path: Path) -> None:
    graph = kg.load()
    path = tmp_path / f"out.{format_}"
    graph.export(path)
    again = kg.open(path)
    assert derivation.read(again.store) == derivation.read(graph.store)
    assert any(again.store.quads_for_pattern(None, None, None, stores.DERIVED))
    assert check(path).findings == ()


def test_a_plain_file_of_triples_has_them_too_and_a_table_of_facts_has_not(tmp_path: Path) -> None:
    graph = kg.load()
    graph.export(tmp_path / "out.ttl")
    assert derivation.read(kg.open(tmp_path / "out.ttl").store) == derivation.read(graph.store)
    graph.export(tmp_path / "out.csv")
    assert "derived" not in (tmp_path / "out.csv").read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------------------------------- check


def findings(store: ox.Store) -> list[Finding]:
    data = judged.read(store)
    return list(derivations.check(data, judged.fact_nodes(data)))


def changed(facts: list[Fact], found: tuple[Derived, ...], update: str) -> ox.Store:
    """Return a store with an update applied to all that it holds, graphs aside."""
    store = filled(facts, found)
    for graph in list(store.named_graphs()):
        store.remove_graph(graph)
    store.update(PREFIXES + update)
    return store


def test_what_the_rules_give_has_no_findings(store: ox.Store) -> None:
    assert findings(store) == []


def test_a_graph_of_stated_facts_alone_is_said_to_be_one(facts: list[Fact], found: tuple[Derived, ...]) -> None:
    (finding,) = findings(filled(facts, ()))
    assert finding.severity == WARNING
    assert finding.problem == f"{len(found)} derived facts are missing: the graph has none."


def test_concepts_of_other_vocabularies_are_read_from_the_graph() -> None:
    odd = Entity("odd tiredness", terms.LOCAL + "odd-tiredness")
    drowsiness = lines.entity("drowsiness").iri
    made = [replace(one, object=odd) for one in (lines.statement("adverse_effect: drowsiness"),)]
    concept = Concept(odd.iri or "", odd.label, (), frozenset({"Condition"}), (drowsiness or "",))
    known = vocabulary.load()
    wider = vocabulary.Vocabulary({**known.concepts, concept.iri: concept}, known.by_label)
    facts = assembly.assemble(made, wider)
    found = derivation.derive(facts, wider)
    assert {one.object.label for one in found} >= {"driving", "operating machinery"}
    store = filled(facts, found)
    assert [f for f in findings(store) if "follow" in f.problem]  # nobody says what it is
    node = ox.NamedNode(concept.iri)
    for predicate, value in (
        (terms.RDF_TYPE, ox.NamedNode(terms.SKOS + "Concept")),
        (terms.RDF_TYPE, ox.NamedNode(terms.DRUGS + "Condition")),
        (terms.SKOS + "prefLabel", ox.Literal(odd.label, language="en")),
        (terms.SKOS + "broader", ox.NamedNode(drowsiness or "")),
    ):
        store.add(ox.Quad(node, ox.NamedNode(predicate), value, ox.DefaultGraph()))
    assert findings(store) == []
    assert derivation.read(store)[0].links[0].narrower == odd


def mutants(found: tuple[Derived, ...]) -> Iterator[tuple[str, Triple, Triple | None]]:
    """Spoil each triple of the derived graph: dropped, misdirected, retyped, left dangling."""
    for triple in sorted(set(encoding.triples(found)), key=str):
        subject, predicate, value = triple
        yield "drop", triple, None
        if isinstance(value, ox.Literal):
            yield "misdirect", triple, (subject, predicate, ox.Literal(value.value + "x", language=value.language))
            yield "retype", triple, (subject, predicate, ox.Literal(value.value))
        else:
            yield "dangle", triple, (subject, predicate, ox.NamedNode(value.value + "-nowhere"))
            yield "misdirect", triple, (subject, predicate, ox.NamedNode(terms.CONCEPT + "clonazepam"))


def test_every_mutant_is_found_and_says_where_by_which_rule_and_what_to_do(
    store: ox.Store, found: tuple[Derived, ...]
) -> None:
    data = judged.read(store)
    given = derivations.expected(data, judged.fact_nodes(data))
    assert list(derivations.compare(data, given)) == []
    count = 0
    for operation, (subject, predicate, value), instead in mutants(found):
        said = {
            p: tuple(v for v in values if (p, v) != (predicate.value, written.of(value)))
            for p, values in data.about[subject.value].items()
        }
        said = {p: values for p, values in said.items() if values}
        if instead:
            said[predicate.value] = (*said.get(predicate.value, ()), written.of(instead[2]))
        spoilt = replace(data, about={**data.about, subject.value: said})
        about = [finding for finding in derivations.compare(spoilt, given) if finding.where == subject.value]
        assert about, f"{operation} {subject} {predicate} {value}"
        for finding in about:
            assert finding.severity == VIOLATION and finding.remedy.endswith(".")
            if subject.value.startswith(terms.DERIVED):
                assert finding.fact.count(" - ") == 2 and "rule " in finding.value
        count += 1
    assert count > 100


UPDATES = (
    # what is done, what is found, whether something is found at all
    ("DELETE { ?d ?p ?o } WHERE { ?d drugs:derivedBy derivation:cleared-by-the-liver ; ?p ?o }", "is missing"),
    (
        "INSERT DATA { derived:0 a drugs:DerivedFact ; drugs:derivedKind drugs:Caution ; drugs:derivedSubject concept:lorazepam ;"
        " drugs:derivedObject concept:glaucoma ; drugs:derivedBy derivation:alertness }",
        "does not follow from the facts of the graph",
    ),
    (
        "DELETE { ?f drugs:polarity polarity:affirmed } INSERT { ?f drugs:polarity polarity:denied }"
        " WHERE { ?f a drugs:Pharmacokinetics }",
        "does not follow from the facts of the graph",
    ),
    ("DELETE { ?d drugs:level level:caution } INSERT { ?d drugs:level level:avoid } WHERE { ?d a drugs:DerivedFact }", "more than"),
    ("DELETE { ?d drugs:outrankedBy ?f } WHERE { ?d drugs:outrankedBy ?f }", "lacks what its rule gives"),
)  # fmt: skip


@pytest.mark.parametrize(("update", "problem"), UPDATES)
def test_check_finds_what_differs(update: str, problem: str, facts: list[Fact], found: tuple[Derived, ...]) -> None:
    problems = [finding.problem for finding in findings(changed(facts, found, update))]
    assert any(problem in one for one in problems), problems


SHAPED = (
    ("INSERT { ?d drugs:subject concept:lorazepam } WHERE { ?d a drugs:DerivedFact }", "DerivedFact"),
    ("INSERT { ?d a drugs:Caution } WHERE { ?d a drugs:DerivedFact }", "derived-type"),
    ("DELETE { ?d drugs:derivedKind ?k } WHERE { ?d drugs:derivedKind ?k }", "derived-kind"),
    ("INSERT { ?d drugs:derivedSubject concept:driving } WHERE { ?d a drugs:DerivedFact }", "derived-subject"),
    ("DELETE { ?d drugs:derivedObject ?o } WHERE { ?d drugs:derivedObject ?o }", "derived-object"),
    ("INSERT { ?d drugs:derivedBy concept:driving } WHERE { ?d a drugs:DerivedFact }", "derived-by"),
    ("DELETE { ?d drugs:because ?w } WHERE { ?d drugs:because ?w }", "derived-because"),
    ("DELETE { ?d prov:wasDerivedFrom ?f } WHERE { ?d prov:wasDerivedFrom ?f }", "derived-from"),
    ("INSERT { ?d prov:wasDerivedFrom concept:driving } WHERE { ?d a drugs:DerivedFact }", "derived-from"),
    ("INSERT { ?d drugs:derivedThrough concept:driving } WHERE { ?d a drugs:DerivedFact }", "derived-through"),
    ("INSERT { ?d drugs:outrankedBy concept:driving } WHERE { ?d a drugs:DerivedFact }", "derived-outranked"),
    ("DELETE { ?l a drugs:VocabularyStep } WHERE { ?l a drugs:VocabularyStep }", "VocabularyStep"),
    ("DELETE { ?l drugs:stepFrom ?x } WHERE { ?l drugs:stepFrom ?x }", "step-from"),
    ("DELETE { ?l drugs:stepTo ?x } WHERE { ?l drugs:stepTo ?x }", "step-to"),
    ("DELETE { ?r a drugs:DerivationRule } WHERE { ?r a drugs:DerivationRule }", "DerivationRule"),
    ("DELETE { ?r rdfs:label ?t } WHERE { ?r a drugs:DerivationRule ; rdfs:label ?t }", "rule-label"),
)  # fmt: skip


@pytest.fixture(scope="module")
def few(facts: list[Fact]) -> tuple[list[Fact], tuple[Derived, ...]]:
    """Fewer facts, for shapes to judge quickly."""
    some = [fact for fact in facts if fact.subject.label == "benzodiazepine" or fact.kind == "drug_class"]
    return some, derivation.derive(some)


def test_shapes_have_nothing_against_derived_facts(few: tuple[list[Fact], tuple[Derived, ...]]) -> None:
    assert {f.source for f in check(filled(*few)).findings if "/shapes/" in f.source} == set()


@pytest.mark.parametrize(("update", "shape"), SHAPED, ids=[shape for _, shape in SHAPED])
def test_each_shape_finds_what_it_is_for(update: str, shape: str, few: tuple[list[Fact], tuple[Derived, ...]]) -> None:
    report = check(changed(*few, update))
    assert f"https://w3id.org/drug-facts/shapes/{shape}" in {finding.source for finding in report.findings}
    assert not report.ok


@pytest.mark.parametrize(
    "update",
    [
        "INSERT { GRAPH <https://w3id.org/drug-facts/graph/a.txt> { ?d a drugs:DerivedFact } } WHERE { ?d a drugs:DerivedFact }",
        "INSERT { GRAPH graph:derived { ?f drugs:subject ?s } } WHERE { ?f drugs:subject ?s }",
    ],
)
def test_what_is_said_and_what_follows_stay_in_their_graphs(
    update: str, few: tuple[list[Fact], tuple[Derived, ...]]
) -> None:
    store = filled(*few)
    name = "checks/derived_in_another_graph"
    assert name not in {finding.source for finding in check(store).findings}
    store.update(PREFIXES + update)
    assert name in {finding.source for finding in check(store).findings}


def test_deleting_what_follows_from_a_folder_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    shutil.copytree(resources.folder("facts"), folder)
    assert check(folder).findings == ()
    (folder / stores.DERIVED_FILE).unlink()
    found = check(folder).findings
    assert [finding.severity for finding in found if finding.source != "dataset"] == [WARNING]
    # What the folder says of itself no longer fits, which is wrong; without that, facts alone are right.
    assert "The description of the data set has a wrong count." in {f.problem for f in found if f.severity == VIOLATION}
    (folder / stores.DATASET_FILE).unlink()
    assert [finding.severity for finding in check(folder).findings] == [WARNING]
