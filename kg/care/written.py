"""Graded care as plain values that can be written as JSON: every item opens to its facts and their evidence."""

from __future__ import annotations

from collections.abc import Iterable

from kg.care.records import CautionAnswer, DrugInNeed, FitTable, Item, NeedingAnswer, Saying, Step
from kg.records import Derived, Entity, Fact, Link
from kg.results.plain import evidence

Plain = dict[str, object]


def answer(found: CautionAnswer) -> Plain:
    """Write an answer."""
    return {
        "drug": entity(found.drug),
        "things": [entity(thing) for thing in found.things],
        "severity": found.severity,
        "verdict": found.verdict,
        "summary": found.summary,
        "items": [item(one) for one in found.items],
        "stated_safe": [item(one) for one in found.stated_safe],
        "denied": [item(one) for one in found.denied],
        "only_for": [item(one) for one in found.only_for],
        "near": [item(one) for one in found.near],
        "for_everyone": [item(one) for one in found.for_everyone],
        "harms": [fact(one) for one in found.harms],
        "stating": list(found.stating),
        "documents": list(found.documents),
        "notice": found.notice,
    }


def item(found: Item) -> Plain:
    """Write an item."""
    return {
        "object": entity(found.object),
        "concern": found.concern,
        "level": found.level,
        "origin": found.origin,
        "scope": dict(found.scope),
        "pending": dict(found.pending),
        "disagreement": list(found.disagreement),
        "documents": list(found.documents),
        "independent": found.independent,
        "sayings": [saying(one) for one in found.sayings],
        "against": [saying(one) for one in found.against],
        "derived": [derived(one) for one in found.derived],
    }


def saying(found: Saying) -> Plain:
    """Write who says which level."""
    return {
        "level": found.level,
        "polarity": found.polarity,
        "origin": found.origin,
        "effects": list(found.effects),
        "documents": list(found.documents),
        "steps": [_step(one) for one in found.steps],
        "facts": [fact(one) for one in found.facts],
    }


def derived(found: Derived) -> Plain:
    """Write what follows, its rule, and what it rests on."""
    return {
        "rule": found.rule,
        "why": found.why,
        "kind": found.kind,
        "level": found.level,
        "object": entity(found.object),
        "qualifiers": dict(found.qualifiers),
        "documents": list(found.documents),
        "facts": [fact(one) for one in found.facts],
        "links": [_step(one) for one in found.links],
        "outranked_by": [fact(one) for one in found.outranked_by],
        "iri": found.iri,
    }


def fact(found: Fact) -> Plain:
    """Write a fact with its evidence."""
    return {
        "iri": found.iri,
        "kind": found.kind,
        "polarity": found.polarity,
        "subject": entity(found.subject),
        "object": entity(found.object),
        "qualifiers": dict(found.qualifiers),
        "evidence": [evidence(one) for one in found.evidence],
    }


def entity(found: Entity) -> Plain:
    """Write an entity."""
    return {"label": found.label, "iri": found.iri}


def needing(found: NeedingAnswer) -> Plain:
    """Write which drugs need care."""
    return {
        "things": [[entity(one) for one in things] for things in found.things],
        "combine": found.combine,
        "summary": found.summary,
        "total": found.total,
        "truncated": found.truncated,
        "drugs": [_in_need(one) for one in found.drugs],
        "only_for_total": found.only_for_total,
        "only_for": [_in_need(one) for one in found.only_for],
        "documents": list(found.documents),
        "notice": found.notice,
    }


def _in_need(found: DrugInNeed) -> Plain:
    return {
        "drug": entity(found.drug),
        "things": [
            {
                "thing": entity(part.things[0]),
                "items": _items(part.items),
                "only_for": _items(part.only_for),
                "denied": _items(part.denied),
            }
            for part in found.answers
        ],
    }


def fit(found: FitTable) -> Plain:
    """Write a table."""
    return {
        "patient": list(found.patient),
        "rule": found.rule,
        "rows": [
            {
                "place": row.place,
                "drug": entity(row.drug),
                "not_stated": row.not_stated,
                "cells": [
                    {"of": of, "level": cell.level, "stated": cell.is_stated, "reason": cell.reason}
                    | {"item": item(cell.item) if cell.item else None, "answer": answer(cell.answer)}
                    for of, cell in zip(found.patient, row.cells, strict=True)
                ],
            }
            for row in found.rows
        ],
        "notice": found.notice,
    }


def _items(found: Iterable[Item]) -> list[Plain]:
    return [item(one) for one in found]


def _step(found: Step) -> Plain:
    if isinstance(found, Link):
        return {"narrower": entity(found.narrower), "broader": entity(found.broader)}
    return {"fact": fact(found)}
