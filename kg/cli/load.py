"""`kg load`: what was exported becomes a folder of facts again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg import cli
from kg.cli import check, graphs, screen


def command(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Turtle, TriG, N-Quads, JSON-LD, RDF/XML, or both files of KGX."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The new folder of facts.")],
    documents: graphs.DocumentsOption = None,
) -> int:
    """Read facts back, check them, and write them as `kg build` does.

    Where they are wrong, nothing is written and the exit code is 1. With the documents, quotes are checked and the
    texts kept.
    """
    from kg import loading

    loaded = loading.read(files, documents)
    report = loaded.report
    if report.ok:
        loading.write(loaded, out)
    screen.write(check.as_table(report))
    screen.note(check.coverage(report))
    if not report.ok:
        screen.note(f"kg: {out} is not written: mend what the findings name, and load it again")
        return cli.PROBLEMS
    count = f"{screen.count(loaded.facts, 'fact')} in {screen.count(report.documents, 'document')}"
    texts = f", {screen.count(len(loaded.texts), 'text')} kept" if loaded.texts else ""
    screen.note(f"{out}: {count}{texts}.")
    return cli.DONE
