"""`kg explain`: what connects two things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli import answers, graphs, screen, traversals
from kg.cli.traversals import Cells, Told

if TYPE_CHECKING:
    from kg.network.results import Result
    from kg.network.view import Edge


def command(
    a: Annotated[str, typer.Argument(metavar="A", help="A drug, class, condition, effect or substance.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    max_hops: Annotated[int, typer.Option(metavar="N", min=1, help="The longest path that is looked for.")] = 4,
    limit: traversals.LimitOption = None,
    quotes: traversals.QuotesOption = 1,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Show what connects two things: the shortest paths and the strongest, every hop with what documents say."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    result = opened.explain(a, b, max_hops=max_hops, limit=limit or 3)
    return traversals.show(result, opened, output_format, quotes, _told, "--limit N shows more paths", "explain")


def _told(row: Cells, _edges: tuple[Edge, ...], _: Result) -> Told:
    return [row["part"]], f"{answers.step(row)}{row.documents()}"
