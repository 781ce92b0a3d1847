"""`kg ask`: a question in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli import answers, graphs, screen

if TYPE_CHECKING:
    from kg.questions.answer import Answer


def command(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="In plain words, quoted or not.")],
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Answer a question in plain words from what documents say."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    answer = opened.ask(" ".join(question))
    if output_format == "table":
        screen.write(answers.page(answer, opened, screen.width()))
        return 0
    screen.write(screen.as_json("ask", answer.to_dict()) if output_format == "json" else _csv(answer))
    screen.note(f"{answer.summary} {answer.notice}")
    return 0


def _csv(answer: Answer) -> str:
    """The rows, and where each of them is said."""
    places = [
        "; ".join(sorted({f"{e.document}#char={e.span.start},{e.span.end}" for fact in facts for e in fact.evidence}))
        for facts in answer.facts
    ]
    rows = [(*row, place) for row, place in zip(answer.rows.rows, places, strict=True)]
    return screen.as_csv((*answer.columns, "places"), rows)
