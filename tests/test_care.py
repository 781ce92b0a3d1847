"""Graded care: what warrants caution, who says which level, what holds for what, and what never counts as safe."""

from __future__ import annotations

import functools
import gc
import itertools
import json
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import assembly, care, derivation, evidence
from kg.api import Graph
from kg.care import CautionAnswer, Item, NeedingAnswer, patient, scale
from kg.care.items import order
from kg.derivation import encode as conclusions
from kg.errors import UnknownNameError
from kg.graph import encode
from kg.graph import store as stores
from kg.questions import graded
from kg.records import Derived, Entity, Fact
from kg.vocabulary import schema
from tests import made
from tests.made import Said

DRUG = "clonazepam"


def graph_of(pages: Mapping[str, Iterable[Said]], *, about: Mapping[str, str] | None = None) -> Graph:
    """Build a graph of pages; `about` names the drug of those that are not about clonazepam."""
    read = [made.page(name, said, about=(about or {}).get(name, DRUG)) for name, said in pages.items()]
    documents = [document for document, _ in read]
    facts = assembly.assemble([statement for _, statements in read for statement in statements])
    sources = tuple(encode.describe(documents, facts))
    quads = itertools.chain(encode.quads(facts, documents), conclusions.quads(derivation.derive(facts)))
    return Graph(stores.from_quads(quads), evidence.texts_of(sources, documents), sources)


PAGES: dict[str, Iterable[Said]] = {
    "one.md": (
        ("contraindication", "liver disease", {"severity": "severe"}, "affirmed"),
        ("caution", "pregnancy", {"level": "avoid"}, "affirmed"),
        ("caution", "driving", {"level": "avoid"}, "affirmed"),
        ("caution", "older adults", {"level": "adjust_dose"}, "affirmed"),
        ("caution", "fall", {"level": "monitor", "population": "older adults"}, "affirmed"),
        ("caution", "seizure", {"level": "monitor", "population": "children"}, "affirmed"),
        ("interaction", "opioid", {"level": "avoid", "effect": "sedation"}, "affirmed"),
        ("interaction", "warfarin", {"level": "caution"}, "denied"),
        ("adverse_effect", "sedation", {}, "affirmed"),
        ("adverse_effect", "respiratory depression", {"with": "opioid"}, "affirmed"),
        ("pharmacokinetics", "hepatic metabolism", {}, "affirmed"),
    ),
    "two.md": (
        ("caution", "liver disease", {"level": "caution"}, "affirmed"),
        ("caution", "pregnancy", {"level": "caution"}, "affirmed"),
        ("caution", "breastfeeding", {"level": "stated_safe"}, "affirmed"),
        ("caution", "asthma", {"level": "caution"}, "denied"),
        ("caution", "angle-closure glaucoma", {"level": "caution"}, "affirmed"),
        ("interaction", "warfarin", {"level": "caution"}, "affirmed"),
    ),
    "class.md": (
        ("contraindication", "sleep apnea", {}, "affirmed"),
        ("contraindication", "driving", {}, "affirmed"),
        ("caution", "asthma", {"level": "monitor"}, "denied"),
    ),
    "other.md": (("interaction", "clonazepam", {"level": "monitor"}, "affirmed"),),
}
ABOUT = {"class.md": "benzodiazepine", "other.md": "sertraline"}


@functools.cache
def graph() -> Graph:
    """Build the graph of the pages, once."""
    return graph_of(PAGES, about=ABOUT)


def everything() -> CautionAnswer:
    """Ask for all that warrants caution."""
    return care.cautions(graph(), "Klonopin")


def of(items: Iterable[Item], label: str, **scope: str) -> Item:
    """Return the item of a thing, with these limits."""
    return next(item for item in items if item.object.label == label and dict(item.scope) == scope)


def told(items: Iterable[Item]) -> list[tuple[str | None, str, str]]:
    """Say items in short."""
    return [(item.level, item.origin, item.object.label) for item in items]


# ----------------------------------------------------------------------------------------------------
# One scale, four origins
# ----------------------------------------------------------------------------------------------------


def test_stated_comes_before_class_before_what_follows_and_the_most_severe_first() -> None:
    found = everything().items
    origins = [scale.ORIGINS.index(item.origin) for item in found]
    assert origins == sorted(origins)
    assert {scale.ORIGINS[number] for number in origins} == {"stated", "class", "derived"}
    for _, together in itertools.groupby(found, key=lambda item: item.origin):
        ranks = [scale.rank(item.level) for item in together]
        assert ranks == sorted(ranks, reverse=True)


def test_a_mild_statement_comes_before_a_severe_derivation() -> None:
    found = told(everything().items)
    assert found.index(("adjust_dose", "stated", "older adults")) < found.index(
        ("contraindicated", "class", "sleep apnea")
    )


def test_what_follows_for_something_stated_stands_under_it_and_never_above() -> None:
    found = of(everything().items, "driving")
    assert (found.level, found.origin) == ("avoid", "stated")
    assert [(one.rule, one.level) for one in found.derived] == [("alertness", "caution")]
    assert [item.origin for item in everything().items if item.object.label == "driving"] == ["stated"]


def test_a_class_may_say_more_than_the_drug_and_both_are_shown() -> None:
    found = of(everything().items, "driving")
    assert [(s.level, s.origin, s.documents) for s in found.sayings] == [
        ("avoid", "stated", ("one.md",)),
        ("contraindicated", "class", ("class.md",)),
    ]


def test_what_follows_names_its_rule_and_opens_to_quotes() -> None:
    found = next(item for item in everything().items if item.origin == "derived")
    assert found.derived and not found.sayings
    for one in found.derived:
        assert one.rule and one.why and one.facts
        assert all(proof.quote and proof.object_text in proof.quote for fact in one.facts for proof in fact.evidence)


def test_what_a_class_hands_on_is_shown_once_as_said_of_the_class() -> None:
    apnea = [item for item in everything().items if item.object.label == "sleep apnea"]
    assert told(apnea) == [("contraindicated", "class", "sleep apnea")]
    assert all(one.rule != "class-to-member" for item in everything().items for one in item.derived)
    assert [fact.subject.label for fact in apnea[0].facts] == ["benzodiazepine"]


def test_what_other_medicines_documents_say_of_the_drug_is_stated_too() -> None:
    found = of(everything().items, "sertraline")
    assert (found.level, found.origin, found.documents) == ("monitor", "stated", ("other.md",))


def test_a_class_that_only_a_document_names_hands_on_too() -> None:
    pages: dict[str, Iterable[Said]] = {
        "one.md": (("drug_class", "anticoagulant", {}, "affirmed"),),
        "two.md": (("caution", "surgery", {"level": "avoid"}, "affirmed"),),
    }
    built = graph_of(pages, about={"two.md": "anticoagulant"})
    found = of(care.cautions(built, DRUG).items, "surgery")
    assert (found.origin, found.level) == ("class", "avoid")
    assert [fact.kind for fact in found.facts] == ["caution", "drug_class"]
    assert {d.drug.label for d in care.drugs_needing_care(built, ["surgery"]).drugs} == {"anticoagulant", DRUG}


def test_a_class_that_a_document_denies_hands_nothing_on() -> None:
    pages: dict[str, Iterable[Said]] = {**PAGES, "one.md": (("drug_class", "benzodiazepine", {}, "denied"),)}
    assert not [item for item in care.cautions(graph_of(pages, about=ABOUT), DRUG).items if item.origin == "class"]


# ----------------------------------------------------------------------------------------------------
# Who says which
# ----------------------------------------------------------------------------------------------------


def test_where_documents_differ_in_level_both_are_shown_with_who_says_which() -> None:
    found = of(everything().items, "pregnancy")
    assert [(s.level, s.documents) for s in found.sayings] == [("avoid", ("one.md",)), ("caution", ("two.md",))]
    assert (found.level, found.disagreement) == ("avoid", ("level",))


def test_where_documents_differ_in_polarity_both_are_shown() -> None:
    found = of(everything().items, "warfarin")
    assert [(s.polarity, s.documents) for s in (*found.sayings, *found.against)] == [
        ("affirmed", ("two.md",)),
        ("denied", ("one.md",)),
    ]
    assert found.disagreement == ("polarity",)


@pytest.mark.parametrize("label", ["driving", "fall", "opioid"])
def test_one_source_and_different_limits_do_not_differ(label: str) -> None:
    assert next(item for item in everything().items if item.object.label == label).disagreement == ()


def test_limits_keep_facts_apart() -> None:
    found = everything().items
    assert of(found, "liver disease", severity="severe").level == "contraindicated"
    assert of(found, "liver disease").level == "caution"
    assert of(found, "fall", population="older adults").when == "in older adults"


def test_denied_and_stated_safe_stand_apart() -> None:
    found = everything()
    assert told(found.stated_safe) == [("stated_safe", "stated", "breastfeeding")]
    assert {item.object.label for item in found.denied} == {"asthma", "warfarin"}
    assert not {"asthma", "breastfeeding"} & {item.object.label for item in found.items}


# ----------------------------------------------------------------------------------------------------
# With one thing
# ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thing", "verdict", "items"),
    [
        ("liver disease", "stated", [("contraindicated", "stated"), ("caution", "stated")]),
        ("cirrhosis", "stated of something wider", [("contraindicated", "vocabulary"), ("caution", "vocabulary")]),
        ("glaucoma", "only related", []),
        ("asthma", "denied", []),
        ("breastfeeding", "stated", []),
        ("sleep apnea", "stated of something wider", [("contraindicated", "class")]),
        ("warfarin", "stated and denied", [("caution", "stated")]),
        ("oxycodone", "stated of something wider", [("avoid", "vocabulary")]),
        ("sertraline", "stated", [("monitor", "stated")]),
        ("gout", "not stated", []),
    ],
)
def test_with_one_thing(thing: str, verdict: str, items: list[tuple[str, str]]) -> None:
    found = care.care(graph(), DRUG, thing)
    assert (found.verdict, [(item.level, item.origin) for item in found.items if item.sayings]) == (verdict, items)


def test_a_caution_on_something_wider_concerns_the_narrower_and_names_the_steps() -> None:
    found = care.care(graph(), DRUG, "cirrhosis").items[0]
    step = found.sayings[0].steps[0]
    assert not isinstance(step, Fact)
    assert (step.narrower.label, step.broader.label) == ("cirrhosis", "liver disease")


def test_what_is_said_of_something_narrower_does_not_hold() -> None:
    found = care.care(graph(), DRUG, "glaucoma")
    assert (found.items, told(found.only_for)) == ((), [("caution", "vocabulary", "angle-closure glaucoma")])
    assert "Not stated of glaucoma itself in any of the 3 documents" in found.summary


@pytest.mark.parametrize(
    ("asked", "pending"),
    [
        ("severe liver disease", {}),
        ("mild liver disease", {"severity": "severe"}),
        ("liver disease", {"severity": "severe"}),
    ],
)
def test_severe_does_not_hold_for_mild(asked: str, pending: dict[str, str]) -> None:
    found = care.care(graph(), DRUG, asked).items
    assert dict(of(found, "liver disease", severity="severe").pending) == pending
    assert dict(of(found, "liver disease").pending) == {}


def test_what_is_said_of_people_belongs_to_them() -> None:
    found = care.care(graph(), DRUG, "older adults")
    assert [(item.object.label, dict(item.pending)) for item in found.items if item.sayings] == [
        ("fall", {}),
        ("older adults", {}),
    ]


def test_a_population_that_is_not_known_stays_pending() -> None:
    assert dict(care.care(graph(), DRUG, "fall").items[0].pending) == {"population": "older adults"}
    assert dict(care.care(graph(), DRUG, "fall", people=["older adults"]).items[0].pending) == {}
    assert dict(care.care(graph(), DRUG, "fall", people=["children"]).items[0].pending) == {
        "population": "older adults"
    }


def test_another_form_of_something_wider_is_near_and_does_not_hold() -> None:
    document, statements_ = made.page("one.md", (("contraindication", "long-lasting liver disease", {}, "affirmed"),))
    own_words = Entity("long-lasting liver disease", None, made.entity_of("liver disease").iri)
    facts = assembly.assemble([replace(statement, object=own_words) for statement in statements_])
    built = Graph(stores.from_quads(encode.quads(facts, [document])))
    found = care.care(built, DRUG, "cirrhosis")
    assert (found.items, found.only_for, found.verdict) == ((), (), "only related")
    assert told(found.near) == [("contraindicated", "vocabulary", "long-lasting liver disease")]
    assert told(care.care(built, DRUG, "liver disease").only_for) == told(found.near)
    assert care.care(built, DRUG, "kidney disease").verdict == "not stated"


def test_harms_of_the_combination_are_named() -> None:
    assert [f.object.label for f in care.care(graph(), DRUG, "oxycodone").harms] == ["respiratory depression"]
    assert care.care(graph(), DRUG, "warfarin").harms == ()


def test_nothing_stated_is_said_with_the_number_of_documents() -> None:
    found = care.care(graph(), DRUG, "gout")
    assert found.summary == "Not stated in any of the 3 documents that speak of clonazepam."
    assert "safe" not in found.summary


# ----------------------------------------------------------------------------------------------------
# Narrowed down
# ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", list(schema.load().levels))
def test_from_a_level_upwards(level: str) -> None:
    found = care.cautions(graph(), DRUG, min_level=level).items
    assert [i.object.label for i in found] == [
        i.object.label for i in everything().items if scale.rank(i.highest) >= scale.rank(level)
    ]
    assert "driving" in {i.object.label for i in found} or scale.rank(level) > scale.rank("contraindicated")


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="dangerous: no such level of care"):
        care.cautions(graph(), DRUG, min_level="dangerous")


def test_in_a_population() -> None:
    found = care.cautions(graph(), DRUG, in_population="elderly")
    assert {item.object.label for item in found.items} == {"older adults", "fall"}
    apart = {item.object.label for item in found.for_everyone}
    assert "pregnancy" in apart and not apart & {"older adults", "fall", "seizure"}


# ----------------------------------------------------------------------------------------------------
# The other way round
# ----------------------------------------------------------------------------------------------------


def test_drugs_that_need_care() -> None:
    found = care.drugs_needing_care(graph(), ["driving"])
    assert [
        (d.drug.label, d.worst.level if d.worst else "", d.worst.origin if d.worst else "") for d in found.drugs
    ] == [
        ("benzodiazepine", "contraindicated", "stated"),
        ("clonazepam", "avoid", "stated"),
    ]
    assert not found.truncated and not found.only_for


def test_care_with_something_narrower_is_told_apart() -> None:
    found = care.drugs_needing_care(graph(), ["glaucoma"])
    assert (found.total, found.only_for_total, [one.drug.label for one in found.only_for]) == (0, 1, [DRUG])
    (answer,) = found.only_for[0].answers
    assert (answer.items, told(answer.only_for)) == ((), [("caution", "vocabulary", "angle-closure glaucoma")])
    assert found.summary == (
        "Not stated of any drug in any of 4 documents: care with glaucoma. "
        "Of 1 drug it is said only of something narrower."
    )
    assert "only for something narrower than glaucoma: caution" in screen_of(found)
    table, facts = graded.needing_rows(found)
    assert (table.rows[0][:3], len(facts[0])) == (("only for something narrower", DRUG, "glaucoma"), 1)


@pytest.mark.parametrize(
    ("things", "combine", "beside"),
    [
        (["glaucoma", "driving"], "or", set()),
        (["glaucoma", "driving"], "and", {"clonazepam"}),
        (["glaucoma", "gout"], "and", set()),
        (["alcohol"], "or", set()),
    ],
)
def test_care_with_something_narrower_counts_beside_other_things(
    things: list[str], combine: str, beside: set[str]
) -> None:
    found = care.drugs_needing_care(graph(), things, combine)
    assert {one.drug.label for one in found.only_for} == beside


@pytest.mark.parametrize(
    ("things", "combine", "drugs"),
    [
        (["driving", "pregnancy"], "and", {"clonazepam"}),
        (["driving", "pregnancy"], "or", {"clonazepam", "benzodiazepine"}),
        (["driving", "gout"], "and", set()),
        (["asthma"], "or", set()),
        (["glaucoma"], "or", set()),
        (["breastfeeding"], "or", set()),
        ([], "and", set()),
    ],
)
def test_drugs_that_need_care_with_several_things(things: list[str], combine: str, drugs: set[str]) -> None:
    found = care.drugs_needing_care(graph(), things, combine)
    assert {one.drug.label for one in found.drugs} == drugs


def test_a_cut_list_says_so() -> None:
    found = care.drugs_needing_care(graph(), ["driving"], limit=1)
    assert (len(found.drugs), found.total, found.truncated) == (1, 2, True)
    assert "the first 1 are shown" in found.summary


def test_no_other_way_to_combine() -> None:
    with pytest.raises(UnknownNameError, match='xor: is no way to combine; use "and" or "or"'):
        care.drugs_needing_care(graph(), ["driving"], "xor")


# ----------------------------------------------------------------------------------------------------
# A table for a patient
# ----------------------------------------------------------------------------------------------------


def test_a_table_ranks_by_the_worst_cell_and_unknown_is_never_safe() -> None:
    found = care.fit(graph(), ["clonazepam", "sertraline", "warfarin"], ["is pregnant", "clonazepam"])
    assert found.patient == ("pregnancy", "clonazepam")
    assert [(row.place, row.drug.label, row.not_stated) for row in found.rows] == [
        (1, "sertraline", 1),
        (2, "warfarin", 1),
        (3, "clonazepam", 0),
    ]
    unknown = [cell for row in found.rows for cell in row.cells if not cell.is_stated]
    assert unknown
    for cell in unknown:
        assert (cell.level, cell.item, cell.facts) == (None, None, ())
        assert "not stated" in cell.reason or "no document" in cell.reason
        assert "safe" not in cell.reason


def test_a_drug_of_which_nothing_is_stated_has_no_place() -> None:
    rows = care.fit(graph(), ["warfarin", "clonazepam"], ["pregnancy"]).rows
    assert [(row.drug.label, row.place) for row in rows] == [("clonazepam", 1), ("warfarin", None)]


def test_every_stated_cell_has_its_facts() -> None:
    rows = care.fit(graph(), ["clonazepam"], ["severe liver disease", "takes an opioid", "sleep apnea"]).rows
    assert [(cell.level, cell.documents) for cell in rows[0].cells] == [
        ("contraindicated", ("one.md",)),
        ("avoid", ("one.md",)),
        ("contraindicated", ("class.md",)),
    ]
    assert all(fact.evidence for cell in rows[0].cells for fact in cell.facts)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("takes an opioid", "opioid"),
        ("opioid", "opioid"),
        ("is pregnant", "pregnant"),
        ("has severe liver disease", "severe liver disease"),
        ("Older adults", "Older adults"),
    ],
)
def test_what_is_said_of_a_patient(said: str, name: str) -> None:
    assert patient.name_of(graph(), said) == name


@pytest.mark.parametrize("said", ["likes an opioid", "no opioid", "takes", "", "history of zzyzzx"])
def test_what_says_nothing_of_a_patient(said: str) -> None:
    with pytest.raises(UnknownNameError):
        patient.name_of(graph(), said)


# ----------------------------------------------------------------------------------------------------
# As JSON, and in a stable order
# ----------------------------------------------------------------------------------------------------


def evidences(value: object) -> Iterator[list[object]]:
    """Give every list of evidence in a value."""
    if isinstance(value, dict):
        if "evidence" in value:
            yield value["evidence"]
        for part in value.values():
            yield from evidences(part)
    elif isinstance(value, list):
        for part in value:
            yield from evidences(part)


def test_answers_can_be_written_as_json_and_every_fact_has_its_evidence() -> None:
    for found in (
        everything(),
        care.care(graph(), DRUG, "cirrhosis"),
        care.drugs_needing_care(graph(), ["driving"]),
        care.fit(graph(), ["clonazepam", "warfarin"], ["pregnancy"]),
    ):
        written = json.loads(json.dumps(found.to_dict()))
        assert "not medical advice" in written["notice"]
        proofs = list(evidences(written))
        assert proofs and all(proofs)


LEVELS = [level for level in schema.load().levels if level != "contraindicated"]
OBJECTS = ["glaucoma", "driving", "older adults", "alcohol", "asthma"]
LIMITS: list[dict[str, str]] = [{}, {"severity": "severe"}, {"population": "children"}]


@st.composite
def statements(draw: st.DrawFn) -> Said:
    """A statement that asks for care, or denies it."""
    kind = draw(st.sampled_from(["contraindication", "caution"]))
    level = {} if kind == "contraindication" else {"level": draw(st.sampled_from(LEVELS))}
    polarity = draw(st.sampled_from(["affirmed", "affirmed", "affirmed", "denied"]))
    return kind, draw(st.sampled_from(OBJECTS)), {**level, **draw(st.sampled_from(LIMITS))}, polarity


PILES = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "c.md"]), st.lists(statements(), min_size=1, max_size=5), min_size=1
)


@settings(max_examples=15, deadline=None)
@given(PILES)
def test_nothing_is_lost_collapsed_or_out_of_order(pages: dict[str, list[Said]]) -> None:
    found = care.cautions(graph_of(pages), DRUG)
    assert list(found.items) == sorted(found.items, key=order)
    said = {
        (item.object.label, tuple(item.scope.items()), saying.level, saying.polarity, name)
        for item in (*found.items, *found.stated_safe, *found.denied)
        for saying in item.sayings
        if saying.origin == "stated"
        for name in saying.documents
    }
    wanted = {
        (
            words,
            tuple((k, v) for k, v in limits.items() if k != "level"),
            limits.get("level", "contraindicated"),
            polarity,
            name,
        )
        for name, page in pages.items()
        for _, words, limits, polarity in page
    }
    assert said == wanted


@settings(max_examples=8, deadline=None)
@given(PILES, st.randoms(use_true_random=False))
def test_the_order_of_documents_and_statements_changes_nothing(
    pages: dict[str, list[Said]], random: st.DataObject
) -> None:
    names = list(pages)
    random.shuffle(names)  # type: ignore[attr-defined]
    one = care.cautions(graph_of(pages), DRUG)
    other = care.cautions(graph_of({name: pages[name] for name in names}), DRUG)
    assert told(one.items) == told(other.items)
    assert [[s.documents for s in i.sayings] for i in one.items] == [
        [s.documents for s in i.sayings] for i in other.items
    ]


def test_a_graph_that_nobody_holds_is_let_go() -> None:
    built = graph_of({"one.md": (("caution", "gout", {"level": "avoid"}, "affirmed"),)})
    assert care.cautions(built, DRUG).items
    watched = weakref.ref(built)
    del built
    gc.collect()
    assert watched() is None


def test_derived_by_hand_never_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a rule says, and at whatever level: what is stated stands above it."""
    fact = next(fact for fact in graph().facts() if fact.kind == "pharmacokinetics")
    drug, condition = fact.subject, of(everything().items, "pregnancy").object
    by_hand = [
        Derived("made-up", "Because.", "contraindication", drug, condition, (fact,)),
        Derived("made-up", "Because.", "contraindication", drug, made.entity_of("gout"), (fact,)),
    ]
    monkeypatch.setattr("kg.care.gather.Shelf.derived", lambda *_, **__: tuple(by_hand))
    found = care.cautions(graph(), DRUG)
    assert of(found.items, "pregnancy").level == "avoid"
    assert [one.rule for one in of(found.items, "pregnancy").derived] == ["made-up"]
    assert told(found.items)[-1] == ("contraindicated", "derived", "gout")


def test_a_thing_of_the_five_pages_is_found_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    from kg import cli

    assert cli.main(["fit", "Klonopin", "lorazepam", "--patient", "pregnant", "--patient", "gout"]) == 0
    shown = capsys.readouterr().out
    assert "not stated in any of 5" in " ".join(shown.split())
    assert cli.main(["fit", "lorazepam", "--patient", "gout"]) == 1
    assert cli.main(["fit", "lorazepam", "--patient", "gutt"]) == 2


# ----------------------------------------------------------------------------------------------------
# On the screen
# ----------------------------------------------------------------------------------------------------


def screen_of(found: CautionAnswer | NeedingAnswer, room: int = 80, *, is_whole: bool = False) -> str:
    """Lay out an answer."""
    from kg.cli import caring

    return "\n".join(caring.body(found, room, is_whole=is_whole).lines)


def test_the_screen_shows_levels_as_headings_who_says_which_and_what_follows_last() -> None:
    shown = screen_of(everything())
    order_ = [
        shown.index(text) for text in ("\n  avoid", "\n  caution", "benzodiazepine, and so of", "follows; no document")
    ]
    assert order_ == sorted(order_)
    assert "≠ documents differ: avoid [1]; caution [2]" in shown
    assert "(rule: alertness)" in shown


def test_the_screen_says_what_does_not_hold() -> None:
    assert "only for something narrower than glaucoma" in screen_of(care.care(graph(), DRUG, "glaucoma"))
    assert "liver disease, if severe" in screen_of(care.care(graph(), DRUG, "mild liver disease"))
    assert "because cirrhosis is a kind of liver disease" in screen_of(care.care(graph(), DRUG, "cirrhosis"))
    assert screen_of(care.care(graph(), DRUG, "gout")) == ""


@pytest.mark.parametrize("room", [40, 80, 200])
def test_no_line_is_too_long(room: int) -> None:
    assert max(len(line) for line in screen_of(everything(), room).splitlines()) <= room


def test_a_long_answer_is_cut_says_so_and_is_whole_on_demand() -> None:
    named = ("asthma", "gout", "anemia", "hypertension", "depression", "migraine", "epilepsy", "obesity", "psoriasis")
    more = ("insomnia", "anxiety", "osteoporosis", "hepatitis", "pneumonia", "stroke", "cancer", "fever", "cough")
    page: list[Said] = [("caution", words, {"level": "caution"}, "affirmed") for words in (*named, *more)]
    found = care.cautions(graph_of({"one.md": page}), DRUG)
    stated = [item for item in found.items if item.origin == "stated"]
    assert len(stated) == len(page)
    assert f"… and {len(page) - 12} more" in screen_of(found)
    assert "more" not in screen_of(found, is_whole=True)
    assert all(item.object.label in screen_of(found, is_whole=True) for item in stated)
