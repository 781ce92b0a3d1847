"""The graph that a command is about: the packaged facts, a folder that `kg build` wrote, or an RDF file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kg.api import Graph

GraphOption = Annotated[
    Path | None,
    typer.Option("--graph", metavar="PATH", help="A folder of facts or an RDF file; by default the packaged facts."),
]
DocumentsOption = Annotated[
    Path | None,
    typer.Option(
        "--documents",
        metavar="FOLDER",
        envvar="KG_DOCUMENTS",
        show_envvar=True,
        help="Where the documents are: answers show the sentences.",
    ),
]


def open_graph(path: Path | None, documents: Path | None) -> Graph:
    """Open the graph; the packaged facts when no path is given."""
    import kg

    return kg.load(documents=documents) if path is None else kg.open(path, documents=documents)


def texts(graph: Path, documents: Path | None) -> Path | None:
    """Return the folder where the texts of a graph's documents are: the one named, else that of the graph itself."""
    inside = graph / "texts"
    return documents if documents is not None else inside if inside.is_dir() else None
