"""`kg build`: documents become a folder of facts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli import lexicons, progress, screen, workers
from kg.errors import UnknownNameError

FORMATS = ("table", "json")


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Documents, or folders of them.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write facts and texts: answers show quotes.")
    ] = None,
    facts: Annotated[
        Path | None, typer.Option("--facts", metavar="FOLDER", help="Write facts alone, without any text.")
    ] = None,
    drug: Annotated[str | None, typer.Option(metavar="NAME", help="The subject of documents that name none.")] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A reader's corrections; by default decisions.tsv of the folder of --facts."),
    ] = None,
    vocabulary: lexicons.LexiconOption = None,
    output_format: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help="How to say what was built.")
    ] = "table",
    anew: Annotated[bool, typer.Option("--anew", help="Read every document again, changed or not.")] = False,
    jobs: workers.JobsOption = None,
    scheduler: workers.SchedulerOption = None,
    tls: workers.TlsOption = None,
    time_limit: workers.LimitOption = workers.LIMIT,
    quiet: progress.QuietOption = False,
) -> int:
    """Build a folder of facts from documents."""
    screen.check_format(output_format, FORMATS)
    if (out is None) == (facts is None):
        raise UnknownNameError("--out", "one folder to write to is needed", "name it with --out or with --facts")
    from kg import building

    target = out or facts or Path()
    if decisions is None and facts is not None and (facts / building.DECISIONS_FILE).is_file():
        decisions = facts / building.DECISIONS_FILE
    watch = progress.Watch(quiet=quiet)
    order = building.Order(
        tuple(paths), drug, lexicons.choose(vocabulary), decisions, anew, jobs, scheduler, tls, time_limit
    )
    counts = building.write(order, target, with_texts=out is not None, progress=watch)
    if counts is None:
        return watch.close()
    if output_format == "json":
        numbers = {"facts": counts.facts, "evidence": counts.evidence, "documents": counts.documents}
        screen.write(screen.as_json("build", {"folder": str(target), **numbers, "left_out": watch.left_out}))
    said = f"{screen.count(counts.facts, 'fact')}, said {screen.count(counts.evidence, 'time')}"
    taken = f", {counts.unchanged} of them unchanged" if counts.unchanged else ""
    screen.note(f"{target}: {said} in {screen.count(counts.documents, 'document')}{taken}.")
    return watch.close()
