"""Ontology, shapes and vocabulary: complete, consistent, canonical, linked to public vocabularies only by matches."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SKOS, XSD, URIRef

from kg import resources, vocabulary
from kg.errors import OntologyError
from kg.graph import terms, written
from kg.records import Concept
from kg.validation import converted, data
from kg.validation import shapes as door
from kg.vocabulary import format as formatting
from kg.vocabulary import lexicon, prepared, schema

ONTOLOGY = resources.folder("ontology")
CONCEPTS = sorted((ONTOLOGY / "concepts").glob("*.ttl"))
SHAPES = sorted((ONTOLOGY / "shapes").glob("*.ttl"))
DRUGS, SH = rdflib.Namespace(terms.DRUGS), rdflib.Namespace(terms.SHACL)
MATCHES = [SKOS[f"{name}Match"] for name in ("exact", "close", "broad", "narrow", "related")]
KINDS = {
    *("brand_name", "drug_class", "mechanism", "pharmacologic_effect", "indication", "adverse_effect", "dosage"),
    *("withdrawal_effect", "contraindication", "caution", "interaction", "pharmacokinetics", "pregnancy_category"),
    *("alternative", "advice"),
}
SCALE = ("contraindicated", "avoid", "not_recommended", "caution", "monitor", "adjust_dose", "no_data", "stated_safe")
LISTS = ("drugs", "level", "polarity", "frequency", "severity", "use", "approval", "stage", "topic", "category")
OF_EVERY_FACT = {RDF.type, DRUGS.subject, DRUGS.object, DRUGS.polarity, DRUGS.evidence}
IDENTIFIERS = {
    "atc": r"[ABCDGHJLMNPRSV]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?",
    "mesh": r"D([0-9]{6}|[0-9]{9})",
    "mondo": r"[0-9]{7}",
    "hp": r"[0-9]{7}",
    "chebi": r"[1-9][0-9]{0,6}",
    "drugbank": r"DB[0-9]{5}",
    "rxnorm": r"[1-9][0-9]{0,7}",
    "unii": r"[0-9A-Z]{10}",
}
IDENTIFIED = {"drugs": "atc drugbank unii", "classes": "atc", "conditions": "mondo hp mesh"}


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    return _parse(ONTOLOGY / "drugs.ttl")


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return door.packaged()


@pytest.fixture(scope="module")
def concepts() -> dict[str, Concept]:
    return dict(vocabulary.load().concepts)


def _parse(path: Path) -> rdflib.Graph:
    return rdflib.Graph(bind_namespaces="none").parse(data=path.read_bytes(), format="turtle")


@functools.cache
def _triples(path: Path) -> list[ox.Triple]:
    """The triples of a file of concepts; rdflib would take seconds for all of them."""
    return [quad.triple for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)]


def _own(graph: rdflib.Graph) -> list[URIRef]:
    """The terms of the ontology: everything it describes but prefixes, the ontology itself and the cells of lists."""
    skipped = {
        URIRef(terms.DRUGS),
        *graph.subjects(RDF.type, SH.PrefixDeclaration),
        *graph.subjects(RDF.type, RDF.List),
    }
    return sorted({s for s in graph.subjects() if isinstance(s, URIRef) and s not in skipped})


# ---------------------------------------------------------------------------------------------------- the ontology


def test_prefixes_are_declared_once_and_used_everywhere() -> None:
    declared = formatting.declared_prefixes()
    assert {prefix: declared.get(prefix) for prefix in terms.PREFIXES} == terms.PREFIXES
    for path in (ONTOLOGY / "drugs.ttl", *SHAPES, *CONCEPTS):
        for prefix, namespace in re.findall(r"^@prefix\s+(\S+):\s+<(.*)>", path.read_text(encoding="utf-8"), re.M):
            assert declared.get(prefix) == namespace, f"{path.name}: {prefix}"


@pytest.mark.parametrize("about", [RDFS.label, SKOS.definition, SKOS.example])
def test_every_term_says_what_it_is(ontology: rdflib.Graph, about: URIRef) -> None:
    assert [term for term in _own(ontology) if len(list(ontology.objects(term, about))) != 1] == []


def test_nothing_is_blank(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    assert [t for g in (ontology, shapes) for t in g if any(isinstance(node, rdflib.BNode) for node in t)] == []


def test_every_name_that_is_used_exists(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    known = {str(term) for term in _own(ontology)} | {terms.DRUGS}
    used = {str(node) for graph in (ontology, shapes) for triple in graph for node in triple}
    lists = tuple(terms.PREFIXES[prefix] for prefix in LISTS)
    known |= {*lists, terms.DRUGS + "0.1.0"}  # the namespaces themselves, and the ontology's version
    assert sorted(name for name in used if name.startswith(lists) and name not in known) == []
    for path in sorted(resources.folder("queries").rglob("*.rq")):
        text = re.sub(r"#.*|\"[^\"]*\"", "", path.read_text(encoding="utf-8"))
        names = {
            terms.PREFIXES[p] + n for p, n in re.findall(r"\b([a-z]+):([A-Za-z_0-9]+)", text) if p in terms.PREFIXES
        }
        assert {name for name in names if name.startswith(lists)} - known == set(), path.name


def test_the_kinds_are_those_of_statements(ontology: rdflib.Graph) -> None:
    assert set(schema.load().kinds) == KINDS
    for kind in schema.load().kinds.values():
        assert (URIRef(kind.iri), RDFS.subClassOf, DRUGS.Fact) in ontology
        assert (URIRef(kind.short_edge), RDF.type, OWL.ObjectProperty) in ontology


def test_levels_are_one_ordered_scale(ontology: rdflib.Graph) -> None:
    ranked = sorted(schema.load().levels.values(), key=lambda value: -(value.rank or 0))
    assert [value.name for value in ranked] == list(SCALE)
    for collection, first in ontology.subject_objects(SKOS.memberList):
        members = list(ontology.items(first))
        ranks = [int(str(ontology.value(member, DRUGS.rank))) for member in members]
        assert ranks == sorted(set(ranks), reverse=True), collection


def test_others_vocabularies_are_matched_not_equated(ontology: rdflib.Graph) -> None:
    equations = (OWL.sameAs, OWL.equivalentClass, OWL.equivalentProperty)
    assert [t for p in equations for t in ontology.triples((None, p, None))] == []
    ours = {URIRef(terms.DRUGS), *_own(ontology)}
    linked = {
        p
        for s, p, o in ontology
        if s in ours
        and isinstance(o, URIRef)
        and str(o).startswith(("https://schema.org/", "https://w3id.org/biolink/"))
    }
    assert linked <= set(MATCHES)
    assert len(list(itertools.chain.from_iterable(ontology.triples((None, match, None)) for match in MATCHES))) > 40


# ---------------------------------------------------------------------------------------------------- OWL 2 RL

FACT = """
fact:one a drugs:Caution ; drugs:evidence evidence:one .
fact:one drugs:subject concept:clonazepam ; drugs:object concept:glaucoma ; drugs:polarity polarity:affirmed .
evidence:one a drugs:Evidence .
concept:clonazepam a skos:Concept, drugs:Drug .
"""
PLANTED = {
    "a fact that is a document": "fact:one a drugs:Document .",
    "affirmed and denied at once": "fact:one drugs:polarity polarity:denied .",
    "a fact of two kinds": "fact:one a drugs:Advice .",
    "a drug that is a condition": "concept:clonazepam a drugs:Condition .",
    "evidence as an object": "fact:one drugs:object evidence:one . evidence:one a drugs:Evidence .",
}


def _closure(ontology: rdflib.Graph, more: str = "") -> list[object]:
    """Return what the OWL 2 RL closure of the ontology and a fact finds inconsistent."""
    import owlrl

    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in terms.PREFIXES.items())
    graph = rdflib.Graph(bind_namespaces="none").parse(data=prefixes + FACT + more, format="turtle")
    graph += ontology
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, rdfs_closure=False, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)
    found: list[object] = [s for s in graph.subjects(RDF.type, OWL.Nothing) if s != OWL.Nothing]
    found += [o for o in graph.objects() if "inconsistent" in str(o).lower() or "disjoint classes" in str(o).lower()]
    found += [o for p, o in graph.predicate_objects() if "error" in str(p).lower()]
    return found + [(s, o) for s, o in graph.subject_objects(OWL.sameAs) if s != o and isinstance(s, URIRef)]


def test_the_ontology_and_concepts_of_every_type_are_consistent(ontology: rdflib.Graph) -> None:
    chosen = []
    for path in CONCEPTS:
        triples = _triples(path)
        subjects = sorted({str(t.subject) for t in triples})[:2]
        chosen += [f"{t.subject} {t.predicate} {t.object} ." for t in triples if str(t.subject) in subjects]
    assert _closure(ontology, "\n".join(chosen)) == []


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_an_inconsistency_is_found(ontology: rdflib.Graph, planted: str) -> None:
    assert _closure(ontology, planted) != []


# ---------------------------------------------------------------------------------------------------- the shapes


def test_every_shape_has_a_name_a_message_and_a_severity(shapes: rdflib.Graph) -> None:
    for name in door.names(shapes):
        messages = [str(message) for message in shapes.objects(URIRef(name), SH.message)]
        assert name.startswith(terms.BASE + "shapes/"), name
        assert len(messages) == 1 and re.fullmatch(r"[A-Z][^\n]*?\. [A-Z][^\n]*\.", messages[0]), (name, messages)
        assert shapes.value(URIRef(name), SH.severity) in (SH.Violation, SH.Warning), name


def test_every_shape_judges_something(shapes: rdflib.Graph) -> None:
    assert list(door.idle(shapes)) == []


def test_shapes_are_well_formed_core_shapes(shapes: rdflib.Graph) -> None:
    import pyshacl

    used = {str(p) for p in shapes.predicates() if str(p).startswith(terms.SHACL)} | {
        str(o) for o in shapes.objects() if str(o).startswith(terms.SHACL)
    }
    assert [name for name in used if re.search(r"sparql|js|rule|function|expression", name, re.I)] == []
    conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=shapes, meta_shacl=True, inference="none")
    assert conforms, text


def test_closed_shapes_allow_what_the_ontology_allows(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    for kind in schema.load().kinds.values():
        closed = [s for s in shapes.subjects(SH.targetClass, URIRef(kind.iri)) if (s, SH.closed, None) in shapes]
        assert len(closed) == 1, kind.name
        (first,) = shapes.objects(closed[0], SH.ignoredProperties)
        assert set(shapes.items(first)) - OF_EVERY_FACT == set(
            ontology.objects(URIRef(kind.iri), DRUGS.allowsQualifier)
        ), kind.name


def test_the_ontology_satisfies_the_shapes(ontology: rdflib.Graph, shapes: rdflib.Graph) -> None:
    assert door.judge(ontology, shapes) == []


# ---------------------------------------------------------------------------------------------------- the vocabulary


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
def test_concept_files_are_canonical(path: Path) -> None:
    if formatting.canonical(path) != path.read_bytes():
        pytest.fail(f"{path.name} is not canonical; repair it: {formatting.COMMAND}", pytrace=False)


def test_the_vocabulary_that_is_loaded_is_that_of_the_files() -> None:
    if formatting.outdated() is not None:
        pytest.fail(f"{prepared.place().name} is not of the concepts; repair it: {formatting.COMMAND}", pytrace=False)
    loaded, read = vocabulary.load(), vocabulary.read(ONTOLOGY / "concepts")
    assert loaded == read
    assert list(loaded.concepts.items()) == list(read.concepts.items())
    assert loaded.spellings == lexicon.spelled(read)


def test_what_was_prepared_of_other_files_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepared.load() is not None
    monkeypatch.setattr(prepared, "made_of", lambda: "other files")
    assert prepared.load() is None


def test_the_repair_command_repairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.ttl"
    path.write_text(
        "# A comment.\n"
        "@prefix c: <https://w3id.org/drug-facts/concept/> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "c:b skos:prefLabel 'b'@en . c:a skos:altLabel 'z'@en, 'y'@en . <http://example.org/x> a skos:Concept .\n"
    )
    assert formatting.main([str(path)]) == 0
    assert capsys.readouterr().err == "some.ttl: rewritten\n"
    assert path.read_text().startswith("# A comment.\n@prefix concept:")
    assert formatting.canonical(path) == path.read_bytes()
    path.write_text("@prefix : nonsense")
    assert formatting.main([str(path)]) == 2
    assert "not Turtle" in capsys.readouterr().err
    with pytest.raises(OntologyError, match="cannot be read"):
        formatting.canonical(tmp_path / "missing.ttl")


def test_the_vocabulary_satisfies_the_shapes(shapes: rdflib.Graph) -> None:
    about: dict[str, data.Said] = {}
    for triple in (t for path in CONCEPTS for t in _triples(path)):
        said = about.setdefault(written.of(triple.subject), {})
        said[triple.predicate.value] = (*said.get(triple.predicate.value, ()), written.of(triple.object))
    graph = converted.to_rdflib(data.Data(data.packaged(), about))
    assert [(r.node, r.problem, r.value) for r in door.judge(graph, shapes)] == []


def test_labels_are_unique_within_a_type(concepts: dict[str, Concept]) -> None:
    bearers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for concept in concepts.values():
        for label, kind in itertools.product({concept.label, *concept.labels}, concept.types):
            bearers[kind, label.casefold()].add(concept.iri)
    assert {key: iris for key, iris in bearers.items() if len(iris) > 1} == {}


def test_broader_concepts_exist_are_of_the_right_type_and_make_no_circle(
    concepts: dict[str, Concept],
) -> None:
    known = vocabulary.load()
    assert [(c.iri, b) for c in concepts.values() for b in c.broader if b not in concepts] == []
    crossing = [(c, concepts[b]) for c in concepts.values() for b in c.broader if not c.types & concepts[b].types]
    assert [(c.iri, b.iri) for c, b in crossing if not (c.types == {"Drug"} and b.types == {"DrugClass"})] == []
    assert [c.iri for c in concepts.values() if c.iri in known.ancestors(c.iri)] == []


def test_concepts_are_named_after_their_labels(concepts: dict[str, Concept]) -> None:
    def fits(concept: Concept) -> bool:
        name, slug = concept.iri.removeprefix(terms.CONCEPT), vocabulary.slug(concept.label)
        # Where two concepts share a label, the name of one, or its label, tells its type as well.
        return name == slug or name.startswith(f"{slug}-") or slug.startswith(f"{name}-")

    assert [concept.iri for concept in concepts.values() if not fits(concept)] == []


def test_concepts_have_one_type_and_are_in_its_scheme(ontology: rdflib.Graph) -> None:
    scheme = {str(kind): str(found) for kind, found in ontology.subject_objects(DRUGS.conceptScheme)}
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in itertools.chain.from_iterable(map(_triples, CONCEPTS)):
        assert isinstance(triple.subject, ox.NamedNode)
        found[triple.subject.value][triple.predicate.value].append(getattr(triple.object, "value", ""))
    for concept, said in found.items():
        kinds = [kind for kind in said[terms.RDF_TYPE] if kind != str(SKOS.Concept)]
        assert len(kinds) == 1, concept
        assert said[str(SKOS.inScheme)] == [scheme[kinds[0]]], concept


def test_brands_belong_to_drugs_and_topics_to_instructions(concepts: dict[str, Concept]) -> None:
    topics = {name for name, value in schema.load().values.items() if "/topic/" in value.iri}
    names = {name.rsplit("/", 1)[-1] for name in topics}
    for concept in concepts.values():
        assert (concept.drug is not None) == ("Brand" in concept.types), concept.iri
        assert concept.drug is None or "Drug" in concepts[concept.drug].types, concept.iri
        assert (concept.topic is not None) == ("Instruction" in concept.types), concept.iri
        assert concept.topic is None or concept.topic in names, concept.iri


def _identifiers() -> Iterator[tuple[str, str, str, str, str]]:
    """Give file, concept, kind of match, prefix and code of every public identifier."""
    prefixes = {prefix: formatting.declared_prefixes()[prefix] for prefix in IDENTIFIERS}
    matches = {str(match) for match in MATCHES}
    for path in CONCEPTS:
        for triple in _triples(path):
            if triple.predicate.value in matches:
                value = getattr(triple.object, "value", "")
                found = [(p, value.removeprefix(n)) for p, n in prefixes.items() if value.startswith(n)]
                prefix, code = found[0] if found else ("", value)
                yield path.stem, str(triple.subject), triple.predicate.value, prefix, code


def test_identifiers_are_well_formed_and_of_the_right_sort() -> None:
    count = 0
    for stem, subject, _, prefix, code in _identifiers():
        count += 1
        assert prefix in IDENTIFIED.get(stem, "").split(), (subject, prefix, code)
        assert re.fullmatch(IDENTIFIERS[prefix], code), (subject, prefix, code)
        if prefix == "atc":
            assert (len(code) == 7) == (stem == "drugs"), (subject, code)
    assert count > 1000


def test_an_identifier_means_one_concept_and_a_concept_one_identifier_of_a_sort() -> None:
    exact = [row for row in _identifiers() if row[2] == str(SKOS.exactMatch)]
    assert [key for key, n in Counter((prefix, code) for _, _, _, prefix, code in exact).items() if n > 1] == []
    assert [key for key, n in Counter((subject, prefix) for _, subject, _, prefix, _ in exact).items() if n > 1] == []


def test_counts_are_numbers(ontology: rdflib.Graph) -> None:
    assert (DRUGS.length, RDFS.range, XSD.nonNegativeInteger) in ontology
