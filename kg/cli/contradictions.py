"""`kg contradictions`: where documents contradict each other."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.cli import graphs, results, screen


def command(
    drug: Annotated[str | None, typer.Argument(metavar="DRUG", help="Brand or generic; without it, any drug.")] = None,
    about: Annotated[str | None, typer.Option(metavar="NAME", help="The condition, effect or substance.")] = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="polarity, level, numbers, scope or single_source; repeatable."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most that are shown.")] = 100,
    within: Annotated[bool, typer.Option("--within", help="Also where one document contradicts itself.")] = False,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Find where independent documents contradict each other, or only seem to."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    results.show(opened.contradictions(drug, about, types, limit, within=within), output_format, opened.documents)
    return 0
