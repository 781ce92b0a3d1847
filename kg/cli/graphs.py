"""The graph that a command is about: the packaged facts, a folder of `kg build`, an RDF file, or one on a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.errors import GraphError
from kg.graph.terms import is_address

if TYPE_CHECKING:
    from kg.api import Graph

GraphOption = Annotated[
    str | None,
    typer.Option(
        "--graph",
        metavar="PATH|ADDRESS",
        help="A folder of facts, an RDF file, or a SPARQL server's address; by default the packaged facts.",
    ),
]
DocumentsOption = Annotated[
    Path | None,
    typer.Option(
        "--documents",
        metavar="FOLDER",
        help="Where the documents are, or KG_DOCUMENTS: then answers show the sentences.",
    ),
]


def open_graph(path: str | None, documents: Path | None) -> Graph:
    """Open the graph of a path or an address; the packaged facts when none is given.

    Raises
    ------
    KgError
        When the graph is missing or cannot be read.
    """
    import kg

    if path is not None:
        must_exist(path)

    return kg.load(documents=documents) if path is None else kg.open(path, documents=documents)


def must_exist(path: str) -> None:
    """Say that a graph is missing before anyone looks at its name; a server says that itself.

    Raises
    ------
    GraphError
        When there is nothing of that name.
    """
    if not is_address(path) and not Path(path).exists():
        raise GraphError(path, "no such file or folder", "name a folder that `kg build` wrote, or an RDF file")
