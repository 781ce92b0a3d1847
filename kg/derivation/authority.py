"""Who is to be believed about a class, and what a drug is given for: what keeps a rule from talking nonsense."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from kg.derivation.members import Hierarchy, Membership, node
from kg.records import Entity, Fact

_TREATS = "indication"


def mainly(facts: Iterable[Fact]) -> dict[str, str]:
    """Return what each document is mainly about: what most of its evidence is for."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for fact in facts:
        subject = node(fact.subject)
        for proof in fact.evidence:
            counts[proof.document][subject] += 1
    return {name: min(found, key=lambda iri: (-found[iri], iri)) for name, found in counts.items()}


def believed(about: Mapping[str, str], members: Mapping[str, list[Membership]], enough: int) -> Callable[[Fact], bool]:
    """Return the test whether documents are to be believed in what they say of a class.

    A document speaks with knowledge of the class, or of the class of the drug, that it is mainly about. What it says
    of others in passing ("corticosteroids were given for ...") is believed where enough documents say it.
    """
    within = {iri: {node(one.member) for one in found} | {iri} for iri, found in members.items()}

    def test(fact: Fact) -> bool:
        documents = fact.documents
        return len(documents) >= enough or any(about[name] in within.get(node(fact.subject), ()) for name in documents)

    return test


def is_treated(facts: Iterable[Fact], conditions: Iterable[Entity], hierarchy: Hierarchy) -> bool:
    """Tell whether facts about a drug say that it is given for one of some conditions, or for a kind of it."""
    given_for = [fact.object for fact in facts if fact.kind == _TREATS]
    return any(
        node(one) in hierarchy.above_entity(treated) or node(treated) in hierarchy.above_entity(one)
        for one in conditions
        for treated in given_for
    )
