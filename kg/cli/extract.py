"""`kg extract`: what the passages of documents say, one statement a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kg.cli import lexicons, progress, screen, workers
from kg.records import Reading, Statement

FORMATS = ("jsonl", "table")


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Documents, or folders of them.")],
    output_format: Annotated[str, typer.Option("--format", metavar="jsonl|table", help="How to print.")] = "jsonl",
    drug: Annotated[str | None, typer.Option(metavar="NAME", help="The subject of documents that name none.")] = None,
    vocabulary: lexicons.LexiconOption = None,
    jobs: workers.JobsOption = None,
    scheduler: workers.SchedulerOption = None,
    tls: workers.TlsOption = None,
    time_limit: workers.LimitOption = workers.LIMIT,
    quiet: progress.QuietOption = False,
) -> int:
    """Print what documents say, one statement a line, as soon as each document is read."""
    screen.check_format(output_format, FORMATS)
    from kg.extraction import parallel

    watch = progress.Watch(quiet=quiet)
    said = 0
    lexicon = lexicons.choose(vocabulary)
    found = parallel.readings(paths, drug, lexicon, jobs=jobs, scheduler=scheduler, tls=tls, limit=time_limit)
    for reading in watch.over(found):
        if output_format == "jsonl":
            for statement in reading.statements:
                screen.write(json.dumps(as_record(statement), ensure_ascii=False) + "\n")
        elif reading.statements:
            screen.write(("\n" if said else "") + _table(reading))
        screen.flush()
        said += len(reading.statements)
    if output_format == "table" and watch.read:
        counted = f"{screen.count(said, 'statement')} in {screen.count(watch.read, 'document')}"
        screen.note(f"{counted}. {screen.NOT_ADVICE}")
    return watch.close()


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


def _table(reading: Reading) -> str:
    """The statements of one document below its name: a table of all documents would have to wait for the last one."""
    columns = ["place", "subject", "kind", "object", "qualifiers"]
    name = "".join(f"{line}\n" for line in screen.wrap(reading.document.name, screen.width()))
    return name + screen.table(columns, [_row(s) for s in reading.statements], screen.width())


def _row(statement: Statement) -> list[str]:
    evidence = statement.evidence
    denied = "denied: " if statement.polarity == "denied" else ""
    return [
        f"{evidence.span.start}–{evidence.span.end}",
        statement.subject.label,
        statement.kind.replace("_", " "),
        denied + statement.object.label,
        ", ".join(f"{name} {value}" for name, value in sorted(statement.qualifiers.items())),
    ]
