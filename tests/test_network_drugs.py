"""Drugs side by side: what they share, who is like whom, what may take whose place, what goes ill together."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from kg.errors import QueryError
from kg.network import alike, alternatives, class_pattern, interactions_among, shared_risks
from kg.network.results import Result
from tests import walked
from tests.walked import Small, Told

FACTS: tuple[Told, ...] = (
    ("cirrhosis", "broader", "liver disease"),
    ("opioid", "broader", "depressant"),
    ("alpha", "drug_class", "opioid", "in a"),
    ("beta", "broader", "opioid"),
    ("gamma", "broader", "opioid"),
    ("alpha", "caution", "liver disease", "avoid", "in a"),
    ("alpha", "caution", "liver disease", "monitor", "in b"),
    ("beta", "contraindication", "liver disease", "in c"),
    ("alpha", "adverse_effect", "tremor", "in a"),
    ("beta", "adverse_effect", "tremor", "in c"),
    ("gamma", "adverse_effect", "tremor", "denied", "in d"),
    ("alpha", "adverse_effect", "coma", "severity=serious", "in a"),
    ("beta", "adverse_effect", "coma", "severity=life_threatening", "in c"),
    ("gamma", "caution", "cirrhosis", "caution", "in d"),
    ("gamma", "caution", "asthma", "stated_safe", "in d"),
    ("beta", "caution", "asthma", "caution", "in c"),
    ("beta", "caution", "tremor", "caution", "in c"),
    ("alpha", "indication", "pain", "in a"),
    ("beta", "indication", "pain", "in c"),
    ("gamma", "indication", "headache", "in d"),
    ("headache", "broader", "pain"),
    ("delta", "indication", "pain", "in d"),
    ("delta", "indication", "cough", "denied", "in d"),
    ("delta", "adverse_effect", "tremor", "denied", "in d"),
    ("epsilon", "indication", "cough", "in d"),
    ("epsilon", "interaction", "depressant", "avoid", "in d"),
    ("delta", "interaction", "alpha", "denied", "in d"),
    ("delta", "interaction", "beta", "monitor", "in d"),
    ("alpha", "alternative", "epsilon", "in a"),
)
TYPES = {"opioid": "DrugClass", "depressant": "DrugClass"}
GRAPH = walked.graph(FACTS, TYPES)


def rows(result: Result) -> list[dict[str, str]]:
    """The rows of a result as dictionaries."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows().rows]


SHARED = (
    (
        "alpha",
        "beta",
        "both need care in",
        "liver disease",
        "same",
        "liver disease",
        "avoid; monitor",
        "contraindicated",
    ),
    ("alpha", "beta", "both may cause", "tremor", "same", "tremor", "", ""),
    ("alpha", "gamma", "both need care in", "liver disease", "wider", "cirrhosis", "avoid; monitor", "caution"),
    (
        *("alpha", "beta", "the first may cause what asks for care with the second"),
        *("tremor", "same", "tremor", "", "caution"),
    ),
)


@pytest.mark.parametrize("wanted", SHARED, ids=[f"{row[0]}-{row[1]}-{row[3]}-{row[2][:9]}" for row in SHARED])
def test_what_two_drugs_share(wanted: tuple[str, ...]) -> None:
    a, b, *cells = wanted
    columns = ("part", "first", "match", "second", "first_level", "second_level")
    assert cells in [[row[name] for name in columns] for row in rows(shared_risks(GRAPH, a, b))]


@pytest.mark.parametrize(
    ("a", "b", "thing"), [("beta", "gamma", "asthma"), ("alpha", "gamma", "tremor"), ("alpha", "epsilon", "tremor")]
)
def test_what_two_drugs_do_not_share(a: str, b: str, thing: str) -> None:
    assert thing not in [row["first"] for row in rows(shared_risks(GRAPH, a, b))]


def test_what_is_denied_of_one_is_told_where_it_is_shared() -> None:
    graph = walked.graph([*FACTS, ("beta", "adverse_effect", "tremor", "denied", "in z")], TYPES)
    (found,) = [row for row in rows(shared_risks(graph, "alpha", "beta")) if row["part"] == "both may cause"][1:]
    assert (found["first"], found["denied_in"]) == ("tremor", "z")


def test_nothing_shared_is_not_stated_and_never_safe() -> None:
    found = shared_risks(GRAPH, "alpha", "epsilon")
    assert not found.rows().rows
    assert "not stated is neither no nor safe" in found.summary


def test_likeness_is_the_weighted_jaccard_index() -> None:
    graph = walked.graph(
        [
            ("a", "adverse_effect", "rare"),
            ("b", "adverse_effect", "rare"),
            ("a", "adverse_effect", "common"),
            ("b", "adverse_effect", "common"),
            ("c", "adverse_effect", "common"),
            ("c", "indication", "cough"),
            ("d", "adverse_effect", "common", "denied"),
            ("d", "indication", "cough"),
            ("b", "indication", "pain"),
        ]
    )
    found = alike(graph, "a")
    rare, common, own = math.log(4 / 2), math.log(4 / 3), math.log(4 / 1)
    assert [(other.drug.label, other.count) for other in found.others] == [("b", 2), ("c", 1)]
    assert found.others[0].score == pytest.approx((rare + common) / (rare + common + own))
    assert [feature.object.label for feature in found.others[0].shared] == ["rare", "common"]
    assert rows(alike(graph, "a", why=1))[0]["object"] == "rare"


def test_likeness_needs_something_that_not_all_have() -> None:
    graph = walked.graph([("a", "adverse_effect", "x"), ("b", "adverse_effect", "x")])
    assert not alike(graph, "a").others


ALTERNATIVES = (
    # drug, for, avoiding, candidate, part, verdict
    ("alpha", "pain", "tremor", "beta", "excluded", "excluded"),
    ("alpha", "pain", "tremor", "gamma", "alternatives", "denied"),
    ("alpha", "pain", "tremor", "delta", "alternatives", "denied"),
    ("alpha", "pain", "tremor", "epsilon", "alternatives", "not stated"),
    ("alpha", "pain", "cirrhosis", "beta", "excluded", "excluded"),
    ("alpha", "pain", "cirrhosis", "delta", "alternatives", "not stated"),
    ("alpha", "pain", "asthma", "gamma", "alternatives", "stated safe"),
    ("alpha", None, "beta", "epsilon", "excluded", "excluded"),
    ("alpha", "pain", "beta", "delta", "excluded", "excluded"),
    ("delta", "pain", "epsilon", "beta", "excluded", "excluded"),
)


@pytest.mark.parametrize(("drug", "use", "avoiding", "candidate", "part", "verdict"), ALTERNATIVES)
def test_alternatives(drug: str, use: str | None, avoiding: str, candidate: str, part: str, verdict: str) -> None:
    found = rows(alternatives(GRAPH, drug, use, avoiding))
    (row,) = [row for row in found if row["drug"] == candidate and row["avoided"]]
    assert (row["part"], row["verdict"]) == (part, verdict)


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        ("beta", "used for pain; same class (opioid)"),
        ("gamma", "used for headache (narrower); same class (opioid)"),
        ("epsilon", "stated alternative; use for pain not stated"),
    ],
)
def test_why_it_is_an_alternative(candidate: str, why: str) -> None:
    found = rows(alternatives(GRAPH, "alpha", "pain"))
    assert [row["why"] for row in found if row["drug"] == candidate] == [why]


@pytest.mark.parametrize(("drug", "use", "unwanted"), [("alpha", "pain", "alpha"), ("epsilon", "cough", "delta")])
def test_what_is_no_alternative(drug: str, use: str, unwanted: str) -> None:
    assert unwanted not in [
        row["drug"] for row in rows(alternatives(GRAPH, drug, use)) if row["part"] == "alternatives"
    ]


def test_every_exclusion_opens_to_the_facts_that_exclude() -> None:
    table = alternatives(GRAPH, "alpha", "pain", ["tremor", "asthma"]).rows()
    for row, facts in zip(table.rows, table.facts, strict=True):
        cells = dict(zip(table.columns, row, strict=True))
        assert bool(facts) == (cells["verdict"] != "not stated")
        assert "safe" not in cells["verdict"] or [fact.level for fact in facts] == ["stated_safe"]


TOGETHER = (
    # drugs, pair, how, level, subject, object, via
    (("alpha", "beta"), "alpha + beta", "both may cause", "", "both", "coma", ""),
    (
        ("epsilon", "alpha"),
        "epsilon + alpha",
        "by class",
        "avoid",
        "epsilon",
        "depressant",
        "alpha → opioid → depressant",
    ),
    (("delta", "beta"), "delta + beta", "by drug", "monitor", "delta", "beta", ""),
    (("alpha", "delta"), "alpha + delta", "denied", "", "delta", "alpha", ""),
    (("gamma", "delta"), "gamma + delta", "not stated", "", "", "", ""),
)


@pytest.mark.parametrize("wanted", TOGETHER, ids=[row[1] for row in TOGETHER])
def test_what_is_said_of_drugs_together(wanted: tuple[tuple[str, ...], str]) -> None:
    drugs, *cells = wanted
    columns = ("part", "how", "level", "subject", "object", "via")
    assert cells in [[row[name] for name in columns] for row in rows(interactions_among(GRAPH, drugs))]


def test_documents_put_drugs_into_classes_and_no_class_into_another() -> None:
    told = [
        ("a", "drug_class", "one"),
        ("one", "drug_class", "two"),
        ("b", "interaction", "two"),
        ("c", "drug_class", "two"),
    ]
    graph = walked.graph(told, {"one": "DrugClass", "two": "DrugClass"})
    found = {row["part"]: row["how"] for row in rows(interactions_among(graph, ["a", "b", "c"]))}
    assert found == {"b + c": "by class", "a + b": "not stated", "a + c": "not stated"}


def test_a_drug_that_no_document_speaks_of_is_named() -> None:
    graph = walked.graph([*FACTS, ("omega", "broader", "opioid")], {**TYPES, "omega": "Drug"})
    assert "no document speaks of omega" in interactions_among(graph, ["delta", "omega"]).summary
    assert "no document" not in interactions_among(graph, ["delta", "alpha"]).summary


def test_what_is_added_makes_its_own_pairs_only() -> None:
    found = interactions_among(GRAPH, ["alpha", "beta"], "epsilon")
    assert [(pair.first.label, pair.second.label) for pair in found.pairs] == [
        ("alpha", "epsilon"),
        ("beta", "epsilon"),
    ]
    assert "does not mean" in interactions_among(GRAPH, ["gamma", "delta"]).summary


def test_an_effect_with_another_drug_counts_as_said_of_both() -> None:
    graph = walked.graph([("a", "adverse_effect", "x", "with=b"), ("b", "adverse_effect", "y")])
    assert [(row["how"], row["object"]) for row in rows(interactions_among(graph, ["a", "b"]))] == [("by drug", "b")]


@pytest.mark.parametrize(
    ("level", "how"), [("no_data", "no data"), ("stated_safe", "stated safe"), ("avoid", "by drug")]
)
def test_a_level_that_asks_for_no_care_is_stated_and_no_interaction(level: str, how: str) -> None:
    found = interactions_among(walked.graph([("a", "interaction", "b", level), ("b", "indication", "c")]), ["a", "b"])
    assert [row["how"] for row in rows(found)] == [how]
    assert found.pairs[0].is_stated == (level == "avoid")


@pytest.mark.parametrize("drugs", [["alpha"], [], ["alpha", "alpha"], ["alpha"] * 60])
def test_lists_that_make_no_pairs_are_refused(drugs: list[str]) -> None:
    with pytest.raises(QueryError, match="drugs"):
        interactions_among(GRAPH, drugs)


def test_what_a_class_shares_and_who_differs() -> None:
    graph = walked.graph(
        [
            *[(drug, "broader", "class") for drug in "abcde"],
            *[(drug, "caution", "driving", "avoid") for drug in "abc"],
            ("d", "caution", "driving", "monitor"),
            ("e", "caution", "driving", "stated_safe"),
            *[(drug, "adverse_effect", "tremor") for drug in "abcd"],
            ("e", "adverse_effect", "tremor", "denied"),
            *[(drug, "adverse_effect", "pain") for drug in "abcd"],
            ("headache", "broader", "pain"),
            ("e", "adverse_effect", "headache"),
            ("class", "adverse_effect", "tremor"),
            *[(drug, "adverse_effect", "cough") for drug in "abc"],
        ],
        {"class": "DrugClass"},
    )
    found = {row["object"]: row for row in rows(class_pattern(graph, "class"))}
    assert found.keys() == {"driving", "tremor", "pain"}
    assert (found["driving"]["level"], found["driving"]["other_level"]) == ("avoid", "d: monitor; e: stated_safe")
    assert (found["driving"]["members"], found["driving"]["not_stated_of"]) == ("4 of 5", "")
    assert found["pain"]["not_stated_of"] == ""
    assert (found["tremor"]["denied_of"], found["tremor"]["of_class"]) == ("e", "stated")
    assert found["pain"]["related_of"] == "e"
    assert "cough" in {row["object"] for row in rows(class_pattern(graph, "class", 0.6))}
    assert not rows(class_pattern(graph, "class", 1.0))


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(QueryError, match="share"):
        class_pattern(GRAPH, "opioid", share)


CALLS: tuple[Callable[[Small, int], Result], ...] = (
    lambda graph, limit: shared_risks(graph, "alpha", "beta", limit=limit),
    lambda graph, limit: alike(graph, "alpha", limit),
    lambda graph, limit: alternatives(graph, "alpha", "pain", ["tremor"], limit=limit),
    lambda graph, limit: interactions_among(graph, ["alpha", "beta", "delta", "epsilon"], limit=limit),
    lambda graph, limit: class_pattern(graph, "opioid", 0.5, limit=limit),
)


@pytest.mark.parametrize("call", CALLS)
def test_the_order_of_the_facts_changes_nothing(call: Callable[[Small, int], Result]) -> None:
    shuffled = list(FACTS)
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)  # noqa: S311
        assert call(walked.graph(shuffled, TYPES), 50).to_dict() == call(GRAPH, 50).to_dict()


@pytest.mark.parametrize("call", CALLS)
def test_what_is_cut_says_so(call: Callable[[Small, int], Result]) -> None:
    whole, cut = call(GRAPH, 50), call(GRAPH, 1)
    assert not whole.truncated
    assert cut.truncated
    assert len(cut.rows().rows) < len(whole.rows().rows)
    with pytest.raises(QueryError, match="limit"):
        call(GRAPH, 0)


@pytest.mark.parametrize("call", CALLS)
def test_no_row_rests_on_what_is_denied_alone_unless_it_says_so(call: Callable[[Small, int], Result]) -> None:
    table = call(GRAPH, 50).rows()
    for row, facts in zip(table.rows, table.facts, strict=True):
        if facts and all(fact.polarity == "denied" for fact in facts):
            assert "denied" in row


@pytest.mark.parametrize("call", CALLS)
def test_every_result_says_what_was_asked_of_how_many_documents(call: Callable[[Small, int], Result]) -> None:
    found = call(GRAPH, 50)
    assert found.title.endswith("?")
    assert found.summary.endswith(".")
    assert "document" in found.summary
    assert set(found.stating) <= {"a", "b", "c", "d"}
    assert found.to_dict()["truncated"] is False
