"""Results: sequences that stay what they are, choices that know the vocabulary, typed frames, pages that are safe."""

from __future__ import annotations

import builtins
import json
import typing
from collections.abc import Callable
from typing import Any

import networkx as nx
import pandas as pd
import polars as pl
import pytest

import kg
from kg import assembly, evidence
from kg.errors import KgError, UnknownNameError
from kg.graph import encode, store
from kg.questions.run import Rows
from kg.records import Entity, Evidence, Fact, Span
from kg.results import closed, frames, html
from kg.results.facts import Facts
from kg.results.sequences import Records
from kg.vocabulary import schema
from tests import made

SAID: tuple[made.Said, ...] = (
    *made.ONE_OF_EACH,
    ("adverse_effect", "nausea", {"frequency": "1 in 200"}, "affirmed"),
    ("adverse_effect", "headache", {"frequency": "unknown", "severity": "serious"}, "affirmed"),
    ("adverse_effect", "dizziness", {}, "affirmed"),
    ("caution", "older adults", {"level": "caution"}, "affirmed"),
    ("interaction", "warfarin", {"level": "monitor"}, "denied"),
)


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    """A graph of what two pages say, with their texts."""
    pages = [made.page("a.txt", SAID), made.page("b.txt", SAID[:5])]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    documents = [document for document, _ in pages]
    built = kg.Graph(store.from_quads(encode.quads(facts, documents)))
    built.texts = evidence.texts_of(built.documents, documents)
    return built


@pytest.fixture(scope="module")
def facts(graph: kg.Graph) -> Facts:
    """All its facts."""
    return graph.facts()


def labels(facts: Facts) -> list[str]:
    """What facts are about, in order."""
    return [fact.object.label for fact in facts]


# Sequences -----------------------------------------------------------------------------------------------------------


def test_a_part_is_of_the_same_type(facts: Facts) -> None:
    for part in (facts[1:3], facts.filter(lambda f: f.kind == "caution"), facts.sorted_by(lambda f: f.iri)):
        assert type(part) is Facts
    assert facts[:2] + facts[2:] == facts
    assert type(facts[:2] + facts[2:]) is Facts
    assert type(facts[0]) is Fact
    assert type(facts.subjects[:1]) is Records
    assert facts[1:3].said_by("a.txt") == facts[1:3]


def test_a_sequence_equals_and_hashes_like_its_records(facts: Facts) -> None:
    assert facts == tuple(facts) == Facts(list(facts))
    assert hash(facts) == hash(tuple(facts))
    assert len({*facts, *facts}) == len(facts)
    assert facts[:2] != facts[1:3]
    assert not Facts()


def test_a_sequence_cannot_be_changed(facts: Facts) -> None:
    with pytest.raises(TypeError):
        facts[0] = facts[1]  # type: ignore[index]
    with pytest.raises(AttributeError):
        facts.append  # type: ignore[attr-defined]  # noqa: B018


REPRESENTED: tuple[tuple[Records[Any], str], ...] = (
    (Facts(), "<0 facts>"),
    (Records([Entity("gout")]), "<1 record: gout>"),
    (Records([1, 2, 3, 4, 5]), "<5 records: 1; 2; 3; … 2 more>"),
    (Records([Entity("x" * 99)]), f"<1 record: {'x' * 60}…>"),
    (Records([Entity("steer\x1b[31m")]), "<1 record: steer [31m>"),
)


@pytest.mark.parametrize(("records", "shown"), REPRESENTED)
def test_a_sequence_prints_short(records: Records[Any], shown: str) -> None:
    assert repr(records) == shown


# Choices --------------------------------------------------------------------------------------------------------------

CHOICES: tuple[tuple[str, Callable[[Facts], Facts], list[str]], ...] = (
    ("kind", lambda f: f.where(kind="contraindication"), ["liver disease"]),
    ("level", lambda f: f.where(level="avoid"), ["driving", "alcohol"]),
    ("level in words", lambda f: f.where(level=typing.cast(Any, "No data")), ["opioid"]),
    ("least level", lambda f: f.where(min_level="avoid"), ["liver disease", "driving", "alcohol"]),
    ("polarity", lambda f: f.where(polarity="denied"), ["liver disease", "warfarin"]),
    ("listed qualifier", lambda f: f.where(severity="serious"), ["headache"]),
    ("named qualifier", lambda f: f.where(population="elderly", kind="caution"), ["seizure"]),
    ("keyword of Python", lambda f: f.where(with_="ethanol"), ["drowsiness"]),
    ("text qualifier", lambda f: f.where(dose="1  MG"), ["panic disorder"]),
    ("words or figure", lambda f: f.where(frequency="12 %"), ["seizure"]),
    ("unsaid qualifier", lambda f: f.where(kind="interaction", effect=None, polarity="affirmed"), ["opioid"]),
    ("nothing so", lambda f: f.where(kind="caution", severity="mild"), []),
    ("about", lambda f: f.where(kind="interaction").about("Opioids"), ["opioid"]),
    ("brand", lambda f: f.where(kind="mechanism").about("Klonopin"), ["GABA-A receptor"]),
    ("on", lambda f: f.on("clonazepam"), []),
    ("population", lambda f: f.where(kind="caution").in_population("elderly"), ["older adults", "seizure"]),
    ("own words", lambda f: f.in_population("people of one village"), ["seizure"]),
    ("frequent", lambda f: f.at_least_as_frequent("common"), ["drowsiness", "seizure"]),
    ("less frequent", lambda f: f.at_least_as_frequent("uncommon"), ["drowsiness", "nausea", "seizure"]),
    ("document", lambda f: f.said_by("b.txt").where(kind="indication"), ["panic disorder"]),
)


@pytest.mark.parametrize(("choose", "expected"), [case[1:] for case in CHOICES], ids=[case[0] for case in CHOICES])
def test_facts_are_chosen(facts: Facts, choose: Callable[[Facts], Facts], expected: list[str]) -> None:
    assert sorted(labels(choose(facts))) == sorted(expected)


MISSPELT: tuple[tuple[Callable[[Facts], object], str], ...] = (
    (lambda f: f.where(kind=typing.cast(Any, "cautoin")), r"no such kind of fact; use .* \(did you mean caution\?\)"),
    (lambda f: f.where(level=typing.cast(Any, "avoyd")), r"no such level of care; use .* \(did you mean avoid\?\)"),
    (
        lambda f: f.where(min_level=typing.cast(Any, "grave")),
        r"grave: no such level of care; use contraindicated avoid",
    ),
    (lambda f: f.where(polarity=typing.cast(Any, "perhaps")), "no such polarity; use affirmed denied"),
    (lambda f: f.where(severty="mild"), r"severty: no such qualifier; use .* \(did you mean severity\?\)"),
    (lambda f: f.where(severity="midl"), r"midl: no such severity; use .* \(did you mean mild\?\)"),
    (lambda f: f.where(population="elderyl"), r"did you mean .*elderly \(older adults\)"),
    (lambda f: f.about("insomnai"), "did you mean insomnia"),
    (lambda f: f.said_by("c.txt"), "c.txt: no document of that name; there are"),
    (
        lambda f: f.at_least_as_frequent(typing.cast(Any, "comon")),
        r"no such frequency; use .* \(did you mean common\?\)",
    ),
)


@pytest.mark.parametrize(("choose", "message"), MISSPELT, ids=[message[:30] for _, message in MISSPELT])
def test_what_is_misspelt_is_an_error_that_says_what_there_is(
    facts: Facts, choose: Callable[[Facts], object], message: str
) -> None:
    with pytest.raises(UnknownNameError, match=message) as caught:
        choose(facts)
    assert "\n" not in str(caught.value)


def test_a_broader_name_is_found_only_when_asked_for_and_marked(facts: Facts) -> None:
    said = facts.where(kind="interaction")
    assert labels(said.on("oxycodone")) == []
    found = said.on("oxycodone", broader=True)
    assert labels(found) == ["opioid"]
    link = found.through(found[0])
    assert link is not None
    assert (link.narrower.label, link.broader.label) == ("oxycodone", "opioid")
    assert found.to_dicts()[0]["through"]["broader"]["label"] == "opioid"
    assert list(found.to_pandas()["through"]) == ["opioid"]
    assert "broader than oxycodone" in found._repr_html_()
    assert found[:1].through(found[0]) == link
    assert said.on("opioid").through(found[0]) is None


def test_without_a_graph_a_name_is_what_it_says(facts: Facts) -> None:
    alone = Facts(list(facts))
    assert alone.where(kind="caution").on("driving") == facts.where(kind="caution", level="avoid")
    assert alone.on("Klonopin") == facts.where(kind="brand_name")
    assert alone.on("nothing of the kind") == ()


def test_what_facts_have_together(facts: Facts) -> None:
    assert facts.documents == ("a.txt", "b.txt")
    assert facts.subjects == (made.entity_of("clonazepam"),)
    assert [entity.label for entity in facts.where(kind="caution").objects] == labels(facts.where(kind="caution"))
    assert len(facts.evidence) == len(SAID) + 5
    assert facts.where(kind="brand_name").quotes() == ("Line 0 tells of Klonopin.",)
    assert Facts(made.without_quotes(facts)).quotes() == ()


# Closed lists ---------------------------------------------------------------------------------------------------------

LISTS: tuple[tuple[object, Callable[[], list[str]]], ...] = (
    (closed.Kind, lambda: list(schema.load().kinds)),
    (closed.Level, lambda: list(schema.load().levels)),
    (closed.Polarity, lambda: list(schema.load().polarities)),
    (closed.Frequency, lambda: list(closed.values("frequency"))),
    (closed.Severity, lambda: list(closed.values("severity"))),
    (closed.Approval, lambda: list(closed.values("approval"))),
    (closed.Use, lambda: list(closed.values("use"))),
    (closed.Stage, lambda: list(closed.values("stage"))),
    (closed.Topic, lambda: list(closed.values("topic"))),
)


@pytest.mark.parametrize(("literal", "listed"), LISTS)
def test_the_literal_types_are_the_lists_of_the_ontology(literal: object, listed: Callable[[], list[str]]) -> None:
    assert list(typing.get_args(literal)) == listed()


def test_every_list_has_a_literal_type() -> None:
    found = {tuple(typing.get_args(literal)) for literal, _ in LISTS}
    for name, qualifiers in closed.qualifiers().items():
        if any(qualifier.values for qualifier in qualifiers):
            assert tuple(closed.values(name)) in found, name


SHARES = (
    ("12 %", 0.12), ("0.2%", 0.002), ("2 to 5%", 0.05), ("7 percent", 0.07), ("1 in 1,000", 0.001),
    ("3 out of 10", 0.3),
    ("1/100", 0.01), ("often", None), ("12", None), ("", None), ("1 in 0", None), ("twice a day", None),
)  # fmt: skip


@pytest.mark.parametrize(("figure", "share"), SHARES)
def test_a_printed_figure_is_a_share(figure: str, share: float | None) -> None:
    assert closed.share(figure) == (None if share is None else pytest.approx(share))


FREQUENT = (
    ("1%", "common", True),
    ("<1%", "common", False),
    ("less than 1 %", "common", False),
    ("0.9%", "common", False),
    ("very_common", "common", True),
    ("uncommon", "common", False),
    ("unknown", "very_rare", False),
    (None, "very_rare", False),
    ("0.01%", "rare", True),
)


@pytest.mark.parametrize(("said", "least", "expected"), FREQUENT)
def test_how_often_is_compared_with_a_word(said: str | None, least: str, expected: bool) -> None:
    assert closed.is_frequent(said, least) is expected


# Frames --------------------------------------------------------------------------------------------------------------


def test_a_frame_of_pandas_is_typed(facts: Facts) -> None:
    frame = facts.to_pandas()
    assert len(frame) == len(facts)
    level = frame["level"].dtype
    assert isinstance(level, pd.CategoricalDtype)
    assert level.ordered
    assert list(level.categories) == sorted(schema.load().levels, key=closed.rank)
    assert (frame["level"] >= "avoid").sum() == 3
    assert frame["evidence"].dtype == "int64"
    assert list(frame["documents"][:1]) == [["a.txt"]] or list(frame["documents"][:1]) == [["a.txt", "b.txt"]]
    assert str(frame["approval"].dtype) == "category"
    assert not frame["approval"].dtype.ordered
    assert str(frame["frequency"].dtype) == "string"


def test_a_frame_of_polars_is_typed(facts: Facts) -> None:
    frame = facts.to_polars()
    levels = sorted(schema.load().levels, key=closed.rank)
    assert frame.schema["level"] == pl.Enum(levels)
    assert frame.schema["evidence"] == pl.Int64
    assert frame.schema["documents"] == pl.List(pl.String)
    assert frame.filter(pl.col("level") >= "avoid").height == 3
    assert frame.columns == list(facts.to_pandas().columns)


def test_what_is_not_said_is_missing_and_never_no(facts: Facts) -> None:
    unsaid = facts.where(kind="brand_name")
    for name in (*closed.qualifiers(), "through"):
        assert unsaid.to_pandas()[name].isna().all(), name
        assert unsaid.to_polars()[name].null_count() == len(unsaid), name


def test_a_frame_of_nothing_has_the_same_types(facts: Facts) -> None:
    assert Facts().to_polars().schema == facts.to_polars().schema
    assert list(Facts().to_pandas().dtypes) == list(facts.to_pandas().dtypes)


def test_other_records_become_frames_too(graph: kg.Graph) -> None:
    assert list(graph.drugs().to_pandas().columns) == ["label", "iri", "broader"]
    documents = Records(graph.documents).to_polars()
    assert documents.schema["length"] == pl.Int64
    statements = graph.document("b.txt").statements().to_polars()
    assert statements.schema["start"] == pl.Int64
    assert statements["subject"].to_list() == ["clonazepam"] * 5


def test_rows_become_frames() -> None:
    rows = Rows(
        ("object", "level", "facts", "documents"),
        (("driving", "avoid", "3", "a.txt; b.txt"), ("gout", "", "", ""), ("=1+1", "monitor", "12", "a.txt")),
    )
    pandas = rows.to_pandas()
    for columns in (rows.to_polars().to_dict(as_series=False), {n: list(pandas[n].astype(object)) for n in pandas}):
        assert columns["object"] == ["driving", "gout", "=1+1"]
        assert [None if value is pd.NA else value for value in columns["facts"]] == [3, None, 12]
        assert [columns["level"][0], columns["level"][2]] == ["avoid", "monitor"]
        assert pd.isna(columns["level"][1])
        assert columns["documents"] == [["a.txt", "b.txt"], [], ["a.txt"]]
    assert rows.to_polars().schema["level"] == pl.Enum(sorted(schema.load().levels, key=closed.rank))
    assert rows[1:] == Rows(rows.columns, rows.rows[1:])
    assert rows[0] == rows.rows[0]


def test_a_value_off_the_list_is_kept_as_text() -> None:
    odd = Rows(("level", "count"), (("grave", "007"), ("avoid", "1")))
    assert odd.to_polars().schema == {"level": pl.String, "count": pl.String}
    assert odd.to_polars()["level"].to_list() == ["grave", "avoid"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_missing_library_is_named_with_the_remedy(
    facts: Facts, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == library:
            raise ImportError(name)
        return known(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(KgError, match=rf"^{library}: is not installed; pip install 'drug-facts\[frames\]'$"):
        getattr(facts, f"to_{library}")()


# Dictionaries, networks, pages ---------------------------------------------------------------------------------------


def test_dictionaries_can_be_written_as_json(facts: Facts, graph: kg.Graph) -> None:
    for records in (facts, facts.evidence, facts.subjects, graph.document("a.txt").statements()):
        assert json.loads(json.dumps(records.to_dicts())) == records.to_dicts()
        assert len(records.to_dicts()) == len(records)


def test_facts_become_the_network_that_their_graph_becomes(graph: kg.Graph, facts: Facts) -> None:
    ours, whole = facts.to_networkx(), graph.to_networkx()
    assert list(ours.nodes(data=True)) == list(whole.nodes(data=True))
    assert list(ours.edges(keys=True, data=True)) == list(whole.edges(keys=True, data=True))


def test_facts_become_a_network(facts: Facts) -> None:
    network = facts.where(kind="caution").to_networkx()
    assert isinstance(network, nx.MultiDiGraph)
    assert network.number_of_edges() == 4
    assert {attributes["label"] for _, attributes in network.nodes(data=True)} >= {"clonazepam", "driving"}


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table><h1>safe for everyone</h1>",
    "&lt;b&gt;",
    "\u202eesrever\u202c\x00\x1b[31m",
    "<" * 5000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_shows_hostile_names_and_quotes_as_text(text: str) -> None:
    proof = Evidence(text, Span(0, 9), "0" * 64, Span(1, 3), text, text, Span(0, 1), text, text)
    fact = Fact("caution", Entity(text), Entity(text), (proof,), "affirmed", {"level": "avoid", "condition": text})
    answer = kg.Answer(
        text, "cautions", text, {}, Rows((text, "object"), ((text, text),)), ((fact,),), "stated", text, (), ()
    )
    results: tuple[Any, ...] = (Facts([fact]), Records([fact.object]), Records([proof]), answer.rows, answer)
    for page in (result._repr_html_() for result in results):
        inside = page.replace("<table>", "").replace("</table>", "").replace("<td colspan", "<td")
        for tag in ("caption", "thead", "tbody", "tr", "th", "td", "p", "small"):
            inside = inside.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
        assert "<" not in inside
        assert '"' not in inside
        assert html.clean(page) == page
        assert "not medical advice" in page
        assert len(page) < 20_000


def test_a_page_is_bounded(facts: Facts) -> None:
    many = Facts(list(facts) * 99)
    page = many._repr_html_()
    assert page.count("<tr>") == html.ROWS + 2
    assert f"… and {len(many) - html.ROWS:,} more" in page
    assert "more" not in facts[:3]._repr_html_()


def test_what_is_denied_is_shown_as_denied(facts: Facts) -> None:
    denied = facts.where(polarity="denied")
    assert "denied: interaction" in denied._repr_html_()
    assert repr(denied).startswith("<2 facts: denied: ")


def test_columns_are_guessed_from_values() -> None:
    assert frames.guessed("n", [1, None]).type == "count"
    assert frames.guessed("n", [True, False]).type == "text"
    assert frames.guessed("n", [["a"], []]).type == "texts"
    assert frames.guessed("n", []).type == "text"
