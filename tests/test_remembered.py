"""Answers that an open graph remembers: those that are worked out, no more than there is room for, never others'."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg import assembly, building
from kg.api import Graph
from kg.graph import store as stores
from kg.graph import terms
from kg.questions import guard, header, remembered, run
from kg.questions.header import Question
from kg.questions.remembered import Remembered
from kg.questions.run import Rows
from tests import made

CLONAZEPAM = {"drug": ox.NamedNode(terms.CONCEPT + "clonazepam")}
OVERVIEW = header.question("drugs")
ROWS = Rows(("a",), (("x" * 1000,),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of facts with its store, as `kg build --out` writes it."""
    pages = [made.page(name) for name in ("one.txt", "two.txt")]
    facts = tuple(assembly.assemble([s for _, statements in pages for s in statements]))
    place = tmp_path_factory.mktemp("remembered") / "my.kg"
    building.write_facts(building.Build(facts, tuple(d for d, _ in pages)), place, with_texts=True)
    return place


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which questions the engine works out."""
    seen: list[str] = []
    execute = run.execute

    def noted(store: ox.Store, question: Question, bindings: dict[str, ox.NamedNode]) -> Rows:
        seen.append(question.name)
        return execute(store, question, bindings)

    monkeypatch.setattr(run, "execute", noted)
    return seen


@pytest.mark.parametrize("name", header.catalogue())
def test_the_answer_is_that_of_the_engine(name: str, folder: Path) -> None:
    graph, question = kg.open(folder), header.question(name)
    values = {p.name: ox.Literal("x") if p.type == "Text" else CLONAZEPAM["drug"] for p in question.parameters}
    wanted = run.execute(graph.store, question, values)
    assert [run.answered(graph.store, question, values, graph.remembered) for _ in range(2)] == [wanted] * 2


def test_a_question_that_is_asked_again_is_not_worked_out_again(folder: Path, worked_out: list[str]) -> None:
    graph = kg.open(folder)
    assert graph.query("brands", drug="clonazepam") is graph.query("brands", drug=CLONAZEPAM["drug"].value)
    assert graph.ask("which brands of clonazepam are there?").rows is not None
    graph.query("indications", drug="clonazepam")
    assert worked_out.count("brands") == 1
    assert worked_out.count("indications") == 1
    other = kg.open(folder)  # remembers for itself
    other.query("brands", drug="clonazepam")
    assert worked_out.count("brands") == 2


def test_what_an_answer_depends_on_tells_it_from_others(folder: Path, worked_out: list[str]) -> None:
    graph = kg.open(folder)
    every = header.question("unlisted_terms")
    for question in (every, replace(every, limit=1), replace(every, columns=every.columns[:1])):
        run.run(graph.store, question, names=graph.names, remembered=graph.remembered)
    graph.query("brands", drug="clonazepam")
    graph.query("brands", drug=terms.CONCEPT + "diazepam")
    assert len(worked_out) == 5


OUTSIDE = "SELECT ?x { ?x a <https://w3id.org/drug-facts/ontology/Document> BIND(RAND() AS ?y) }"


@pytest.mark.parametrize(
    "ask",
    [
        lambda graph, _: graph.query(OUTSIDE),
        lambda graph, place: graph.query(place),
        lambda graph, _: run.answered(graph.store, header.parse(OUTSIDE, "brands.rq"), {}, graph.remembered),
        lambda graph, _: run.run(graph.store, OVERVIEW),
        lambda graph, _: run.answered(ox.Store(), OVERVIEW, {}, graph.remembered),
    ],
    ids=["text", "a file", "one that bears a name of ours", "not asked to remember", "another store"],
)
def test_what_is_not_ours_is_worked_out_each_time(
    ask: Callable[[Graph, Path], object], folder: Path, tmp_path: Path, worked_out: list[str]
) -> None:
    (tmp_path / "own.rq").write_text(OUTSIDE, encoding="utf-8")
    graph = kg.open(folder)
    ask(graph, tmp_path / "own.rq")
    ask(graph, tmp_path / "own.rq")
    assert len(worked_out) == 2
    assert graph.remembered is not None
    assert not len(graph.remembered)


def test_a_store_that_can_change_is_asked_each_time(folder: Path, tmp_path: Path) -> None:
    assert kg.load().remembered is None
    stores.open_store(folder).dump(str(tmp_path / "all.nq"), ox.RdfFormat.N_QUADS)
    graph = kg.open(tmp_path / "all.nq")
    assert graph.remembered is None
    before = len(graph.query("documents"))
    assert isinstance(graph.store, ox.Store)
    document = ox.NamedNode(terms.document("one.txt"))
    graph.store.extend(
        [
            ox.Quad(ox.NamedNode("a:b"), q.predicate, q.object)
            for q in graph.store.quads_for_pattern(document, None, None)
        ]
    )
    assert len(graph.query("documents")) == before + 1


def test_only_a_store_that_nobody_can_change_is_remembered(folder: Path) -> None:
    graph = kg.open(folder)
    assert graph.remembered is not None
    assert isinstance(graph.store, ox.Store)
    with pytest.raises(RuntimeError, match="read-write"):
        graph.store.add(ox.Quad(ox.NamedNode("a:b"), ox.NamedNode("a:b"), ox.NamedNode("a:b")))


def test_nobody_can_change_what_is_remembered(folder: Path) -> None:
    rows = kg.open(folder).query("documents")
    with pytest.raises(FrozenInstanceError):
        rows.columns = ()  # type: ignore[misc]
    with pytest.raises(TypeError):
        rows.rows[0][0] = ""  # type: ignore[index]
    rows.to_dicts().clear()
    assert rows.to_dicts()


def test_what_is_not_asked_for_longest_leaves_first() -> None:
    store, made_anew = ox.Store(), list[int]()
    kept = Remembered(store, limit=2_500)  # room for two

    def ask(number: int, rows: Rows = ROWS) -> None:
        def answer() -> Rows:
            made_anew.append(number)
            return rows

        assert kept.rows(store, OVERVIEW, {"drug": ox.Literal(str(number))}, answer) == rows

    for number in (1, 2, 1, 3, 1, 2):
        ask(number)
    assert made_anew == [1, 2, 3, 2]
    assert len(kept) == 2
    assert 2_000 < kept.size <= 2_500
    ask(4, Rows(("a",), (("x" * 3_000,),)))  # larger than there is room for, and so nothing leaves for it
    assert len(kept) == 2


def test_a_failure_is_not_remembered() -> None:
    store = ox.Store()
    kept = Remembered(store)

    def fail() -> Rows:
        raise kg.KgError("the query", "fails", "ask otherwise")

    for _ in range(2):
        with pytest.raises(kg.KgError):
            kept.rows(store, OVERVIEW, {}, fail)
    assert not len(kept)


def test_many_may_ask_at_once() -> None:
    store = ox.Store()
    kept = Remembered(store, limit=20_000)
    wrong: list[int] = []

    def ask() -> None:
        for turn in range(300):
            number = turn % 40
            rows = Rows(("a",), ((str(number) * 500,),))
            if kept.rows(store, OVERVIEW, {"drug": ox.Literal(str(number))}, lambda rows=rows: rows) != rows:  # type: ignore[misc]
                wrong.append(number)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert 0 < kept.size <= 20_000


@pytest.mark.parametrize("name", header.catalogue())
def test_our_questions_have_one_answer_whenever_they_are_asked(name: str) -> None:
    text = header.question(name).sparql
    assert not re.search(r"\b(RAND|NOW|UUID|STRUUID|BNODE|SAMPLE)\s*\(", text, re.I)
    assert guard.passed(text) == text


def test_a_text_that_is_refused_is_refused_each_time() -> None:
    for _ in range(2):
        assert guard.passed("SELECT * { SERVICE <http://example.org> { } }") is None


def test_there_is_room_for_many_answers() -> None:
    assert remembered.LIMIT == 32_000_000
