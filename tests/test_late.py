"""Facts that read their evidence late, and facts in memory: the same as those that are read at once from the store."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest

import kg
from kg.errors import GraphError
from kg.graph import decode, edges, encode, late, store, terms, whole
from kg.graph.whole import Whole
from kg.records import Evidence, Fact
from tests import explored, made


class Counting:
    """A shelf that counts how often it is asked."""

    def __init__(self, fact: Fact) -> None:
        self.fact, self.read, self.named = fact, 0, 0

    def proofs(self, _: str, /) -> tuple[Evidence, ...]:
        self.read += 1
        return self.fact.evidence

    def said_by(self, _: str, /) -> tuple[str, ...]:
        self.named += 1
        return self.fact.documents


@pytest.fixture(scope="module")
def fact() -> Fact:
    """A fact with all of its evidence."""
    return max(decode.facts(explored.example().store), key=lambda fact: len(fact.evidence))


def test_evidence_is_read_once_and_only_when_it_is_looked_at(fact: Fact) -> None:
    shelf = Counting(fact)
    one = late.late(fact, shelf)
    assert one.documents == one.documents == fact.documents and (shelf.read, shelf.named) == (0, 1)
    seen = late.shown(one, lambda proof: replace(proof, quote="shown"))
    assert seen.documents == fact.documents and (shelf.read, shelf.named) == (0, 1)
    assert [proof.quote for proof in seen.evidence] == ["shown"] * len(fact.evidence) and shelf.read == 1
    assert one.evidence == fact.evidence and one.evidence is one.evidence and shelf.read == 1


SAME: tuple[tuple[str, Callable[[Fact], Fact]], ...] = (
    ("as it is", lambda fact: fact),
    ("with its evidence replaced", lambda fact: replace(fact, evidence=fact.evidence)),
    ("renamed and back", lambda fact: replace(replace(fact, iri="x:y"), iri=fact.iri)),
    ("copied", copy.deepcopy),
    ("shown as it is", lambda fact: late.shown(fact, lambda proof: proof)),
)


@pytest.mark.parametrize(("what", "change"), SAME, ids=[what for what, _ in SAME])
def test_a_late_fact_equals_one_that_was_read_at_once(fact: Fact, what: str, change: Callable[[Fact], Fact]) -> None:
    one = change(late.late(replace(fact, qualifiers=dict(fact.qualifiers)), Counting(fact)))
    assert one == fact and fact == one and hash(one) == hash(fact), what
    assert (one.evidence, one.documents, one.level) == (fact.evidence, fact.documents, fact.level)
    assert one != replace(fact, evidence=()) and replace(fact, evidence=()) != one
    assert one != replace(fact, polarity="odd") and one != object()


def by_iri(facts: list[Fact]) -> dict[str, Fact]:
    return {fact.iri: fact for fact in facts}


@pytest.mark.parametrize("graph", [explored.example, kg.load], ids=["example", "packaged"])
def test_facts_in_memory_are_those_of_the_store(graph: Callable[[], kg.Graph]) -> None:
    held = graph().store
    at_once, reader = by_iri(decode.facts(held)), decode.Reader(held, quotes=False)
    whole.keep(reader)
    assert reader.whole is not None and reader.whole.facts.keys() == at_once.keys()
    for iri, wanted in at_once.items():
        found = reader.fact(iri)
        assert isinstance(found, late.LateFact)
        assert (found.documents, found.qualifiers, found.subject) == (
            wanted.documents,
            wanted.qualifiers,
            wanted.subject,
        )
        bare = tuple(replace(proof, quote=None, heading_text=None) for proof in wanted.evidence)
        assert found == replace(wanted, evidence=bare)
    subjects = {encode.node_of(fact.subject).value for fact in at_once.values()}
    for subject in sorted(subjects):
        for kind in (None, "caution"):
            assert by_iri(reader.facts(kind, subject)).keys() == by_iri(decode.facts(held, kind, subject)).keys()
    for source in reader.sources():
        said = {iri for iri, one in at_once.items() if source.name in one.documents}
        assert set(reader.said_in(source.name)) == said
        places = {(iri, span, words) for iri, span, words in reader.places(source.name)}
        proofs = ((iri, one) for iri in said for one in at_once[iri].evidence if one.document == source.name)
        assert places == {(iri, one.span, one.object_span) for iri, one in proofs}


def test_what_is_too_much_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "MOST", 10)
    reader = decode.Reader(explored.example().store, quotes=False)
    whole.keep(reader)
    assert reader.whole is None


def test_a_store_without_a_graph_for_each_document_is_read_by_its_evidence() -> None:
    quads = [q for q in explored.example().store if q.graph_name == store.DEFAULT]
    plain = store.from_quads(quads, with_vocabulary=False)
    found, wanted = by_iri(decode.facts(plain)), Whole(explored.example().store).facts
    assert {iri: edge.documents for iri, edge in Whole(plain).facts.items()} == {
        iri: edge.documents for iri, edge in wanted.items()
    }
    reader = decode.Reader(plain, quotes=False)
    assert all(reader.fact(iri).documents == fact.documents for iri, fact in found.items())


@pytest.mark.parametrize("missing", ["subject", "object", "polarity"])
def test_what_lacks_something_is_not_taken_into_memory(missing: str) -> None:
    document, statements = made.page()
    from kg import assembly

    quads = list(encode.quads(assembly.assemble(statements[:1]), [document]))
    broken = store.from_quads(quad for quad in quads if quad.predicate.value != terms.DRUGS + missing)
    with pytest.raises(GraphError, match=missing):
        list(edges.facts(broken, {}))
