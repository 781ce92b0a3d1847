"""Questions: headers, guard, names, and the rows that every question of the package gives over a small graph."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.api import Graph
from kg.errors import KgError, QueryError, UnknownNameError
from kg.questions import binding, guard, header, published, run
from tests import asked

QUESTIONS = tuple(header.catalogue())
ROOT = Path(__file__).resolve().parents[1]
WIDER = " wider"
EXPECTED = published.expected(ROOT / "tests" / "questions" / "expected.txt")
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
IDENTIFIERS = {"fact", "facts", "rule", "length", "start", "end"}
COUNTS = {"documents": {"facts"}, "drugs": {"facts"}}
CONCLUSIONS = "derived"
NOT_LISTED = {"class_mates", "single_source"}
REQUIRED = {
    *("indications", "off_label", "mechanism", "class", "class_mates", "adverse_effects", "contraindications"),
    *("adverse_effects_by_frequency", "adverse_effects_by_severity", "adverse_effects_by_population", "cautions"),
    *("interactions", "dosage", "withdrawal_effects", "stopping", "pregnancy", "alternatives", "evidence"),
    *("agreement", "single_source", "brands", "pharmacokinetics", "advice", "documents", "drugs"),
}


def answer(name: str, graph: Graph | None = None) -> run.Rows:
    """Ask a question with the examples of its own header."""
    question = header.question(name)
    graph = graph or asked.graph()
    return run.run(graph.store, question, {p.name: p.example for p in question.parameters}, names=graph.names)


def test_every_question_that_is_promised_is_there() -> None:
    assert set(QUESTIONS) >= REQUIRED


@pytest.mark.parametrize("name", QUESTIONS)
def test_headers_are_complete(name: str) -> None:
    question = header.question(name)
    assert question.title
    assert question.why
    assert question.columns
    assert guard.check(question.sparql, name)


@pytest.mark.parametrize("name", QUESTIONS)
def test_columns_and_parameters_are_what_is_selected(name: str) -> None:
    question = header.question(name)
    result = asked.graph().store.query(question.sparql)
    assert isinstance(result, ox.QuerySolutions)
    wanted = {c.name for c in question.columns} | {p.name for p in question.parameters}
    assert {v.value for v in result.variables} == wanted


def shown(name: str, rows: run.Rows) -> tuple[str, ...]:
    """The rows as the file of expected rows has them."""
    hidden = IDENTIFIERS - COUNTS.get(name, set())
    keep = [place for place, column in enumerate(rows.columns) if column not in hidden]
    return tuple("|".join(row[place].replace(".md", "") for place in keep) for row in rows)


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name not in NOT_LISTED])
def test_rows(name: str) -> None:
    graph = asked.concluded() if name == CONCLUSIONS else asked.graph()
    assert shown(name, answer(name, graph)) == EXPECTED[name]


def test_nothing_follows_where_nothing_was_concluded() -> None:
    assert not answer(CONCLUSIONS)


def test_what_follows_names_the_facts_that_it_rests_on() -> None:
    rows = answer(CONCLUSIONS, asked.concluded())
    place = list(rows.columns).index("facts")
    known = {fact.iri for fact in asked.concluded().facts()}
    for row in rows:
        assert row[place]
        assert set(row[place].split("; ")) <= known


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith(WIDER)])
def test_rows_of_the_wider_graph(name: str) -> None:
    name = name.removesuffix(WIDER)
    assert shown(name, answer(name, asked.wider())) == EXPECTED[name + WIDER]


def test_every_question_has_rows_somewhere() -> None:
    empty = [name for name in QUESTIONS if not EXPECTED.get(name) and not EXPECTED.get(name + WIDER)]
    assert set(empty) <= NOT_LISTED


def test_what_is_published_is_what_the_files_say() -> None:
    questions = [header.question(name) for name in QUESTIONS]
    repair = f"run `{published.COMMAND}` and look at the diff"
    assert (ROOT / published.PAGE).read_text("utf-8") == published.page(questions, EXPECTED), repair
    assert (ROOT / published.EXECUTABLES).read_bytes() == published.executables(questions), repair


def test_executables_are_read_back_as_the_files_are() -> None:
    graph = rdflib.Graph().parse(data=(ROOT / published.EXECUTABLES).read_bytes(), format="turtle")
    declared = rdflib.Graph().parse(ROOT / "ontology" / "drugs.ttl", format="turtle")
    found = {str(node).removeprefix(published.QUESTION): node for node in graph.subjects(SH.select)}
    assert set(found) == set(QUESTIONS)
    for name, node in found.items():
        question = header.question(name)
        assert (node, rdflib.RDF.type, SH.SPARQLSelectExecutable) in graph
        assert str(graph.value(node, SH.select)) == question.sparql
        assert next(declared.objects(graph.value(node, SH.prefixes), SH.declare), None) is not None
        parameters = sorted(graph.objects(node, SH.parameter), key=lambda p: int(str(graph.value(p, SH.order))))
        assert [str(graph.value(p, SH.name)) for p in parameters] == [p.name for p in question.parameters]
        assert [str(graph.value(p, rdflib.SKOS.example)) for p in parameters] == [
            p.example for p in question.parameters
        ]


def test_levels_of_care_are_in_their_order() -> None:
    order = ["contraindicated", "avoid", "not_recommended", "caution", "monitor", "adjust_dose", "no_data"]
    rows = [row for row in answer("cautions").to_dicts() if row["part"].startswith("conditions")]
    assert list(dict.fromkeys(row["level"] for row in rows)) == order


def test_agreement_and_single_sources_share_nothing() -> None:
    agreed, single = ({row[:3] for row in answer(name)} for name in ("agreement", "single_source"))
    assert agreed
    assert single
    assert not agreed & single


def test_class_mates_are_not_the_drug_itself() -> None:
    mates = answer("class_mates").column("object")
    assert "diazepam" in mates
    assert "clonazepam" not in mates


@pytest.mark.parametrize("name", ["Klonopin", "KLONOPIN", "clonazepam", "Clonazepam", " klonopin "])
def test_a_drug_is_found_by_any_of_its_names(name: str) -> None:
    assert asked.graph().names.drug(name).label == "clonazepam"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("liver diseases", "liver disease"),
        ("Narrow angle glaucoma", "angle-closure glaucoma"),
        ("narrow-angle glaucoma", "angle-closure glaucoma"),
        ("GABA-A RECEPTOR", "GABA-A receptor"),
        ("elderly", "older adults"),
        ("keep it in a blue box", "keep it in a blue box"),
        ("benzodiazepines", "benzodiazepine"),
        ("klor con", "Klor-Con"),
        ("", None),
        ("x" * 10_000, None),
        ('drowsiness" } DROP ALL #', None),
    ],
)
def test_names_in_other_spellings(name: str, label: str | None) -> None:
    found = asked.graph().names.find(name)
    assert (found[0].label.lower() if found else None) == (label.lower() if label else None)


@pytest.mark.parametrize(
    ("question", "parameters", "message"),
    [
        ("cautions", {}, 'cautions: the parameter "drug" is missing; name it, for instance drug="Klonopin"'),
        ("cautions", {"drug": " "}, 'cautions: the parameter "drug" is missing; name it'),
        ("cautions", {"drugs": "x", "drug": "Klonopin"}, 'there is no parameter "drugs"; did you mean drug?'),
        ("documents", {"drug": "Klonopin"}, 'documents: there is no parameter "drug"; it takes none'),
        ("caution", {"drug": "Klonopin"}, "caution: there is no question of that name; did you mean cautions"),
        ("cautions", {"drug": "Klonopim"}, "Klonopim: no drug of that name is known; did you mean Klonopin"),
        ("cautions", {"drug": "zzzz"}, "zzzz: no drug of that name is known; check the spelling"),
        ("care", {"drug": "Klonopin", "thing": "dizzines"}, "did you mean dizziness"),
        ("advice_on", {"drug": "Klonopin", "topic": "shipping"}, "shipping: is no topic; use one of administration"),
        ("nowhere.rq", {}, "nowhere.rq: cannot be read (No such file or directory); name a .rq file"),
    ],
)
def test_wrong_parameters_are_named(question: str, parameters: dict[str, str], message: str) -> None:
    with pytest.raises(KgError) as caught:
        run.run(asked.graph().store, question, parameters)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# title: a\n# title: b\nSELECT * {}", 'q.rq:2: the header says "title" twice; keep one of the two lines'),
        ("# tilte: a\nSELECT * {}", 'q.rq:1: the header line "tilte" is unknown; did you mean "title"?'),
        ("# parameter: drug\nSELECT * {}", 'q.rq:1: "drug" is no parameter; write name, type and example'),
        ('# parameter: drug Drag "x"\nSELECT * {}', 'q.rq:1: the type "Drag" is unknown; use one of'),
        ('#\n# parameter: a Text "x"\n# parameter: a Text "y"\n', 'q.rq:3: the parameter "a" is there twice'),
        ("# columns: a b-c\nSELECT * {}", 'q.rq:1: "a b-c" is no list of columns'),
        ("# limit: ten\nSELECT * {}", 'q.rq:1: "ten" is no limit; write how many rows to give at most, as in 100'),
        ("# columns: a a\nSELECT * {}", "q.rq:1: a column is there twice"),
    ],
)
def test_wrong_headers_are_named_with_their_line(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        header.parse(text, "q.rq")
    assert message in str(caught.value)


def test_other_comments_are_no_header() -> None:
    question = header.parse(
        "# by: me\n# see http://example.org: there\n\n# title: yes\nSELECT * {} # title: no", "q.rq"
    )
    assert (question.title, question.name) == ("yes", "q")


@pytest.mark.parametrize(
    ("sparql", "message"),
    [
        ("SELECT * { ?s ?p }", "query:1: not SPARQL ("),
        ("SELECT * {\n?s ?p ?o\n", "query:3: not SPARQL ("),
        ("# columns: x\nSELECT ?y { ?y ?p ?o }", 'query: the header promises a column "x"'),
        ("DROP ALL", "not SPARQL"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", "not SPARQL"),
    ],
)
def test_wrong_sparql_is_named(sparql: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        run.run_text(asked.graph().store, sparql)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


SERVICE = "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }"
DEEP = {"groups": ("{", "}"), "brackets": ("(", ")"), "nodes": ("[", "]"), "optional": ("OPTIONAL {", "}")}


@pytest.mark.parametrize(
    "sparql",
    [
        f"SELECT * {{ {SERVICE} }}",
        "SELECT * { service silent <http://127.0.0.1:9/> { } }",
        "SELECT * { SERVICE ?where { } }",
        "PREFIX x: <http://127.0.0.1:9/> SELECT * { SERVICEx:y { } }",
        "PREFIX : <http://127.0.0.1:9/> SELECT * { SERVICE:y { } }",
        "SELECT * { ?s ?p trueSERVICE <http://127.0.0.1:9/> { } }",
        "SELECT * { SERV\\u0049CE <http://127.0.0.1:9/> { } }",
        "SELECT * { \\U00000053ERVICE <http://127.0.0.1:9/> { } }",
        "SELECT * { SERVICE # a comment\n <http://127.0.0.1:9/> { } }",
        f"SELECT * {{ FILTER EXISTS {{ {SERVICE} }} }}",
        f"SELECT * {{ {{ SELECT * {{ {SERVICE} }} }} }}",
        f'SELECT * {{ ?a ?p ?b FILTER(?a <#> """\n ?b) {SERVICE} #"""\n }}',
        "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
        "SELECT * FROM NAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }",
        "ASKFROM<file:///etc/passwd>{ ?s ?p ?o }",
        "LOAD <file:///etc/passwd>",
    ],
)
def test_nothing_reaches_out_of_the_graph(sparql: str) -> None:
    with pytest.raises(QueryError, match="reaches out of the graph"):
        run.run_text(asked.graph().store, sparql)


@pytest.mark.parametrize("times", [65, 650, 6_500])
@pytest.mark.parametrize("marks", DEEP.values(), ids=DEEP)
def test_deep_queries_are_refused(marks: tuple[str, str], times: int) -> None:
    with pytest.raises(QueryError, match=r"nested|bytes|brackets|branches"):
        guard.check(f"SELECT * {{ {marks[0] * times} ?s ?p ?o {marks[1] * times} }}", "query")


@pytest.mark.parametrize("times", [201, 2_010, 20_100])
@pytest.mark.parametrize(
    "part", ["?s ?p ?o . ", "{} UNION ", "OPTIONAL {} ", "FILTER(1||", "FILTER(1+", "FILTER(!", "?s <a:b>/"]
)
def test_long_chains_are_refused(part: str, times: int) -> None:
    with pytest.raises(QueryError, match=r"nested|bytes|brackets|patterns|branches|operators"):
        guard.check("SELECT * { " + part * times, "query")


@pytest.mark.parametrize(("times", "passes"), [(200, True), (201, False), (6_000, False)])
@pytest.mark.parametrize("thing", ["<a:b>", "drugs:x", "?x"])
def test_so_many_things_are_described_at_once(thing: str, times: int, passes: bool) -> None:
    text = f"DESCRIBE {' '.join([thing] * times)} FROM <a:b> WHERE {{ VALUES ?x {{ {'<a:b> ' * 500} }} }}"
    try:
        assert guard.check(text, "query", {"a:b"}.__contains__) and passes
    except QueryError as error:
        assert not passes and "things to describe" in str(error)


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * { VALUES ?x { " + "<a:b> " * 5_000 + "} }",
        "SELECT * { VALUES (?x ?y) { " + "(1 2.5) " * 700 + "} }",
        'SELECT * { ?s ?p "of service (((" , "from here" }',
        "SELECT ?service ?from { ?service ?load ?from }",
        "# why: taken from <http://example.org/>\nSELECT * { ?s ?p ?o }",
        "SELECT * { ?s <http://example.org/Foo_(bar)#x> 'it''s' }",
        "SELECT ?a { ?a ?b ?c FILTER(?a<?b && ?c>?a) }",
        "SELECT * { ?s ?p '''from" + "#\n" * 30_000 + "''' }",  # nothing goes over these again and again
        "SELECT * { ?s ?p '" + "from" * 15_000 + "' }",
        r"SELECT * { ?s ?p 'a backslash: \\u0041, and two: \\\\u0041' }",
    ],
)
def test_honest_queries_pass(sparql: str) -> None:
    assert guard.check(sparql, "query") == sparql


@pytest.mark.parametrize(
    "value", ['Klonopin" } DROP ALL #', "concept:clonazepam> ?x", "Klonopin\n", "\\u004blonopin", "'''", "{drug}"]
)
def test_values_are_bound_and_never_pasted(value: str) -> None:
    before = len(asked.graph().store)
    try:
        rows = run.run(asked.graph().store, "brands", {"drug": value})
        assert rows.column("object") == ("Klonopin",)
    except UnknownNameError as error:
        assert "\n" not in str(error)
    assert len(asked.graph().store) == before


def test_a_file_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "mine.rq"
    path.write_text(
        '# title: mine\n# parameter: kind Kind "caution"\n# parameter: word Text "x"\n'
        "SELECT ?kind ?word ?fact { ?fact a ?kind }",
        encoding="utf-8",
    )
    rows = run.run(asked.graph().store, path, {"kind": "interaction", "word": 'a "quoted" word'})
    assert len(rows) == 2
    assert set(rows.column("word")) == {'a "quoted" word'}
    with pytest.raises(QueryError, match="no column of that name"):
        rows.column("nothing")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"SELECT \xff", "is not UTF-8 (byte 7)"), (b"# " + b"x" * 70_000, "has 70002 bytes"), (b"", "not SPARQL")],
)
def test_bad_files_of_the_user(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "mine.rq"
    path.write_bytes(content)
    with pytest.raises(QueryError) as caught:
        run.run(asked.graph().store, path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("sparql", "columns", "count"),
    [
        ("ASK { ?s ?p ?o }", ("answer",), 1),
        ("CONSTRUCT { ?s a <a:b> } WHERE { ?s drugs:level level:avoid }", ("subject", "predicate", "object"), 2),
        ("SELECT ?s ?nothing { ?s drugs:level level:avoid }", ("s", "nothing"), 2),
    ],
)
def test_other_forms_of_query(sparql: str, columns: tuple[str, ...], count: int) -> None:
    rows = run.run_text(asked.graph().store, sparql)
    assert rows.columns == columns
    assert len(rows) == count


A = ox.NamedNode("https://example.org/a")


@pytest.mark.parametrize(
    ("sparql", "bound"),
    [
        ("SELECT ?a { ?a ?b ?c }", "SELECT ?a { <https://example.org/a> ?b ?c BIND(<https://example.org/a> AS ?a) }"),
        (
            "SELECT ?a { { $a ?b ?c } UNION { ?c ?ab '?a' } } GROUP BY ?a",
            "SELECT ?a { { <https://example.org/a> ?b ?c } UNION { ?c ?ab '?a' } "
            "BIND(<https://example.org/a> AS ?a) } GROUP BY ?a",
        ),
        ("SELECT ?a { ?a ?b ?c FILTER(BOUND(?a)) }", None),
        ("SELECT ?a { ?x ?b ?c BIND(?x AS ?a) }", None),
        ("SELECT ?a { VALUES ?a { 1 } }", None),
        ("SELECT ?a { VALUES (?b ?a) { (1 2) } }", None),
        ("SELECT ?a { { SELECT ?a { ?a ?b ?c } } }", None),
        (
            "SELECT ?a { ?a ?b ?c { SELECT ?c (COUNT(?d) AS ?n) { ?c ?b ?d } GROUP BY ?c } }",
            "SELECT ?a { <https://example.org/a> ?b ?c { SELECT ?c (COUNT(?d) AS ?n) { ?c ?b ?d } GROUP BY ?c } "
            "BIND(<https://example.org/a> AS ?a) }",
        ),
        (
            "SELECT ?a { { SELECT ?c ?a { ?a ?b ?c } GROUP BY ?a ?c } }",
            "SELECT ?a { { SELECT ?c  { <https://example.org/a> ?b ?c } GROUP BY  ?c } "
            "BIND(<https://example.org/a> AS ?a) }",
        ),
        (
            "SELECT ?a { { SELECT ?c ?a { ?a ?b ?c } ORDER BY ?c } }",
            "SELECT ?a { { SELECT ?c  { <https://example.org/a> ?b ?c } ORDER BY ?c } "
            "BIND(<https://example.org/a> AS ?a) }",
        ),
        ("SELECT ?a { { SELECT ?c { ?a ?b ?c } } }", None),
        ("SELECT ?a { { SELECT * { ?a ?b ?c } } }", None),
        ("SELECT ?a { { SELECT ?c (COUNT(?a) AS ?n) { ?a ?b ?c } GROUP BY ?c } }", None),
        ("SELECT ?a { { SELECT (?b AS ?a) { ?b ?b ?c } } }", None),
        ("SELECT ?a { { SELECT ?c ?a { ?a ?b ?c } ORDER BY ?a } }", None),
        ("SELECT ?a { { SELECT ?c ?a { ?a ?b ?c } LIMIT 1 } }", None),
        ("SELECT ?a { { SELECT ?c ?a { ?a ?b ?c } ORDER BY ?c LIMIT 1 } }", None),
        ("SELECT ?a { { SELECT (COUNT(?c) AS ?n) ?a { ?a ?b ?c } GROUP BY ?a } }", None),
        ("SELECT ?a { { SELECT (COUNT(?c) AS ?n) ?a { ?a ?b ?c } GROUP BY ?a HAVING(?n > 1) } }", None),
        ("SELECT ?a { { SELECT ?c ?a { { SELECT ?c { ?a ?b ?c } } } } }", None),
        ("SELECT ?a { ?b ?c ?d FILTER(?d<?a&&?b>?c) }", None),
        ("SELECT ?a { ?a ?b ?c } VALUES ?b { 1 }", None),
        ("CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c }", None),
        ("ASK { ?a ?b ?c }", None),
    ],
)
def test_iris_take_the_place_of_variables_only_where_that_is_the_same(sparql: str, bound: str | None) -> None:
    text, replaced = binding.bind(guard.check(sparql, "query"), {"a": A})
    assert text == (bound or sparql)
    assert replaced == (frozenset({"a"}) if bound else frozenset())


@pytest.mark.parametrize("value", [ox.Literal('" } DROP ALL #'), ox.NamedNode("https://example.org/?a")])
def test_other_values_are_never_put_into_the_text(value: ox.NamedNode | ox.Literal) -> None:
    assert binding.bind("SELECT ?a { ?a ?b ?c }", {"a": value}) == ("SELECT ?a { ?a ?b ?c }", frozenset())


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_planned_with_what_it_is_given(name: str) -> None:
    question = header.question(name)
    given = {p.name: A for p in question.parameters if p.type != "Text"}
    assert binding.bind(guard.check(question.sparql, name), given)[1] == set(given)


@pytest.mark.parametrize(("limit", "count", "truncated"), [(2, 2, True), (3, 3, False), (4, 3, False)])
def test_a_limit_leaves_rows_out_and_says_so(limit: int, count: int, truncated: bool) -> None:
    question = header.parse(f"# limit: {limit}\nSELECT ?x {{ VALUES ?x {{ 1 2 3 }} }}", "q.rq")
    rows = run.run(asked.graph().store, question)
    assert (len(rows), rows.truncated) == (count, truncated)
