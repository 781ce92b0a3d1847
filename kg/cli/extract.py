"""`kg extract`: what the passages of documents say, one statement a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kg.cli import screen
from kg.records import Statement

FORMATS = ("jsonl", "table")


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Documents, or folders of them.")],
    output_format: Annotated[str, typer.Option("--format", metavar="jsonl|table", help="How to print.")] = "jsonl",
    drug: Annotated[str | None, typer.Option(metavar="NAME", help="The subject of documents that name none.")] = None,
) -> int:
    """Print what documents say, one statement a line."""
    screen.check_format(output_format, FORMATS)
    from kg import extraction

    result = extraction.extract_files(paths, drug)
    documents = result.documents
    order = {document.name: number for number, document in enumerate(documents)}
    statements = sorted(result.statements, key=lambda s: (order[s.evidence.document], *_place(s)))
    if output_format == "jsonl":
        for statement in statements:
            screen.write(json.dumps(as_record(statement), ensure_ascii=False) + "\n")
        return screen.left_out(result.left_out)
    columns = ["document", "place", "subject", "kind", "object", "qualifiers"]
    screen.write(screen.table(columns, [_row(s) for s in statements], screen.width(), ["document"]))
    counted = f"{screen.count(len(statements), 'statement')} in {screen.count(len(documents), 'document')}"
    screen.note(f"{counted}. {screen.NOT_ADVICE}")
    return screen.left_out(result.left_out)


def as_record(statement: Statement) -> dict[str, object]:
    """Return a statement as the JSON object that `kg extract` prints."""
    evidence = statement.evidence
    heading = evidence.heading
    return {
        "document": evidence.document,
        "kind": statement.kind,
        "polarity": statement.polarity,
        "subject": {"label": statement.subject.label, "iri": statement.subject.iri or None},
        "object": {
            "label": statement.object.label,
            "iri": statement.object.iri or None,
            "text": evidence.object_text,
            "start": evidence.object_span.start,
            "end": evidence.object_span.end,
        },
        "qualifiers": dict(sorted(statement.qualifiers.items())),
        "start": evidence.span.start,
        "end": evidence.span.end,
        "quote": evidence.quote,
        "heading": heading and {"text": evidence.heading_text, "start": heading.start, "end": heading.end},
    }


def _place(statement: Statement) -> tuple[int, int, int, int, str]:
    evidence = statement.evidence
    return (*evidence.span, *evidence.object_span, statement.kind)


def _row(statement: Statement) -> list[str]:
    evidence = statement.evidence
    denied = "denied: " if statement.polarity == "denied" else ""
    return [
        evidence.document,
        f"{evidence.span.start}–{evidence.span.end}",
        statement.subject.label,
        statement.kind.replace("_", " "),
        denied + statement.object.label,
        ", ".join(f"{name} {value}" for name, value in sorted(statement.qualifiers.items())),
    ]
