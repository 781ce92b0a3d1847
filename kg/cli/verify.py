"""`kg verify`: is every byte of a built folder as it was written?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kg import cli
from kg.cli import screen

FORMATS = ("table", "json")


def command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that `kg build --out` wrote.")],
    quads: Annotated[
        bool, typer.Option("--quads", help="Compare every named graph with its sum too: the files' and the store's.")
    ] = False,
    output_format: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="How to print.")] = "table",
) -> int:
    """Verify a built folder; exit code 1 when a file is not as it was written."""
    screen.check_format(output_format, FORMATS)
    from kg.graph import verification

    found = verification.verify(folder, quads=quads)
    if output_format == "json":
        screen.write(screen.as_json("verify", {"ok": found.ok, **asdict(found)}))
    else:
        for damage in found.damages:
            screen.write(f"{damage.place}: {damage.problem}; {damage.remedy}\n")
    read = f"{screen.count(found.files, 'file')}, {found.bytes / 1e6:,.1f} MB"
    compared = f", {screen.count(found.graphs, 'graph')} compared" if quads else ""
    wrong = screen.count(len(found.damages), "problem") if found.damages else "all as written"
    others = f" {screen.count(len(found.others), 'other file')} not looked at." if found.others else ""
    screen.note(f"{folder}: {read}{compared}: {wrong}.{others}")
    return cli.DONE if found.ok else cli.PROBLEMS
