"""Beliefs: the number is the sum of its parts, grows with independent support and never with a denial."""

from __future__ import annotations

import itertools
import tomllib
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import resources
from kg.agreement import belief
from kg.agreement.belief import Context
from kg.agreement.copies import Copies
from kg.records import Entity, Evidence, Fact, Span
from tests.test_agreement import graph_of, said

DRUG, THING = Entity("a drug", "https://example.org/drug"), Entity("a thing", "https://example.org/thing")
DOCUMENTS = tuple("abcdefgh")
KINDS = dict(zip(DOCUMENTS, ("label", "web page", "leaflet", "something else") * 2, strict=True))
RULES = ("contraindication/one", "class/two", "model/adverse_effect", "unheard/of")


def proof(document: str, rule: str = "caution/made", quote: str = "", length: int = 40) -> Evidence:
    """Point to a place of a document."""
    return Evidence(document, Span(0, length), quote or f"quote of {document}", Span(0, 5), "thing", rule)


def fact(*proofs: Evidence, iri: str = "fact", polarity: str = "affirmed", kind: str = "caution", **more: str) -> Fact:
    """Make a fact about the one drug and the one thing."""
    return Fact(kind, DRUG, THING, tuple(proofs), polarity, MappingProxyType(dict(sorted(more.items()))), iri)


def believed(about: Fact, *others: Fact, copies: dict[str, str] | None = None) -> belief.Belief:
    """Judge a fact among others."""
    known = Context((about, *others), Copies(copies or {}), KINDS, belief.priors())
    return belief.belief(about, known)


proofs = st.lists(st.builds(proof, st.sampled_from(DOCUMENTS), st.sampled_from(RULES)), min_size=1, max_size=6)
groups = st.dictionaries(st.sampled_from(DOCUMENTS[4:]), st.sampled_from(DOCUMENTS[:4]))


@given(proofs, st.lists(proofs, max_size=2), st.lists(proofs, max_size=2), groups)
def test_the_parts_sum_up_to_the_number(
    own: list[Evidence], denials: list[list[Evidence]], levels: list[list[Evidence]], copies: dict[str, str]
) -> None:
    others = [fact(*d, iri=f"no {n}", polarity="denied", level="avoid") for n, d in enumerate(denials)]
    others += [fact(*d, iri=f"level {n}", level="caution", condition=None or "x" * n) for n, d in enumerate(levels)]
    got = believed(fact(*own, level="avoid"), *others, copies=copies)
    assert sum(part.amount for part in got.parts) == got.value
    assert 0 <= got.value <= 1
    assert all(part.documents and part.facts and part.why for part in got.parts)
    assert float(got) == float(got.value)


@given(proofs, st.sampled_from(DOCUMENTS), st.sampled_from(RULES), groups)
def test_more_support_never_lowers_it(own: list[Evidence], document: str, rule: str, copies: dict[str, str]) -> None:
    before = believed(fact(*own, level="avoid"), copies=copies)
    after = believed(fact(*own, proof(document, rule, "another quote"), level="avoid"), copies=copies)
    assert after.value >= before.value


@given(proofs, proofs, st.sampled_from(DOCUMENTS), groups)
def test_more_denials_never_raise_it(
    own: list[Evidence], against: list[Evidence], document: str, copies: dict[str, str]
) -> None:
    values = [
        believed(fact(*own, level="avoid"), *others, copies=copies).value
        for others in (
            (),
            (fact(*against, iri="no", polarity="denied", level="avoid"),),
            (fact(*against, proof(document, quote="more"), iri="no", polarity="denied", level="avoid"),),
        )
    ]
    assert values == sorted(values, reverse=True)


@given(proofs, groups)
def test_the_order_of_the_evidence_does_not_matter(own: list[Evidence], copies: dict[str, str]) -> None:
    assert believed(fact(*own), copies=copies).value == believed(fact(*reversed(own)), copies=copies).value


def test_independent_documents_count_and_copies_do_not() -> None:
    one = believed(fact(proof("a"))).value
    two = believed(fact(proof("a"), proof("e"))).value
    assert believed(fact(proof("a"), proof("e")), copies={"e": "a"}).value == one < two
    other_kind = believed(fact(proof("a"), proof("b"))).value
    assert other_kind > two, "another kind of source has errors of its own"


def test_the_same_long_sentence_counts_once() -> None:
    long, short = belief.SAME_SENTENCE, belief.SAME_SENTENCE - 1
    taken_over = believed(fact(proof("a", quote="same", length=long), proof("e", quote="same", length=long)))
    by_chance = believed(fact(proof("a", quote="same", length=short), proof("e", quote="same", length=short)))
    assert taken_over.value == believed(fact(proof("a"))).value < by_chance.value
    assert [part.documents for part in taken_over.parts] == [("a", "e")]


def test_what_is_stated_more_narrowly_supports_and_not_the_other_way_round() -> None:
    wide, narrow = fact(proof("a"), iri="wide"), fact(proof("e"), iri="narrow", severity="severe")
    assert believed(wide, narrow).value > believed(wide).value
    assert believed(narrow, wide).value == believed(narrow).value
    assert [part.why.split(" in a ")[0] for part in believed(wide, narrow).parts] == ["stated", "stated more narrowly"]


def test_what_speaks_against_it_is_a_part_of_its_own() -> None:
    mine = fact(proof("a"), level="avoid")
    denied = believed(mine, fact(proof("e"), iri="no", polarity="denied", level="avoid"))
    other_level = believed(mine, fact(proof("e"), iri="other", level="monitor"))
    other_scope = believed(mine, fact(proof("e"), iri="other", level="monitor", population="children"))
    alone = believed(mine)
    assert [part.why for part in denied.parts][1:] == ["denied elsewhere"]
    assert [part.why for part in other_level.parts][1:] == ["another level of care elsewhere"]
    assert denied.value < other_level.value < alone.value == other_scope.value
    own = believed(mine, fact(proof("a"), iri="other", level="monitor"))
    assert own.value == alone.value, "a document that asks for more elsewhere is not against itself"


def test_a_denial_is_believed_as_any_fact() -> None:
    no = fact(proof("a"), iri="no", polarity="denied", level="avoid")
    against = believed(no, fact(proof("e"), iri="yes", level="avoid"))
    assert [part.why for part in against.parts][1:] == ["affirmed elsewhere"]
    assert believed(no).value == believed(fact(proof("a"), level="avoid")).value


def test_a_worked_example() -> None:
    # caution/…: right 89 %; label: wrong itself 1 %. One: 1 - (0.01 + 0.99 · 0.11); two: 1 - (0.01 + 0.99 · 0.11²)
    got = believed(fact(proof("a"), proof("e")))
    assert [part.amount for part in got.parts] == [Decimal("0.8811"), Decimal("0.0969")]
    assert got.value == Decimal("0.9780")
    assert got.summary.startswith("0.9780 for a drug, caution, a thing: 2 independent in support, none against")


def test_a_graph_gives_beliefs_with_rows() -> None:
    pages = {name: [said("caution | asthma | level=avoid")] for name in ("a.md", "b.md")}
    graph = graph_of({**pages, "c.md": [said("!caution | asthma | level=avoid")]})
    (yes, no) = graph.facts("caution")
    (high, low) = (graph.belief(yes), graph.belief(no))
    assert high.value > low.value
    columns, rows, facts = high.rows()
    assert columns == ("why", "amount", "documents")
    assert sum(Decimal(row[1]) for row in rows) == high.value
    assert [row[2] for row in rows] == ["a.md", "b.md", "c.md"]
    assert all(facts)


def test_every_prior_says_where_it_comes_from() -> None:
    table = tomllib.loads((resources.folder("ontology") / "belief.toml").read_text("utf-8"))
    for entry in itertools.chain(table["rule"], table["source"], table["contradiction"]):
        assert entry["from"]
        assert all(0 < value < 1 for value in entry.values() if isinstance(value, float)), entry


@pytest.mark.parametrize(
    ("rule", "same_as"),
    [("caution/anything", "caution"), ("unheard/of", "other"), ("model/adverse_effect", "model/adverse_effect")],
)
def test_rules_are_known_by_their_family(rule: str, same_as: str) -> None:
    known = belief.priors()
    assert known.error(rule) == 1 - known.precision[same_as]
