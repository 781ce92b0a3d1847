"""Harm seen in the patients whom a drug is for is no reason for care of its own: "rash occurred in patients with gout".

Rules that say so little are marked `weak` in the tables: what they find is dropped where the same document says that
the drug treats it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kg.records import Entity, Statement
from kg.vocabulary.lexicon import normalise


def without_treated(statements: Collection[Statement], weak: frozenset[str]) -> list[Statement]:
    """Leave out what rules of the names `weak` say of the conditions that the document's drug treats."""
    said = [s for s in statements if s.kind == "indication" and s.polarity == "affirmed"]
    treated = frozenset(name for s in said for name in _names(s.object))
    words = tuple({normalise(s.evidence.object_text) + " " for s in said})
    return [
        s
        for s in statements
        if s.evidence.rule not in weak or (treated.isdisjoint(_names(s.object)) and not _is_about(s, words))
    ]


def _is_about(statement: Statement, treated: tuple[str, ...]) -> bool:
    """Tell whether the sentence of a harm speaks of what is treated: "Gout is associated with kidney stones"."""
    quote = normalise(statement.evidence.quote or "").lstrip(" *_")
    return statement.kind == "adverse_effect" and quote.startswith(treated)


def _names(entity: Entity) -> Iterable[str]:
    return filter(None, (entity.iri, entity.label))
