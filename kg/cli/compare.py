"""`kg compare`: what documents, drugs or builds all say, what only some say, and where they differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli import graphs, results, screen
from kg.graph import terms


def command(
    names: Annotated[
        list[str], typer.Argument(metavar="A B", help="Two to five documents of the graph, drugs, or paths of graphs.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="The most things that are shown.")] = 1000,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Compare documents, drugs, or graphs that were built."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    from kg.agreement import compare

    if graph is None and all(terms.is_address(name) or Path(name).exists() for name in names):
        opened = [(name, graphs.open_graph(name, documents)) for name in names]
        known = {source.name: source for _, one in opened for source in one.documents}
        results.show(compare.compare_builds(opened, limit), output_format, known.values(), "compare")
        return 0
    one = graphs.open_graph(graph, documents)
    results.show(one.compare(*names, limit=limit), output_format, one.documents, "compare")
    return 0
