"""Records as plain dictionaries: the form of `to_dicts` and of every JSON that the command line prints.

The names are those of `$defs` in `kg/schema/output.json`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from kg.records import Derived, Entity, Evidence, Fact, Link, Statement

Plain = dict[str, object]


def entity(said: Entity) -> Plain:
    """Return what a statement is about.

    >>> entity(Entity("glaucoma"))
    {'label': 'glaucoma', 'iri': None, 'broader': None}
    """
    return {"label": said.label, "iri": said.iri or None, "broader": said.broader}


def evidence(said: Evidence) -> Plain:
    """Return where a document says it; the quote is null where its text is not at hand."""
    heading = said.heading
    return {
        "document": said.document,
        "start": said.span.start,
        "end": said.span.end,
        "quote": said.quote,
        "object": {"text": said.object_text, "start": said.object_span.start, "end": said.object_span.end},
        "heading": {"text": said.heading_text, "start": heading.start, "end": heading.end} if heading else None,
        "quote_sha256": said.quote_sha256,
        "rule": said.rule,
    }


def link(said: Link) -> Plain:
    """Return a step in the vocabulary."""
    return {"narrower": entity(said.narrower), "broader": entity(said.broader)}


def fact(said: Fact, through: Link | None = None) -> Plain:
    """Return a fact with all its evidence; `through` is the step that led to it where a broader name was asked for."""
    return {
        **_content(said),
        "polarity": said.polarity,
        "documents": list(said.documents),
        "evidence": [evidence(item) for item in said.evidence],
        "through": link(through) if through else None,
    }


def derived(said: Derived) -> Plain:
    """Return what follows from facts, with the facts under it."""
    return {
        **_content(said),
        "rule": said.rule,
        "why": said.why,
        "documents": list(said.documents),
        "facts": [fact(item) for item in said.facts],
        "links": [link(item) for item in said.links],
    }


def statement(said: Statement) -> Plain:
    """Return one statement with its one piece of evidence."""
    return {
        "kind": said.kind,
        "polarity": said.polarity,
        "subject": entity(said.subject),
        "object": entity(said.object),
        "qualifiers": dict(sorted(said.qualifiers.items())),
        "evidence": evidence(said.evidence),
    }


def evidenced(
    summary: str,
    truncated: bool,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    facts: Sequence[Iterable[Fact]],
) -> Plain:
    """Return a result that says what it found: a sentence, and rows with the evidence behind each."""
    shown = [
        {
            **dict(zip(columns, row, strict=True)),
            "evidence": [evidence(item) for fact in told for item in fact.evidence],
        }
        for row, told in zip(rows, facts, strict=True)
    ]
    return {"summary": summary, "truncated": truncated, "rows": shown}


def of(said: object) -> object:
    """Return any record as what JSON can hold.

    >>> of((Entity("glaucoma"), 3))
    [{'label': 'glaucoma', 'iri': None, 'broader': None}, 3]
    """
    if isinstance(said, Entity):
        return entity(said)
    if isinstance(said, Evidence):
        return evidence(said)
    if isinstance(said, Fact):
        return fact(said)
    if isinstance(said, Derived):
        return derived(said)
    if isinstance(said, Link):
        return link(said)
    if isinstance(said, Statement):
        return statement(said)
    if dataclasses.is_dataclass(said) and not isinstance(said, type):
        return {field.name: of(getattr(said, field.name)) for field in dataclasses.fields(said)}
    if hasattr(said, "_asdict"):
        return {name: of(item) for name, item in said._asdict().items()}
    if isinstance(said, Mapping):
        return {str(name): of(item) for name, item in said.items()}
    if isinstance(said, tuple | list | set | frozenset):
        return [of(item) for item in (sorted(said, key=str) if isinstance(said, set | frozenset) else said)]
    return said


def _content(said: Fact | Derived) -> Plain:
    return {
        "iri": said.iri,
        "kind": said.kind,
        "subject": entity(said.subject),
        "object": entity(said.object),
        "level": said.level,
        "qualifiers": dict(sorted(said.qualifiers.items())),
    }
