"""Agreement: copies count once, what contradicts and what does not, and how contradictions are reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import kg
from kg import assembly, evidence
from kg.agreement import contradictions as found
from kg.agreement import copies, measures
from kg.agreement.copies import Copies
from kg.api import Graph
from kg.errors import UnknownNameError
from kg.graph import encode
from kg.graph import store as stores
from kg.questions import run
from kg.records import Document, Fact
from kg.validation import check
from tests import made
from tests.made import Said

PAIRS = Path(__file__).parent / "agreement" / "pairs.tsv"


def cases() -> list[tuple[str, str, str, str]]:
    """Read the pairs of facts."""
    lines = [line for line in PAIRS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    rows = [line.split("\t") for line in lines[1:]]
    return [(name, one, other, why) for name, one, other, why in rows]


def said(text: str) -> Said:
    """Read a fact as the table has it."""
    kind, thing, *more = [part.strip() for part in text.split(" | ")]
    qualifiers = dict(part.split("=", 1) for part in more)
    return kind.removeprefix("!"), thing, qualifiers, "denied" if kind.startswith("!") else "affirmed"


def facts_of(pages: Mapping[str, Iterable[Said]]) -> tuple[list[Fact], list[Document]]:
    """Put together what pages say."""
    written = [made.page(name, tuple(told)) for name, told in pages.items()]
    statements = [statement for _, told in written for statement in told]
    return assembly.assemble(statements), [document for document, _ in written]


def graph_of(pages: Mapping[str, Iterable[Said]], *, record: str = "apart", texts: bool = True) -> Graph:
    """Build a graph of pages, with their texts or without, and with a record of copies, as found or all "apart"."""
    facts, documents = facts_of(pages)
    sources = copies.described(documents, facts) if record == "found" else tuple(encode.describe(documents, facts))
    if record == "apart":
        sources = tuple(replace(source, same_text_as=source.name) for source in sources)
    store = stores.from_quads(encode.quads(facts, sources))
    return Graph(store, evidence.texts_of(sources, documents if texts else []), sources)


def names_of(facts: list[Fact]) -> Copies:
    """Take every document for independent."""
    return Copies({name: name for fact in facts for name in fact.documents})


# ---------------------------------------------------------------------------------------------------- contradictions


@pytest.mark.parametrize(("name", "one", "other", "why"), cases(), ids=[f"{c[0]}: {c[3]}" for c in cases()])
def test_what_contradicts_and_what_does_not(name: str, one: str, other: str, why: str) -> None:
    for first, second in ((one, other), (other, one)):
        facts, _ = facts_of({"a.md": [said(first)], "b.md": [said(second)]})
        types = {item.type for item in found.between(facts, names_of(facts))}
        assert types == ({name} if name != "-" else set()), why


def test_facts_in_any_order_give_the_same_contradictions() -> None:
    told = [said(text) for _, one, other, _ in cases() for text in (one, other)]
    facts, _ = facts_of({"a.md": told[::2], "b.md": told[1::2], "c.md": told[::3]})
    mixed = facts[::2] + facts[1::2][::-1]
    first, second = (sorted(found.between(f, names_of(facts)), key=repr) for f in (facts, mixed))
    assert first == second
    assert first


def test_one_document_against_itself_is_asked_for() -> None:
    graph = graph_of({"a.md": [said("adverse_effect | weight gain"), said("!adverse_effect | weight gain")]})
    assert not graph.contradictions().found
    (item,) = graph.contradictions(within=True)
    assert item.within
    assert "the same document" in item.summary


def test_a_document_is_held_to_the_most_care_that_it_asks_for() -> None:
    strict = [said("contraindication | liver disease"), said("caution | liver disease | level=monitor")]
    mild, both = [said("caution | liver disease | level=monitor")], {"a.md": strict, "b.md": strict}
    assert not graph_of(both).contradictions().found
    (item,) = graph_of({"a.md": strict, "b.md": mild}).contradictions(types=["level"])
    assert [(s.value, s.documents) for s in item.sides] == [("contraindicated", ("a.md",)), ("monitor", ("b.md",))]


def test_figures_of_one_document_are_one_range() -> None:
    wide = [said("dosage | panic disorder | dose=1 mg"), said("dosage | panic disorder | dose=4 mg")]
    pages = {"a.md": wide, "b.md": [said("dosage | panic disorder | dose=2 mg")]}
    assert not graph_of(pages).contradictions().found
    assert graph_of({"a.md": wide[:1], "b.md": wide[1:]}).contradictions().found


def test_what_two_drugs_say_of_each_other_is_held_together() -> None:
    allergy, interacts = said("contraindication | sertraline"), said("interaction | sertraline")
    (other,), _ = facts_of({"b.md": [said("interaction | sertraline | level=caution")]})
    other = replace(other, subject=other.object, object=other.subject)  # sertraline's own page on clonazepam
    for told, types in (([allergy], set()), ([allergy, interacts], {"level"})):
        facts, _ = facts_of({"a.md": told})
        assert {item.type for item in found.between([*facts, other], names_of([*facts, other]))} == types
    (denial,), _ = facts_of({"a.md": [said("!interaction | sertraline")]})
    assert [item.type for item in found.between([denial, other], names_of([denial, other]))] == ["polarity"]


def test_reading_what_several_speak_of_loses_nothing() -> None:
    told = [said(text) for _, one, other, _ in cases() for text in (one, other)]
    graph = graph_of({"a.md": told[::2], "b.md": told[1::2], "c.md": told[::5]})
    every = [c for c in found.between(graph.facts(), graph.copies()) if not c.within]
    assert sorted(c.summary for c in graph.contradictions(limit=999)) == sorted(c.summary for c in every)
    assert every


def test_a_single_source_is_given_where_it_is_asked_for() -> None:
    common, rare = said("adverse_effect | dizziness"), said("adverse_effect | weight gain")
    pages = {"a.md": [common, rare], "b.md": [common, said("brand_name | Klonopin")], "c.md": [common]}
    graph = graph_of(pages)
    assert not graph.contradictions("Klonopin").found
    alone = graph.contradictions("Klonopin", types=["single_source"])
    assert [item.object.label for item in alone] == ["weight gain", "Klonopin"]
    assert "only one independent document says so" in alone.found[0].summary
    pages["a.md"].append(said("advice | keep it in a blue box"))  # others may say so in other words
    assert len(graph_of(pages).contradictions(types=["single_source"])) == 2
    two = {name: pages[name] for name in ("a.md", "b.md")}
    assert not graph_of(two).contradictions(types=["single_source"]).found


def test_what_is_found_is_cut_and_says_so() -> None:
    things = ("pregnancy", "breastfeeding", "asthma", "depression")
    pages = {f"{n}.md": [said(f"caution | {t} | level={n}") for t in things] for n in ("avoid", "caution")}
    graph = graph_of(pages)
    whole, cut = graph.contradictions(), graph.contradictions(limit=2)
    assert (len(whole), whole.truncated, len(cut), cut.truncated, cut.total) == (4, False, 2, True, 4)
    assert "2 of them shown" in cut.summary
    assert cut.found == whole.found[:2]
    columns, rows, facts = whole.rows()
    assert {len(row) for row in rows} == {len(columns)}
    assert len(rows) == len(facts) == 8
    assert all(fact.evidence[0].quote for told in facts for fact in told)
    assert [item.object.label for item in graph.contradictions(thing="asthma")] == ["asthma"]
    assert [c.summary for c in graph.contradictions("clonazepam")] == [c.summary for c in whole]


@pytest.mark.parametrize(("drug", "thing", "message"), [("nobody", None, "no drug"), (None, "zzzz", "of that name")])
def test_unknown_names_are_named(drug: str | None, thing: str | None, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        graph_of({"a.md": [said("brand_name | Klonopin")]}).contradictions(drug, thing)
    with pytest.raises(UnknownNameError, match="no such type of contradiction; use polarity level"):
        graph_of({"a.md": [said("brand_name | Klonopin")]}).contradictions(types=["levels"])


def test_nothing_found_is_no_proof_of_agreement() -> None:
    graph = graph_of({"a.md": [said("brand_name | Klonopin")]})
    assert "not confirmed" in graph.contradictions().summary


# ---------------------------------------------------------------------------------------------------- measures


@pytest.mark.parametrize(
    ("dose", "frequency", "low", "high", "measures_"),
    [
        ("0.25 mg", "", 0.25, 0.25, "mass"),
        ("1,000 mg", "", 1000, 1000, "mass"),
        ("500 mcg to 1 mg", "", 0.5, 1, "mass"),
        ("80 mg or 40 mg", "", 40, 80, "mass"),
        ("5-10 mg", "every 12 hours", 10, 20, "mass, by day"),
        ("2 mg", "three or four times a day", 6, 8, "mass, by day"),
        ("70 mg", "once weekly", 10, 10, "mass, by day"),
        ("300 mg", "in divided doses", 300, 300, "mass, by day"),
        ("10 mg/kg/day", "twice daily", 10, 10, "mass, by body weight, by day"),
        ("4 mg a day", "", 4, 4, "mass, by day"),
        ("up to 20 mg", "", 0, 20, "mass"),
        ("1 tablet", "", None, None, ""),
        ("60 mg to 40 mg", "", None, None, ""),
        ("1 mg", "as needed", None, None, ""),
        ("5 mg and 2.5 mg", "", None, None, ""),
        ("", "", None, None, ""),
    ],
)
def test_doses(dose: str, frequency: str, low: float | None, high: float | None, measures_: str) -> None:
    read = measures.dose(dose, frequency)
    assert (read is None) == (low is None)
    if read is not None:
        assert [read.low, read.high] == pytest.approx([low, high])
        assert ", ".join(read.measures) == measures_
        assert read.overlaps(read)


def test_every_name_of_a_unit_has_one_meaning() -> None:
    table = measures.table()
    assert {"mg", "ml", "%", "hours"} <= set(table.units)
    for word, (low, high) in table.words.items():
        assert 0 <= low < high <= 100, word


# ---------------------------------------------------------------------------------------------------- copies

LONG = " ".join(f"word{n} in place {n * 7 % 97} of this made text" for n in range(80))


def with_words_changed(text: str, every: int, start: int = 0) -> str:
    """Change one word in so many."""
    return " ".join("other" if n % every == start else word for n, word in enumerate(text.split()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LONG, LONG, True),
        (LONG, LONG.upper().replace(" ", "\n"), True),
        (LONG, with_words_changed(LONG, 40), True),
        (LONG, LONG + " And one more sentence at the end.", True),
        (LONG, with_words_changed(LONG, 10), False),
        (LONG, LONG[: len(LONG) // 2], False),
        (LONG, " ".join(reversed(LONG.split())), False),
        ("Short and the same.", "short and THE same", True),
        (
            "It may cause dizziness in some of the people who take it.",
            "It may cause drowsiness in some of the people who take it.",
            False,
        ),
        ("", "", False),
        ("", LONG, False),
    ],
)
def test_copies_and_what_is_none(one: str, other: str, same: bool) -> None:
    for texts in ({"a": one, "b": other}, {"a": other, "b": one}):
        assert copies.by_texts(texts) == {"a": "a", "b": "a" if same else "b"}


def test_copies_of_copies_are_copies_in_any_order() -> None:
    second = with_words_changed(LONG, 24)
    third = with_words_changed(second, 24, 12)
    texts = {"c": third, "a": LONG, "b": second, "z": "Something else " * 60}
    first = copies.by_texts(texts)
    assert first == copies.by_texts(dict(sorted(texts.items())))
    assert first["z"] == "z"
    assert copies.alike(LONG, third) < copies.ALIKE <= copies.alike(second, third)
    assert first["a"] == first["b"] == first["c"] == "a"


def copied_pages() -> dict[str, list[Said]]:
    """Two pages with one text, and one of its own."""
    text = [said(f"adverse_effect | {thing}") for thing in ("dizziness", "drowsiness", "weight gain")]
    return {"a.md": text, "b.md": text, "c.md": [said("adverse_effect | dizziness")]}


@pytest.mark.parametrize("texts", [True, False])
def test_copies_count_once_with_and_without_texts(texts: bool) -> None:
    graph = graph_of(copied_pages(), record="found", texts=texts)
    known = graph.copies()
    assert (known.groups, known.basis) == ((("a.md", "b.md"),), "recorded")
    assert known.independent(["a.md", "b.md", "c.md"]) == 2
    by_object = {fact.object.label: copies.independent_documents(fact, known) for fact in graph.facts()}
    assert by_object == {"dizziness": 2, "drowsiness": 1, "weight gain": 1}
    assert known.summary == "3 documents hold 2 texts: 2 of them are copies, in 1 group."
    assert known.rows()[1] == (("a.md", "b.md", "2"),)


def test_without_record_texts_and_then_quotes_tell() -> None:
    assert graph_of(copied_pages(), record="").copies().basis == "texts"
    many = {name: [said(f"adverse_effect | symptom {n}") for n in range(start, start + 12)] for name, start in
            (("a.md", 0), ("b.md", 0), ("c.md", 50))}  # fmt: skip
    known = graph_of(many, record="", texts=False).copies()
    assert (known.groups, known.basis) == ((("a.md", "b.md"),), "quotes")
    few = graph_of(copied_pages(), record="", texts=False).copies()
    assert (few.groups, few.basis) == ((), "quotes")


def test_questions_count_copies_once() -> None:
    graph = graph_of(copied_pages(), record="found")
    agreed = run.run(graph.store, "agreement", {"drug": "Klonopin"}).to_dicts()
    assert [(row["object"], row["count"], row["independent"]) for row in agreed] == [("dizziness", "3", "2")]
    single = run.run(graph.store, "single_source", {"drug": "Klonopin"}).to_dicts()
    assert [(row["object"], row["documents"]) for row in single] == [
        ("drowsiness", "a.md; b.md"), ("weight gain", "a.md; b.md"),
    ]  # fmt: skip


def test_the_record_is_found_again_from_the_texts() -> None:
    facts, documents = facts_of(copied_pages())
    texts = {document.name: document.text for document in documents}
    sources = copies.described(documents, facts)
    right = check(stores.from_quads(encode.quads(facts, sources)), texts)
    assert (right.ok, right.checked_copies, right.unchecked_copies) == (True, 3, 0)
    without = check(stores.from_quads(encode.quads(facts, sources)))
    assert (without.checked_copies, without.unchecked_copies) == (0, 3)
    for wrong in ({"b.md": "b.md"}, {"c.md": "a.md"}):
        changed = [replace(source, same_text_as=wrong.get(source.name, source.same_text_as)) for source in sources]
        report = check(stores.from_quads(encode.quads(facts, changed)), texts)
        assert [f.document for f in report.findings if f.source == "copies"], wrong


def test_a_build_records_copies(tmp_path: Path) -> None:
    page = "# Klonopin\n\nClonazepam may cause dizziness. Avoid clonazepam in severe liver disease.\n"
    for name in ("one.md", "two.md"):
        (tmp_path / name).write_text(page)
    graph = kg.build(tmp_path)
    assert graph.copies().groups == (("one.md", "two.md"),)
    assert {copies.independent_documents(fact, graph.copies()) for fact in graph.facts()} == {1}
