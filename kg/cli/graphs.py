"""The graph that a command is about: the packaged facts, a folder that `kg build` wrote, or an RDF file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.errors import GraphError

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
        help="Where the documents are, or KG_DOCUMENTS: then answers show the sentences.",
    ),
]


def open_graph(path: Path | None, documents: Path | None) -> Graph:
    """Open the graph; the packaged facts when no path is given.

    Raises
    ------
    KgError
        When the graph is missing or cannot be read.
    """
    import kg

    if path is not None:
        must_exist(path)

    return kg.load(documents=documents) if path is None else kg.open(path, documents=documents)


def must_exist(path: Path) -> None:
    """Say that a graph is missing before anyone looks at its name.

    Raises
    ------
    GraphError
        When there is nothing of that name.
    """
    if not path.exists():
        raise GraphError(str(path), "no such file or folder", "name a folder that `kg build` wrote, or an RDF file")
