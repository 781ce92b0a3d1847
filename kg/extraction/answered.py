"""What an answer takes from its question is left out where the answer says it in its own words."""

from __future__ import annotations

from collections.abc import Iterable

from kg.records import Statement
from kg.vocabulary import Vocabulary

NEAR = 600
"""Code points behind a question within which its answer stands."""


def without_repeated(statements: Iterable[Statement], asked: frozenset[str], vocabulary: Vocabulary) -> list[Statement]:
    """Leave out what only the question names ("Can I drive?") where its answer names it too ("Do not drive ...").

    So it is with a class of which the answer names members: "Can I take painkillers? Avoid ibuprofen and aspirin".

    `asked` are the names of the rules that take their objects from questions.
    """
    found = list(statements)
    said = [s for s in found if s.evidence.rule not in asked]
    return [
        s for s in found if s.evidence.rule not in asked or not any(_repeats(s, other, vocabulary) for other in said)
    ]


def _repeats(asked: Statement, said: Statement, vocabulary: Vocabulary) -> bool:
    behind = said.evidence.object_span.start - asked.evidence.object_span.start
    if not 0 <= behind <= NEAR or said.kind != asked.kind:
        return False
    if said.object.iri and asked.object.iri in vocabulary.ancestors(said.object.iri):
        return said.qualifiers.get("level") == asked.qualifiers.get("level")
    return (said.object.iri or said.object.label) == (asked.object.iri or asked.object.label)
